package redis_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/testredis"
	"github.com/gnomon-proxy/gnomon/inventory"
)

// TestCrash kills Redis with SIGKILL at random moments while sightings and
// entries of the ledger are written: what was durable is there once, what was
// written to the ledger stays. GNOMON_CRASH_RUNS says how often.
func TestCrash(t *testing.T) {
	t.Parallel()
	runs := 3
	if s := os.Getenv("GNOMON_CRASH_RUNS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("GNOMON_CRASH_RUNS: %v", err)
		}
		runs = n
	}
	server := testredis.Start(t)
	s := open(t, "redis://"+server.Addr)
	v := run(t, s)
	const each = 100
	var written []string
	for i := range runs {
		down := make(chan struct{})
		go func() {
			defer close(down)
			<-time.After(time.Duration(rand.IntN(60)) * time.Millisecond)
			server.Kill()
		}()
		record(t, v, fmt.Sprint("crash-", i), each)
		for n := 0; !closed(down); n++ {
			subject := fmt.Sprintf("%d-%d#owner", i, n)
			_, err := v.Write(t.Context(), "ann", func(*inventory.Book) ([]inventory.Note, error) {
				return []inventory.Note{{Topic: inventory.TopicField, Subject: subject, Data: n}}, nil
			})
			if err == nil {
				written = append(written, subject)
			}
		}
		server.Restart()
		await(t, "durable sightings", func() bool { return v.Durable() == int64(each*(i+1)) })
	}
	await(t, "an empty spool", func() bool { return v.Health() == nil && v.Stats().SpoolBytes == 0 })
	whole(t, s, int64(each*runs))
	fresh, err := inventory.New(t.Context(), inventory.Config{Dir: t.TempDir(), Store: s, AnyKey: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, subject := range written {
		if n := len(fresh.Book().History(inventory.TopicField, subject)); n != 1 {
			t.Errorf("%s: %d entries in the ledger, want 1", subject, n)
		}
	}
	if got := v.Stats(); got.Dropped > 0 {
		t.Errorf("%d sightings are lost", got.Dropped)
	}
	t.Logf("%d kills: %d sightings and %d entries are there, %d went by the spool", runs, each*runs, len(written), v.Stats().Spilled)
}

func closed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
