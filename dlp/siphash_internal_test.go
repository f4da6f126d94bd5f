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

// TestSipHashes holds that the hashes of parts that begin together are theirs.
func TestSipHashes(t *testing.T) {
	text := []byte("abcdefghijklmnopqrstuvwxyz0123456789")
	for from := range len(text) {
		for to := from; to <= len(text); to++ {
			ends, hashes := []int{from, to}, make([]uint64, 2)
			sipHashes(1, 2, text, ends, hashes)
			for k, end := range ends {
				if want := sipHash(1, 2, text[:end]); hashes[k] != want {
					t.Fatalf("%d of %v: %x, want %x", k, ends, hashes[k], want)
				}
			}
		}
	}
}
