package sniffer

import (
	"bytes"
	"context"
	"encoding/binary"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/capture"
)

// queryFrame is a query for api.openai.com in a VLAN, as a mirror port shows it.
var queryFrame = []byte("\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02\x81\x00\x00\x14\x08\x00" +
	"\x45\x00\x00\x3c\x00\x01\x00\x00\x40\x11\x00\x00\xc0\x00\x02\x07\xc0\x00\x02\x35" +
	"\x9c\x40\x00\x35\x00\x28\x00\x00" + "\x00\x07\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03API\x06openai\x03com\x00\x00\x01\x00\x01")

func TestFrameAllocs(t *testing.T) {
	n := 0
	rd := reader{emit: func(o *Observation) { n++ }, names: make(map[string]string)}
	f := capture.Frame{Link: 1, Data: queryFrame}
	rd.frame(&f)
	if n != 1 || rd.obs.Name != "api.openai.com" {
		t.Fatalf("observation = %+v, %v", rd.obs, rd.stats.Malformed())
	}
	if a := testing.AllocsPerRun(1000, func() { rd.frame(&f) }); a != 0 {
		t.Errorf("a packet allocates %v times, want 0", a)
	}
}

func TestFaultSurvived(t *testing.T) {
	rd := reader{emit: func(*Observation) {}} // no table of names: the first one panics
	rd.frame(&capture.Frame{Link: 1, Data: queryFrame})
	if rd.stats.Malformed()["fault"] != 1 {
		t.Errorf("malformed = %v, want a fault", rd.stats.Malformed())
	}
}

func BenchmarkRead(b *testing.B) {
	file := []byte("\xd4\xc3\xb2\xa1\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x00\x00\x01\x00\x00\x00")
	const packets = 10_000
	for range packets {
		file = append(file, 0, 0, 0, 0, 0, 0, 0, 0)
		file = binary.LittleEndian.AppendUint32(file, uint32(len(queryFrame)))
		file = binary.LittleEndian.AppendUint32(file, uint32(len(queryFrame)))
		file = append(file, queryFrame...)
	}
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		st, err := Read(context.Background(), bytes.NewReader(file), func(*Observation) {})
		if err != nil || st.Queries != packets {
			b.Fatal(st, err)
		}
	}
	b.ReportMetric(float64(b.N)*packets/b.Elapsed().Seconds(), "packets/s")
}
