package document_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp/document"
)

// TestBombMemory holds what reading a bomb allocates: a pure one ends early, and what
// just stays within the ratio is not copied over and over.
func TestBombMemory(t *testing.T) {
	const mib = 1 << 20
	zeros := gzipOf(t, make([]byte, mib))
	var lines bytes.Buffer // that pack about a hundred to one
	for i := 0; lines.Len() < mib; i++ {
		fmt.Fprintf(&lines, "%x%s\n", sha256.Sum256([]byte{byte(i), byte(i >> 8)}), strings.Repeat("some words ", 740))
	}
	for _, tt := range []struct {
		name   string
		data   []byte
		reason document.Reason
		most   uint64
	}{
		{"pure", bytes.Repeat(zeros, 200), document.Bomb, 100 * mib},
		{"within the ratio", bytes.Repeat(gzipOf(t, lines.Bytes()), 32), "", 100 * mib},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			text := read(tt.data)
			runtime.ReadMemStats(&after)
			if n := after.TotalAlloc - before.TotalAlloc; n > tt.most {
				t.Errorf("%d MiB of %d KiB, want %d at most", n/mib, len(tt.data)>>10, tt.most/mib)
			}
			var reason document.Reason
			for _, g := range text.Gaps {
				if g.Reason != document.Binary {
					reason = g.Reason
				}
			}
			if reason != tt.reason {
				t.Errorf("gaps %v, want %q", text.Gaps, tt.reason)
			}
		})
	}
}
