package dns_test

import (
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/dns"
)

func TestDescribe(t *testing.T) {
	text, err := dns.Describe(pack(t, "a.test", dns.TypeHTTPS, `a.test. 300 IN HTTPS 1 . alpn="h3,h2" ipv4hint="192.0.2.1"`))
	if err != nil || !strings.Contains(text, `HTTPS	1 . alpn="h3,h2" ipv4hint="192.0.2.1"`) {
		t.Errorf("%v\n%s", err, text)
	}
	if _, err := dns.Describe(header(reply, 1)[:11]); err == nil || !strings.HasPrefix(err.Error(), "reading DNS message: ") {
		t.Errorf("half a header: %v", err)
	}
}

func TestTypeName(t *testing.T) {
	for kind, want := range map[uint16]string{1: "A", 28: "AAAA", 65: "HTTPS", 255: "ANY", 65400: "TYPE65400"} {
		if got := dns.TypeName(kind); got != want {
			t.Errorf("%d is called %q", kind, got)
		}
	}
}
