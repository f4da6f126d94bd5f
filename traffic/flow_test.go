package traffic_test

import (
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/traffic"
)

func TestCanonicalHost(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"plain", "api.openai.com", "api.openai.com"},
		{"case, final dot and port", "API.OpenAI.com.:443", "api.openai.com"},
		{"several final dots", "openai.com..", "openai.com"},
		{"IPv6 in brackets", "[2001:DB8::1]:443", "2001:db8::1"},
		{"bare IPv6", "2001:db8::1", "2001:db8::1"},
		{"IPv4", "192.0.2.1:8443", "192.0.2.1"},
		{"unclosed bracket", "[::1", "[::1"},
		{"empty", "", ""},
		{"only a port", ":443", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := traffic.CanonicalHost(tt.in); got != tt.want {
				t.Errorf("CanonicalHost(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

// TestCanonicalHostPlaces puts what has to be changed at each place of hosts of
// each length.
func TestCanonicalHostPlaces(t *testing.T) {
	for n := 1; n < 40; n++ {
		for at := range n {
			host := strings.Repeat("-", at) + "Z" + strings.Repeat("9", n-at-1)
			if got := traffic.CanonicalHost(host); got != strings.ToLower(host) {
				t.Errorf("CanonicalHost(%q) = %q", host, got)
			}
			host = strings.Repeat("a", at) + ":" + strings.Repeat("1", n-at-1)
			if got := traffic.CanonicalHost(host); got != strings.Repeat("a", at) {
				t.Errorf("CanonicalHost(%q) = %q", host, got)
			}
		}
	}
}

func TestCanonicalHostAllocs(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { traffic.CanonicalHost("api.openai.com:443") }); n != 0 {
		t.Errorf("CanonicalHost of a lower-case host allocates %v times, want 0", n)
	}
}

func FuzzCanonicalHost(f *testing.F) {
	for _, s := range []string{"API.OpenAI.com.:443", "[::1]:443", "[", ":", "a:b:c", "...", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := traffic.CanonicalHost(s)
		if len(got) > 3*len(s) { // lower case may be longer in UTF-8, never by more
			t.Errorf("CanonicalHost(%q) = %q: grew", s, got)
		}
		if got != "" && got[len(got)-1] == '.' {
			t.Errorf("CanonicalHost(%q) = %q: final dot", s, got)
		}
	})
}
