package logs

import (
	"net/netip"
	"strings"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// squidNative reads Squid's own format:
//
//	time elapsed client result/status bytes method URL user hierarchy/server type
//
// Squid counts only what it sent to the client, so Up stays 0.
type squidNative struct{}

// squidInfo stands before the lines of a Cisco web appliance that come through
// syslog. It writes users in quotes.
const squidInfo = "Info: "

func newSquidNative(*env) parser { return squidNative{} }

func scoreSquidNative(head []string) int {
	return share(head, func(s string) bool {
		stamp, rest := word(strings.TrimPrefix(s, squidInfo))
		_, rest = word(rest)
		_, rest = word(rest)
		result, _ := word(rest)
		_, ok := epoch(stamp)
		i := strings.IndexByte(result, '/')
		return ok && len(stamp) > 8 && i > 0 && len(result)-i == 4 && result[0]|0x20 >= 'a' && result[0]|0x20 <= 'z'
	})
}

func (squidNative) line(s string, r *Record) verdict {
	var w [9]string
	if words(strings.TrimPrefix(s, squidInfo), w[:]) < len(w) {
		return badColumns
	}
	stamp, client, result, size, method, url, user, peer := w[0], w[2], w[3], w[4], w[5], w[6], w[7], w[8]
	slash := strings.IndexByte(result, '/')
	if slash < 0 {
		return badFormat
	}
	tag, status := result[:slash], result[slash+1:]
	if strings.HasPrefix(tag, "UDP_") || method == "ICP_QUERY" { // another cache asks
		return nothing
	}
	var ok bool
	if r.Time, ok = epoch(stamp); !ok {
		return badTime
	}
	if !r.client(client) {
		return badClient
	}
	if v := r.result(tag, status, size); v != yes {
		return v
	}
	r.User = strings.Trim(unpercent(dash(user)), `"`)
	host, v := r.request(method, url)
	if v == yes {
		r.Server = squidServer(peer, host, url)
		r.Proxied = r.Server.IsValid() && !strings.Contains(peer, "ORIGINAL_DST")
	}
	return v
}

// client fills who asked: an address, or a name where the proxy looks names up
// (log_fqdn, HostnameLookups).
func (r *Record) client(s string) (ok bool) {
	if r.Client, ok = address(s); ok {
		return true
	}
	if !isHostWord(s) || strings.IndexByte(s, ':') >= 0 || strings.IndexByte(s, '.') <= 0 || s[len(s)-1]|0x20 < 'a' {
		return false
	}
	r.Device = s
	return true
}

// result fills what the proxy did with a request.
func (r *Record) result(tag, status, size string) verdict {
	code, ok1 := count(status)
	down, ok2 := count(size)
	if !ok1 || !ok2 || code > 999 {
		return badNumber
	}
	r.Status, r.Down = int(code), down
	r.Blocked = strings.Contains(tag, "DENIED")
	return yes
}

// request fills what was asked of a proxy and returns the host with its port.
// Requests that never were (Squid's error: pages, a scan that speaks no HTTP)
// say nothing.
func (r *Record) request(method, url string) (host string, v verdict) {
	if noURL(url) {
		return "", nothing
	}
	r.Kind = KindHTTP
	r.Method, r.URL = dash(method), url
	host = hostOfURL(url)
	if r.Host = traffic.CanonicalHost(host); r.Host == "" {
		return "", badHost
	}
	return host, yes
}

// noURL recognises what stands for a URL where there was none.
func noURL(s string) bool {
	if s == "" || s == "-" {
		return true
	}
	switch s[0] { // most URLs start with h
	case 'e':
		return strings.HasPrefix(s, "error:")
	case 'c':
		return strings.HasPrefix(s, "cache_object:")
	case 'u':
		return strings.HasPrefix(s, "urn:")
	}
	return false
}

// squidServer returns the origin's address where Squid went there itself: with
// a parent cache in between it is the parent's.
func squidServer(peer, host, url string) netip.AddrPort {
	how, server, _ := strings.Cut(peer, "/")
	if server == "-" || !strings.HasSuffix(how, "DIRECT") && !strings.HasSuffix(how, "ORIGINAL_DST") && !strings.HasSuffix(how, "PINNED") {
		return netip.AddrPort{}
	}
	a, ok := address(server)
	if !ok {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(a, portOf(host, url))
}

// portOf returns the port that host names, else that of the URL's scheme; 0
// when neither says.
func portOf(host, url string) uint16 {
	if i := strings.LastIndexByte(host, ':'); i >= 0 && host[len(host)-1] != ']' {
		if n, ok := number(host[i+1:]); ok && n < 1<<16 {
			return uint16(n)
		}
	}
	switch {
	case strings.HasPrefix(url, "https:"), strings.HasPrefix(url, "wss:"):
		return 443
	case strings.HasPrefix(url, "http:"), strings.HasPrefix(url, "ws:"):
		return 80
	}
	return 0
}
