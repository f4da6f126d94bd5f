package dlp_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/traffic"
)

func BenchmarkClean(b *testing.B) {
	for _, n := range []int{1 << 10, 4 << 10, 64 << 10, 1 << 20} {
		b.Run(size(n), func(b *testing.B) { bench(b, clean(n)) })
	}
}

func BenchmarkDirty(b *testing.B) {
	for _, n := range []int{1 << 10, 4 << 10, 64 << 10, 1 << 20} {
		text := clean(n)
		for at := 100; at+120 < n; at += 1000 {
			copy(text[at:], " card 4111 1111 1111 1111, key AKIAIOSFODNN7EXAMPLE, mail jane.doe@example.com ")
		}
		b.Run(size(n), func(b *testing.B) { bench(b, text) })
	}
}

// BenchmarkHostile reads the hostile texts, which all must be read at 20 MB/s: beside
// that, "clean" says how many times as long a byte takes as one of clean chat in the
// same run, which a busy machine changes less.
func BenchmarkHostile(b *testing.B) {
	s := newScanner(b, dlp.Options{})
	chat := clean(256 << 10)
	for name, write := range hostileTexts() {
		b.Run(name, func(b *testing.B) {
			text := write(256 << 10)
			best, least := time.Hour, time.Hour
			bench(b, text)
			for range 5 { // by turns
				best, least = min(best, took(s, text)), min(least, took(s, chat))
			}
			b.ReportMetric(float64(best)*float64(len(chat))/(float64(least)*float64(len(text))), "clean")
		})
	}
}

func took(s *dlp.Scanner, text []byte) time.Duration {
	begin := time.Now()
	s.ScanText(text, nil)
	return time.Since(begin)
}

func BenchmarkNew(b *testing.B) {
	set := detectors()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := dlp.New(set, traffic.Key{}, dlp.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func bench(b *testing.B, text []byte) {
	s := newScanner(b, dlp.Options{})
	var hits []dlp.Hit
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		hits = s.ScanText(text, hits[:0])
	}
}

func size(n int) string {
	if n >= 1<<20 {
		return fmt.Sprint(n>>20, "M")
	}
	return fmt.Sprint(n>>10, "K")
}
