package vault

import (
	"context"
	"encoding/hex"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Shared is a store that gateways share. It sees hashes and sealed values only.
type Shared interface {
	// PutTokens adds sealed values to a conversation of a person, by field, and
	// keeps it for some time from now on. It may drop others beyond most.
	PutTokens(ctx context.Context, person, conversation string, sealed map[string][]byte, keep time.Duration, most int) error
	// Tokens returns the sealed values of a conversation and keeps it for some
	// time from now on.
	Tokens(ctx context.Context, person, conversation string, keep time.Duration) (map[string][]byte, error)
	// ForgetTokens deletes all conversations of a person and says how many values
	// were in them.
	ForgetTokens(ctx context.Context, person string) (int64, error)
}

const (
	sharedWorkers = 4
	sharedQueue   = 4096
	sharedBatch   = 256
	sharedTimeout = 500 * time.Millisecond // of one call
	sharedFresh   = time.Second            // how long what was read counts as known
	sharedPause   = 2 * time.Second        // after a failure: an answer must not wait for a store that is down
	namesPatience = 300 * time.Millisecond // how long an answer waits for what another gateway replaced
	lastWords     = 2 * time.Second        // to share what waits when the gateway ends
)

// sharing speaks with the shared store beside the traffic.
type sharing struct {
	vault *Vault
	store Shared
	puts  chan put
	wants chan *load
	quiet atomic.Int64 // Unix nanoseconds until which the store is left alone

	mu      sync.Mutex
	loading map[id]*load // guarded by mu
}

// put is a value to be shared.
type put struct {
	of     id
	person string
	at     time.Time
	field  string
	sealed []byte
}

// load reads one conversation.
type load struct {
	of     id
	person string
	began  time.Time
	done   chan struct{}
}

func newSharing(v *Vault, s Shared) *sharing {
	return &sharing{vault: v, store: s, puts: make(chan put, sharedQueue), wants: make(chan *load, sharedQueue), loading: make(map[id]*load)}
}

// put shares an entry, when there is room. The vault's lock is held: the copy is
// what may be wiped here without harm there.
func (s *sharing) put(c *conversation, e *entry) {
	sum := s.vault.keys.sum(sumField, 0, string(c.id[:]), e.name)
	select {
	case s.puts <- put{c.id, c.person, s.vault.cfg.Now(), hex.EncodeToString(sum[:8]), append([]byte(nil), e.sealed...)}:
	default:
		s.vault.stats.sharedDropped.Add(1)
	}
}

// load has conversations read unless that was done just now. What it returns is
// nil where there is nothing to wait for.
func (s *sharing) load(own, wide id, person string) (loads [2]*load) {
	now := s.vault.cfg.Now()
	if now.UnixNano() < s.quiet.Load() {
		return loads
	}
	loads[0] = s.loadOne(own, person, now)
	if wide != own {
		loads[1] = s.loadOne(wide, person, now)
	}
	return loads
}

func (s *sharing) loadOne(of id, person string, now time.Time) *load {
	v := s.vault
	v.mu.Lock()
	c := v.all[of]
	fresh := c != nil && now.Sub(c.loaded) < sharedFresh
	v.mu.Unlock()
	if fresh {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.loading[of]; l != nil {
		return l
	}
	l := &load{of, person, now, make(chan struct{})}
	select {
	case s.wants <- l:
		s.loading[of] = l
		return l
	default:
		return nil
	}
}

// wait waits for what is being read, but not for long.
func (t *tokens) wait() {
	if t.loads[0] == nil && t.loads[1] == nil {
		return
	}
	patience := time.NewTimer(namesPatience)
	defer patience.Stop()
	for _, l := range t.loads {
		if l == nil {
			continue
		}
		select {
		case <-l.done:
		case <-patience.C:
			return
		}
	}
}

// run works until ctx ends, and then shares what still waits.
func (s *sharing) run(ctx context.Context) {
	var wg sync.WaitGroup
	for range sharedWorkers {
		wg.Go(func() { s.work(ctx) })
	}
	wg.Wait()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	for len(s.puts) > 0 && ctx.Err() == nil {
		s.write(ctx, <-s.puts)
	}
}

func (s *sharing) work(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case p := <-s.puts:
			s.write(ctx, p)
		case l := <-s.wants:
			s.read(ctx, l)
		}
	}
}

