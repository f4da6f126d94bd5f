package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// savedFlows puts the flows of one input into the inventory. What was saved
// before, from this file or a longer one, is saved once: the ids of sightings
// follow from what they say. A nil *savedFlows saves nothing.
type savedFlows struct {
	pipeline *traffic.Pipeline
	saver    *inventory.Saver
	next     [10]byte // of the id of the sighting that is recorded next

	// How often the same was seen. The generations bound the memory; what is the
	// same stands close together, as its time is the same.
	young, old map[[10]byte]uint32
}

const maxSame = 1 << 15 // a generation

// newSaved returns nil where nothing is to be saved.
func (d *discovery) newSaved() *savedFlows {
	if d.inventory == nil {
		return nil
	}
	s := &savedFlows{young: make(map[[10]byte]uint32), old: make(map[[10]byte]uint32)}
	s.saver = d.inventory.Saver(context.WithoutCancel(d.ctx)) // what was read is saved
	s.pipeline = traffic.NewPipeline(d.knowledge.stages(), d.inventory, s, hostPatterns(nil), slog.New(slog.DiscardHandler))
	if d.users != nil {
		s.pipeline.SetUsers(d.users)
	}
	return s
}

// observe keeps a flow where it is a use of AI. The flow may share a log's
// strings: what is kept does not.
func (s *savedFlows) observe(f *traffic.Flow) {
	if s == nil {
		return
	}
	own := *f
	for _, text := range []*string{&own.User, &own.Host, &own.Method, &own.Path, &own.UserAgent} {
		*text = strings.Clone(*text)
	}
	s.identify(fmt.Appendf(nil, "flow\x00%d\x00%s\x00%s\x00%d\x00%s\x00%s\x00%s\x00%s\x00%s\x00%s\x00%d\x00%d\x00%t", own.Time.UnixNano(), own.Sensor,
		own.Client, own.ClientPort, own.User, own.Host, own.Server, own.Method, own.Path, own.UserAgent, own.Up, own.Down, own.Continued))
	s.pipeline.Observe(&own)
}

// observeNamed keeps a flow that was known by address only, summed up over one
// client and server. It is known again by when it began. own says that a request
// which is kept told the name: then only the bytes count.
func (s *savedFlows) observeNamed(f *namelessFlow, host string, own bool) {
	if s == nil {
		return
	}
	flow := traffic.Flow{
		Time: f.first, Sensor: traffic.SensorLog, Client: f.pair.client, Host: host, Server: netip.AddrPortFrom(f.pair.server, 0),
		Up: f.up, Down: f.down, Origin: f.origin, Continued: own,
	}
	if !own {
		flow.Guess = sureOfAddress
	}
	s.identify(fmt.Appendf(nil, "named\x00%d\x00%s\x00%s", f.first.UnixNano(), f.pair.client, f.pair.server))
	s.pipeline.Observe(&flow)
}

// sureOfAddress is how sure it is that an address stands for the name by which
// others reached it.
const sureOfAddress = 0.5

func (s *savedFlows) observeBlind(b *traffic.BlindSpot) {
	if s == nil {
		return
	}
	s.identify(fmt.Appendf(nil, "blind\x00%d\x00%s\x00%s\x00%s\x00%s\x00%s\x00%d", b.Time.UnixNano(), b.Sensor, b.Kind, b.Name, b.Client, b.User, b.Flows))
	s.pipeline.ObserveBlind(b)
}

// identify prepares the id of what text says.
func (s *savedFlows) identify(text []byte) {
	sum := sha256.Sum256(text)
	same := [10]byte(sum[:10])
	n, ok := s.young[same]
	if !ok {
		n = s.old[same]
	}
	if len(s.young) >= maxSame {
		clear(s.old)
		s.young, s.old = s.old, s.young
	}
	s.young[same] = n + 1
	sum = sha256.Sum256(binary.BigEndian.AppendUint32(sum[:], n))
	s.next = [10]byte(sum[:10])
}

// Record implements traffic.Recorder: it gives a sighting the id that follows
// from it, in the form of traffic.NewID.
func (s *savedFlows) Record(sighting *traffic.Sighting) {
	var id [16]byte
	binary.BigEndian.PutUint64(id[:8], uint64(max(0, sighting.Time.UnixMilli()))<<16)
	copy(id[6:], s.next[:])
	sighting.ID = hex.EncodeToString(id[:])
	s.saver.Record(sighting)
}

func (s *savedFlows) flush() error {
	if s == nil {
		return nil
	}
	return s.saver.Flush()
}
