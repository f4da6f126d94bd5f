package stream

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/gnomon-proxy/gnomon/inventory/spool"
)

// appendBytes bounds what is written at a time: far below what the spool reads
// of one segment, and little enough to let another writer in between.
const appendBytes = 2 << 20

// queue keeps records on disk until they are delivered. When it is full the
// oldest go: a security team needs what happens now.
type queue struct {
	dir   string
	spool *spool.Spool
	wake  chan struct{} // holds one when there may be something to deliver

	queued, dropped, damaged atomic.Int64

	// mu orders delivery and loss: both take from the oldest segment. It is held
	// while that segment is read or removed, once in some thousand events.
	mu      sync.Mutex
	current *spool.Segment // the oldest, read to be delivered; nil: none is
	taken   int            // records of it that were delivered
}

func openQueue(dir string, bytes int64) (*queue, error) {
	sp, err := spool.Open(dir, bytes)
	if err != nil {
		return nil, err
	}
	q := &queue{dir: dir, spool: sp, wake: make(chan struct{}, 1)}
	q.resume(readMark(dir))
	q.poke()
	return q, nil
}

// resume goes on where the queue was when it was closed.
func (q *queue) resume(m mark) {
	if m.Taken == 0 {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	// An error is one of the disk: next meets it again, and says so.
	if ok, err := q.readLocked(); err == nil && ok && q.current.Number() == m.Segment {
		q.taken = min(m.Taken, len(q.current.Records))
	}
}

func (q *queue) poke() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// put writes records and waits until they are on the disk. What finds no place
// is dropped, and counted; the error is the first one.
func (q *queue) put(records [][]byte) (err error) {
	for len(records) > 0 {
		n, size := 0, 0
		for n < len(records) && (n == 0 || size+len(records[n]) <= appendBytes) {
			size += len(records[n])
			n++
		}
		if e := q.putSome(records[:n]); e != nil {
			q.dropped.Add(int64(n))
			err = errors.Join(err, e)
		} else {
			q.queued.Add(int64(n))
		}
		records = records[n:]
	}
	q.poke()
	return err
}

func (q *queue) putSome(records [][]byte) error {
	for {
		err := q.spool.Append(records)
		if !errors.Is(err, spool.ErrFull) {
			return err
		}
		lost, e := q.dropOldest()
		if e != nil {
			return e
		}
		if lost < 0 {
			return err // empty, and yet too small for these
		}
	}
}

// dropOldest gives up the oldest segment, -1 when there is none.
func (q *queue) dropOldest() (lost int, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if ok, err := q.readLocked(); err != nil || !ok {
		return -1, err
	}
	lost = len(q.current.Records) - q.taken
	if err := q.spool.Remove(q.current); err != nil {
		return 0, err
	}
	q.current = nil
	q.dropped.Add(int64(lost))
	return lost, nil
}

// readLocked makes sure that the oldest segment is read; false: there is none.
func (q *queue) readLocked() (ok bool, err error) {
	if q.current != nil {
		return true, nil
	}
	g, err := q.spool.Oldest()
	if err != nil || g == nil {
		return false, err
	}
	if g.Cut {
		q.damaged.Add(1)
	}
	q.current, q.taken = g, 0
	return true, nil
}

// next returns up to n of the oldest records and of about size bytes, and what
// done needs to know where they are from. Nothing means that the queue is empty.
func (q *queue) next(n, size int) (records [][]byte, from *spool.Segment, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		if ok, err := q.readLocked(); err != nil || !ok {
			return nil, nil, err
		}
		if q.taken < len(q.current.Records) {
			break
		}
		if err := q.removeLocked(); err != nil { // an empty segment: its whole tail was damaged
			return nil, nil, err
		}
	}
	records = q.current.Records[q.taken:]
	end, sum := 0, 0
	for end < len(records) && end < n && (end == 0 || sum+len(records[end]) <= size) {
		sum += len(records[end])
		end++
	}
	return records[:end], q.current, nil
}

// done says that n records of a segment, those that next returned, are
// delivered. After a crash those of a segment that was not wholly delivered come
// again; close notes how far it got.
func (q *queue) done(n int, from *spool.Segment) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.current != from {
		return nil // dropped in the meantime
	}
	if q.taken += n; q.taken < len(q.current.Records) {
		return nil
	}
	return q.removeLocked()
}

func (q *queue) removeLocked() error {
	if err := q.spool.Remove(q.current); err != nil {
		return fmt.Errorf("after a delivery: %w", err)
	}
	q.current = nil
	return nil
}

// close ends the use of the queue. What is in it stays, and is not delivered
// twice if the end is a clean one.
func (q *queue) close() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	var m mark
	if q.current != nil {
		m = mark{q.current.Number(), q.taken}
	}
	return errors.Join(m.write(q.dir), q.spool.Close())
}
