package stream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/spool"
)

// sender delivers to one receiver. One goroutine uses it.
type sender interface {
	// send returns nil when the receiver has taken all events. A *refusedError
	// means that it will not take these.
	send(ctx context.Context, records []Record) error
	close()
}

const (
	maxBatch   = 1000
	batchBytes = 1 << 20 // of the queue's records; an encoding is up to three times as long

	// sendWithin bounds a delivery, lastWithin what the end of the process waits
	// for those that are under way.
	sendWithin = 30 * time.Second
	lastWithin = 2 * time.Second

	// refusals is how often a single event is offered that the receiver refuses:
	// the fault may be the receiver's.
	refusals = 3
)

// Stream sends events in one format to one receiver.
type Stream struct {
	name  string
	log   *slog.Logger
	queue *queue

	// A Group gives another configuration and sender between two calls of Run.
	cfg    *Config
	sender sender

	kinds []Kind // that are queued; the Group's recording guards them

	sent, refused, failures atomic.Int64
	ailing                  atomic.Bool
}

// Open opens the queue of a stream and what was left in it. It does not reach
// for the receiver. The caller closes it.
func Open(cfg Config) (*Stream, error) {
	full, sender, err := cfg.open()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(full.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of the event streams: %w", err)
	}
	q, err := openQueue(full.queueDir(), full.QueueBytes)
	if err != nil {
		return nil, fmt.Errorf("opening the queue of the event stream %s: %w", full.Name, err)
	}
	return &Stream{name: full.Name, log: full.Log, queue: q, cfg: full, sender: sender, kinds: full.kinds()}, nil
}

// open checks c and returns a copy of it with all defaults, and its sender.
func (c Config) open() (*Config, sender, error) {
	d, u, err := c.resolve()
	if err != nil {
		return nil, nil, err
	}
	c.defaults(d)
	s, err := d.open(&c, u)
	return &c, s, err
}

func (c *Config) queueDir() string { return filepath.Join(c.Dir, c.Name) }

// Close ends the use of the queue; what is in it stays for the next Open. Run
// must have ended.
func (s *Stream) Close() error {
	s.sender.close()
	return s.queue.close()
}

// Name returns the name of the stream.
func (s *Stream) Name() string { return s.name }

// Stats are the figures of a stream since it was opened.
type Stats struct {
	Queued   int64 // events that were put into the queue
	Sent     int64 // that the receiver took; a repetition counts again
	Dropped  int64 // that were lost because the queue was full, or its disk
	Refused  int64 // that the receiver did not want
	Failures int64 // deliveries that failed
	Damaged  int64 // pieces of the queue that could not be read
	Bytes    int64 // in the queue
	Ailing   bool  // the last delivery failed
}

// Stats returns the figures of the stream.
func (s *Stream) Stats() Stats {
	return Stats{
		Queued: s.queue.queued.Load(), Sent: s.sent.Load(), Dropped: s.queue.dropped.Load(), Refused: s.refused.Load(),
		Failures: s.failures.Load(), Damaged: s.queue.damaged.Load(), Bytes: s.queue.spool.Bytes(), Ailing: s.ailing.Load(),
	}
}

// put queues records, each as read reads it.
func (s *Stream) put(records [][]byte) {
	if len(records) == 0 {
		return
	}
	if err := s.queue.put(records); err != nil {
		s.log.Error("events for a stream are lost: its queue takes none", "stream", s.name, "error", err)
	}
}

// Run delivers until ctx ends, and what is left for a moment longer. It always
// returns nil: a receiver that is away is waited for.
func (s *Stream) Run(ctx context.Context) error {
	// A delivery that is under way when ctx ends may end.
	grace, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(lastWithin, stop) })()
	d := delivery{Stream: s, size: maxBatch}
	tick := time.NewTicker(time.Second) // for what no poke tells of: an error of the disk that has passed
	defer tick.Stop()
	for {
		pause, more := d.next(grace)
		switch {
		case grace.Err() != nil || ctx.Err() != nil && (!more || pause > 0):
			return nil
		case pause > 0:
			wait(ctx, pause)
		case !more:
			select {
			case <-ctx.Done():
			case <-s.queue.wake:
			case <-tick.C:
			}
		}
	}
}

func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// delivery is the state of Run between two deliveries.
type delivery struct {
	*Stream
	size    int // of the next batch: halved while the receiver refuses, to find out which event it is
	tries   int // refusals of the same single event
	backOff backOff
}

// next delivers one batch. more says that there was one, pause how long to wait
// after a failure.
func (d *delivery) next(ctx context.Context) (pause time.Duration, more bool) {
	records, from, err := d.queue.next(d.size, batchBytes)
	if err != nil {
		return d.failed(err), false
	}
	if len(records) == 0 {
		return 0, false
	}
	list := d.decode(records)
	if len(list) > 0 {
		within, cancel := context.WithTimeout(ctx, sendWithin)
		err = d.sender.send(within, list)
		cancel()
	}
	lost := int64(0)
	if part, ok := errors.AsType[*partError](err); ok { // the rest was taken
		lost, err = min(part.n, int64(len(list))), nil
	}
	if err != nil {
		return d.refuse(err, len(records), from), true
	}
	d.unwanted(lost, "a part of a batch")
	d.sent.Add(int64(len(list)) - lost)
	d.size, d.tries = min(2*d.size, maxBatch), 0
	if err := d.queue.done(len(records), from); err != nil {
		return d.failed(err), true
	}
	d.recovered()
	return 0, true
}

// refuse deals with a delivery that failed. A receiver that does not want what
// it got is offered less, until what it does not want stands alone.
func (d *delivery) refuse(err error, n int, from *spool.Segment) time.Duration {
	if _, ok := errors.AsType[*refusedError](err); ok {
		if n > 1 {
			d.size = max(1, n/2)
			d.fault(err)
			return firstPause // it is there, and what it wants is found in ten more tries: the rest must not wait for long
		}
		if d.tries++; d.tries >= refusals {
			d.unwanted(1, err.Error())
			d.tries = 0
			if err := d.queue.done(n, from); err != nil {
				return d.failed(err)
			}
		}
	}
	return d.failed(err)
}

// unwanted counts events that the receiver will never take, and logs the first.
func (d *delivery) unwanted(n int64, why string) {
	if n > 0 && d.refused.Add(n) == n {
		d.log.Error("the receiver refuses events: they are left out", "stream", d.name, "reason", why)
	}
}

// decode reads records back.
func (d *delivery) decode(lines [][]byte) []Record {
	list := make([]Record, 0, len(lines))
	for _, line := range lines {
		r, ok := read(line, d.cfg.From)
		if !ok {
			d.queue.damaged.Add(1)
			continue
		}
		list = append(list, r)
	}
	return list
}

// failed counts a failure, logs the first of a row, and returns how long to
// wait.
func (d *delivery) failed(err error) time.Duration {
	d.fault(err)
	pause := d.backOff.next()
	if busy, ok := errors.AsType[*busyError](err); ok {
		pause = max(pause, min(busy.after, longestAsked))
	}
	return pause
}

func (d *delivery) fault(err error) {
	d.failures.Add(1)
	if !d.ailing.Swap(true) {
		d.log.Warn("events can't be delivered: they wait", "stream", d.name, "error", err)
	}
}

func (d *delivery) recovered() {
	d.backOff.reset()
	if d.ailing.Swap(false) {
		d.log.Info("events are delivered again", "stream", d.name)
	}
}
