package vault

import (
	"container/list"
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// Config is the settings of a Vault. Start from DefaultConfig.
type Config struct {
	Key           traffic.Key   // of the deployment
	Keep          time.Duration // how long a value is kept since it was last used
	Conversations int           // at one time
	Entries       int           // values of one conversation
	Bytes         int64         // of all values, with what keeps them
	Shared        Shared        // nil: the values stay in this process
	// Person returns what a speaker is forgotten under (Forget), "" for nobody
	// that could be; nil: nobody can be.
	Person func(traffic.Speaker) string
	Log    *slog.Logger
	Now    func() time.Time // nil: time.Now
}

// DefaultConfig returns the settings of a vault in memory.
func DefaultConfig() Config {
	return Config{Keep: 12 * time.Hour, Conversations: 10_000, Entries: 1_000, Bytes: 64 << 20}
}

// maxValue bounds a value that is kept: a whole file is redacted instead.
const maxValue = 16 << 10

// Vault implements traffic.Vault. Its methods are safe for concurrent use.
type Vault struct {
	cfg   Config
	keys  *keys
	log   *slog.Logger
	stats counters
	inUse atomic.Bool // some rule pseudonymises
	some  atomic.Bool // there are conversations

	mu     sync.Mutex
	all    map[id]*conversation // guarded by mu, like all that is in them
	recent *list.List           // guarded by mu: of *conversation, the latest used first
	bytes  int64                // guarded by mu
	gone   map[string]time.Time // guarded by mu: who was forgotten a while ago, and when

	share *sharing // nil: not shared
}

var _ traffic.Vault = (*Vault)(nil)

// New returns an empty Vault. It expires nothing, and shares nothing, until it
// runs.
func New(cfg Config) (*Vault, error) {
	switch {
	case cfg.Keep <= 0:
		return nil, errors.New("a vault must keep values for some time")
	case cfg.Conversations <= 0 || cfg.Entries <= 0 || cfg.Bytes <= 0:
		return nil, errors.New("a vault must have room for a conversation, a value and its bytes")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Person == nil {
		cfg.Person = func(traffic.Speaker) string { return "" }
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	k, err := newKeys(cfg.Key)
	if err != nil {
		return nil, err
	}
	v := &Vault{cfg: cfg, keys: k, log: cfg.Log, all: make(map[id]*conversation), recent: list.New(), gone: make(map[string]time.Time)}
	if cfg.Shared != nil {
		v.share = newSharing(v, cfg.Shared)
	}
	return v, nil
}

// Use says whether any rule pseudonymises. Where none does, nobody asks other
// gateways; what is in the vault is restored all the same until it expires.
func (v *Vault) Use(on bool) { v.inUse.Store(on) }

// Empty implements traffic.Vault.
func (v *Vault) Empty() bool { return !v.some.Load() && !v.asks() }

// asks reports whether other gateways may have tokens.
func (v *Vault) asks() bool { return v.share != nil && v.inUse.Load() }

// Open implements traffic.Vault.
func (v *Vault) Open(s traffic.Speaker, make bool) traffic.Tokens {
	asks := v.asks()
	if !make && v.Empty() {
		return nil
	}
	t := &tokens{vault: v, own: v.keys.speaker(s), since: v.cfg.Now()}
	t.wide = t.own
	if s.Conversation != "" {
		t.wide = v.keys.speaker(traffic.Speaker{Who: s.Who, Service: s.Service})
	}
	known := v.use(t.own)
	if t.wide != t.own {
		known = v.use(t.wide) || known
	}
	if make || known || asks {
		t.person = v.cfg.Person(s)
	}
	if asks {
		t.loads = v.share.load(t.own, t.wide, t.person)
	}
	if !make && !known && t.loads[0] == nil && t.loads[1] == nil {
		return nil
	}
	return t
}

// use marks a conversation as used, and reports whether there is one.
func (v *Vault) use(i id) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	c := v.all[i]
	if c == nil {
		return false
	}
	v.recent.MoveToFront(c.place)
	return true
}

// Run expires values, and shares them with other gateways, until ctx ends.
func (v *Vault) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	if v.share != nil {
		wg.Go(func() { v.share.run(ctx) })
	}
	tick := time.NewTicker(min(max(v.cfg.Keep/20, time.Second), time.Minute))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			v.Expire()
		}
	}
}

// Expire wipes what was not used for too long.
func (v *Vault) Expire() {
	before := v.cfg.Now().Add(-v.cfg.Keep)
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, c := range v.all {
		for e := c.oldest(); e != nil && e.used.Before(before); e = c.oldest() {
			v.dropLocked(c, e)
			v.stats.expired.Add(1)
		}
		if len(c.byName) == 0 { // made for a value that then was not kept
			v.endLocked(c)
		}
	}
}

// conversationLocked returns the conversation of i, made when there is none, and
// makes room for it.
func (v *Vault) conversationLocked(i id, person string) *conversation {
	c := v.all[i]
	if c == nil {
		c = newConversation(i, person)
		c.place = v.recent.PushFront(c)
		v.all[i] = c
		v.some.Store(true)
		v.bytes += conversationCost
		for len(v.all) > v.cfg.Conversations {
			v.evictLocked(c)
		}
	}
	v.recent.MoveToFront(c.place)
	return c
}

// boundLocked makes room after something was put into c.
func (v *Vault) boundLocked(c *conversation) {
	for len(c.byName) > v.cfg.Entries {
		v.dropLocked(c, c.oldest())
		v.stats.evictedTokens.Add(1)
	}
	for v.bytes > v.cfg.Bytes && len(v.all) > 1 {
		v.evictLocked(c)
	}
	for v.bytes > v.cfg.Bytes && len(c.byName) > 1 {
		v.dropLocked(c, c.oldest())
		v.stats.evictedTokens.Add(1)
	}
}

// evictLocked drops the conversation that was not used for longest, but not
// keep.
func (v *Vault) evictLocked(keep *conversation) {
	last := v.recent.Back()
	if last.Value == keep {
		last = last.Prev()
	}
	c := last.Value.(*conversation)
	for e := c.oldest(); e != nil; e = c.oldest() {
		v.dropLocked(c, e)
	}
	v.endLocked(c)
	v.stats.evicted.Add(1)
}

// dropLocked wipes an entry, and ends the conversation with its last one.
func (v *Vault) dropLocked(c *conversation, e *entry) {
	c.remove(e)
	v.bytes -= e.cost()
	clear(e.sealed)
	if len(c.byName) == 0 {
		v.endLocked(c)
	}
}

func (v *Vault) endLocked(c *conversation) {
	if v.all[c.id] != c {
		return
	}
	delete(v.all, c.id)
	v.recent.Remove(c.place)
	v.bytes -= conversationCost
	v.some.Store(len(v.all) > 0)
}
