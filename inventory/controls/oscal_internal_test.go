package controls

import (
	"encoding/hex"
	"regexp"
	"strings"
	"testing"
)

// TestNamed is the example of RFC 9562, appendix A.4.
func TestNamed(t *testing.T) {
	dns := [16]byte{0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8}
	u := named(dns, "www.example.com")
	if got := hex.EncodeToString(u[:]); got != "2ed6657de927568b95e12665a8aea6a2" {
		t.Errorf("got %s", got)
	}
}

// TestText: whatever people and strangers wrote fits where OSCAL wants a line, a
// token or a reference.
func TestText(t *testing.T) {
	aLine, aToken := regexp.MustCompile(`^\S(.*\S)?$`), regexp.MustCompile(`^(\p{L}|_)(\p{L}|\p{N}|[.\-_])*$`)
	for _, s := range []string{
		"", " ", "a", " two\nlines\r\n\x00", "\xff\xfe", "Ä 1", "\u2028x\u00a0", "5.7", "GOVERN 1.6", "Art. 26(6)", "-", "--1", "\u0301", "½", "_", "日本", "%zz", "a b?c#d", "http://[::1", strings.Repeat("x ", 1000),
	} {
		if got := line(s); !aLine.MatchString(got) {
			t.Errorf("line(%q) = %q", s, got)
		}
		if got := token(s); !aToken.MatchString(got) {
			t.Errorf("token(%q) = %q", s, got)
		}
		if got := href(s); strings.ContainsAny(got, " \n\"<>") {
			t.Errorf("href(%q) = %q", s, got)
		}
	}
	for in, want := range map[string]string{"5.7": "A.5.7", "GOVERN 1.6": "GOVERN-1.6", "A.9.2": "A.9.2", "LLM01": "LLM01", "Art. 26(6)": "Art.-26-6"} {
		if got := token(in); got != want {
			t.Errorf("token(%q) = %q, want %q", in, got, want)
		}
	}
}
