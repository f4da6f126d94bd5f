package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/logs"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// flowIDs gives flows ids that follow from what they say, so that what is read
// a second time, from the same file or a longer one, is kept once. What has a
// time is known by that: the same at the same time is one event, in whichever
// file it stands (exports that overlap), but for what one file says several
// times. What has none is known by its place behind all that the file said
// before: a copy and a longer copy of a file are the same, two files differ from
// the first line on in which they do.
type flowIDs struct {
	// How often the same was seen. The generations bound the memory; what is the
	// same stands close together, as its time is the same.
	young, old map[[10]byte]uint32
	place      [sha256.Size]byte // a chain over the lines without a time
	text       []byte            // used again
}

// flowID is the id of a sighting, in the form of traffic.NewID.
type flowID [16]byte

func (id flowID) String() string { return hex.EncodeToString(id[:]) }

// key returns of id what does not follow from its time.
func (id flowID) key() uint64 { return binary.BigEndian.Uint64(id[6:]) }

const maxSame = 1 << 15 // a generation

func newFlowIDs() *flowIDs {
	return &flowIDs{young: make(map[[10]byte]uint32), old: make(map[[10]byte]uint32)}
}

// line moves on by a line, before what it says gets its id.
func (g *flowIDs) line(r *logs.Record) {
	if !r.Time.IsZero() {
		return
	}
	b := append(g.text[:0], g.place[:]...)
	b = append(b, byte(r.Kind))
	b = appendAddress(b, r.Client)
	b = appendServer(b, r.Server)
	for _, s := range [...]string{r.User, r.Device, r.Host, r.URL, r.Method, r.UserAgent} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	b = binary.AppendVarint(binary.AppendVarint(b, r.Up), r.Down)
	g.place, g.text = sha256.Sum256(b), b
}

// flow returns the id of the sighting that f makes.
func (g *flowIDs) flow(f *traffic.Flow) flowID {
	if f.Time.IsZero() {
		return g.placed("flow")
	}
	b := append(g.text[:0], "flow\x00"...)
	b = append(strconv.AppendInt(b, f.Time.UnixNano(), 10), 0)
	b = append(append(b, f.Sensor...), 0)
	b = append(appendAddress(b, f.Client), 0)
	b = append(strconv.AppendUint(b, uint64(f.ClientPort), 10), 0)
	b = append(append(b, f.User...), 0)
	b = append(append(b, f.Host...), 0)
	b = append(appendServer(b, f.Server), 0)
	b = append(append(b, f.Method...), 0)
	b = append(append(b, f.Path...), 0)
	b = append(append(b, f.UserAgent...), 0)
	b = append(strconv.AppendInt(b, f.Up, 10), 0)
	b = append(strconv.AppendInt(b, f.Down, 10), 0)
	b = strconv.AppendBool(b, f.Continued)
	g.text = b
	return g.of(f.Time, b)
}

// blind returns the id of the sighting that b makes.
func (g *flowIDs) blind(b *traffic.BlindSpot) flowID {
	if b.Time.IsZero() {
		return g.placed("blind")
	}
	return g.of(b.Time, fmt.Appendf(nil, "blind\x00%d\x00%s\x00%s\x00%s\x00%s\x00%s\x00%d", b.Time.UnixNano(), b.Sensor, b.Kind, b.Name, b.Client, b.User, b.Flows))
}

// placed returns the id of what the last line without a time says.
func (g *flowIDs) placed(what string) (id flowID) {
	sum := sha256.Sum256(append(append(g.text[:0], what...), g.place[:]...))
	copy(id[6:], sum[:])
	return id
}

// of returns the id of what text says.
func (g *flowIDs) of(t time.Time, text []byte) (id flowID) {
	sum := sha256.Sum256(text)
	same := [10]byte(sum[:10])
	n, ok := g.young[same]
	if !ok {
		n = g.old[same]
	}
	if len(g.young) >= maxSame {
		clear(g.old)
		g.young, g.old = g.old, g.young
	}
	g.young[same] = n + 1
	var again [sha256.Size + 4]byte
	copy(again[:], sum[:])
	binary.BigEndian.PutUint32(again[sha256.Size:], n)
	sum = sha256.Sum256(again[:])
	binary.BigEndian.PutUint64(id[:8], uint64(max(0, t.UnixMilli()))<<16)
	copy(id[6:], sum[:10])
	return id
}

func appendAddress(b []byte, a netip.Addr) []byte {
	if !a.IsValid() {
		return append(b, "invalid IP"...)
	}
	return a.AppendTo(b)
}

func appendServer(b []byte, a netip.AddrPort) []byte {
	if !a.IsValid() {
		return append(b, "invalid AddrPort"...)
	}
	return a.AppendTo(b)
}
