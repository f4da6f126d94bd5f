package traffic

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"sync"
)

// Class is a kind of sensitive data.
type Class string

// The classes.
const (
	ClassSecret       Class = "secret"
	ClassPaymentCard  Class = "payment_card"
	ClassBankAccount  Class = "bank_account"
	ClassNationalID   Class = "national_id"
	ClassContact      Class = "contact"
	ClassPersonal     Class = "personal"
	ClassHealth       Class = "health"
	ClassCrypto       Class = "crypto"
	ClassNetwork      Class = "network"
	ClassSourceCode   Class = "source_code"
	ClassConfidential Class = "confidential"
	ClassInjection    Class = "injection"
	ClassCustom       Class = "custom"
)

// Classes lists all classes.
func Classes() []Class {
	return []Class{
		ClassSecret, ClassPaymentCard, ClassBankAccount, ClassNationalID, ClassContact, ClassPersonal, ClassHealth,
		ClassCrypto, ClassNetwork, ClassSourceCode, ClassConfidential, ClassInjection, ClassCustom,
	}
}

// Finding is one piece of sensitive data in a prompt. It has no field for the
// value.
type Finding struct {
	Detector   string
	Class      Class
	Part       int // index into Prompt.Parts
	Start, End int // bytes of the part's text
	Confidence float64
	Print      string   // keyed fingerprint of the value, see Key.Hash
	Place      string   // in a document: page, cell, file inside; or "query" and a name; never recorded, it holds names
	Via        []string // disguises that were undone to find it, the outermost first: "base64", "gzip"
	Quote      string   // what takes the place of the value stands in such quotes: it is a number of SQL, or of JSON in a string of SQL
	Keep       bool     // it stays as it is: it is the beginning of a statement of SQL, and findings of their own are what that holds
}

// Placeholder returns what takes the place of a value of class c.
func Placeholder(c Class) string { return "[REDACTED:" + string(c) + "]" }

// PrintKind is the domain (see Key.Hash) of the fingerprints of findings, and of
// the API keys of accounts: a key that stands in a prompt has the fingerprint of
// the one that is in use.
const PrintKind = "finding"

// Key makes keyed hashes: each deployment has its own, so that nobody else can
// test guesses against a recorded hash.
type Key [32]byte

// Hasher makes the hashes of one key at less cost than the key itself: it keeps
// what depends on the key only. It is safe for concurrent use; the zero value
// hashes under the zero key.
type Hasher struct {
	key  Key
	macs sync.Pool // of *mac
}

type mac struct {
	hash.Hash
	sum  [sha256.Size]byte
	text []byte
}

// NewHasher returns a Hasher of k.
func NewHasher(k Key) *Hasher { return &Hasher{key: k} }

// Hash returns what Key.Hash does.
func (h *Hasher) Hash(kind, value string) string {
	m, _ := h.macs.Get().(*mac)
	if m == nil {
		m = &mac{Hash: hmac.New(sha256.New, h.key[:])}
	}
	m.text = append(append(append(m.text[:0], kind...), 0), value...)
	m.Reset()
	m.Write(m.text)
	var out [16]byte
	hex.Encode(out[:], m.Sum(m.sum[:0])[:8])
	clear(m.text) // a secret
	h.macs.Put(m)
	return string(out[:])
}

// Hash returns the HMAC-SHA-256 of value under k in the domain of kind, cut to
// 16 hexadecimal digits.
func (k Key) Hash(kind string, value []byte) string {
	m := hmac.New(sha256.New, k[:])
	m.Write([]byte(kind))
	m.Write([]byte{0})
	m.Write(value)
	return hex.EncodeToString(m.Sum(nil)[:8])
}
