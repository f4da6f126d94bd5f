package sniffer

import (
	"cmp"
	"encoding/binary"
	"net/netip"
	"slices"
	"time"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/sniffer/stream"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// hiding is one way in which a client hides what it does. Its flows are summed
// up, so that a client that asks for everything over HTTPS is one line.
type hiding struct {
	client netip.Addr
	rules.Blind
	sensor traffic.Sensor
}

type hidings struct {
	flows int64
	last  time.Time
}

// blinds sums up what hides until it is time to tell.
type blinds struct {
	sums  map[hiding]*hidings
	begun time.Time // the minute that they are of
}

// maxHidings bounds the sums; when there are more they are told at once.
const maxHidings = 4096

// tellEvery is how long sums wait. They are told as the clock of the packets
// passes a multiple of it, so that they are the same however the packets are
// shared out among Sniffers.
const tellEvery = time.Minute

func newBlinds() blinds { return blinds{sums: make(map[hiding]*hidings)} }

func (b *blinds) due(now time.Time) bool {
	return len(b.sums) > 0 && (len(b.sums) >= maxHidings || now.Sub(b.begun) >= tellEvery)
}

// hide counts one flow or lookup.
func (s *Sniffer) hide(b rules.Blind, client netip.Addr, sensor traffic.Sensor) {
	s.stats.Blind++
	if len(s.blind.sums) == 0 {
		s.blind.begun = s.now.Truncate(tellEvery)
	}
	k := hiding{client, b, sensor}
	h := s.blind.sums[k]
	if h == nil {
		h = new(hidings)
		s.blind.sums[k] = h
	}
	h.flows++
	h.last = s.now
}

// flushBlind tells the sums, in an order of their own so that reading a file
// twice tells the same.
func (s *Sniffer) flushBlind() {
	if s.sink.Blind == nil {
		clear(s.blind.sums)
		return
	}
	keys := make([]hiding, 0, len(s.blind.sums))
	for k := range s.blind.sums {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b hiding) int {
		return cmp.Or(a.client.Compare(b.client), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.sensor, b.sensor))
	})
	for _, k := range keys {
		h := s.blind.sums[k]
		s.sendBlind(&traffic.BlindSpot{Time: h.last, Kind: string(k.Kind), Name: k.Name, Client: k.client, Flows: h.flows, Origin: s.cfg.Origin, Sensor: k.sensor})
	}
	clear(s.blind.sums)
}

// hideLookup counts a lookup of a name behind which traffic hides. A canary and
// the search for a resolver's secret service hide nothing yet.
func (s *Sniffer) hideLookup(n *name, client netip.Addr) {
	switch n.blind.Kind {
	case "", rules.BlindCanary, rules.BlindDDR, rules.BlindECH:
		return
	}
	s.hide(*n.blind, client, traffic.SensorDNS)
}

// publicName reports whether n is the outer name of encrypted hellos.
func (n *name) public() bool { return n.blind.Kind == rules.BlindECH }

// hideSession counts a session whose hello shows n and protocol, if it hides
// what it is.
func (s *Sniffer) hideSession(f *stream.Flow[session], n *name, protocol string) {
	x := &f.Data
	if x.known&echSeen != 0 {
		s.hideFlow(f, rules.Blind{Kind: rules.BlindECH, Name: cmp.Or(n.blind.Name, n.text)})
		return
	}
	if s.cfg.Blind == nil || x.known&hiddenOnce != 0 {
		return
	}
	host := ""
	if n != nil {
		host = n.text
	}
	server := f.Server()
	b := s.cfg.Blind.Flow(host, server.Addr(), rules.Port{Number: server.Port(), UDP: f.Proto() == stream.UDP}, protocol)
	switch b.Kind {
	case "", rules.BlindCanary, rules.BlindDDR, rules.BlindECH: // the public name alone: a client that knows no ECH
		return
	}
	s.hideFlow(f, b)
}

func (s *Sniffer) hideFlow(f *stream.Flow[session], b rules.Blind) {
	f.Data.known |= hiddenOnce
	s.hide(b, f.Client().Addr(), sensorOf(f))
}

// esp counts an IPsec tunnel: what is in it can't be seen.
func (s *Sniffer) esp() {
	f, _ := s.table.Packet(s.segment())
	if f == nil || f.Data.mode == modeTunnel {
		return
	}
	f.Data.mode = modeTunnel
	if f.Server().Addr().IsPrivate() && !f.Client().Addr().IsPrivate() {
		f.Turn() // ESP has no ports that could tell who asked for it
	}
	b := rules.Blind{Kind: rules.BlindVPN, Name: "IPsec"}
	if s.cfg.Blind != nil {
		if known := s.cfg.Blind.Address(f.Server().Addr(), rules.Port{}); known.Kind != "" {
			b = known
		}
	}
	s.hideFlow(f, b)
}

// Lengths and types of the messages that open a WireGuard tunnel (its white
// paper, sections 5.4.2 and 5.4.3).
const (
	wireGuardInitiation = 148
	wireGuardResponse   = 92
)

// wireGuard notes the two messages that open a WireGuard tunnel; d is the
// direction of this datagram. One alone may be anything.
func (s *Sniffer) wireGuard(f *stream.Flow[session], d stream.Dir, b []byte) {
	x := &f.Data
	switch {
	case len(b) == wireGuardInitiation && binary.LittleEndian.Uint32(b) == 1:
		x.initiated = 1 + uint8(d)
	case len(b) == wireGuardResponse && binary.LittleEndian.Uint32(b) == 2 && x.initiated == 1+uint8(d^1) && x.known&hiddenOnce == 0:
		x.mode = modeTunnel
		s.hideFlow(f, rules.Blind{Kind: rules.BlindVPN, Name: "WireGuard"})
	}
}
