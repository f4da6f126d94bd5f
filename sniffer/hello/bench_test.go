package hello_test

import (
	"math/rand/v2"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/hello"
)

func noise(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{2}).Read(b)
	return b
}

func TestAllocs(t *testing.T) {
	msg, stream, cut, other := chrome("api.openai.com"), stdlib(t, "go.example"), records(chrome("a.example"), 50), noise(1400)
	var h hello.Hello
	buf, scratch := make([]byte, 0, 1024), make([]byte, 0, hello.Limit)
	for name, f := range map[string]func(){
		"Parse":      func() { hello.Parse(msg, &h) },
		"AppendName": func() { hello.Parse(msg, &h); h.AppendName(buf) },
		"AppendJA4":  func() { hello.Parse(msg, &h); h.AppendJA4(buf, false) },
		"Protocols": func() {
			for range h.Protocols() {
			}
		},
		"Search":                func() { new(hello.Search).Feed(stream, &scratch) },
		"Search of cut records": func() { new(hello.Search).Feed(cut, &scratch) },
		"Search of noise":       func() { new(hello.Search).Feed(other, &scratch) },
		"DTLS of noise":         func() { hello.DTLS(other, &scratch) },
	} {
		if n := testing.AllocsPerRun(1000, f); n != 0 {
			t.Errorf("%s allocates %v times, want 0", name, n)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	for name, msg := range map[string][]byte{"chrome": chrome("api.openai.com"), "go-pq": stdlib(b, "api.openai.com")[5:]} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var h hello.Hello
			var buf [1024]byte
			for b.Loop() {
				if err := hello.Parse(msg, &h); err != nil {
					b.Fatal(err)
				}
				h.AppendName(buf[:0])
			}
		})
	}
}

func BenchmarkJA4(b *testing.B) {
	b.ReportAllocs()
	var h hello.Hello
	hello.Parse(chrome("api.openai.com"), &h)
	var buf [64]byte
	for b.Loop() {
		h.AppendJA4(buf[:0], false)
	}
}

func BenchmarkSearch(b *testing.B) {
	for name, stream := range map[string][]byte{
		"found":           stdlib(b, "api.openai.com"),
		"1400 B of noise": noise(1400),
		"64 KiB of noise": noise(hello.Limit),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(stream)))
			scratch := make([]byte, 0, hello.Limit)
			for b.Loop() {
				new(hello.Search).Feed(stream, &scratch)
			}
		})
	}
	for name, stream := range hostile() {
		b.Run("hostile/"+name, func(b *testing.B) {
			b.SetBytes(int64(len(stream)))
			scratch := make([]byte, 0, hello.Limit)
			for b.Loop() {
				new(hello.Search).Feed(stream, &scratch)
			}
		})
	}
}
