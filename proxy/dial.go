package proxy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

const (
	dialTimeout   = 10 * time.Second
	lookupTimeout = 5 * time.Second
	// leastDial is what each address of a name gets at least, so that one that
	// swallows packets does not use up the time of the others.
	leastDial = 2 * time.Second
)

// DialError says why a destination was not reached.
type DialError struct {
	Kind string // as counted in Stats.Upstream: forbidden, dns, timeout, refused, unreachable, self
	Err  error
}

// Error implements error.
func (e *DialError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *DialError) Unwrap() error { return e.Err }

// Timeout reports whether the destination did not answer in time.
func (e *DialError) Timeout() bool { return e.Kind == "timeout" }

// dialer opens connections to destinations that clients name. A name is
// resolved once and the very address that was checked is dialled, so that a
// second answer of the DNS can't lead elsewhere.
type dialer struct {
	resolve map[string]netip.AddrPort // port 0: as asked for
	allow   []netip.Prefix
	self    []netip.AddrPort
	refused *Counts
	net     net.Dialer
	lookup  func(ctx context.Context, network, host string) ([]netip.Addr, error)
}

func newDialer(cfg *Config, self []netip.AddrPort, refused *Counts) (*dialer, error) {
	d := &dialer{
		resolve: make(map[string]netip.AddrPort, len(cfg.Resolve)),
		allow:   cfg.AllowPrivate,
		self:    self,
		refused: refused,
		lookup:  net.DefaultResolver.LookupNetIP,
	}
	for host, to := range cfg.Resolve {
		ap, err := parseTarget(to)
		if err != nil {
			return nil, fmt.Errorf("proxy.resolve %s: %q: want address or address:port", host, to)
		}
		d.resolve[traffic.CanonicalHost(host)] = ap
	}
	return d, nil
}

func parseTarget(s string) (netip.AddrPort, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.AddrPortFrom(a.Unmap(), 0), nil
	}
	ap, err := netip.ParseAddrPort(s)
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port()), err
}

// DialContext connects to host:port. Its errors are of type *DialError.
func (d *dialer) DialContext(ctx context.Context, _, hostport string) (net.Conn, error) {
	targets, err := d.targets(ctx, hostport)
	if err != nil {
		return nil, err
	}
	each := max(dialTimeout/time.Duration(len(targets)), leastDial)
	for _, t := range targets {
		var c net.Conn
		if c, err = d.dial(ctx, t, each); err == nil {
			return c, nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, &DialError{Kind: dialKind(err), Err: err}
}

func (d *dialer) dial(ctx context.Context, t netip.AddrPort, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return d.net.DialContext(ctx, "tcp", t.String())
}

// targets returns the addresses of a destination that may be dialled.
func (d *dialer) targets(ctx context.Context, hostport string) ([]netip.AddrPort, error) {
	host, port, err := splitHostPort(hostport)
	if err != nil {
		return nil, &DialError{Kind: "dns", Err: err}
	}
	var addrs []netip.Addr
	if to, ok := d.resolve[host]; ok {
		addrs = []netip.Addr{to.Addr()}
		if to.Port() != 0 {
			port = to.Port()
		}
	} else if a, err := netip.ParseAddr(host); err == nil {
		addrs = []netip.Addr{a}
	} else if addrs, err = d.addresses(ctx, host); err != nil {
		return nil, err
	}
	return d.permitted(addrs, port)
}

func (d *dialer) addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	addrs, err := d.lookup(ctx, "ip", host)
	if err == nil && len(addrs) == 0 {
		err = errors.New("no addresses")
	}
	if err != nil {
		if ctx.Err() != nil {
			return nil, &DialError{Kind: "timeout", Err: fmt.Errorf("resolving the name: %w", err)}
		}
		return nil, &DialError{Kind: "dns", Err: errors.New("resolving the name: it has no address")}
	}
	return addrs, nil
}

// permitted leaves the addresses that clients may reach. A name of which some
// addresses are public keeps those only.
func (d *dialer) permitted(addrs []netip.Addr, port uint16) ([]netip.AddrPort, error) {
	var out []netip.AddrPort
	var kind string
	for _, a := range addrs {
		t := netip.AddrPortFrom(a.Unmap(), port)
		if k := d.forbidden(t); k != "" {
			kind = k
			continue
		}
		out = append(out, t)
	}
	if len(out) > 0 {
		return out, nil
	}
	d.refused.add(kind)
	if kind == "self" {
		return nil, &DialError{Kind: "self", Err: errors.New("the destination is this gateway itself")}
	}
	return nil, &DialError{Kind: "forbidden", Err: fmt.Errorf("the destination is not on the public Internet (%s address): an administrator can open it with proxy.allow_private", kind)}
}

// forbidden returns why t may not be dialled, "" when it may.
func (d *dialer) forbidden(t netip.AddrPort) string {
	if d.isSelf(t) {
		return "self"
	}
	a := t.Addr().WithZone("")
	kind := addressKind(a)
	switch {
	case kind == "":
		return ""
	case kind == "unspecified", kind == "multicast": // the first is another name for loopback, the second no destination for TCP
		return kind
	}
	for _, p := range d.allow {
		if p.Contains(a) {
			return ""
		}
	}
	return kind
}

// isSelf reports whether t is one of the gateway's own listeners.
func (d *dialer) isSelf(t netip.AddrPort) bool {
	for _, s := range d.self {
		if s.Port() != t.Port() {
			continue
		}
		own := s.Addr().Unmap()
		if own == t.Addr().WithZone("") || own.IsUnspecified() && isLocal(t.Addr()) {
			return true
		}
	}
	return false
}

// isLocal reports whether a is an address of this machine.
func isLocal(a netip.Addr) bool {
	if a.IsLoopback() || a.IsUnspecified() {
		return true
	}
	local, err := net.InterfaceAddrs()
	if err != nil {
		return true // better to refuse than to let the console be reached
	}
	for _, l := range local {
		if n, ok := l.(*net.IPNet); ok {
			if own, ok := netip.AddrFromSlice(n.IP); ok && own.Unmap() == a.WithZone("") {
				return true
			}
		}
	}
	return false
}

func dialKind(err error) string {
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	}
	return "unreachable"
}

// splitHostPort returns the canonical host and the port of an address.
func splitHostPort(hostport string) (host string, port uint16, err error) {
	h, p, err := net.SplitHostPort(hostport)
	if err != nil {
		return "", 0, errors.New("want host:port")
	}
	n, err := strconv.ParseUint(p, 10, 16)
	if err != nil || n == 0 {
		return "", 0, errors.New("want a port between 1 and 65535")
	}
	// With brackets, as a bare IPv6 address must not lose what follows a colon.
	if host = traffic.CanonicalHost("[" + h + "]"); host == "" {
		return "", 0, errors.New("want host:port")
	}
	return host, uint16(n), nil
}
