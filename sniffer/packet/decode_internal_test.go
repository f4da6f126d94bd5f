package packet

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/capture"
)

func unhex(t testing.TB, s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const (
	mac = "020000000001020000000002"
	// UDP from 192.0.2.7:40000 to 192.0.2.53:5000 with eight bytes.
	plain = "450000240001000040110000c0000207c0000235" + "9c40138800100000" + "0001020304050607"
	vlan  = mac + "81000014" + "0800" + plain
	vxlan = mac + "0800" + "450000560001000040110000c6336401c6336402" + "c00012b500420000" + "0800000000000700" + mac + "0800" + plain
	tcp   = mac + "0800" + "450000300001000040060000c0000207c0000235" + "9c4001bb000000010000000250180000" + "00000000" + "0001020304050607"
	// The first and the last part of a datagram of 24 bytes.
	first = mac + "0800" + "450000240001200040110000c0000207c0000235" + "9c40138800180000" + "0001020304050607"
	last  = mac + "0800" + "4500001c0001000140110000c0000207c0000235" + "08090a0b0c0d0e0f"
)

func TestDecodeAllocs(t *testing.T) {
	for _, tt := range []struct {
		name   string
		frames []string
	}{{"VLAN", []string{vlan}}, {"VXLAN", []string{vxlan}}, {"TCP", []string{tcp}}, {"fragments", []string{first, last}}} {
		t.Run(tt.name, func(t *testing.T) {
			var frames []capture.Frame
			for _, s := range tt.frames {
				b := unhex(t, s)
				frames = append(frames, capture.Frame{Link: linkEthernet, Data: b, Length: len(b)})
			}
			if len(frames) > 1 {
				frames[1].Data[21] = 2 // offset 16
			}
			d := NewDecoder()
			var p Packet
			var ok bool
			n := testing.AllocsPerRun(1000, func() {
				for i := range frames {
					ok, _ = d.Decode(&frames[i], &p)
				}
			})
			if n != 0 || !ok || len(p.Payload) < 8 {
				t.Errorf("allocates %v times, want 0; packet %+v", n, p)
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, bb := range []struct{ name, frame string }{{"UDP in VLAN", vlan}, {"TCP", tcp}, {"VXLAN", vxlan}} {
		b.Run(bb.name, func(b *testing.B) {
			data := unhex(b, bb.frame)
			f := capture.Frame{Link: linkEthernet, Data: data, Length: len(data)}
			d := NewDecoder()
			var p Packet
			b.ReportAllocs()
			for b.Loop() {
				if ok, _ := d.Decode(&f, &p); !ok {
					b.Fatal("no packet")
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "packets/s")
		})
	}
}

// BenchmarkFile is Decode behind the reader of capture files.
func BenchmarkFile(b *testing.B) {
	const packets = 100_000
	frame := unhex(b, vlan)
	file := unhex(b, "d4c3b2a1020004000000000000000000ffff000001000000")
	head := append(make([]byte, 8), byte(len(frame)), 0, 0, 0, byte(len(frame)), 0, 0, 0)
	for range packets {
		file = append(append(file, head...), frame...)
	}
	d := NewDecoder()
	var f capture.Frame
	var p Packet
	for b.Loop() {
		c, err := capture.New(bytes.NewReader(file))
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for c.Next(&f) == nil {
			if ok, _ := d.Decode(&f, &p); ok {
				n++
			}
		}
		if c.Close(); n != packets {
			b.Fatalf("%d packets", n)
		}
	}
	b.ReportMetric(packets*float64(b.N)/b.Elapsed().Seconds(), "packets/s")
}
