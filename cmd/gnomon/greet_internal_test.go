package main

import (
	"net/netip"
	"strings"
	"testing"
)

func TestReachable(t *testing.T) {
	for _, at := range []string{"127.0.0.1:8081", "192.0.2.1:8081", "[2001:db8::1]:8081"} {
		if got := reachable(netip.MustParseAddrPort(at)).String(); got != at {
			t.Errorf("%s becomes %s", at, got)
		}
		if link := "http://" + at + "/#token=abc_D-1"; reachableLink(link) != link {
			t.Errorf("%s becomes %s", link, reachableLink(link))
		}
	}
	for _, at := range []string{"0.0.0.0:8081", "[::]:8081"} {
		got := reachable(netip.MustParseAddrPort(at))
		if got.Addr().IsUnspecified() || got.Port() != 8081 {
			t.Errorf("%s becomes %s", at, got)
		}
		if link := reachableLink("http://" + at + "/#token=abc_D-1"); link != "http://"+got.String()+"/#token=abc_D-1" {
			t.Errorf("a link at %s becomes %s", at, link)
		}
	}
	if got := machine(netip.MustParseAddr("0.0.0.0")); !got.Is4() {
		t.Errorf("0.0.0.0 becomes %s, which does not listen", got)
	}
	if strings.Contains(reachableLink(""), ":") {
		t.Error("no link becomes one")
	}
}
