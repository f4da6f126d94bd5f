package proxy

import (
	"net/netip"
	"testing"
)

func TestAddressKind(t *testing.T) {
	for _, tt := range []struct{ addr, want string }{
		{"93.184.216.34", ""},
		{"2606:2800:220:1:248:1893:25c8:1946", ""},
		{"0.0.0.0", "unspecified"},
		{"0.1.2.3", "unspecified"},
		{"::", "unspecified"},
		{"127.0.0.1", "loopback"},
		{"127.255.255.254", "loopback"},
		{"::1", "loopback"},
		{"10.1.2.3", "private"},
		{"172.31.255.255", "private"},
		{"172.32.0.1", ""},
		{"192.168.1.1", "private"},
		{"100.100.100.200", "shared"},
		{"169.254.169.254", "link_local"},
		{"168.63.129.16", "metadata"},
		{"fe80::1%eth0", "link_local"},
		{"fd00:ec2::254", "private"},
		{"224.0.0.1", "multicast"},
		{"ff02::1", "multicast"},
		{"255.255.255.255", "reserved"},
		{"198.18.0.1", "reserved"},
		{"192.0.2.1", "documentation"},
		{"2001:db8::1", "documentation"},
		{"::ffff:127.0.0.1", "loopback"},
		{"::ffff:8.8.8.8", ""},
		{"::127.0.0.1", "loopback"},
		{"64:ff9b::7f00:1", "loopback"},
		{"64:ff9b::a9fe:a9fe", "link_local"},
		{"64:ff9b::808:808", ""},
		{"64:ff9b:1::1", "private"},
		{"2002:7f00:1::", "loopback"},
		{"2002:c0a8:101::1", "private"},
		{"2002:808:808::1", ""},
		{"2001::1", "reserved"},
		{"4000::1", "reserved"},
		{"fec0::1", "reserved"},
	} {
		t.Run(tt.addr, func(t *testing.T) {
			if got := addressKind(netip.MustParseAddr(tt.addr)); got != tt.want {
				t.Errorf("addressKind(%s) = %q, want %q", tt.addr, got, tt.want)
			}
		})
	}
}

func FuzzSplitHostPort(f *testing.F) {
	for _, s := range []string{"a.test:443", "[::1]:80", "a.test", ":443", "a:b:c", "[::1]", "A.Test.:65535", "a.test:65536", "a.test:0", "[fe80::1%eth0]:1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		host, port, err := splitHostPort(s)
		if err == nil && (host == "" || port == 0) {
			t.Errorf("splitHostPort(%q) = %q, %d without an error", s, host, port)
		}
	})
}
