package stream_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory/stream"
)

// said is a log that is written and read at the same time.
type said struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *said) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(b)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// changes is a group of streams to files that is changed while it runs.
type changes struct {
	*stream.Group
	t   *testing.T
	dir string
	log said
}

func newChanges(t *testing.T) *changes {
	c := &changes{Group: stream.NewGroup(), t: t, dir: t.TempDir()}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
		if err := c.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return c
}

// path is where a stream to a file of that name writes.
func (c *changes) path(name string) string { return filepath.Join(c.dir, name+".jsonl") }

// to is a stream to a file.
func (c *changes) to(name, file string) stream.Config {
	return stream.Config{Name: name, To: "file://" + c.path(file)}
}

// use makes configs all streams.
func (c *changes) use(configs ...stream.Config) {
	c.t.Helper()
	for i := range configs {
		configs[i].Dir, configs[i].From, configs[i].Log = filepath.Join(c.dir, "queues"), from, slog.New(slog.NewTextHandler(&c.log, nil))
	}
	change, err := c.Prepare(configs)
	if err != nil {
		c.t.Fatal(err)
	}
	change.Apply()
}

func (c *changes) stats(name string) stream.Stats {
	c.t.Helper()
	for _, s := range c.Streams() {
		if s.Name() == name {
			return s.Stats()
		}
	}
	c.t.Fatalf("no stream %s", name)
	return stream.Stats{}
}

// each returns how often each event is in a file.
func (c *changes) each(files ...string) map[string]int {
	n := make(map[string]int)
	for _, f := range files {
		if _, err := os.Stat(c.path(f)); err != nil {
			continue
		}
		for _, id := range fileIDs(c.t, c.path(f)) {
			n[id]++
		}
	}
	return n
}

// TestChange adds, changes and removes streams while events are recorded: what
// stays gets each event once, what comes gets all from then on, what goes got all
// until then, and what changes gets each event once, in one of its two files.
func TestChange(t *testing.T) {
	c := newChanges(t)
	c.use(c.to("stays", "stays"), c.to("goes", "goes"), c.to("moves", "before"))
	const n = 120
	record := func(first int) {
		for i := first; i < first+n; i += 3 {
			c.Record(events(i, 3))
		}
	}
	record(0)
	kept := c.Streams()[0]
	recorded := make(chan struct{})
	go func() { // while the streams change
		defer close(recorded)
		record(n)
	}()
	c.use(c.to("comes", "comes"), c.to("moves", "after"), c.to("stays", "stays"))
	<-recorded
	record(2 * n)
	if got := c.Streams(); len(got) != 3 || got[2] != kept {
		t.Errorf("streams %v: the one that stays is another", got)
	}
	for _, name := range []string{"comes", "moves", "stays"} {
		await(t, "an empty queue of "+name, func() bool { return c.stats(name).Bytes == 0 })
	}
	if st := c.stats("moves"); st.Queued != 3*n || st.Sent != 3*n {
		t.Errorf("the figures of a changed stream do not go on: %+v", st)
	}
	for _, tt := range []struct {
		files    []string
		from, to int // of those that must be there
	}{
		{[]string{"stays"}, 0, 3 * n},
		{[]string{"before", "after"}, 0, 3 * n},
		{[]string{"goes"}, 0, n},
		{[]string{"comes"}, 2 * n, 3 * n},
	} {
		got := c.each(tt.files...)
		for id, times := range got {
			if times != 1 {
				t.Errorf("%v: %s came %d times", tt.files, id, times)
			}
		}
		for i := tt.from; i < tt.to; i++ {
			if id := events(i, 1)[0].ID; got[id] == 0 {
				t.Fatalf("%v: %s is lost", tt.files, id)
			}
		}
	}
	if goes, comes := c.each("goes"), c.each("comes"); len(goes)+len(comes) != 3*n {
		t.Errorf("%d events went to the stream that goes, %d to the one that comes; want %d in all: the change is one moment", len(goes), len(comes), 3*n)
	}
	for _, want := range []string{`"event stream added" stream=comes`, `"event stream changed" stream=moves`, `"event stream removed" stream=goes`} {
		if !strings.Contains(c.log.String(), want) {
			t.Errorf("the log lacks %s:\n%s", want, c.log.String())
		}
	}
}

// TestChangeWhileAway: what a receiver has not taken goes to the one that the
// stream has afterwards, or stays for a stream of that name.
func TestChangeWhileAway(t *testing.T) {
	c := newChanges(t)
	away := stream.Config{Name: "x", To: "file://" + filepath.Join(c.dir, "missing", "x.jsonl")}
	c.use(away)
	c.Record(events(0, 10))
	await(t, "a failure", func() bool { return c.stats("x").Ailing })
	c.use()
	if !strings.Contains(c.log.String(), "stay on disk") || !strings.Contains(c.log.String(), filepath.Join("queues", "x")) {
		t.Errorf("nothing says what is left, and where:\n%s", c.log.String())
	}
	left, err := stream.Left(filepath.Join(c.dir, "queues"), []string{"y"})
	if err != nil || len(left) != 1 || left["x"] == 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	c.Record(events(10, 10)) // to nobody
	c.use(away)
	c.Record(events(20, 10))
	await(t, "a failure", func() bool { return c.stats("x").Ailing })
	c.use(c.to("x", "x"))
	await(t, "an empty queue", func() bool { return c.stats("x").Bytes == 0 })
	got := c.each("x")
	for i := range 30 {
		want := 1
		if i >= 10 && i < 20 {
			want = 0
		}
		if id := events(i, 1)[0].ID; got[id] != want {
			t.Errorf("%s came %d times, want %d", id, got[id], want)
		}
	}
}

// TestChangeFails: a change that can't be made changes nothing, and leaves
// nothing open.
func TestChangeFails(t *testing.T) {
	c := newChanges(t)
	c.use(c.to("x", "x"))
	before := c.Streams()
	wrong := []stream.Config{c.to("x", "other"), c.to("y", "y"), {Name: "z", To: "gopher://x"}}
	for i := range wrong {
		wrong[i].Dir, wrong[i].From = filepath.Join(c.dir, "queues"), from
	}
	if _, err := c.Prepare(wrong); err == nil {
		t.Fatal("a stream to nowhere was prepared")
	}
	change, err := c.Prepare(wrong[:2])
	if err != nil {
		t.Fatal(err)
	}
	if err := change.Cancel(); err != nil {
		t.Error(err)
	}
	if got := c.Streams(); fmt.Sprint(got) != fmt.Sprint(before) {
		t.Errorf("streams %v, want %v", got, before)
	}
	c.use(c.to("x", "x"), c.to("y", "y")) // its queue is free
	c.Record(events(0, 1))
	for _, name := range []string{"x", "y"} {
		await(t, "the event in "+name, func() bool { return c.stats(name).Sent == 1 })
	}
	if got := c.each("x", "y"); got[events(0, 1)[0].ID] != 2 {
		t.Errorf("the files hold %v", got)
	}
	if got := c.each("other"); len(got) != 0 {
		t.Errorf("a change that was not made got %v", got)
	}
}
