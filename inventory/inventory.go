package inventory

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/spool"
	"github.com/gnomon-proxy/gnomon/rules"
)

// ErrUnknown says that no service goes by a name or id.
var ErrUnknown = errors.New("unknown service")

// Config says where an inventory lives and how much it may hold.
type Config struct {
	Dir       string                 // of the state: keys, spool
	Store     Store                  // the caller closes it after Run has returned
	Catalogue func() []rules.Service // services that can be decided upon before they are seen; nil: none
	Log       *slog.Logger           // nil: silent
	Now       func() time.Time       // nil: time.Now

	Queue      int           // sightings waiting in memory; 0: 16384
	SpoolBytes int64         // on disk while the store is away; 0: 256 MiB
	Sightings  time.Duration // how long single sightings are kept; 0: 90 days
	Hours      time.Duration // roll-ups by the hour; 0: 60 days
	Rollups    time.Duration // by the day, and of users and other subjects; 0: 400 days
	Rotate     Rotation      // how often Run gives people new pseudonyms; "": never
	People     time.Duration // names behind pseudonyms, since they were last seen; 0: as Rollups

	// Warm has Run add up the figures of days ahead of time, for who asks for
	// periods (Sums): it takes memory, and time in the background at the start.
	Warm bool

	// Sink is given every batch of sightings that has become durable, at least
	// once, before it is counted as such. It must not keep it, nor wait for more
	// than a disk; nil: none.
	Sink func([]Event)

	// Personal says what is personal or secret in a text that somebody wrote and
	// wants on record, which stays for ever: kinds of findings (traffic.Class);
	// nil: nothing is looked for.
	Personal func(text string) ([]string, error)

	// Copy is the key of a copy of the ledger in Dir, which makes the start quick;
	// zero: none is kept. With Away and a copy the inventory begins also while the
	// store does not answer: what was decided before holds.
	Copy [32]byte
	Away bool

	// AnyKey has New take any key of pseudonyms: for who puts one in the place of
	// another that is lost (TakeKey).
	AnyKey bool
}

func (c *Config) defaults() {
	if c.Catalogue == nil {
		c.Catalogue = func() []rules.Service { return nil }
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Queue == 0 {
		c.Queue = 16 << 10
	}
	if c.SpoolBytes == 0 {
		c.SpoolBytes = 256 << 20
	}
	if c.Sightings == 0 {
		c.Sightings = 90 * 24 * time.Hour
	}
	if c.Hours == 0 {
		c.Hours = 60 * 24 * time.Hour
	}
	if c.Rollups == 0 {
		c.Rollups = 400 * 24 * time.Hour
	}
	if c.People == 0 {
		c.People = c.Rollups
	}
	if c.Sink == nil {
		c.Sink = func([]Event) {}
	}
}

// Inventory is the register of AI services. Its methods are safe for concurrent
// use.
type Inventory struct {
	cfg   Config
	mask  *mask
	spool atomic.Pointer[spool.Spool] // set by Run

	queue    *queue        // to the store
	overflow *queue        // to the spool, when queue is full
	astray   chan struct{} // holds one when replay is to look

	gate   sync.RWMutex // held for reading while a sighting is queued
	closed bool         // under gate: Run has ended

	ended chan struct{} // closed after that

	standings atomic.Pointer[standings]
	holding   atomic.Pointer[holding] // exceptions of a state of the ledger
	count     counters
	retry     atomic.Int64 // Unix nanoseconds: the store is away, not before then
	ailing    ailing
	journal   struct { // what ails it
		sync.Mutex
		said time.Time
	}
	lapse   lapse
	copy    *ledgerCopy
	digest  *digest
	ordered ordered
}

// New returns an inventory over cfg.Store. It reads (or makes) the keys of the
// pseudonyms in cfg.Dir and loads the standing of all services. The error is a
// *KeyError where the store was kept under another key. Nothing runs
// before Run; reading and deciding work without it.
func New(ctx context.Context, cfg Config) (*Inventory, error) {
	cfg.defaults()
	v := &Inventory{
		cfg:      cfg,
		queue:    newQueue(cfg.Queue),
		overflow: newQueue(max(1, cfg.Queue/2)),
		astray:   make(chan struct{}, 1),
		ended:    make(chan struct{}),
		digest:   newDigest(),
	}
	var err error
	if v.copy, err = newLedgerCopy(cfg.Dir, cfg.Copy); err != nil {
		return nil, err
	}
	if err := v.openMask(ctx, func() error { return v.load(ctx) }); err != nil {
		return nil, err
	}
	return v, nil
}
