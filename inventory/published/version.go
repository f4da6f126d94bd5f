package published

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// Key seals what is published.
type Key struct{ record, rules [32]byte }

// NewKey derives it from a secret that the gateways share, and the store does not
// have.
func NewKey(secret [32]byte) (k Key, err error) {
	for _, one := range []struct {
		use string
		key *[32]byte
	}{{"gnomon published rules: record", &k.record}, {"gnomon published rules: files", &k.rules}} {
		raw, err := hkdf.Key(sha256.New, secret[:], nil, one.use, len(one.key))
		if err != nil {
			return k, fmt.Errorf("deriving a key: %w", err)
		}
		copy(one.key[:], raw)
	}
	return k, nil
}

// Version is one version of the published rules.
type Version struct {
	Number    int64     `json:"version"`          // it only grows
	At        time.Time `json:"at"`               // when it was published
	By        string    `json:"by"`               // who did
	Reason    string    `json:"reason,omitempty"` // why
	Withdrawn bool      `json:"withdrawn"`        // there are no published rules from then on
	Digest    string    `json:"digest,omitempty"` // SHA-256 of names and contents
	Files     []File    `json:"files"`
	ID        string    `json:"id,omitempty"` // of the rules in the store
}

// File is a file of the rules.
type File struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// record is what the ledger holds of a version (inventory.TopicRules).
type record struct {
	Rules json.RawMessage `json:"rules"` // a Version, byte by byte as it was sealed
	Seal  ledger.Hash     `json:"seal"`
}

func (k *Key) seal(rules []byte) (h ledger.Hash) {
	mac := hmac.New(sha256.New, k.record[:])
	mac.Write(rules)
	mac.Sum(h[:0])
	return h
}

// sealed returns the record of a version.
func (k *Key) sealed(v *Version) (*record, error) {
	rules, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encoding a version of the rules: %w", err)
	}
	return &record{rules, k.seal(rules)}, nil
}

// open returns the version in an entry of the ledger; ok is false when it is not
// sealed under the key.
func (k *Key) open(e *ledger.Entry) (v Version, ok bool) {
	r, err := inventory.Read[record](e)
	if want := k.seal(r.Rules); err != nil || !hmac.Equal(r.Seal[:], want[:]) {
		return v, false
	}
	return v, json.Unmarshal(r.Rules, &v) == nil
}

// History is what the ledger says of published rules.
type History struct {
	Versions []Version // oldest first; the last one is in force
	Foreign  int       // entries that no gateway made, or that somebody has put there again
}

// Last returns the version in force, that of number 0 when none was ever published.
func (h History) Last() *Version {
	if len(h.Versions) == 0 {
		return &Version{Files: []File{}}
	}
	return &h.Versions[len(h.Versions)-1]
}

// Read returns what is on record. Of entries that are not sealed under the key, or
// not newer than those before them, nothing is taken.
func Read(b *inventory.Book, k *Key) (h History) {
	entries := b.History(inventory.TopicRules, "")
	for i := range entries {
		v, ok := k.open(&entries[i])
		if !ok || v.Number <= h.Last().Number {
			h.Foreign++
			continue
		}
		h.Versions = append(h.Versions, v)
	}
	return h
}
