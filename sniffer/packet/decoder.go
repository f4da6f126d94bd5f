package packet

import (
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/capture"
)

// Decoder decodes frames. It is for one goroutine, which may give it the frames
// of several sources; a datagram is put together only when one Decoder is given
// all its fragments.
type Decoder struct {
	fragments fragments

	// Of the frame that is being decoded.
	now     time.Time
	snapped bool // the capture kept a part of it only
	missing int  // bytes that headers promise behind the end of what is left
	depth   int  // tunnels entered
	steps   int  // tags, labels and the like passed
}

// NewDecoder returns a Decoder.
func NewDecoder() *Decoder { return &Decoder{} }

// Stats returns the counts of fragments so far.
func (d *Decoder) Stats() Stats { return d.fragments.stats }

// Decode decodes f into p. It reports whether p holds a packet, and what could
// not be read. The two are independent: a frame of ARP is fine and no packet, a
// first fragment that can't be kept is a packet and has a reason. Without a
// packet, p is undefined.
func (d *Decoder) Decode(f *capture.Frame, p *Packet) (ok bool, why Reason) {
	d.begin(f, p)
	if d.plain(p, f.Link, f.Data) {
		return true, Fine
	}
	return d.link(p, f.Link, f.Data)
}

// Plain decodes f into p as Decode does if f is one of the frames that nearly all
// are: what is in it does not depend on those before it. Else it returns false, and
// leaves p undefined.
func (d *Decoder) Plain(f *capture.Frame, p *Packet) bool {
	d.begin(f, p)
	return d.plain(p, f.Link, f.Data)
}

func (d *Decoder) begin(f *capture.Frame, p *Packet) {
	*p = Packet{VLAN: f.VLAN, WireLen: f.Length}
	d.now, d.depth, d.steps = f.Time, 0, 0
	d.missing = max(f.Length-len(f.Data), 0)
	d.snapped = d.missing > 0
}

// The bounds of what one frame can make us do. Real networks put a tunnel into
// a tunnel (a GRE mirror of a VXLAN fabric that carries IP in IP); a frame that
// nests deeper is made to cost us time.
const (
	maxDepth = 4  // tunnels inside each other
	maxSteps = 16 // tags, labels, extension headers behind AH and fragments, in all
)

// step bounds what is passed on the way; false means that it is too much.
func (d *Decoder) step() bool {
	d.steps++
	return d.steps <= maxSteps
}

// enter goes into a tunnel; false means that it is too deep.
func (d *Decoder) enter() bool {
	d.depth++
	return d.depth <= maxDepth
}

// short is why a header that is cut short can't be read: r, or the capture.
func (d *Decoder) short(r Reason) Reason {
	if d.snapped && d.missing > 0 {
		return Snaplen
	}
	return r
}

// trim cuts b to the length that a header gives, or notes how much is missing.
func (d *Decoder) trim(b []byte, length int) []byte {
	if length <= len(b) {
		d.missing = 0
		return b[:length] // the rest is padding, or a frame check sequence
	}
	d.missing = length - len(b)
	return b
}
