package traffic

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
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
	Print      string // keyed fingerprint of the value, see Key.Hash
}

// Placeholder returns what takes the place of a value of class c.
func Placeholder(c Class) string { return "[REDACTED:" + string(c) + "]" }

// Key makes keyed hashes: each deployment has its own, so that nobody else can
// test guesses against a recorded hash.
type Key [32]byte

// Hash returns the HMAC-SHA-256 of value under k in the domain of kind, cut to
// 16 hexadecimal digits.
func (k Key) Hash(kind string, value []byte) string {
	m := hmac.New(sha256.New, k[:])
	m.Write([]byte(kind))
	m.Write([]byte{0})
	m.Write(value)
	return hex.EncodeToString(m.Sum(nil)[:8])
}
