package keyed_test

import (
	"bytes"
	"math/bits"
	"net/netip"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/keyed"
)

// TestSpread hashes keys that differ in a bit or two, as neighbours and attempts
// at flooding do: each place of a small table gets its share, and each input bit
// changes about half of the output.
func TestSpread(t *testing.T) {
	s := keyed.NewSecret()
	const keys, places = 1 << 14, 1 << 10
	var upper, lower [places]int
	for i := range uint64(keys) {
		for _, h := range []uint64{
			s.Words(i, 0), s.Words(0, i<<48), s.Address(netip.AddrFrom4([4]byte{10, byte(i >> 12), byte(i >> 4), byte(i << 4)})),
			s.Bytes([]byte{byte(i), byte(i >> 8), 'a', '.', 'e', 'x', 'a', 'm', 'p', 'l', 'e'}),
		} {
			upper[h>>54]++
			lower[h%places]++
		}
	}
	for _, table := range [][places]int{upper, lower} {
		for i, n := range table {
			if n < 20 || n > 120 { // 64 on average
				t.Fatalf("place %d has %d of %d keys", i, n, 4*keys)
			}
		}
	}
	var changed, pairs int
	for i := range uint64(256) {
		for bit := range 64 {
			changed += bits.OnesCount64(s.Words(i, i) ^ s.Words(i^1<<bit, i))
			pairs++
		}
	}
	if mean := float64(changed) / float64(pairs); mean < 30 || mean > 34 {
		t.Errorf("%.1f of 64 bits change", mean)
	}
}

func TestBytes(t *testing.T) {
	s, other := keyed.NewSecret(), keyed.NewSecret()
	seen := map[uint64]bool{}
	base := bytes.Repeat([]byte("x"), 70)
	for n := range base {
		for at := range n + 1 {
			b := bytes.Clone(base[:n])
			if at < n {
				b[at] = 'y'
			}
			h := s.Bytes(b)
			if seen[h] {
				t.Fatalf("%q: a hash that others have, too", b)
			}
			seen[h] = true
			if other.Bytes(b) == h {
				t.Errorf("%q: the secret does not matter", b)
			}
			padded := append([]byte("z"), b...)
			if s.Bytes(padded[1:]) != h {
				t.Errorf("%q: the place in memory matters", b)
			}
		}
	}
}

func TestAllocs(t *testing.T) {
	s, a, b := keyed.NewSecret(), netip.MustParseAddr("2001:db8::1"), []byte("api.openai.com")
	if n := testing.AllocsPerRun(100, func() { s.Bytes(b); s.Address(a) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}
