package sqlite

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// key stands for the ID of an event: the 16 bytes that traffic.NewID writes in
// hexadecimal, or a hash of an ID from elsewhere.
type key [16]byte

// String returns the ID of a key that is no hash.
func (k key) String() string { return hex.EncodeToString(k[:]) }

// is reports whether k tells id in full.
func (k key) is(id string) bool {
	var b [2 * len(k)]byte
	hex.Encode(b[:], k[:])
	return id == string(b[:])
}

// spanBits is how long a span is: 2^16 ms, about a minute. Rows hold events of
// one span, so that those which may hold an ID are found without an index of
// IDs, and so that what is past its time is deleted in whole rows.
const spanBits = 16

// address returns the key of e and the span of its ID.
func address(e *inventory.Event) (k key, span int64) {
	if len(e.ID) == 2*len(k) {
		if _, err := hex.Decode(k[:], []byte(e.ID)); err == nil && k.is(e.ID) {
			return k, int64(binary.BigEndian.Uint64(k[:]) >> (16 + spanBits)) // 48 bits of ms lead
		}
	}
	sum := sha256.Sum256([]byte(e.ID))
	return key(sum[:]), e.Time.UnixMilli() >> spanBits
}
