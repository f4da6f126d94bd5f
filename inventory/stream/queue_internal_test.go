package stream

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory/spool"
)

// numbered makes n records of 4 KiB that begin with their number.
func numbered(first, n int) [][]byte {
	out := make([][]byte, n)
	for i := range out {
		out[i] = append(fmt.Appendf(nil, "%06d ", first+i), bytes.Repeat([]byte("x"), 4<<10)...)
	}
	return out
}

// TestFullQueue: while the receiver is away the oldest records are lost, and
// counted; the newest are delivered in order, once.
func TestFullQueue(t *testing.T) {
	dir := t.TempDir()
	q, err := openQueue(dir, 9<<20)
	if err != nil {
		t.Fatal(err)
	}
	const n = 6000
	first, from, err := func() ([][]byte, *spool.Segment, error) {
		if err := q.put(numbered(0, 100)); err != nil {
			return nil, nil, err
		}
		return q.next(10, 1<<20) // a delivery is under way
	}()
	if err != nil || len(first) != 10 {
		t.Fatalf("%d records, %v", len(first), err)
	}
	for i := 100; i < n; i += 100 {
		if err := q.put(numbered(i, 100)); err != nil {
			t.Fatal(err)
		}
		if b := q.spool.Bytes(); b > 9<<20 {
			t.Fatalf("%d bytes on disk", b)
		}
	}
	if err := q.done(len(first), from); err != nil { // of a segment that is gone
		t.Fatal(err)
	}
	if err := q.close(); err != nil {
		t.Fatal(err)
	}
	dropped := int(q.dropped.Load())
	if q, err = openQueue(dir, 9<<20); err != nil {
		t.Fatal(err)
	}
	defer q.close()
	next := dropped
	for {
		records, from, err := q.next(37, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		if len(records) == 0 {
			break
		}
		for _, r := range records {
			if want := fmt.Sprintf("%06d ", next); !bytes.HasPrefix(r, []byte(want)) {
				t.Fatalf("record %.7s, want %s", r, want)
			}
			next++
		}
		if err := q.done(len(records), from); err != nil {
			t.Fatal(err)
		}
	}
	if dropped == 0 || next != n || q.spool.Bytes() != 0 {
		t.Errorf("%d dropped, delivered up to %d of %d, %d bytes left", dropped, next, n, q.spool.Bytes())
	}
}

// TestTooSmall: what no queue of that size can hold is dropped, and counted.
func TestTooSmall(t *testing.T) {
	q, err := openQueue(t.TempDir(), 1<<10)
	if err != nil {
		t.Fatal(err)
	}
	defer q.close()
	if err := q.put(numbered(0, 3)); !errors.Is(err, spool.ErrFull) || q.dropped.Load() != 3 || q.queued.Load() != 0 {
		t.Errorf("%v, %d dropped", err, q.dropped.Load())
	}
}

// TestSignatureVector is the example of the Standard Webhooks specification.
func TestSignatureVector(t *testing.T) {
	const want = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
	if got := signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestBackOff: pauses grow to a bound, and begin anew after a success.
func TestBackOff(t *testing.T) {
	var b backOff
	for i := range 20 {
		most := min(firstPause<<i, longestPause)
		if got := b.next(); got < most/2 || got > most {
			t.Errorf("pause %d is %v, want %v to %v", i, got, most/2, most)
		}
	}
	b.reset()
	if got := b.next(); got > firstPause {
		t.Errorf("after a success %v", got)
	}
}

// TestQueueGoesOn: after a clean end nothing that was delivered comes again, and
// nothing is skipped; after any other, and when the queue is not the one that the
// mark is of, all of the segment comes.
func TestQueueGoesOn(t *testing.T) {
	for _, tt := range []struct {
		name   string
		before func(t *testing.T, dir string) // the second start
		want   int                            // the first record after it
	}{
		{"clean", func(*testing.T, string) {}, 7},
		{"crash", func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, markFile)); err != nil {
				t.Fatal(err)
			}
		}, 0},
		{"another segment", func(t *testing.T, dir string) {
			if err := (mark{Segment: 99, Taken: 7}).write(dir); err != nil {
				t.Fatal(err)
			}
		}, 0},
		{"no mark", func(t *testing.T, dir string) {
			if err := os.WriteFile(filepath.Join(dir, markFile), []byte(`{"segment":1,"taken":-1}`), 0o600); err != nil {
				t.Fatal(err)
			}
		}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			take := func(n int) (first int) {
				t.Helper()
				q, err := openQueue(dir, minQueue)
				if err != nil {
					t.Fatal(err)
				}
				if q.spool.Bytes() == 0 {
					if err := q.put(numbered(0, 10)); err != nil {
						t.Fatal(err)
					}
				}
				records, from, err := q.next(n, 1<<20)
				if err != nil || len(records) == 0 {
					t.Fatalf("%d records, %v", len(records), err)
				}
				fmt.Sscanf(string(records[0]), "%d", &first)
				if err := errors.Join(q.done(len(records), from), q.close()); err != nil {
					t.Fatal(err)
				}
				return first
			}
			if first := take(7); first != 0 {
				t.Fatalf("the first record is %d", first)
			}
			tt.before(t, dir)
			if got := take(1); got != tt.want {
				t.Errorf("goes on with record %d, want %d", got, tt.want)
			}
			if got := take(1); got != tt.want+1 {
				t.Errorf("then with %d, want %d", got, tt.want+1)
			}
		})
	}
}
