package packet

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/capture"
)

// Thorough is Decode without the quick way, for tests of this package.
func (d *Decoder) Thorough(f *capture.Frame, p *Packet) (bool, Reason) {
	d.begin(f, p)
	return d.link(p, f.Link, f.Data)
}

// TestPlain damages frames, and holds the quick way to read them against the
// thorough one.
func TestPlain(t *testing.T) {
	v6 := mac + "86dd" + "6000000000101140" + "20010db8000000000000000000000001" + "20010db8000000000000000000000002" + "9c40003500100000" + "0001020304050607"
	r := rand.New(rand.NewPCG(1, 2))
	quick, thorough := NewDecoder(), NewDecoder()
	taken := 0
	ip4, ip6 := tcp[28:], v6[28:]
	for _, s := range []struct {
		link  uint32
		head  int // bytes that nobody reads
		frame string
	}{
		{linkEthernet, 12, vlan}, {linkEthernet, 12, vxlan}, {linkEthernet, 12, tcp}, {linkEthernet, 12, first}, {linkEthernet, 12, v6},
		{linkEthernet, 12, mac + "8100000786dd" + ip6},
		{linkCooked, 0, "00000001" + "0006020000000001" + "0000" + "0800" + ip4}, {linkCooked, 14, "00000001" + "0006020000000001" + "0000" + "86dd" + ip6},
		{linkCooked, 2, "00000338" + "0006020000000001" + "0000" + "0800" + ip4},
		{linkCooked2, 0, "0800" + "0000" + "00000002" + "0001" + "0006" + "0200000000010000" + ip4}, {linkCooked2, 8, "86dd" + "0000" + "00000002" + "0001" + "0006" + "0200000000010000" + ip6},
		{linkNull, 0, "02000000" + ip4}, {linkLoop, 0, "0000001c" + ip6}, {linkRaw, 0, ip4}, {linkRaw12, 0, ip6}, {linkRaw14, 0, ip4}, {linkIPv4, 0, ip4}, {linkIPv6, 0, ip6},
		{linkPPP, 0, "ff030021" + ip4},
	} {
		for n := range 10_000 {
			b := unhex(t, s.frame)
			for range n % 4 {
				b[s.head+r.IntN(min(len(b)-s.head, 50))] = []byte{0, 1, 6, 17, 0x45, 0x60, 0x81, 0xff, byte(r.Uint32())}[r.IntN(9)]
			}
			if n%8 == 7 {
				b = b[:r.IntN(len(b)+1)]
			}
			if n%8 == 6 {
				b = append(b, make([]byte, r.IntN(20))...)
			}
			f := capture.Frame{Link: s.link, Data: b, Length: len(b) + max(0, r.IntN(8)-6), VLAN: uint16(max(0, r.IntN(8)-6))}
			var p, q Packet
			ok, why := quick.Decode(&f, &p)
			wantOK, wantWhy := thorough.Thorough(&f, &q)
			if ok != wantOK || why != wantWhy || ok && !reflect.DeepEqual(p, q) {
				t.Fatalf("link %d, %x: read as %v %v %+v\nwant %v %v %+v", s.link, b, ok, why, p, wantOK, wantWhy, q)
			}
			if quick.begin(&f, &p); quick.plain(&p, s.link, b) {
				taken++
			}
		}
	}
	if taken < 60_000 {
		t.Errorf("the quick way was taken %d times only", taken)
	}
}
