package export

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// head writes the comment at the top: where the list is from and what it lacks.
// More says what the format can't.
func (b *BlockList) head(out *strings.Builder, mark string, more ...string) {
	fmt.Fprintf(out, "%s AI services that are not allowed here. Made by %s on %s; make it anew when the register changes.\n", mark, clean(b.Source), b.Made.UTC().Format(time.DateOnly))
	fmt.Fprintf(out, "%s %s, %s, %s.\n", mark, amount(len(b.services), "service"), amount(len(b.blocked), "host"), amount(len(b.patterns), "pattern"))
	for _, s := range more {
		fmt.Fprintf(out, "%s %s\n", mark, s)
	}
	for _, s := range b.services {
		fmt.Fprintf(out, "%s service: %s\n", mark, clean(s))
	}
	for _, s := range b.caught {
		fmt.Fprintf(out, "%s also blocked: %s\n", mark, s)
	}
	for _, s := range b.leftOut {
		fmt.Fprintf(out, "%s left out: %s\n", mark, s)
	}
}

// hosts writes a hosts file: names only, without their subdomains.
func (b *BlockList) hosts(out *strings.Builder) {
	b.head(out, "#", "A hosts file names hosts one by one: their subdomains, and patterns, are not blocked by it.")
	for _, t := range b.blocked {
		fmt.Fprintf(out, "0.0.0.0 %s\n:: %[1]s\n", t.host)
	}
}

// pac writes a proxy auto-configuration file: blocked hosts get a proxy that is
// not there. The longest name that the table has above a host decides.
func (b *BlockList) pac(out *strings.Builder) {
	b.head(out, "//")
	out.WriteString("var blocked = {\n")
	for _, t := range b.blocked {
		fmt.Fprintf(out, "  %s: %s,\n", js(t.host), js(map[bool]string{true: "exact", false: "block"}[t.exact]))
	}
	for _, t := range b.allowed {
		fmt.Fprintf(out, "  %s: %s,\n", js(t.host), js(map[bool]string{true: "allow exact", false: "allow"}[t.exact]))
	}
	out.WriteString("};\nvar patterns = [\n")
	for _, p := range b.patterns {
		fmt.Fprintf(out, "  new RegExp(%s),\n", js(regex(p)))
	}
	fmt.Fprintf(out, `];

function isBlocked(host) {
  host = host.toLowerCase().replace(/\.+$/, "");
  for (var i = 0; i < patterns.length; i++) {
    if (patterns[i].test(host)) return true;
  }
  for (var name = host; ; ) {
    var is = Object.prototype.hasOwnProperty.call(blocked, name) ? blocked[name] : "";
    if (is === "block" || is === "exact" && name === host) return true;
    if (is === "allow" || is === "allow exact" && name === host) return false;
    var dot = name.indexOf(".");
    if (dot < 0) return false;
    name = name.substring(dot + 1);
  }
}

function FindProxyForURL(url, host) {
  return isBlocked(host) ? "PROXY 127.0.0.1:9" : %s;
}
`, js(cmp.Or(b.Otherwise, "DIRECT")))
}

// js writes s as a JavaScript string: JSON is one, with its "<" escaped too.
func js(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return `""` // a string always encodes
	}
	return string(b)
}

// squid writes a part of squid.conf. An exception and its host can't be in one
// list, so there are up to four.
func (b *BlockList) squid(out *strings.Builder) {
	b.head(out, "#", "Include it in squid.conf before the first http_access that allows.")
	lists := map[string]bool{}
	acl := func(name, kind, value string) {
		lists[name] = true
		fmt.Fprintf(out, "acl %s %s %s\n", name, kind, value)
	}
	for _, t := range b.blocked {
		acl(map[bool]string{true: "gnomon_blocked_inside", false: "gnomon_blocked"}[t.inner], "dstdomain", dotted(t))
	}
	for _, t := range b.allowed {
		acl("gnomon_allowed", "dstdomain", dotted(t))
	}
	for _, p := range b.patterns {
		acl("gnomon_patterns", "dstdom_regex", "-i "+regex(p))
	}
	if lists["gnomon_blocked_inside"] {
		out.WriteString("http_access deny gnomon_blocked_inside\n")
	}
	if lists["gnomon_patterns"] {
		out.WriteString("http_access deny gnomon_patterns\n")
	}
	if lists["gnomon_blocked"] {
		out.WriteString("http_access deny gnomon_blocked" + map[bool]string{true: " !gnomon_allowed"}[lists["gnomon_allowed"]] + "\n")
	}
}

func dotted(t target) string {
	if t.exact {
		return t.host
	}
	return "." + t.host
}