// write shares p and what waits behind it.
func (s *sharing) write(ctx context.Context, p put) {
	batch := make(map[id]*puts)
	s.gather(batch, p)
more:
	for range sharedBatch {
		select {
		case p := <-s.puts:
			s.gather(batch, p)
		default:
			break more
		}
	}
	v := s.vault
	for of, p := range batch {
		err := s.call(ctx, func(ctx context.Context) error {
			return s.store.PutTokens(ctx, v.keys.personTag(p.person), of.String(), p.sealed, v.cfg.Keep, v.cfg.Entries)
		})
		if err != nil {
			v.stats.sharedDropped.Add(int64(len(p.sealed)))
		}
		for _, b := range p.sealed {
			clear(b)
		}
		if v.forgotten(p.person, p.at) { // meanwhile
			_ = s.call(ctx, func(ctx context.Context) error {
				_, err := s.store.ForgetTokens(ctx, v.keys.personTag(p.person))
				return err
			})
		}
	}
}

// puts are values of one conversation.
type puts struct {
	person string
	at     time.Time // of the first
	sealed map[string][]byte
}

// gather adds p to a batch, unless its person was forgotten while it waited.
func (s *sharing) gather(batch map[id]*puts, p put) {
	if s.vault.forgotten(p.person, p.at) {
		clear(p.sealed)
		return
	}
	b := batch[p.of]
	if b == nil {
		b = &puts{p.person, p.at, make(map[string][]byte)}
		batch[p.of] = b
	}
	b.sealed[p.field] = p.sealed
}

func (s *sharing) read(ctx context.Context, l *load) {
	defer func() {
		s.mu.Lock()
		delete(s.loading, l.of)
		s.mu.Unlock()
		close(l.done)
	}()
	v := s.vault
	if v.cfg.Now().UnixNano() < s.quiet.Load() {
		return
	}
	var sealed map[string][]byte
	err := s.call(ctx, func(ctx context.Context) (err error) {
		sealed, err = s.store.Tokens(ctx, v.keys.personTag(l.person), l.of.String(), v.cfg.Keep)
		return err
	})
	if err == nil {
		v.adopt(l, sealed)
	}
}

// call speaks with the store, and leaves it alone for a while when that fails.
func (s *sharing) call(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, sharedTimeout)
	defer cancel()
	err := f(ctx)
	if err != nil {
		s.vault.stats.sharedErrors.Add(1)
		now := s.vault.cfg.Now()
		if was := s.quiet.Swap(now.Add(sharedPause).UnixNano()); was < now.Add(-time.Minute).UnixNano() {
			s.vault.log.Warn("the vault can't reach what gateways share: only what this one replaced is restored here", "error", err)
		}
	}
	return err
}

// adopt takes in what other gateways have put into a conversation.
func (v *Vault) adopt(l *load, sealed map[string][]byte) {
	now, of := v.cfg.Now(), l.of
	var list []*entry
	for _, b := range sealed {
		name, value, err := v.keys.unpack(of, b)
		if err != nil {
			v.stats.damaged.Add(1)
			continue
		}
		used := time.Unix(stamp(b), 0)
		if now.Sub(used) < v.cfg.Keep {
			label, _, _ := strings.Cut(name, "_")
			sum := v.keys.sum(sumValue, 0, string(of[:]), label, string(value))
			list = append(list, &entry{name: name, value: valueID(sum[:]), sealed: b, used: used})
		}
		clear(value)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	c := v.all[of]
	if c == nil && len(list) == 0 || v.forgottenLocked(l.person, l.began) {
		return
	}
	if c == nil {
		c = v.conversationLocked(of, l.person)
	}
	c.loaded = now
	for _, e := range list {
		v.adoptLocked(c, e)
	}
	v.boundLocked(c)
}

// adoptLocked adds an entry of another gateway to c.
func (v *Vault) adoptLocked(c *conversation, e *entry) {
	if mine := c.byName[e.name]; mine != nil {
		if mine.value != e.value && !mine.twice {
			mine.twice = true
			v.stats.twice.Add(1)
		}
		return
	}
	if c.byValue[e.value] != nil { // under another name, given when that one was taken: both are right
		sum := v.keys.sum(sumField, 0, e.name)
		e.value = valueID(sum[:])
	}
	c.add(e)
	v.bytes += e.cost()
}
