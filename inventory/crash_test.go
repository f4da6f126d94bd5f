package inventory_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/testredis"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/redis"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
)

// The environment of the process that is killed.
const (
	crashDir = "GNOMON_TEST_CRASH_DIR"
	crashRun = "GNOMON_TEST_CRASH_RUN"
	crashURL = "GNOMON_TEST_CRASH_URL" // of a Redis; none: SQLite in the folder
)

// crashRecords bounds what one process records: below the number of users that
// a store counts one by one.
const crashRecords = 2_000

// TestCrash kills processes with SIGKILL while they record, put things on record,
// add up, seal and prune, over and over in one folder: nothing that was counted
// durable, or in the journal, is lost, nothing counts twice, and all chains hold. GNOMON_CRASH_RUNS
// says how often.
func TestCrash(t *testing.T) {
	runs := 3
	if s := os.Getenv("GNOMON_CRASH_RUNS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("GNOMON_CRASH_RUNS: %v", err)
		}
		runs = n
	}
	t.Run("sqlite", func(t *testing.T) { testCrash(t, runs, "") })
	t.Run("redis", func(t *testing.T) { testCrash(t, runs, "redis://"+testredis.Start(t).Addr) })
}

func testCrash(t *testing.T, runs int, url string) {
	dir := t.TempDir()
	durable, noted := make(map[string]int64), make(map[string]int64)
	for run := range runs {
		id := fmt.Sprintf("crash-%d", run)
		durable[id], noted[id] = killed(t, dir, url, run)
	}
	store, err := openCrashed(t.Context(), dir, url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	v := newInventory(t, inventory.Config{Dir: dir, Store: store})
	stop := start(t, v)
	v.Record(sighting())
	await(t, "the inventory runs", func() bool { return v.Durable() == 1 })
	await(t, "an empty spool", func() bool { return v.Stats().SpoolBytes == 0 })
	stop()
	checkNotes(t, v, noted)
	if got, err := v.Verify(t.Context()); err != nil || len(got.Problems) > 0 {
		t.Errorf("verification = %+v, %v", got, err)
	}
	for id, n := range durable {
		if n == 0 {
			t.Errorf("%s was killed before anything was durable", id)
			continue
		}
		// Each sighting has a user of its own: more requests than users means
		// that one was counted twice.
		r := row(t, v, id)
		if r.Requests < n || r.Requests != r.Users {
			t.Errorf("%s: %d requests by %d users, of which %d were counted durable", id, r.Requests, r.Users, n)
		}
	}
}

// checkNotes looks for the entries of the ledger that processes had reported.
func checkNotes(t *testing.T, v *inventory.Inventory, noted map[string]int64) {
	for id, n := range noted {
		for i := int64(1); i <= n; i++ {
			if got := len(v.Book().History(inventory.TopicField, fmt.Sprintf("%s#%d", id, i))); got != 1 {
				t.Errorf("%s: %d entries of number %d, of %d that were on record", id, got, i, n)
			}
		}
	}
	for subject, history := range v.Book().Subjects(inventory.TopicField) {
		if len(history) != 1 {
			t.Errorf("%s is on record %d times", subject, len(history))
		}
	}
}

type closer interface {
	inventory.Store
	Close() error
}

// openCrashed opens the store that is used while processes are killed.
func openCrashed(ctx context.Context, dir, url string) (closer, error) {
	if url == "" {
		return sqlite.Open(ctx, dir)
	}
	o, err := redis.ParseURL(url)
	if err != nil {
		return nil, err
	}
	return redis.Open(ctx, o)
}

// killed starts a process, kills it after some of its reports, and returns how
// many sightings it had reported as durable, and how many entries as on record.
func killed(t *testing.T, dir, url string, run int) (durable, noted int64) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashDir+"="+dir, crashRun+"="+strconv.Itoa(run), crashURL+"="+url)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait() // it was killed: that is no error here
	hang := time.AfterFunc(5*time.Minute, func() { cmd.Process.Kill() })
	defer hang.Stop()
	reports := 1 + rand.IntN(15)
	in := bufio.NewReader(out)
	for i := 0; ; i++ {
		line, err := in.ReadString('\n')
		if err != nil { // a report that was cut off doesn't count
			return durable, noted
		}
		if _, err := fmt.Sscan(line, &durable, &noted); err != nil {
			t.Fatal(err)
		}
		if i+1 >= reports || durable >= crashRecords {
			cmd.Process.Kill()
		}
	}
}

// crash records until it is killed, and reports each time more are durable. Its
// store fails now and then, before it commits or after.
func crash(dir string) {
	run := os.Getenv(crashRun)
	store, err := openCrashed(context.Background(), dir, os.Getenv(crashURL))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go func() { // so that some are killed while they add up
		for ; ; time.Sleep(3 * time.Millisecond) {
			_ = store.Settle(context.Background())
		}
	}()
	merges := 0
	flaky := &brokenStore{store, nil}
	flaky.merge = func(ctx context.Context, events []inventory.Event) error {
		merges++
		if merges%5 == 4 {
			return errAway
		}
		if err := store.Merge(ctx, events); err != nil || merges%5 != 2 {
			return err
		}
		return errAway
	}
	v, err := inventory.New(context.Background(), inventory.Config{Dir: dir, Store: oneAtATime(flaky), Queue: 256})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go func() {
		for i := range crashRecords {
			s := sighting()
			s.User, s.Verdict.ID = fmt.Sprintf("user-%d", i), "crash-"+run
			v.Record(s)
			if i%2 == 0 {
				time.Sleep(time.Millisecond) // a load that goes on, not one burst
			}
		}
	}()
	var noted atomic.Int64
	go note(v, "crash-"+run, &noted)
	go func() {
		for ; ; time.Sleep(20 * time.Millisecond) {
			_, _ = v.PruneNow(context.Background()) // which seals
		}
	}()
	go func() {
		for last := int64(0); ; time.Sleep(time.Millisecond) {
			s := v.Stats()
			if n := max(s.Durable, s.Journalled); n != last {
				last = n
				fmt.Println(n, noted.Load())
			}
		}
	}()
	fmt.Fprintln(os.Stderr, v.Run(context.Background()))
	os.Exit(1)
}

// note puts one thing after the other on record.
func note(v *inventory.Inventory, id string, noted *atomic.Int64) {
	for n := int64(1); ; n++ {
		_, err := v.Write(context.Background(), "ann", func(*inventory.Book) ([]inventory.Note, error) {
			return []inventory.Note{{Topic: inventory.TopicField, Subject: fmt.Sprintf("%s#%d", id, n), Data: n}}, nil
		})
		if err != nil { // that one may be there or not, and is not tried again
			continue
		}
		if noted.Load() == n-1 { // the first that failed ends what is promised
			noted.Store(n)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// oneAtATime lets the counter of a flaky store do without a lock.
func oneAtATime(b *brokenStore) inventory.Store {
	turn := make(chan struct{}, 1)
	merge := b.merge
	b.merge = func(ctx context.Context, events []inventory.Event) error {
		turn <- struct{}{}
		defer func() { <-turn }()
		return merge(ctx, events)
	}
	return b
}
