package dlp

import (
	"testing"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestPrinter holds the fingerprints of a scan against those of one value.
func TestPrinter(t *testing.T) {
	s := &Scanner{key: traffic.Key{1, 2, 3}}
	p := newPrinter(s.key)
	for _, value := range []string{"", "4111 1111-1111 1111", "de89 3704", "jane@example.com", "é"} {
		for _, c := range traffic.Classes() {
			if got, want := p.print(c, []byte(value)), s.Print(c, []byte(value)); got != want {
				t.Errorf("%s %q: %s, want %s", c, value, got, want)
			}
		}
	}
}
