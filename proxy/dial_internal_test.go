package proxy

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
)

func testDialer(t *testing.T, cfg Config, names map[string]string) (*dialer, *int) {
	t.Helper()
	d, err := newDialer(&cfg, cfg.Self, &Counts{})
	if err != nil {
		t.Fatal(err)
	}
	lookups := new(int)
	d.lookup = func(_ context.Context, _, host string) ([]netip.Addr, error) {
		*lookups++
		if a, ok := names[host]; ok {
			return []netip.Addr{netip.MustParseAddr(a)}, nil
		}
		return nil, &net.DNSError{IsNotFound: true}
	}
	return d, lookups
}

func TestDialGuard(t *testing.T) {
	console := netip.MustParseAddrPort("127.0.0.1:8081")
	everything := []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}
	names := map[string]string{"internal.test": "10.0.0.1", "rebound.test": "127.0.0.1", "mapped.test": "::ffff:127.0.0.1"}
	for _, tt := range []struct {
		name, target string
		allow        []netip.Prefix
		self         netip.AddrPort
		want         string // kind of the error, "" for none
	}{
		{name: "private name", target: "internal.test:443", want: "forbidden"},
		{name: "private name, allowed", target: "internal.test:443", allow: everything},
		{name: "address", target: "127.0.0.1:443", want: "forbidden"},
		{name: "mapped address", target: "[::ffff:127.0.0.1]:443", want: "forbidden"},
		{name: "any", target: "[::]:443", want: "forbidden"},
		{name: "any, allowed", target: "[::]:8081", allow: everything, want: "forbidden"},
		{name: "zero, allowed", target: "0.0.0.0:8081", allow: everything, want: "forbidden"},
		{name: "zone", target: "[fe80::1%lo]:443", want: "forbidden"},
		{name: "own console", target: "127.0.0.1:8081", allow: everything, self: console, want: "self"},
		{name: "own console, by name", target: "rebound.test:8081", allow: everything, self: console, want: "self"},
		{name: "own console, mapped", target: "mapped.test:8081", allow: everything, self: console, want: "self"},
		{name: "own console on all addresses", target: "127.0.0.1:8081", allow: everything, self: netip.MustParseAddrPort("[::]:8081"), want: "self"},
		{name: "beside the console", target: "127.0.0.1:8082", allow: everything, self: console},
		{name: "allowed is v4 only", target: "[::1]:443", allow: everything[:1], want: "forbidden"},
		{name: "unknown name", target: "nowhere.test:443", want: "dns"},
		{name: "public", target: "93.184.216.34:443"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, _ := testDialer(t, Config{AllowPrivate: tt.allow, Self: []netip.AddrPort{tt.self}}, names)
			_, err := d.targets(t.Context(), tt.target)
			kind := ""
			if e, ok := errors.AsType[*DialError](err); ok {
				kind = e.Kind
			}
			if kind != tt.want {
				t.Errorf("targets(%s): %q (%v), want %q", tt.target, kind, err, tt.want)
			}
		})
	}
}

// TestDialResolvesOnce shows that a second answer of the DNS has no effect.
func TestDialResolvesOnce(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	d, lookups := testDialer(t, Config{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, map[string]string{"once.test": "127.0.0.1"})
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	c, err := d.DialContext(t.Context(), "tcp", "once.test:"+port)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	if *lookups != 1 {
		t.Errorf("resolved %d times, want once", *lookups)
	}
}

// TestDialNextAddress shows that one dead address does not hide the others.
func TestDialNextAddress(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	d, _ := testDialer(t, Config{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, nil)
	d.lookup = func(context.Context, string, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("127.0.0.1")}, nil
	}
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	c, err := d.DialContext(t.Context(), "tcp", "two.test:"+port)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
}
