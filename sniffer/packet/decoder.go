package packet

import (
	"github.com/gnomon-proxy/gnomon/sniffer/capture"
)

// Stats counts the fragments that a Decoder met.
type Stats struct {
	Fragments   int64 // fragments of IP datagrams
	Reassembled int64 // datagrams put together
	TimedOut    int64 // datagrams given up because the rest did not come
	Evicted     int64 // datagrams given up because newer ones needed the room
}

// Decoder decodes frames. It is for one goroutine, which may take the frames of
// several sources; one Decoder sees all fragments of a datagram only when it is
// given all of them.
type Decoder struct {
	stats Stats
}

// NewDecoder returns a Decoder.
func NewDecoder() *Decoder { return &Decoder{} }

// Stats returns the counts so far.
func (d *Decoder) Stats() Stats { return d.stats }

// Decode decodes f into p. It reports whether p holds a packet, and what could
// not be read. The two are independent: a frame of ARP is fine and no packet, a
// first fragment that can't be kept is a packet and has a reason. Without a
// packet, p is undefined.
func (d *Decoder) Decode(f *capture.Frame, p *Packet) (ok bool, why Reason) {
	return false, LinkType
}
