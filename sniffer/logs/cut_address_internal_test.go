package logs

import (
	"net/netip"
	"testing"
)

// FuzzPlainIPv4: what it reads, netip.ParseAddr reads the same way, and of IPv4
// it leaves nothing to that.
func FuzzPlainIPv4(f *testing.F) {
	for _, s := range []string{"", "1.2.3.4", "255.255.255.255", "256.1.1.1", "0.0.0.0", "01.2.3.4", "1.2.3.00", "1.2.3", "1.2.3.", "1.2.3.4.", ".1.2.3", "1..2.3", "1.2.3.4.5", "1.2.3.x", "::1", "1.2.3.4%eth0", "1.2.3.4 "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := plainIPv4(s)
		want, err := netip.ParseAddr(s)
		if ok != (err == nil && want.Is4()) || ok && got != want {
			t.Errorf("%q: %v %v, want %v %v", s, got, ok, want, err)
		}
	})
}

func TestCutScheme(t *testing.T) {
	for u, want := range map[string]string{
		"": "", ":": ":", "://x": "x", "http://a/b": "a/b", "HTTPS://a": "a", "h2+x.1-y://a": "a", "a:443": "a:443", "a:443/http://b": "a:443/http://b",
		"/a?u=http://b": "/a?u=http://b", "a b://c": "a b://c", "a~://c": "a~://c", "http:/a://b": "http:/a://b", "http:": "http:",
	} {
		if got := cutScheme(u); got != want {
			t.Errorf("%q: %q, want %q", u, got, want)
		}
	}
}
