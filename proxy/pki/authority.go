// Package pki is the private certificate authority of a gateway: a root that
// the clients of an organisation are told to trust, and short-lived leaves for
// the hosts whose traffic is inspected.
//
// In: a folder for the root, host names; out: certificates for crypto/tls. All
// keys are ECDSA P-256 from crypto/rand and never leave the process, save the
// root's, which is kept in a file that only its owner may read.
package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

// The names of the root's files in the folder given to LoadOrCreate.
const (
	CertificateFile = "ca.pem"
	KeyFile         = "ca.key"
)

const (
	rootLife  = 10 // years
	backdated = time.Hour
)

// Authority is the root. It is immutable and safe for concurrent use.
type Authority struct {
	Certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// LoadOrCreate reads the root from dir, or makes one there on first use. A key
// that others may read, that does not belong to the certificate, or a
// certificate that is no authority or has expired is an error: a root is never
// replaced silently, as clients trust it.
func LoadOrCreate(dir string) (*Authority, error) {
	key, err := readKey(filepath.Join(dir, KeyFile))
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Lstat(filepath.Join(dir, CertificateFile)); err == nil {
			return nil, fmt.Errorf("loading the authority: %s has no %s beside it: restore the key, or remove the certificate for a new authority", filepath.Join(dir, CertificateFile), KeyFile)
		}
		if key, err = createKey(dir); err != nil {
			return nil, err
		}
	default:
		return nil, err
	}
	cert, err := readCertificate(filepath.Join(dir, CertificateFile))
	if errors.Is(err, fs.ErrNotExist) { // first use, or one that ended between the two files
		if cert, err = createRoot(dir, key); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, err
	}
	a := &Authority{Certificate: cert, key: key}
	return a, a.check(time.Now())
}

func (a *Authority) check(now time.Time) error {
	switch public, ok := a.Certificate.PublicKey.(*ecdsa.PublicKey); {
	case !ok || !public.Equal(&a.key.PublicKey):
		return fmt.Errorf("loading the authority: %s does not belong to %s", KeyFile, CertificateFile)
	case !a.Certificate.IsCA || a.Certificate.KeyUsage&x509.KeyUsageCertSign == 0:
		return fmt.Errorf("loading the authority: %s is not the certificate of an authority", CertificateFile)
	case now.After(a.Certificate.NotAfter):
		return fmt.Errorf("loading the authority: %s expired on %s: remove it and its key for a new authority", CertificateFile, a.Certificate.NotAfter.Format(time.DateOnly))
	}
	return nil
}

func createKey(dir string) (*ecdsa.PrivateKey, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("creating the authority: %w", err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("creating the key of the authority: %w", err)
	}
	return key, writeKey(filepath.Join(dir, KeyFile), key)
}

func createRoot(dir string, key *ecdsa.PrivateKey) (*x509.Certificate, error) {
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "gateway"
	}
	now := time.Now()
	t := &x509.Certificate{
		SerialNumber:          serial(),
		Subject:               pkix.Name{CommonName: commonName("Gnomon CA " + host)},
		NotBefore:             now.Add(-backdated),
		NotAfter:              now.AddDate(rootLife, 0, 0),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLen:            0,
		MaxPathLenZero:        true, // it signs leaves, never another authority
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("signing the authority: %w", err)
	}
	if err := writeCertificate(filepath.Join(dir, CertificateFile), der); err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// serial returns 127 random bits: RFC 5280, section 4.1.2.2 wants a positive
// number of at most 20 octets, and nobody may guess the next one.
func serial() *big.Int {
	var b [16]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	b[0] &= 0x7f
	b[15] |= 1
	return new(big.Int).SetBytes(b[:])
}

// commonName cuts a name to ub-common-name of RFC 5280, appendix A.1: OpenSSL
// refuses longer ones.
func commonName(s string) string {
	const most = 64
	return s[:min(len(s), most)]
}
