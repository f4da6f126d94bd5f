package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// flowIDs gives flows ids that follow from what they say, so that what is read
// a second time, from the same file or a longer one, is kept once.
type flowIDs struct {
	// How often the same was seen. The generations bound the memory; what is the
	// same stands close together, as its time is the same.
	young, old map[[10]byte]uint32
}

const maxSame = 1 << 15 // a generation

func newFlowIDs() *flowIDs {
	return &flowIDs{young: make(map[[10]byte]uint32), old: make(map[[10]byte]uint32)}
}

// flow returns the id of the sighting that f makes.
func (g *flowIDs) flow(f *traffic.Flow) string {
	return g.of(f.Time, fmt.Appendf(nil, "flow\x00%d\x00%s\x00%s\x00%d\x00%s\x00%s\x00%s\x00%s\x00%s\x00%s\x00%d\x00%d\x00%t", f.Time.UnixNano(), f.Sensor,
		f.Client, f.ClientPort, f.User, f.Host, f.Server, f.Method, f.Path, f.UserAgent, f.Up, f.Down, f.Continued))
}

// blind returns the id of the sighting that b makes.
func (g *flowIDs) blind(b *traffic.BlindSpot) string {
	return g.of(b.Time, fmt.Appendf(nil, "blind\x00%d\x00%s\x00%s\x00%s\x00%s\x00%s\x00%d", b.Time.UnixNano(), b.Sensor, b.Kind, b.Name, b.Client, b.User, b.Flows))
}

// of returns the id of what text says, in the form of traffic.NewID.
func (g *flowIDs) of(t time.Time, text []byte) string {
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
	sum = sha256.Sum256(binary.BigEndian.AppendUint32(sum[:], n))
	var id [16]byte
	binary.BigEndian.PutUint64(id[:8], uint64(max(0, t.UnixMilli()))<<16)
	copy(id[6:], sum[:10])
	return hex.EncodeToString(id[:])
}
