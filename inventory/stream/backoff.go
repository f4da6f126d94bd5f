package stream

import (
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	firstPause   = 250 * time.Millisecond
	longestPause = time.Minute
	longestAsked = 5 * time.Minute // that a receiver may ask for by Retry-After
)

// backOff makes pauses that double, with a random part so that gateways that
// lost the same receiver don't come back at the same moment.
type backOff struct{ last time.Duration }

func (b *backOff) next() time.Duration {
	b.last = min(max(2*b.last, firstPause), longestPause)
	return b.last/2 + rand.N(b.last/2+1)
}

func (b *backOff) reset() { b.last = 0 }

// refusedError says that the receiver is there and does not want these events.
type refusedError struct{ reason string }

func (e *refusedError) Error() string { return "refused: " + e.reason }

// busyError says that the receiver asks for a pause.
type busyError struct {
	reason string
	after  time.Duration
}

func (e *busyError) Error() string { return fmt.Sprintf("busy: %s", e.reason) }
