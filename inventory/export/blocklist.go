package export

import (
	"cmp"
	"fmt"
	"io"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// BlockFormats lists the forms of block lists.
func BlockFormats() []string {
	return []string{"hosts", "pac", "squid", "nftables", "rpz", "adguard"}
}

// BlockList is what another gateway is to block. Make it with NewBlockList.
type BlockList struct {
	Source    string    // who says so: the version of the program
	Made      time.Time // of the list; the same input makes the same bytes
	Otherwise string    // what a PAC file answers for other hosts; "": DIRECT

	Addresses map[string][]netip.Addr // of hosts, for nftables; nil: its sets stay empty

	services []string // names of the blocked services
	blocked  []target // no one within another without an allowed one between them
	allowed  []target // hosts of other services inside blocked ones
	patterns []string // with "*" inside labels
	leftOut  []string // with the reason
	caught   []string // what else is blocked
}

// target is a host, with its subdomains unless exact.
type target struct {
	host  string
	exact bool
	inner bool // it is inside an allowed one, which is inside a blocked one

	part string // the service that has only some paths of it, "" when one has all
}

// Blocked chooses the services of some statuses, by id. unused takes those of the
// catalogue that nobody has used, too, where unreviewed is one of the statuses.
func Blocked(rows []inventory.Service, catalogue []rules.Service, statuses []string, unused bool) map[string]bool {
	blocked, used := make(map[string]bool), make(map[string]bool)
	for i := range rows {
		used[rows[i].ID] = true
		if slices.Contains(statuses, string(rows[i].Status)) {
			blocked[rows[i].ID] = true
		}
	}
	if unused && slices.Contains(statuses, string(traffic.StatusUnreviewed)) {
		for i := range catalogue {
			if id := catalogue[i].ID; !used[id] {
				blocked[id] = true
			}
		}
	}
	return blocked
}

// NewBlockList returns the list of those services of the catalogue, and of the
// other hosts, that blocked names by id. A service that is not known is called
// "unknown:" and its host. Hosts of which only some paths are AI, and mere web
// sites unless websites is set, are left out: blocking them would block more.
func NewBlockList(catalogue []rules.Service, blocked map[string]bool, websites bool) *BlockList {
	b := &BlockList{}
	block, allow := make(map[string]target), make(map[string]target)
	for i := range catalogue {
		s := &catalogue[i]
		if blocked[s.ID] {
			b.services = append(b.services, s.Name)
			b.take(s, websites, block)
			continue
		}
		for _, h := range s.Hosts {
			if isName(h.Host) {
				b.spare(s, h, allow)
			}
		}
	}
	for id := range blocked {
		if host, ok := strings.CutPrefix(id, "unknown:"); ok && blocked[id] {
			b.services = append(b.services, host)
			if !isName(host) {
				b.leave(host, "no name of a host")
				continue
			}
			block[host] = target{host: host, exact: true}
		}
	}
	b.settle(block, allow)
	slices.Sort(b.services)
	b.services = slices.Compact(b.services)
	return b
}

// Hosts lists the names that are blocked, for a look at their addresses.
func (b *BlockList) Hosts() []string {
	out := make([]string, len(b.blocked))
	for i, t := range b.blocked {
		out[i] = t.host
	}
	return out
}

// spare notes a host of a service that is not blocked. One that has all of a
// host beats one that has a part of it.
func (b *BlockList) spare(s *rules.Service, h rules.HostRule, allow map[string]target) {
	t := target{host: h.Host, exact: h.Exact}
	if len(h.Paths) > 0 || h.Quiet || cmp.Or(h.Scope, s.Scope) == traffic.ScopePath {
		if t.part = s.Name; allow[h.Host].host != "" {
			return
		}
	}
	allow[h.Host] = t
}

// take sorts the hosts of a blocked service.
func (b *BlockList) take(s *rules.Service, websites bool, block map[string]target) {
	for _, h := range s.Hosts {
		scope := cmp.Or(h.Scope, s.Scope)
		switch {
		case len(h.Paths) > 0 || h.Quiet || scope == traffic.ScopePath:
			b.leave(h.Host, "only a part of it belongs to "+s.Name)
		case scope == traffic.ScopeWebsite && !websites:
			b.leave(h.Host, "a web site")
		case isName(h.Host):
			block[h.Host] = target{host: h.Host, exact: h.Exact}
		case strings.Contains(h.Host, "**") || !isPattern(h.Host):
			b.leave(h.Host, "no list can say it")
		default:
			b.patterns = append(b.patterns, h.Host)
		}
	}
}

func (b *BlockList) leave(host, why string) {
	b.leftOut = append(b.leftOut, clean(host)+": "+clean(why))
}

// settle keeps of both what changes an answer: the longest of the hosts above a
// name decides.
func (b *BlockList) settle(block, allow map[string]target) {
	for host, other := range allow {
		if _, shared := block[host]; !shared {
			continue
		}
		if other.part == "" {
			b.leave(host, "a service that is not blocked has it too")
			delete(block, host)
			continue
		}
		b.caught = append(b.caught, host+": "+clean(other.part)+" has a part of it")
		delete(allow, host)
	}
	for _, t := range block {
		above, blocked := nearest(t.host, block, allow)
		if above && blocked {
			continue // said already
		}
		t.inner = above && !blocked && !b.outermost(t.host, block)
		b.blocked = append(b.blocked, t)
	}
	for _, t := range allow {
		if above, blocked := nearest(t.host, block, allow); above && blocked {
			b.allowed = append(b.allowed, t)
		}
	}
	byHost := func(x, y target) int { return cmp.Compare(x.host, y.host) }
	slices.SortFunc(b.blocked, byHost)
	slices.SortFunc(b.allowed, byHost)
	slices.Sort(b.patterns)
	b.patterns = slices.Compact(b.patterns)
	slices.Sort(b.caught)
	slices.Sort(b.leftOut)
	b.leftOut = slices.Compact(b.leftOut)
}

// nearest looks for the longest rule above host, and whether it blocks.
func nearest(host string, block, allow map[string]target) (found, blocked bool) {
	for {
		_, rest, ok := strings.Cut(host, ".")
		if !ok {
			return false, false
		}
		host = rest
		if t, ok := allow[host]; ok && !t.exact {
			return true, false
		}
		if t, ok := block[host]; ok && !t.exact {
			return true, true
		}
	}
}

// outermost reports whether no blocked host is above host.
func (b *BlockList) outermost(host string, block map[string]target) bool {
	for {
		_, rest, ok := strings.Cut(host, ".")
		if !ok {
			return true
		}
		if t, ok := block[rest]; ok && !t.exact {
			return false
		}
		host = rest
	}
}

var (
	nameForm    = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)+$`)
	patternForm = regexp.MustCompile(`^[a-z0-9_*-]+(\.[a-z0-9_*-]+)+$`)
)

// isName lets only plain names through: whatever else a stranger has put into a
// Host header could mean something in the file that it gets into. Addresses are
// no names.
func isName(s string) bool {
	_, err := netip.ParseAddr(s)
	return len(s) <= 253 && err != nil && nameForm.MatchString(s)
}

func isPattern(s string) bool { return len(s) <= 253 && patternForm.MatchString(s) }

// clean makes s fit for a comment.
func clean(s string) string { return strings.TrimPrefix(harmless(strings.ToValidUTF8(s, "?")), "'") }

// regex writes a pattern as a regular expression that all of JavaScript, POSIX
// and AdGuard read alike; subdomains are included.
func regex(pattern string) string {
	return `(^|\.)` + strings.NewReplacer(".", `\.`, "*", "[^.]*").Replace(pattern) + "$"
}

// Write writes the list in a format of BlockFormats.
func (b *BlockList) Write(w io.Writer, format string) error {
	write, ok := map[string]func(*strings.Builder){
		"hosts": b.hosts, "pac": b.pac, "squid": b.squid, "nftables": b.nftables, "rpz": b.rpz, "adguard": b.adguard,
	}[format]
	if !ok {
		return fmt.Errorf("unknown format %.40q: choose one of %s", format, strings.Join(BlockFormats(), ", "))
	}
	var out strings.Builder
	write(&out)
	_, err := io.WriteString(w, out.String())
	return err
}