// rpz writes a response policy zone: NXDOMAIN for blocked names, the usual
// answer for exceptions. In a zone the longest name wins.
func (b *BlockList) rpz(out *strings.Builder) {
	b.head(out, ";", "Patterns are not in it: a zone knows \"*\" only as a whole first label.")
	fmt.Fprintf(out, "$TTL 300\n@ IN SOA localhost. hostmaster.localhost. %d 3600 600 86400 300\n@ IN NS localhost.\n", uint32(b.Made.Unix()))
	line := func(t target, to string) {
		fmt.Fprintf(out, "%s CNAME %s\n", t.host, to)
		if !t.exact {
			fmt.Fprintf(out, "*.%s CNAME %s\n", t.host, to)
		}
	}
	for _, t := range b.blocked {
		line(t, ".")
	}
	for _, t := range b.allowed {
		line(t, "rpz-passthru.")
	}
}

// adguard writes rules for AdGuard Home and its like.
func (b *BlockList) adguard(out *strings.Builder) {
	b.head(out, "!")
	rule := func(before string, t target, after string) {
		fmt.Fprintf(out, "%s%s%s^%s\n", before, map[bool]string{true: "|", false: "||"}[t.exact], t.host, after)
	}
	for _, t := range b.blocked {
		rule("", t, map[bool]string{true: "$important"}[t.inner]) // stronger than the exception around it
	}
	for _, t := range b.allowed {
		rule("@@", t, "")
	}
	for _, p := range b.patterns {
		fmt.Fprintf(out, "/%s/\n", regex(p))
	}
}

// nftables writes a table that rejects connections to the addresses of blocked
// hosts. The kernel knows no names: the sets hold what was resolved when the
// list was made, or what dnsmasq puts there as clients ask.
func (b *BlockList) nftables(out *strings.Builder) {
	b.head(out, "#",
		"Many services share addresses of large providers: prefer a list of names where you can.",
		"dnsmasq (2.87 or newer) keeps the sets current with these lines in its own configuration:")
	for _, t := range b.blocked {
		if b.excepted(t) {
			fmt.Fprintf(out, "# left to --resolve: %s: an allowed service is inside it\n", t.host)
		} else {
			fmt.Fprintf(out, "# nftset=/%s/4#inet#gnomon_block#ai4,6#inet#gnomon_block#ai6\n", t.host)
		}
	}
	four, six := b.addresses()
	out.WriteString("table inet gnomon_block\ndelete table inet gnomon_block\ntable inet gnomon_block {\n")
	for _, set := range []struct {
		name, kind string
		elements   []string
	}{{"ai4", "ipv4_addr", four}, {"ai6", "ipv6_addr", six}} {
		fmt.Fprintf(out, "\tset %s {\n\t\ttype %s\n", set.name, set.kind)
		if len(set.elements) > 0 {
			fmt.Fprintf(out, "\t\telements = {\n\t\t\t%s\n\t\t}\n", strings.Join(set.elements, ",\n\t\t\t"))
		}
		out.WriteString("\t}\n")
	}
	for _, hook := range []string{"forward", "output"} {
		fmt.Fprintf(out, `	chain %s {
		type filter hook %[1]s priority filter; policy accept;
		ip daddr @ai4 counter reject with icmpx admin-prohibited
		ip6 daddr @ai6 counter reject with icmpx admin-prohibited
	}
`, hook)
	}
	out.WriteString("}\n")
}

// excepted reports whether a service that is allowed lives inside t: a list
// without exceptions can't have it.
func (b *BlockList) excepted(t target) bool {
	return slices.ContainsFunc(b.allowed, func(a target) bool { return strings.HasSuffix(a.host, "."+t.host) })
}

// addresses returns those of the blocked hosts, sorted, without those that an
// own network may have: an answer of a DNS server at home must not cut it off.
func (b *BlockList) addresses() (four, six []string) {
	all := make(map[netip.Addr]bool)
	for _, t := range b.blocked {
		for _, a := range b.Addresses[t.host] {
			if a = a.Unmap().WithZone(""); a.IsGlobalUnicast() && !a.IsPrivate() {
				all[a] = true
			}
		}
	}
	sorted := make([]netip.Addr, 0, len(all))
	for a := range all {
		sorted = append(sorted, a)
	}
	slices.SortFunc(sorted, netip.Addr.Compare)
	for _, a := range sorted {
		if a.Is4() {
			four = append(four, a.String())
		} else {
			six = append(six, a.String())
		}
	}
	return four, six
}

func amount(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + one + "s"
}
