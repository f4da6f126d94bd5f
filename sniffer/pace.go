package sniffer

import (
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/stream"
)

// pace tells the stream of tokens with which a language model answers: after an
// upload (the prompt), many small pieces come down one after another at a steady
// pace, and hardly anything goes up. It is a hint, no proof: whatever writes a
// line now and then looks the same.
type pace struct {
	last   int64 // when the last packet came down
	begun  int64 // when the run began
	gaps   int64 // sum of the gaps between pieces of the run
	devs   int64 // sum of how far each gap is from the mean before it
	bytes  int32 // of the piece under way
	pieces int32
	ups    int32 // packets with more than an acknowledgement of the upper layer
	heard  bool  // the server has said something: what goes up now is no handshake
	armed  bool  // an upload came before
	tokens bool  // it has looked like a stream of tokens
}

// The figures were chosen from how services write (one event a token or a few,
// 5 to 100 a second, a TLS record each) and how others do: bulk data has no
// pauses, calls have no upload and speak both ways, polling has one answer a
// question.
const (
	upload    = 300                         // bytes of a prompt with its headers, at least
	chatter   = 120                         // bytes of a window update or ping, at most
	samePiece = int64(2 * time.Millisecond) // packets nearer than that are one piece
	maxPiece  = 3000                        // bytes; more is no token
	maxGap    = int64(time.Second)          // a run ends
	minGap    = int64(4 * time.Millisecond) // on average: faster is bulk data
	minPieces = 24
	minRun    = int64(500 * time.Millisecond)
)

// packet notes n bytes in direction d.
func (p *pace) packet(d stream.Dir, at int64, n int) {
	if p.tokens {
		return
	}
	if d == stream.Up {
		if n >= upload && p.heard {
			*p = pace{heard: true, armed: true, last: at}
		} else if n > chatter {
			p.ups++
		}
		return
	}
	if p.heard = true; !p.armed {
		return
	}
	gap := at - p.last
	p.last = at
	switch {
	case gap < samePiece:
		if p.bytes += int32(n); p.bytes > maxPiece {
			p.restart(at)
		}
		return
	case gap > maxGap, n > maxPiece:
		p.restart(at)
		return
	}
	if p.pieces > 0 {
		if p.pieces > 1 {
			p.devs += abs(gap - p.gaps/int64(p.pieces-1))
		}
		p.gaps += gap
	} else {
		p.begun = at
	}
	p.pieces++
	p.bytes = int32(n)
	p.tokens = p.pieces >= minPieces && at-p.begun >= minRun && p.steady()
}

// restart begins a new run.
func (p *pace) restart(at int64) {
	*p = pace{heard: true, armed: p.armed, last: at}
}

// steady reports whether the gaps are alike, as far as a network leaves them so,
// and hardly anything went up.
func (p *pace) steady() bool {
	mean := p.gaps / int64(p.pieces-1)
	return mean >= minGap && p.devs/int64(p.pieces-2) <= mean && p.ups*8 <= p.pieces
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}
