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
	for _, s := range []string{vlan, vxlan, tcp, first, v6, mac + "8100000786dd" + v6[28:]} {
		for n := range 20_000 {
			b := unhex(t, s)
			for range n % 4 {
				b[12+r.IntN(min(len(b)-12, 50))] = []byte{0, 1, 6, 17, 0x45, 0x60, 0x81, 0xff, byte(r.Uint32())}[r.IntN(9)]
			}
			if n%8 == 7 {
				b = b[:r.IntN(len(b)+1)]
			}
			if n%8 == 6 {
				b = append(b, make([]byte, r.IntN(20))...)
			}
			f := capture.Frame{Link: linkEthernet, Data: b, Length: len(b) + max(0, r.IntN(8)-6), VLAN: uint16(max(0, r.IntN(8)-6))}
			var p, q Packet
			ok, why := quick.Decode(&f, &p)
			wantOK, wantWhy := thorough.Thorough(&f, &q)
			if ok != wantOK || why != wantWhy || ok && !reflect.DeepEqual(p, q) {
				t.Fatalf("%x: read as %v %v %+v\nwant %v %v %+v", b, ok, why, p, wantOK, wantWhy, q)
			}
			if quick.begin(&f, &p); quick.plain(&p, b) {
				taken++
			}
		}
	}
	if taken < 20_000 {
		t.Errorf("the quick way was taken %d times only", taken)
	}
}
