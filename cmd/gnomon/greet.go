package main

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
)

// greet says how to go on.
func (g *gateway) greet(w io.Writer) {
	k := g.knowledge.Load()
	login := ""
	if g.settings.Proxy.AuthFile != "" {
		login = " --proxy-user NAME"
	}
	fmt.Fprintf(w, `Gnomon %s: %d AI services known, %d detectors, %d policies

  proxy     http://%s
  CA file   %s
  console   %s
            (this link works once, for 15 minutes)
  state     %s

Try it:
  curl --proxy http://%[5]s%[9]s --cacert %[6]s https://api.openai.com/v1/models

`, version, len(k.set.Services), len(k.set.Detectors), len(k.set.Policies),
		reachable(g.proxy.Addr()), caFile(g.settings), reachableLink(g.console.Link()), g.settings.StateDir, login)
}

// warnOfOpenConsole says once that others can read what the console shows, and
// the cookie of who is logged in, on the way.
func (g *gateway) warnOfOpenConsole() {
	a, ok := g.console.Addr().(*net.TCPAddr)
	if ok && !a.IP.IsLoopback() {
		g.log.Warn("the console is plain HTTP and listens beyond this machine: whoever is on the way can read it and its logins; let it listen on loopback, behind a proxy with TLS, and set console.url", "console.listen", a.String())
	}
}

// reachable returns an address at which a listener can be reached: one that
// listens on all of them is at none called 0.0.0.0 or [::].
func reachable(at netip.AddrPort) netip.AddrPort {
	if !at.Addr().IsUnspecified() {
		return at
	}
	return netip.AddrPortFrom(machine(at.Addr()), at.Port())
}

// machine returns an address of this machine beyond loopback, IPv4 first, as far
// as it has one.
func machine(listens netip.Addr) netip.Addr {
	best := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	all, _ := net.InterfaceAddrs()
	for _, a := range all {
		p, err := netip.ParsePrefix(a.String())
		if err != nil || p.Addr().IsLoopback() || !p.Addr().IsGlobalUnicast() {
			continue
		}
		if p.Addr().Is4() {
			return p.Addr()
		}
		if listens.Is6() && best.IsLoopback() {
			best = p.Addr()
		}
	}
	return best
}

// reachableLink is reachable for a link.
func reachableLink(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return link
	}
	at, err := netip.ParseAddrPort(u.Host)
	if err != nil {
		return link
	}
	u.Host = reachable(at).String()
	return u.String()
}
