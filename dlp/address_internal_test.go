package dlp

import (
	"strings"
	"testing"
)

// TestAddressParts holds that each part of addresses can be looked for, and what
// names a piece names one that there is.
func TestAddressParts(t *testing.T) {
	n := 0
	for line := range strings.Lines(addressPartFile) {
		kind, pattern, ok := addressPattern(line)
		if !ok {
			continue
		}
		n++
		if _, err := compilePattern(pattern); err != nil {
			t.Errorf("%s %s: %v", kind, line, err)
		}
		if strings.Contains(pattern, "{W") || strings.Contains(pattern, "{T") || strings.Contains(pattern, "{S") {
			t.Errorf("%s: a piece is not defined", line)
		}
	}
	p := partsOfAddresses()
	for _, list := range p.fronts {
		n -= len(list)
	}
	if n -= len(p.before) + len(p.after); n != 0 {
		t.Errorf("%d parts are not used", n)
	}
}
