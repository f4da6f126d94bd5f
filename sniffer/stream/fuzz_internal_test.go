package stream

import (
	"net/netip"
	"testing"
)

// content is what the sender of a flow says at seq.
func content(seq uint32) byte { return byte(seq ^ seq>>7 ^ seq>>13) }

// checker sees that what it reads is what was said there.
type checker struct {
	t    *testing.T
	tab  *Table[int]
	mode byte
}

func (c *checker) Read(f *Flow[int], d Dir, b []byte) (int, bool) {
	h := &f.sides[f.client^uint8(d)]
	for i := range b {
		if at := h.next - uint32(len(b)) + uint32(i); b[i] != content(at) {
			c.t.Fatalf("byte at %d is %d, want %d", at, b[i], content(at))
		}
	}
	f.Data++
	switch c.mode & 3 {
	case 0:
		return len(b), true
	case 1:
		return 0, true
	case 2:
		return len(b) / 2, true
	}
	return 0, f.Data < 5
}

func (c *checker) Cut(f *Flow[int], d Dir, rest []byte) bool { return c.mode&4 == 0 }
func (c *checker) End(*Flow[int], End)                       {}

// FuzzPacket sends segments in any order, overlapping, cut and with holes: what
// is read is always what was said at that place, and nothing stays behind.
func FuzzPacket(f *testing.F) {
	f.Add(byte(0), uint32(100), []byte{0, 10, 0, 16, 10, 10, 0, 16, 30, 10, 0, 16, 20, 10, 0, 16})
	f.Add(byte(1), uint32(0xfffffff0), []byte{0, 60, 0, 2, 40, 60, 3, 16, 20, 60, 128, 17, 0, 255, 0, 4})
	f.Fuzz(func(t *testing.T, mode byte, isn uint32, script []byte) {
		c := &checker{t: t, mode: mode}
		c.tab = New(c, Options{Flows: 3, Memory: 40 << 10})
		now := int64(0)
		for ; len(script) >= 4; script = script[4:] {
			off, n, cut, flags := uint32(script[0])*uint32(1+mode>>3), int(script[1]), int(script[2]), Flags(script[3])
			s := Segment{Time: now, Proto: TCP, Flags: flags & (FIN | SYN | RST | ACK), Seq: isn + off, Length: n * 9}
			if flags&32 != 0 {
				s.Proto = UDP
			}
			s.Src = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, 1}), 1000+uint16(flags>>6))
			s.Dst = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, 2}), 443)
			if cut&128 != 0 {
				s.Src, s.Dst = s.Dst, s.Src
			}
			for i := range max(0, s.Length-cut&7) {
				s.Payload = append(s.Payload, content(s.first()+uint32(i)))
			}
			now += int64(cut) * 1e8
			c.tab.Packet(&s)
			if st := c.tab.Stats(); st.Held > 40<<10 || st.Flows > 3 {
				t.Fatalf("bounds are broken: %+v", st)
			}
		}
		c.tab.Flush()
		if st := c.tab.Stats(); st.Held != 0 || st.Flows != 0 || c.tab.holding.oldest != nil {
			t.Fatalf("something stays behind: %+v", st)
		}
	})
}
