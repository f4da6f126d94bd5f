// Package world is the made-up network that the benchmark's captures and logs
// come from. In: a seed and a number of clients; out: clients, names and the
// addresses of servers, the same ones for the same seed.
//
// Addresses are those set aside for benchmarks and documentation (RFC 2544,
// RFC 3849). AI names are the examples of the catalogue; all other names are
// syllables under .example.
package world

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/rules"
)

// AIShare is how many of the names asked for belong to an AI service.
const AIShare = 0.02

// Start is when the world begins.
var Start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// others is how many different names there are beside those of the catalogue.
const others = 20000

// Client is a device of the network.
type Client struct {
	V4, V6 netip.Addr
	MAC    [6]byte
	VLAN   uint16 // 0: its frames have no tag
}

// Server is a name and where it is.
type Server struct {
	Name   string
	AI     bool
	V4, V6 netip.Addr
}

// World is the network. Its methods are for one goroutine.
type World struct {
	Rand    *rand.Rand
	Clients []Client
	ai      []Server
	other   []Server
	zipf    *rand.Zipf
}

// New returns the network of a seed.
func New(seed uint64, clients int) *World {
	r := rand.New(rand.NewPCG(seed, 0x6e6f6d6f6e))
	w := &World{Rand: r, zipf: rand.NewZipf(r, 1.2, 8, others-1)}
	for i := range clients {
		c := Client{V4: v4(10, 20, uint16(i)+256), V6: v6(0xc11e, uint32(i)), MAC: [6]byte{2, 0, 0, 1, byte(i >> 8), byte(i)}}
		if i%10 == 9 {
			c.VLAN = 100 + uint16(i%7)
		}
		w.Clients = append(w.Clients, c)
	}
	for i, name := range AINames() {
		w.ai = append(w.ai, Server{name, true, v4(198, 18, uint16(i)), v6(0xa1, uint32(i))})
	}
	for i := range others {
		w.other = append(w.other, Server{otherName(r, i), false, v4(198, 19, uint16(i)), v6(0x07, uint32(i))})
	}
	return w
}

// AINames returns one name of each AI service and more, as the catalogue has
// them for examples.
func AINames() []string {
	var names []string
	for _, s := range rules.Embedded().Services {
		for _, m := range s.Match {
			m = strings.TrimPrefix(strings.TrimPrefix(m, "https://"), "http://")
			if m, _, isURL := strings.Cut(m, "/"); !isURL && strings.Contains(m, ".") && !strings.ContainsAny(m, ":*") {
				names = append(names, strings.ToLower(m))
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Client returns any client.
func (w *World) Client() Client { return w.Clients[w.Rand.IntN(len(w.Clients))] }

// Server returns the server that is asked for next: an AI service now and then,
// else some names very often and most seldom.
func (w *World) Server() Server {
	if w.Rand.Float64() < AIShare {
		return w.ai[w.Rand.IntN(len(w.ai))]
	}
	return w.other[w.zipf.Uint64()]
}

// Port returns a client's port.
func (w *World) Port() uint16 { return 49152 + uint16(w.Rand.IntN(16384)) }

// Resolver returns the network's resolver, one of two, in both families.
func (w *World) Resolver() (a4, a6 netip.Addr) {
	n := w.Rand.IntN(2)
	return v4(10, 20, uint16(53+n)), v6(0xd, uint32(n))
}

var syllables = strings.Fields("al be cor da en fi gra ho in ju ka lo mi nor op pra qui ri sta tu ul ve wex yor zen")

func otherName(r *rand.Rand, i int) string {
	hosts := []string{"www", "api", "cdn", "static", "img", "login", "m", "edge-12", "assets.eu-west-1", "telemetry"}
	var b strings.Builder
	b.WriteString(hosts[i%len(hosts)])
	b.WriteByte('.')
	for range 3 + r.IntN(3) {
		b.WriteString(syllables[r.IntN(len(syllables))])
	}
	b.WriteString(".example")
	return b.String()
}

func v4(a, b byte, n uint16) netip.Addr {
	return netip.AddrFrom4([4]byte{a, b, byte(n >> 8), byte(n)})
}

func v6(group uint16, n uint32) netip.Addr {
	b := [16]byte{0x20, 0x01, 0x0d, 0xb8}
	binary.BigEndian.PutUint16(b[6:], group)
	binary.BigEndian.PutUint32(b[12:], n+1)
	return netip.AddrFrom16(b)
}
