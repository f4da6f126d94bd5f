package pack

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// Key stands for the ID of an event: the 16 bytes that traffic.NewID writes in
// hexadecimal, or a hash of an ID from elsewhere.
type Key [16]byte

// String returns the ID of a key that is no hash.
func (k Key) String() string { return hex.EncodeToString(k[:]) }

// Is reports whether k tells id in full.
func (k Key) Is(id string) bool {
	var b [2 * len(k)]byte
	hex.Encode(b[:], k[:])
	return id == string(b[:])
}

// SpanBits is how long a span is: 2^16 ms, about a minute. Rows hold events of
// one span, so that those which may hold an ID are found without an index of
// IDs, and so that what is past its time is deleted in whole rows.
const SpanBits = 16

// Address returns the key of e and the span of its ID.
func Address(e *inventory.Event) (k Key, span int64) {
	if len(e.ID) == 2*len(k) {
		if _, err := hex.Decode(k[:], []byte(e.ID)); err == nil && k.Is(e.ID) {
			return k, int64(binary.BigEndian.Uint64(k[:]) >> (16 + SpanBits)) // 48 bits of ms lead
		}
	}
	sum := sha256.Sum256([]byte(e.ID))
	return Key(sum[:]), e.Time.UnixMilli() >> SpanBits
}
