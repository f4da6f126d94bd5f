package sniffer

import (
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/sniffer/learned"
)

// TestParallelAllocs sees that batches are used again and again.
func TestParallelAllocs(t *testing.T) {
	const packets = 200_000
	p := NewParallel(Config{Names: learned.New(64)}, Sink{Observation: func(*Observation) {}}, 2)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := p.Run(t.Context(), &repeated{packets}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if n := after.Mallocs - before.Mallocs; n > packets/100 || p.Stats().Queries != packets {
		t.Errorf("%d allocations for %d packets, %d read", n, packets, p.Stats().Queries)
	}
}

// repeated is a source of one packet again and again.
type repeated struct{ left int }

func (r *repeated) Next(f *capture.Frame) error {
	if r.left == 0 {
		return io.EOF
	}
	r.left--
	*f = capture.Frame{Link: linkEthernet, Data: question, Length: len(question), Time: time.Unix(1e9, 0)}
	return nil
}

// TestMarkTime counts marks of packets that are ahead.
func TestMarkTime(t *testing.T) {
	pairs := new(markTable)
	testMarkTime(t, pairs.add, pairs.has)
	servers := new(serverMarkTable)
	for _, which := range []int{markOther, markAI} {
		testMarkTime(t, func(hash uint64, now int64) { servers.add(hash, which, now) },
			func(hash uint64, now int64) bool { return servers.has(hash, which, now) })
	}
}

func testMarkTime(t *testing.T, add func(hash uint64, now int64), has func(hash uint64, now int64) bool) {
	const hash, now = 7<<32 | 9, 1_700_000_000
	if has(hash, now) {
		t.Error("found before it was added")
	}
	add(hash, now)
	for at, want := range map[int64]bool{now: true, now + 600: true, now + 601: false, now - 1: true, now - 600: true, now - 601: false} {
		if got := has(hash, at); got != want {
			t.Errorf("%d s after: %v, want %v", at-now, got, want)
		}
	}
	if has(hash+1<<32, now) {
		t.Error("another hash of the same place is found")
	}
}
