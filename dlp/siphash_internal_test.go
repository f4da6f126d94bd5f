package dlp

import "testing"

// TestSipHash holds the example of the paper (appendix A).
func TestSipHash(t *testing.T) {
	var text [15]byte
	for i := range text {
		text[i] = byte(i)
	}
	if got, want := sipHash(0x0706050403020100, 0x0f0e0d0c0b0a0908, text[:]), uint64(0xa129ca6149be45e5); got != want {
		t.Errorf("sipHash = %x, want %x", got, want)
	}
}
