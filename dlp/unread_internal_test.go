package dlp

import (
	"bytes"
	"os"
	"testing"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// BenchmarkUnread reads prompts of which no sentence was read before.
func BenchmarkUnread(b *testing.B) {
	s, err := New(rules.Embedded().Detectors, traffic.Key{}, Options{})
	if err != nil {
		b.Fatal(err)
	}
	lines, err := os.ReadFile("testdata/eleventh.txt")
	if err != nil {
		b.Fatal(err)
	}
	text := bytes.ToValidUTF8(lines[:64<<10], nil)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		s.tags, sentenceModels[checkOrder]().scores = newSentenceMemory(), newSentenceMemory()
		s.ScanText(text, nil)
	}
}
