package sniffer

import (
	"context"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/sniffer/learned"
	"github.com/gnomon-proxy/gnomon/sniffer/packet"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Parallel is a Sniffer on several cores. One goroutine, that of Run, takes the
// frames apart and sorts the packets by client; each worker is a Sniffer for
// some of the clients; one more tells the sink, in the order of the capture, so
// that observations do not depend on the number of workers. Sessions named by
// what other clients were told (0.4) may, as workers are not in step by some
// thousand packets.
//
//	Run: Next, decode ──batches──▶ workers ──batches──▶ sink
//	        ▲──────────────────────────────────────────────┘
//
// The batches are a fixed few: a slow sink holds up Next, and takes no memory.
type Parallel struct {
	sink    Sink
	one     *Sniffer // alone: there are no workers
	workers []*worker
	order   chan *batch // as they were read
	free    chan *batch

	// Of the goroutine of Run.
	decoder *packet.Decoder
	now     time.Time
	stats   Stats
	current *batch

	read atomic.Pointer[Stats] // stats as of the last batch
}

// waiter is a source whose Next may wait long. Ready reports whether the next one
// will not.
type waiter interface{ Ready() bool }

// NewParallel returns a Sniffer with that many workers. With one, or less, it is
// a Sniffer as New makes it.
//
// A batch goes to the workers when it is full, or when the source says by a
// method Ready() bool that it may have to wait. A source without that method that
// waits, like a pipe, is for one worker.
func NewParallel(cfg Config, sink Sink, workers int) *Parallel {
	if workers <= 1 {
		return &Parallel{one: New(cfg, sink)}
	}
	workers = min(workers, maxWorkers)
	if cfg.Names == nil {
		cfg.Names = learned.New(1 << 15)
	}
	batches := workers + 3 // one each, one being filled, one being told, one to spare
	p := &Parallel{
		sink: sink, decoder: packet.NewDecoder(), order: make(chan *batch, batches), free: make(chan *batch, batches),
	}
	for range batches {
		p.free <- newBatch(workers)
	}
	s := share{marks: newSharedMarks(), of: workers}
	for i := range workers {
		s.marks.pairs = new(markTable)
		w := &worker{in: make(chan *batch, batches), index: i}
		w.sniffer = newShare(cfg, w.sink(&sink), s)
		p.workers = append(p.workers, w)
	}
	return p
}

// maxWorkers is beyond what one reader can keep busy.
const maxWorkers = 8

// Run reads src as Sniffer.Run does. It may be called once. The sink is called
// on another goroutine, by one at a time and never after Run.
func (p *Parallel) Run(ctx context.Context, src capture.Source) error {
	if p.one != nil {
		return p.one.Run(ctx, src)
	}
	var work, tell sync.WaitGroup
	for _, w := range p.workers {
		work.Go(w.run)
	}
	tell.Go(p.tell)
	defer p.flush()
	defer tell.Wait()
	defer func() {
		p.hand()
		for _, w := range p.workers {
			close(w.in)
		}
		work.Wait()
		close(p.order)
	}()
	return p.frames(ctx, src)
}

// frames reads src to its end.
func (p *Parallel) frames(ctx context.Context, src capture.Source) error {
	wait, _ := src.(waiter)
	p.current = <-p.free
	for r := newFrameReader(src); ; {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if wait != nil && len(p.current.items) > 0 && !wait.Ready() {
			p.hand()
		}
		frames, err := r.next()
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		for i := range frames {
			it := p.current.next()
			if !p.decode(&frames[i], it) {
				continue
			}
			if !p.current.room(len(it.packet.Payload)) {
				moved := *it
				p.hand()
				*p.current.next() = moved
			}
			if p.current.add(); p.current.full() {
				p.hand()
			}
		}
	}
}

// decode takes a frame apart into it, and survives what it does to us. It returns false
// where there is no packet in it.
func (p *Parallel) decode(f *capture.Frame, it *item) (ok bool) {
	p.stats.frame(f)
	if !f.Time.IsZero() {
		p.now = f.Time
	}
	defer p.survive()
	ok, why := p.decoder.Decode(f, &it.packet)
	p.stats.decoded(why)
	it.now = p.now
	return ok
}

func (p *Parallel) survive() {
	if recover() != nil {
		p.stats.Faults++
	}
}

// hand gives the batch in hand to the workers, and takes a new one.
func (p *Parallel) hand() {
	b := p.current
	b.missing.Store(int32(len(p.workers)))
	st := p.stats
	st.Fragments = p.decoder.Stats()
	p.read.Store(&st)
	for _, w := range p.workers {
		w.in <- b // never waits: there are no more batches than room
	}
	p.order <- b
	p.current = <-p.free
}

// tell hands the batches to the sink, and back to the reader.
func (p *Parallel) tell() {
	for b := range p.order {
		<-b.done
		b.tell(&p.sink)
		b.reset()
		p.free <- b
	}
}

// flush reports all that is not reported yet. The workers have ended.
func (p *Parallel) flush() {
	var all []*Sniffer
	for _, w := range p.workers {
		w.sniffer.sink, w.sniffer.now = p.sink, p.now
		all = append(all, w.sniffer)
	}
	flush(p.sink, all...)
	for _, w := range p.workers {
		st := w.sniffer.Stats()
		w.stats.Store(&st)
	}
}

// Know is Sniffer.Know, for the goroutine that calls the source's Next.
func (p *Parallel) Know(classify func(host string) traffic.Verdict, blind *rules.BlindIndex) {
	if p.one != nil {
		p.one.Know(classify, blind)
		return
	}
	p.current.know = &knowing{classify, blind}
}

// Stats returns the counts up to some packets ago, or all after Run. With one
// worker it is for the goroutine that calls the source's Next, else for any.
func (p *Parallel) Stats() (sum Stats) {
	if p.one != nil {
		return p.one.Stats()
	}
	if st := p.read.Load(); st != nil {
		sum = *st
	}
	for _, w := range p.workers {
		if st := w.stats.Load(); st != nil {
			sum.add(st)
		}
	}
	return sum
}
