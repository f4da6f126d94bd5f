package keys_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/keys"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
)

func use(service, key string) inventory.Event {
	return inventory.Event{ID: "use-" + key, Time: time.Now(), ServiceID: service, Service: service, Requests: 1, Account: inventory.Account{Kind: "api_key", Key: key}}
}

func leak(service string, prints ...string) inventory.Event {
	return inventory.Event{ID: "leak-" + prints[0], Time: time.Now(), ServiceID: service, Service: service, Requests: 1, User: "u-1", Prints: prints}
}

// open returns an empty inventory and its store.
func open(t *testing.T) (*sqlite.Store, *inventory.Inventory) {
	t.Helper()
	dir := t.TempDir()
	s, err := sqlite.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	inv, err := inventory.New(t.Context(), inventory.Config{Dir: dir, Store: s})
	if err != nil {
		t.Fatal(err)
	}
	return s, inv
}

// TestWatch has keys in use and secrets in prompts in any order, before and
// after the start, seen here and elsewhere.
func TestWatch(t *testing.T) {
	s, inv := open(t)
	before := []inventory.Event{use("openai-api", "old"), use("openai-api", "calm"), leak("claude", "stale", "early")}
	if err := s.Merge(t.Context(), before); err != nil {
		t.Fatal(err)
	}
	w := keys.New(slog.New(slog.DiscardHandler))
	w.Record([]inventory.Event{leak("claude", "old")})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- w.Run(ctx, inv) }()
	w.Record([]inventory.Event{use("openai-api", "early"), use("openai-api", "k1"), leak("chatgpt", "x", "k1"), leak("chatgpt", "k1"), leak("claude", "card"), use("chatgpt", "k1")})
	subjects := func() (list []string) {
		for subject := range inv.Book().Subjects(inventory.TopicAlert) {
			list = append(list, subject)
		}
		return list
	}
	want := "[key_in_prompt=early key_in_prompt=k1 key_in_prompt=old]"
	for end := time.Now().Add(time.Minute); fmt.Sprint(subjects()) != want && time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if got := fmt.Sprint(subjects()); got != want {
		t.Fatalf("alerts %s, want %s", got, want)
	}
	a, _, err := inventory.Newest[inventory.Alert](inv.Book(), inventory.TopicAlert, inventory.AlertSubject(inventory.KeyInPrompt, "k1"))
	if err != nil || a.Services[0] != "chatgpt" || a.Users[0] != "u-1" || a.About != "k1" {
		t.Errorf("alert %+v, %v", a, err)
	}
	if n := len(inv.Book().History(inventory.TopicAlert, "key_in_prompt=k1")); n != 1 {
		t.Errorf("%d alerts on one key, want 1", n)
	}
}

// TestWatchLearns notices a key whose use another gateway saw.
func TestWatchLearns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &elsewhere{noted: make(chan string, 1)}
		w := keys.New(slog.New(slog.DiscardHandler))
		ctx, stop := context.WithCancel(t.Context())
		go w.Run(ctx, l)
		w.Record([]inventory.Event{leak("claude", "far")})
		synctest.Wait()
		l.key.Store(new("far"))
		if got := <-l.noted; got != "key_in_prompt=far" {
			t.Errorf("noted %q", got)
		}
		stop()
		synctest.Wait()
	})
}

// elsewhere is a ledger whose keys in use come from another gateway.
type elsewhere struct {
	inventory.Reader
	key   atomic.Pointer[string]
	noted chan string
}

func (l *elsewhere) Seen() inventory.Reader { return l }

func (l *elsewhere) Subjects(context.Context, inventory.Kind, int) ([]inventory.Subject, error) {
	if key := l.key.Load(); key != nil {
		return []inventory.Subject{{Kind: inventory.KindKey, Name: *key}}, nil
	}
	return nil, nil
}

func (l *elsewhere) Sightings(context.Context, time.Time, time.Time, func(*inventory.Event) error) error {
	return nil
}

func (l *elsewhere) Write(_ context.Context, _ string, compose func(*inventory.Book) ([]inventory.Note, error)) (*inventory.Book, error) {
	notes, err := compose(new(inventory.Book))
	for _, n := range notes {
		l.noted <- n.Subject
	}
	return nil, err
}

// TestWatchClient: where nobody knows the user, the alert names the client.
func TestWatchClient(t *testing.T) {
	_, inv := open(t)
	var err error
	e := leak("claude", "k1")
	e.User, e.Client = "", "c-1"
	w := keys.New(slog.New(slog.DiscardHandler))
	w.Record([]inventory.Event{use("openai-api", "k1"), e})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- w.Run(ctx, inv) }()
	var a inventory.Alert
	for end := time.Now().Add(time.Minute); a.About == "" && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if a, _, err = inventory.Newest[inventory.Alert](inv.Book(), inventory.TopicAlert, inventory.AlertSubject(inventory.KeyInPrompt, "k1")); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if len(a.Users) != 1 || a.Users[0] != "c-1" {
		t.Errorf("alert %+v, want one that names the client", a)
	}
}
