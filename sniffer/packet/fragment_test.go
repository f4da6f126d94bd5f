package packet_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/gnomon-proxy/gnomon/sniffer/packet"
)

// cut is a fragment: where it begins, what it holds.
type cut struct {
	off  int
	more bool
	data []byte
}

// cuts splits a datagram into fragments of n bytes.
func cuts(b []byte, n int) (c []cut) {
	for off := 0; off < len(b); off += n {
		c = append(c, cut{off, off+n < len(b), b[off:min(off+n, len(b))]})
	}
	return c
}

func fragment4(t testing.TB, id uint16, c cut) []byte {
	ip := ip4(17)
	ip.Id, ip.FragOffset = id, uint16(c.off/8)
	if c.more {
		ip.Flags = layers.IPv4MoreFragments
	}
	return serialize(t, ip, gopacket.Payload(c.data))
}

func fragment6(t testing.TB, id uint16, c cut) []byte {
	h := []byte{17, 0, byte(c.off >> 8), byte(c.off), 0, 0, 0, 0}
	if c.more {
		h[3] |= 1
	}
	binary.BigEndian.PutUint16(h[6:], id)
	return serialize(t, ip6(44), gopacket.Payload(append(h, c.data...)))
}

// body is a UDP datagram of n bytes.
func body(t testing.TB, n int) []byte {
	b := make([]byte, n-8)
	for i := range b {
		b[i] = byte(i*7 + i>>8)
	}
	return serialize(t, udp(40000, 5000), gopacket.Payload(b))
}

func TestFragments(t *testing.T) {
	whole := body(t, 4000)
	parts := cuts(whole, 1480) // three
	many := cuts(whole, 256)
	for _, v := range []struct {
		name  string
		build func(testing.TB, uint16, cut) []byte
	}{{"IPv4", fragment4}, {"IPv6", fragment6}} {
		for _, tt := range []struct {
			name     string
			parts    []cut
			fragment bool // the first is handed out
			whole    bool
			bad      packet.Reason
		}{
			{"in order", parts, true, true, packet.Fine},
			{"reversed", []cut{parts[2], parts[1], parts[0]}, false, true, packet.Fine},
			{"mixed", []cut{parts[1], parts[0], parts[2]}, true, true, packet.Fine},
			{"sixteen, reversed pairs", reversedPairs(many), true, true, packet.Fine},
			{"twice each", []cut{parts[0], parts[0], parts[1], parts[1], parts[2]}, true, true, packet.Fine},
			{"last one missing", parts[:2], true, false, packet.Fine},
			{"first one missing", parts[1:], false, false, packet.Fine},
			{"part of an earlier one again", []cut{parts[0], {8, true, whole[8:80]}, parts[1], parts[2]}, true, true, packet.Fine},
			{"overlap", []cut{parts[0], {1472, true, whole[1472:2960]}, parts[2]}, true, false, packet.FragmentOverlap},
			{"overlap of the next", []cut{parts[1], {0, true, whole[:1488]}, parts[2]}, true, false, packet.FragmentOverlap},
			{"another text at the same place", []cut{parts[0], {0, true, bytes.ToUpper(bytes.Repeat([]byte("x"), 1480))}, parts[1], parts[2]}, true, false, packet.FragmentOverlap},
			{"teardrop", []cut{{0, true, whole[:32]}, {24, false, whole[24:28]}}, true, false, packet.FragmentOverlap},
			{"two ends", []cut{parts[0], parts[2], {1480, false, whole[1480:2960]}}, true, false, packet.FragmentOverlap},
			{"beyond the end", []cut{parts[0], parts[2], {4008, true, whole[:8]}, parts[1]}, true, false, packet.FragmentOverlap},
			{"end before what is there", []cut{parts[1], {8, false, whole[8:16]}}, false, false, packet.FragmentOverlap},
			{"ping of death", []cut{{65528, false, whole[:80]}}, false, false, packet.FragmentRange},
			{"not of eight", []cut{{8, true, whole[8:15]}}, false, false, packet.FragmentRange},
			{"first not of eight", []cut{{0, true, whole[:100]}}, true, false, packet.FragmentRange},
			{"empty", []cut{{8, true, nil}}, false, false, packet.FragmentRange},
			{"tiny first", cuts(whole, 8)[:2], true, false, packet.Fine},
		} {
			t.Run(v.name+"/"+tt.name, func(t *testing.T) {
				d := packet.NewDecoder()
				var firsts, wholes int
				var bad []packet.Reason
				for _, c := range tt.parts {
					got := decode(d, 101, v.build(t, 7, c))
					if got.why != packet.Fine {
						bad = append(bad, got.why)
					}
					if !got.ok {
						continue
					}
					switch {
					case got.Reassembled && !got.Fragment:
						wholes++
						if got.text != string(whole[8:]) || got.PayloadLen != len(whole)-8 || got.Repeats != (firsts > 0) {
							t.Errorf("whole: %d of %d bytes, repeats %v", len(got.text), got.PayloadLen, got.Repeats)
						}
					case got.Fragment && !got.Reassembled && !got.Repeats:
						firsts++
						if !bytes.HasPrefix(whole[8:], []byte(got.text)) || got.PayloadLen != len(whole)-8 {
							t.Errorf("fragment: %d of %d bytes", len(got.text), got.PayloadLen)
						}
					default:
						t.Errorf("neither first nor whole: %+v", got)
					}
					if got.Src.Port() != 40000 || got.Dst.Port() != 5000 {
						t.Errorf("from %v to %v", got.Src, got.Dst)
					}
				}
				if firsts > 1 || firsts > 0 != tt.fragment || wholes > 1 || wholes > 0 != tt.whole {
					t.Errorf("%d first fragments, %d whole datagrams; want %v and %v", firsts, wholes, tt.fragment, tt.whole)
				}
				if want := slices.Repeat([]packet.Reason{tt.bad}, min(int(tt.bad), 1)); !slices.Equal(bad, want) {
					t.Errorf("reasons = %q, want %q", bad, want)
				}
				if s := d.Stats(); s.Fragments != int64(len(tt.parts)) || s.Reassembled != int64(wholes) {
					t.Errorf("counted %+v", s)
				}
			})
		}
	}
}

