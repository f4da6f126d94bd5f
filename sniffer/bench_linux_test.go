package sniffer_test

import (
	"bytes"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer"
	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// classify knows one AI service.
func classify(host string) (v traffic.Verdict) {
	if host == "api.openai.com" {
		v = traffic.Verdict{Service: "OpenAI API", ID: "openai-api", How: traffic.HowCatalogue, Confidence: 1}
	}
	return v
}

func BenchmarkMixed(b *testing.B) {
	const packets = 400_000
	w := mixed(b, packets)
	b.SetBytes(int64(w.Len()))
	b.ReportAllocs()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := cpuTime(b)
	for b.Loop() {
		src, err := capture.New(bytes.NewReader(w.Bytes()))
		if err != nil {
			b.Fatal(err)
		}
		s := sniffer.New(sniffer.Config{Classify: classify}, sniffer.Sink{Observation: func(*sniffer.Observation) {}, Flow: func(*traffic.Flow) {}})
		if err := s.Run(b.Context(), src); err != nil {
			b.Fatal(err)
		}
		if st := s.Stats(); st.Packets < packets || st.TLSHellos == 0 || st.QUICHellos == 0 || st.Sessions == 0 || len(st.Malformed()) > 0 {
			b.Fatal(st)
		}
	}
	runtime.ReadMemStats(&after)
	total := float64(b.N) * float64(w.packets)
	b.ReportMetric(total/(cpuTime(b)-start).Seconds(), "packets/s") // of one core
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/total, "allocs/packet")
}

// cpuTime returns the processor time of this process: others may be busy.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
