package dlp

import "testing"

// TestWipe holds that nothing stays in a buffer, whatever it was cut to.
func TestWipe(t *testing.T) {
	for _, written := range []int{0, 1, 511, 512, 3000, 4096} {
		for _, cut := range []int{0, 1, 700, 4096} {
			buf := make([]byte, 4096)
			for i := range written {
				buf[i] = byte(i%9) | 1
			}
			wipe(buf[:min(cut, written)])
			for i, b := range buf {
				if b != 0 {
					t.Fatalf("%d bytes written, cut to %d: byte %d is left", written, cut, i)
				}
			}
		}
	}
}