func reversedPairs(c []cut) []cut {
	c = slices.Clone(c)
	for i := 0; i+1 < len(c); i += 2 {
		c[i], c[i+1] = c[i+1], c[i]
	}
	return c
}

// TestFragmentInTunnel puts a fragmented packet that carries a VXLAN frame with
// a fragmented packet together.
func TestFragmentInTunnel(t *testing.T) {
	d := packet.NewDecoder()
	var wholes, firsts int
	for _, inner := range cuts(body(t, 4000), 1480) {
		frame := eth(0x0800, fragment4(t, 3, inner))
		outer := serialize(t, udp(9, 4789), gopacket.Payload(append([]byte{8, 0, 0, 0, 0, 0, 7, 0}, frame...)))
		for _, c := range cuts(outer, 800) {
			got := decode(d, 101, fragment4(t, uint16(4+inner.off), c))
			switch {
			case got.ok && got.Reassembled && got.PayloadLen == 3992 && len(got.text) == 3992:
				wholes++
			case got.ok && got.Fragment:
				firsts++
			}
		}
	}
	if wholes != 1 || firsts == 0 {
		t.Errorf("%d whole datagrams, %d fragments; want 1 and some", wholes, firsts)
	}
}

func TestFragmentTimeout(t *testing.T) {
	parts, start := cuts(body(t, 2000), 1480), time.Unix(1e9, 0)
	for _, tt := range []struct {
		name  string
		after time.Duration
		whole bool
	}{{"in time", 30 * time.Second, true}, {"too late", 31 * time.Second, false}, {"clock set back", -time.Hour, false}} {
		t.Run(tt.name, func(t *testing.T) {
			d := packet.NewDecoder()
			decodeAt(d, 101, fragment4(t, 1, parts[0]), start)
			got := decodeAt(d, 101, fragment4(t, 1, parts[1]), start.Add(tt.after))
			if got.Reassembled != tt.whole || (d.Stats().TimedOut == 0) != tt.whole {
				t.Errorf("reassembled %v, %+v", got.Reassembled, d.Stats())
			}
		})
	}
}

// TestFragmentFlood sends first fragments without end: memory stays bounded, and
// whoever comes last still gets through.
func TestFragmentFlood(t *testing.T) {
	d := packet.NewDecoder()
	big := cuts(body(t, 65000), 16000)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for id := range 20_000 {
		decode(d, 101, fragment4(t, uint16(id), big[id%4]))
		if id%50 == 0 {
			for _, c := range cuts(body(t, 65000)[:4000], 16) { // many pieces, not in order
				if c.off%32 == 0 {
					decode(d, 101, fragment6(t, uint16(id), cut{c.off, true, c.data}))
				}
			}
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 10<<20 {
		t.Errorf("20,000 open datagrams take %d bytes, want at most 10 MiB", grown)
	}
	if s := d.Stats(); s.Evicted < 15_000 {
		t.Errorf("counted %+v, want most of 20,000 evicted", s)
	}
	var got result
	for _, c := range cuts(body(t, 4000), 1480) {
		got = decode(d, 101, fragment4(t, 60000, c))
	}
	if !got.Reassembled {
		t.Error("after the flood a datagram is not put together")
	}
}

func TestTooManyPieces(t *testing.T) {
	d := packet.NewDecoder()
	overflow := 0
	for _, c := range cuts(body(t, 8000), 8) {
		if c.off%16 == 0 && decode(d, 101, fragment4(t, 1, c)).why == packet.FragmentOverflow {
			overflow++
		}
	}
	if overflow != 1 {
		t.Errorf("%d times fragment_overflow, want once: then the datagram is given up", overflow)
	}
}

// TestFragmentsShuffled puts datagrams together whatever the order and size of
// their fragments.
func TestFragmentsShuffled(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	d := packet.NewDecoder()
	for id := range 300 {
		n := 100 + rnd.IntN(60000)
		whole := body(t, n)
		parts := cuts(whole, max(8*(1+rnd.IntN(2000)), (n/100+8)&^7))
		rnd.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		var got result
		for _, c := range parts {
			got = decode(d, 101, fragment4(t, uint16(id), c))
		}
		if len(parts) > 1 && (!got.ok || !got.Reassembled || got.text != string(whole[8:])) {
			t.Fatalf("datagram %d of %d bytes in %d fragments: %+v, %q", id, n, len(parts), got.Reassembled, got.why)
		}
	}
}
