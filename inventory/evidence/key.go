package evidence

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// KeyFile is the name of the signing key in a state directory.
const KeyFile = "evidence.key"

// Key signs packs.
type Key struct{ private ed25519.PrivateKey }

// LoadOrCreateKey reads the key in a file (PKCS #8 in PEM), and makes it, for its
// owner alone, when there is no such file.
func LoadOrCreateKey(path string) (*Key, error) {
	k, err := LoadKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return k, err
	}
	if err := createKey(path); err != nil && !errors.Is(err, fs.ErrExist) { // else another process was first
		return nil, fmt.Errorf("making the evidence key: %w", err)
	}
	return LoadKey(path)
}

// LoadKey reads the key in a file, and makes none: the error is fs.ErrNotExist
// where there is no such file.
func LoadKey(path string) (*Key, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the evidence key: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "PRIVATE KEY" {
		return nil, fmt.Errorf("evidence key %s is damaged: restore it from a backup, or remove it to sign with a new one from now on", path)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	private, ok := key.(ed25519.PrivateKey)
	if err != nil || !ok {
		return nil, fmt.Errorf("evidence key %s is no Ed25519 key: restore it from a backup, or remove it to sign with a new one from now on", path)
	}
	return &Key{private}, nil
}

// createKey links a whole file to path: no reader meets half a key, and of two
// processes one wins.
func createKey(path string) error {
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(dirOf(path), ".evidence-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if err := errors.Join(pem.Encode(f, &pem.Block{Type: "PRIVATE KEY", Bytes: der}), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Link(f.Name(), path)
}

// Public returns the key that checks what k has signed.
func (k *Key) Public() PublicKey { return PublicKey{k.private.Public().(ed25519.PublicKey)} }

func (k *Key) sign(message []byte) []byte { return ed25519.Sign(k.private, message) }

// PublicKey checks packs. The zero value checks nothing.
type PublicKey struct{ key ed25519.PublicKey }

// PEM returns the key as SubjectPublicKeyInfo in PEM, as openssl reads it.
func (p PublicKey) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: p.der()})
}

func (p PublicKey) der() []byte {
	der, err := x509.MarshalPKIXPublicKey(p.key)
	if err != nil {
		panic("evidence: an Ed25519 key must marshal: " + err.Error())
	}
	return der
}

// Fingerprint returns "sha256:" and the SHA-256 of the SubjectPublicKeyInfo in
// hexadecimal.
func (p PublicKey) Fingerprint() string {
	sum := sha256.Sum256(p.der())
	return "sha256:" + hex.EncodeToString(sum[:])
}

func (p PublicKey) verify(message, signature []byte) bool {
	return len(p.key) == ed25519.PublicKeySize && len(signature) == ed25519.SignatureSize && ed25519.Verify(p.key, message, signature)
}

// ParsePublicKey reads what PEM writes.
func ParsePublicKey(text []byte) (PublicKey, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "PUBLIC KEY" {
		return PublicKey{}, errors.New("no public key in PEM")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return PublicKey{}, errors.New("no public key in PEM")
	}
	public, ok := key.(ed25519.PublicKey)
	if !ok {
		return PublicKey{}, errors.New("not an Ed25519 key")
	}
	return PublicKey{public}, nil
}

// ParseTrust reads which signer is trusted, "" for none: a fingerprint, or what
// is in the file of that name. It returns the fingerprint.
func ParseTrust(s string, read func(name string) ([]byte, error)) (string, error) {
	if s == "" {
		return "", nil
	}
	digits := strings.ToLower(strings.TrimPrefix(strings.ToLower(s), "sha256:"))
	if raw, err := hex.DecodeString(digits); err == nil && len(raw) == sha256.Size {
		return "sha256:" + digits, nil
	}
	text, err := read(s)
	if err != nil {
		return "", fmt.Errorf("%q is neither a fingerprint (sha256: and 64 digits) nor a file that can be read: %w", s, err)
	}
	key, err := ParsePublicKey(text)
	if err != nil {
		return "", fmt.Errorf("reading %s: %w: write one with \"gnomon evidence key\"", s, err)
	}
	return key.Fingerprint(), nil
}
