package inventory

import (
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/spool"
	"github.com/gnomon-proxy/gnomon/traffic"
)

const (
	// noteEvery is how often what was queued is written to the journal: what a
	// process that is killed may lose. To be woken for each sighting would cost more
	// than to record it.
	noteEvery = 25 * time.Millisecond

	// maxHeld is what is held of sightings while others are merged. What comes
	// beyond it stays in the queue.
	maxHeld = 2 * maxBatch
)

// gathered is a batch of events that are in the journal.
type gathered struct {
	events  []Event
	since   time.Time // when the oldest was queued, or before
	journal *spool.Journal
	noted   int // how many of events are in it
}

// intake takes sightings from a queue as they come, notes them in the journal of
// the spool, and hands them on in batches. One goroutine runs it, another takes
// the batches and gives them back.
type intake struct {
	v       *Inventory
	q       *queue
	sp      *spool.Spool
	most    int
	batches chan *gathered
	spare   chan *gathered // used again
	now     *gathered
	rests   time.Time // until then nothing is taken
	emptied time.Time // when nothing was left in the queue
}

func newIntake(v *Inventory, q *queue, sp *spool.Spool) *intake {
	t := &intake{v: v, q: q, sp: sp, most: min(maxHeld, cap(q.waiting)), batches: make(chan *gathered), spare: make(chan *gathered, 2)}
	t.emptied = time.Now()
	t.begin()
	return t
}

// run gathers until stop is closed.
func (t *intake) run(stop <-chan struct{}) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		waiting, crowded, out, wait := t.turn(time.Now())
		timer.Reset(wait)
		select {
		case s := <-waiting:
			t.take(s)
		case out <- t.now:
			t.begin()
		case <-crowded:
			t.rests = time.Time{}
		case <-timer.C:
		case <-stop:
			return
		}
	}
}

// turn returns what is waited for now, and for how long.
func (t *intake) turn(now time.Time) (waiting <-chan *traffic.Sighting, crowded <-chan struct{}, out chan<- *gathered, wait time.Duration) {
	wait = time.Hour
	n := len(t.now.events)
	if n > 0 {
		if wait = t.now.since.Add(gather).Sub(now); wait <= 0 || n >= min(maxBatch, t.most) {
			out, wait = t.batches, time.Hour
		}
	}
	if n >= t.most {
		return nil, nil, out, wait
	}
	if rest := t.rests.Sub(now); rest > 0 {
		return nil, t.q.crowded, out, min(rest, wait)
	}
	return t.q.waiting, nil, out, wait
}

// take adds s and all that is queued, as far as there is room, and notes it.
func (t *intake) take(s *traffic.Sighting) {
	now := time.Now()
	if len(t.now.events) == 0 {
		t.now.since = now
		if len(t.q.waiting) > 0 || now.Before(t.rests.Add(noteEvery)) { // it may have come as soon as the one before was taken
			t.now.since = t.emptied
		}
	}
	t.now.events = append(t.now.events, t.v.event(s))
	for len(t.now.events) < t.most && len(t.q.waiting) > 0 {
		t.now.events = append(t.now.events, t.v.event(<-t.q.waiting))
	}
	if len(t.q.waiting) == 0 {
		t.emptied = now
	}
	t.note()
	t.rests = now.Add(noteEvery)
}

// note writes to the journal what is not in it. Where that fails sightings are as
// safe as before: the store and the spool say what is wrong.
func (t *intake) note() {
	g := t.now
	if g.journal == nil {
		g.journal = t.sp.Journal()
	}
	added := int64(0)
	for ; g.noted < len(g.events); g.noted++ {
		e := &g.events[g.noted]
		if g.journal.Add(func(b []byte) ([]byte, error) { return appendNote(b, e), nil }) == nil {
			added++
		}
	}
	if err := g.journal.Note(); err != nil {
		t.v.unnoted(err)
		return
	}
	t.v.count.journalled.Add(added)
}

// begin starts a batch.
func (t *intake) begin() {
	select {
	case t.now = <-t.spare:
	default:
		t.now = new(gathered)
	}
}

// rest hands on all that is queued; nothing may be put there any more.
func (t *intake) rest() {
	for {
		select {
		case s := <-t.q.waiting:
			if t.take(s); len(t.now.events) < t.most {
				continue
			}
		default:
		}
		if len(t.now.events) == 0 {
			return
		}
		t.batches <- t.now
		t.begin()
	}
}

// done takes a batch back whose events are where they belong, or counted as lost.
func (t *intake) done(g *gathered) {
	if err := g.journal.Drop(); err != nil {
		t.v.unnoted(err)
	}
	clear(g.events)
	*g = gathered{events: g.events[:0]}
	select {
	case t.spare <- g:
	default:
	}
}

// unnoted logs now and then that there is no journal.
func (v *Inventory) unnoted(err error) {
	v.journal.Lock()
	defer v.journal.Unlock()
	if now := time.Now(); now.Sub(v.journal.said) >= sayAgain {
		v.journal.said = now
		v.cfg.Log.Warn("what is killed now loses the sightings of its last second: the journal can't be written", "error", err)
	}
}
