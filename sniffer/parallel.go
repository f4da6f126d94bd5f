package sniffer

import (
	"context"
	"io"
	"sync"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Parallel is a Sniffer on several cores. Its goroutines are all alike: each takes
// the step that is due of one chunk or another (chunk.go), so that what one core
// has read is mostly looked at, followed and spelled by the same. What depends on
// the packets before is done in their order by one at a time, so all that is seen
// is the same however many they are.
//
// The chunks are a fixed few: a slow sink holds up the reading, and takes no memory.
type Parallel struct {
	first   Config   // before Know
	sniffer *Sniffer // follows; alone it reads, too
	workers int
	reader  *chunkReader // of who is reading, as is the next
	knowing *knowing

	mu    sync.Mutex
	due   *sync.Cond // a step may be
	queue []*chunk   // read and not told, in order
	next  int        // of queue, to be followed
	free  []*chunk
	stats Stats // of what was followed
	err   error // of reader, io.EOF too

	reading, following, telling bool // somebody is
}

// NewParallel returns a Sniffer that so many goroutines work for. With one, or
// less, it is a Sniffer as New makes it.
//
// Packets are read on when there is room, or until the source says by a method
// Ready() bool that it may have to wait. A source without that method that
// waits, like a pipe, is for one worker.
func NewParallel(cfg Config, sink Sink, workers int) *Parallel {
	if workers <= 1 {
		return &Parallel{sniffer: New(cfg, sink), workers: 1}
	}
	p := &Parallel{first: cfg, sniffer: newFollower(cfg, sink), workers: min(workers, maxWorkers)}
	p.due = sync.NewCond(&p.mu)
	for range p.workers + 2 { // one each, one that waits for its turn, one to spare
		c := newChunk(chunkFrames)
		c.frames, c.room = make([]capture.Frame, 0, chunkFrames), make([]byte, 0, chunkBytes)
		p.free = append(p.free, c)
	}
	return p
}

// maxWorkers is beyond what is done in order leaves to do.
const maxWorkers = 8

// Run reads src as Sniffer.Run does. It may be called once. Source and sink are
// called on several goroutines, each by one at a time and never after Run.
func (p *Parallel) Run(ctx context.Context, src capture.Source) error {
	if p.workers == 1 {
		return p.sniffer.Run(ctx, src)
	}
	p.reader = newChunkReader(src)
	var others sync.WaitGroup
	for range p.workers - 1 {
		h := p.hand()
		others.Go(func() { p.work(ctx, h) })
	}
	p.work(ctx, p.hand())
	others.Wait()
	p.sniffer.Flush()
	p.stats = p.sniffer.Stats()
	if p.err == io.EOF {
		return nil
	}
	return p.err
}

// hand is what a goroutine works with.
type hand struct {
	looker  *looker
	speller *speller
	obs     Observation
}

func (p *Parallel) hand() *hand {
	names := newNames(p.first)
	return &hand{looker: newLooker(p.sniffer.marks.secret, &names), speller: newSpeller(p.sniffer.sink.Lines)}
}

// work takes steps until all is told.
func (p *Parallel) work(ctx context.Context, h *hand) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.err == nil || len(p.queue) > 0 || p.reading {
		switch {
		case !p.telling && len(p.queue) > 0 && p.queue[0].done == spelled:
			p.tell(h)
		case !p.following && p.next < len(p.queue) && p.queue[p.next].done == looked:
			p.advance(h)
		case !p.reading && p.err == nil && len(p.free) > 0:
			p.read(ctx, h)
		default:
			p.due.Wait()
			continue
		}
		p.due.Signal()
	}
	p.due.Broadcast()
}

// tell tells the first chunk. As all steps, it is called with p.mu locked.
func (p *Parallel) tell(h *hand) {
	c := p.queue[0]
	p.telling = true
	p.mu.Unlock()
	c.tell(&p.sniffer.sink, &h.obs, h.speller)
	c.clear()
	p.mu.Lock()
	p.telling = false
	p.queue = p.queue[:copy(p.queue, p.queue[1:])]
	p.next--
	p.free = append(p.free, c)
}

// advance follows the next chunk and spells it.
func (p *Parallel) advance(h *hand) {
	c := p.queue[p.next]
	p.following = true
	p.mu.Unlock()
	p.sniffer.follow(c)
	st := p.sniffer.Stats()
	p.mu.Lock()
	p.following, p.stats = false, st
	p.next++
	p.mu.Unlock()
	p.due.Signal()
	h.speller.spell(c)
	p.mu.Lock()
	c.done = spelled
}

// read reads a chunk and looks at it.
func (p *Parallel) read(ctx context.Context, h *hand) {
	c := p.free[len(p.free)-1]
	p.free = p.free[:len(p.free)-1]
	p.reading = true
	p.mu.Unlock()
	err := ctx.Err()
	if err == nil {
		err = p.reader.read(c)
	}
	c.know = p.knowing
	p.mu.Lock()
	p.reading, p.err = false, err
	if len(c.frames) == 0 {
		p.free = append(p.free, c)
		return
	}
	c.done = nothing
	p.queue = append(p.queue, c)
	p.mu.Unlock()
	p.due.Signal()
	h.looker.look(c)
	p.mu.Lock()
	c.done = looked
}

// Know is Sniffer.Know, for when the source's Next is called.
func (p *Parallel) Know(classify func(host string) traffic.Verdict, blind *rules.BlindIndex) {
	if p.workers == 1 {
		p.sniffer.Know(classify, blind)
		return
	}
	p.knowing = &knowing{classify, blind}
}

// Stats returns the counts up to some packets ago, or all after Run. With one
// worker it is for the goroutine that calls the source's Next, else for any.
func (p *Parallel) Stats() Stats {
	if p.workers == 1 {
		return p.sniffer.Stats()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stats
}
