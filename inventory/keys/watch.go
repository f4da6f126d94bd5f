package keys

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
)

const (
	// maxHashes bounds the keys in use, and the secrets in prompts, that are
	// remembered. When one is full it begins anew.
	maxHashes = 1 << 16

	// maxWaiting bounds the alerts that wait for the ledger.
	maxWaiting = 1 << 10

	// lookEvery is how soon a key that another gateway saw in use is known here.
	lookEvery = 10 * time.Minute

	// lookBack is how far back the first look goes for secrets in prompts.
	lookBack = 30 * 24 * time.Hour
)

// Ledger is where keys in use and sightings come from, and alerts go to.
type Ledger interface {
	Seen() inventory.Reader
	Write(ctx context.Context, by string, compose func(*inventory.Book) ([]inventory.Note, error)) (*inventory.Book, error)
}

// Watch knows the keys in use and the secrets that stood in prompts. The zero
// value is not ready: see New. It is safe for concurrent use.
type Watch struct {
	log *slog.Logger

	mu      sync.Mutex
	used    map[string]struct{}
	prompts map[string]place
	waiting []inventory.Alert

	wake chan struct{} // holds one when an alert waits
}

// place is where a secret stood.
type place struct {
	service, who string // a user, or the client where nobody knows the user
	seen         time.Time
}

// New returns a Watch that knows nothing yet.
func New(log *slog.Logger) *Watch {
	return &Watch{log: log, used: make(map[string]struct{}), prompts: make(map[string]place), wake: make(chan struct{}, 1)}
}

// Record looks at sightings. It never waits.
func (w *Watch) Record(events []inventory.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range events {
		w.lookLocked(&events[i])
	}
}

func (w *Watch) lookLocked(e *inventory.Event) {
	for _, print := range e.Prints {
		p := place{e.ServiceID, cmp.Or(e.User, e.Client), e.Time}
		if _, ok := w.prompts[print]; ok {
			continue
		}
		if len(w.prompts) >= maxHashes {
			clear(w.prompts)
		}
		w.prompts[print] = p
		if _, ok := w.used[print]; ok {
			w.alertLocked(print, p)
		}
	}
	if key := e.Account.Key; key != "" {
		w.useLocked(key)
	}
}

func (w *Watch) useLocked(key string) {
	if _, ok := w.used[key]; ok {
		return
	}
	if len(w.used) >= maxHashes {
		clear(w.used)
	}
	w.used[key] = struct{}{}
	if p, ok := w.prompts[key]; ok {
		w.alertLocked(key, p)
	}
}

func (w *Watch) alertLocked(key string, p place) {
	if len(w.waiting) >= maxWaiting {
		return
	}
	a := inventory.Alert{
		Kind: inventory.KeyInPrompt, About: key, Services: []string{p.service}, Seen: p.seen,
		Text: fmt.Sprintf("API key %s, which is in use, stood in a prompt to %s: revoke it and make a new one.", key, p.service),
	}
	if p.who != "" {
		a.Users = []string{p.who}
	}
	w.waiting = append(w.waiting, a)
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Run learns what is known already, then puts alerts on record, once for each
// key, until ctx ends.
func (w *Watch) Run(ctx context.Context, l Ledger) error {
	if err := w.learn(ctx, l.Seen(), time.Now().Add(-lookBack)); err != nil && ctx.Err() == nil {
		w.log.Error("leaked API keys: what was seen before can't be read", "error", err)
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-w.wake:
		case <-tick.C:
			if err := w.learnKeys(ctx, l.Seen()); err != nil && ctx.Err() == nil {
				w.log.Error("leaked API keys: the keys in use can't be read", "error", err)
			}
		}
		if err := w.write(ctx, l); err != nil && ctx.Err() == nil {
			w.log.Error("an alert on a leaked API key is not on record yet", "error", err)
		}
	}
}

// learn looks at what was kept since a time.
func (w *Watch) learn(ctx context.Context, seen inventory.Reader, since time.Time) error {
	if err := w.learnKeys(ctx, seen); err != nil {
		return err
	}
	return seen.Sightings(ctx, since, time.Now(), func(e *inventory.Event) error {
		if len(e.Prints) > 0 {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.lookLocked(e)
		}
		return nil
	})
}

func (w *Watch) learnKeys(ctx context.Context, seen inventory.Reader) error {
	list, err := seen.Subjects(ctx, inventory.KindKey, maxHashes)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range list {
		w.useLocked(list[i].Name)
	}
	return nil
}

// write puts on record what waits and is not there yet.
func (w *Watch) write(ctx context.Context, l Ledger) error {
	w.mu.Lock()
	list := slices.Clone(w.waiting)
	w.mu.Unlock()
	var fresh []inventory.Alert
	_, err := l.Write(ctx, "gnomon", func(b *inventory.Book) ([]inventory.Note, error) {
		fresh = fresh[:0]
		var notes []inventory.Note
		for _, a := range list {
			subject := inventory.AlertSubject(a.Kind, a.About)
			if _, ok := b.Last(inventory.TopicAlert, subject); !ok && !slices.ContainsFunc(fresh, func(f inventory.Alert) bool { return f.About == a.About }) {
				notes, fresh = append(notes, inventory.Note{Topic: inventory.TopicAlert, Subject: subject, Data: a}), append(fresh, a)
			}
		}
		return notes, nil
	})
	if err != nil {
		return err
	}
	for _, a := range fresh {
		w.log.Warn(a.Text, "key", a.About, "services", a.Services, "users", a.Users)
	}
	w.mu.Lock()
	w.waiting = append(w.waiting[:0:0], w.waiting[len(list):]...)
	w.mu.Unlock()
	return nil
}
