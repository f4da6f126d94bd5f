package capture_test

import (
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/capture"
)

// BenchmarkLive replays a capture at top speed and reports what was lost. It
// needs what TestLive needs.
func BenchmarkLive(b *testing.B) {
	c := newCable(b)
	const n, loops = 100_000, 10
	file := numbered(b, n, 53)
	for b.Loop() {
		l, err := capture.OpenLive(b.Context(), c.near, capture.Options{})
		if err != nil {
			b.Fatal(err)
		}
		seen := make(chan int64)
		go func() {
			var f capture.Frame
			var got int64
			for l.Next(&f) == nil {
				got++
			}
			seen <- got
		}()
		start := time.Now()
		b.Log(c.replay(b, file, "--topspeed", "--loop=10"))
		took := time.Since(start)
		time.Sleep(100 * time.Millisecond) // the last block
		l.Close()
		got, s := <-seen, l.Stats()
		if got+s.Drops != n*loops || s.Packets != n*loops {
			b.Errorf("%d packets seen, kernel counted %+v", got, s)
		}
		b.ReportMetric(float64(s.Drops), "drops")
		b.ReportMetric(n*loops/took.Seconds(), "packets/s")
	}
}

func BenchmarkNext(b *testing.B) {
	file := numbered(b, 100_000, 53)
	n := 0
	for b.Loop() {
		c, err := capture.Open(file)
		if err != nil {
			b.Fatal(err)
		}
		var f capture.Frame
		for c.Next(&f) == nil {
			n++
		}
		c.Close()
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "packets/s")
}
