package redis

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/pack"
)

// group is the consumer group that adds up.
const group = "figures"

// form is the form of what is stored. One that is newer than this is refused.
const form = 1

// Store is an inventory.Store in a Redis. Its methods are safe for concurrent
// use, also by several processes on one Redis.
type Store struct {
	opt    Options
	log    *slog.Logger
	client goredis.UniversalClient
	find   func(ctx context.Context) (*goredis.Client, error) // the node that has the keys
	began  beginning
	keys   keys
	me     string // name of the consumer, and of the holder of locks
	known  known  // rows of the register

	foreign atomic.Int64 // see Foreign
	said    atomic.Int64 // when that was logged, Unix nanoseconds

	short   atomic.Bool // replicas are to be counted again
	present atomic.Int64
	looked  atomic.Int64 // when they were counted, Unix nanoseconds

	merging chan struct{} // held by the one merge of this process
	end     end           // under merging: as it was last seen
	packer  pack.Packer   // under merging
	pending atomic.Int64  // sightings that this process merged since it last counted

	settling chan struct{}   // held by the one count of this process
	services map[string]bool // under settling: those known
	owing    bool            // under settling: batches are pending with this consumer
	owed     string          // the last of them that was taken again
}

var _ inventory.Store = (*Store)(nil)

// Open opens the inventory in a Redis, and makes it when there is none. With
// Options.Later a Redis that does not answer is no error: all methods fail until
// it does.
func Open(ctx context.Context, o Options) (*Store, error) {
	client, find, err := dial(&o)
	if err != nil {
		return nil, err
	}
	s := &Store{
		opt: o, log: o.Log, client: client, find: find, keys: newKeys(o.Name), me: rand.Text(),
		merging: make(chan struct{}, 1), settling: make(chan struct{}, 1),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.short.Store(true)
	s.began.turn = make(chan struct{}, 1)
	if _, err := s.node(ctx); err != nil {
		if o.Later && Away(err) {
			s.log.Error("Redis does not answer: it is tried on", "store", o.Place(), "error", err)
			return s, nil
		}
		return nil, errors.Join(fmt.Errorf("opening the store %s: %w", o.Place(), err), client.Close())
	}
	return s, nil
}

func (s *Store) makeGroup(ctx context.Context, c *goredis.Client) error {
	err := c.XGroupCreateMkStream(ctx, s.keys.stream, group, "0").Err()
	if mistyped(err) {
		if _, err := s.retype(ctx, c, make(map[string]string)); err != nil {
			return err
		}
		err = c.XGroupCreateMkStream(ctx, s.keys.stream, group, "0").Err()
	}
	if err != nil && !strings.HasPrefix(err.Error(), "BUSYGROUP") {
		return err
	}
	return nil
}

// warn says what of the settings of Redis loses sightings.
func (s *Store) warn(ctx context.Context, c *goredis.Client) {
	info, err := c.InfoMap(ctx, "memory", "persistence").Result()
	if err != nil {
		return // not allowed to look
	}
	if info["Persistence"]["aof_enabled"] == "0" {
		s.log.Warn("Redis keeps no append-only file: what gateways wrote is lost when it restarts; set appendonly yes", "store", s.opt.Place())
	}
	if m := info["Memory"]; m["maxmemory"] != "0" && m["maxmemory_policy"] != "noeviction" {
		s.log.Warn("Redis throws keys away when it is full: set maxmemory-policy noeviction", "store", s.opt.Place(), "policy", m["maxmemory_policy"])
	}
}

// Close ends the use of the store.
func (s *Store) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), dialTimeout)
	defer cancel()
	// What it has pending stays, for others to claim.
	_, _ = s.run(ctx, leaveScript, []string{s.keys.stream}, group, s.me)
	return s.client.Close()
}

// countReplicas is how long a count of them holds.
const countReplicas = time.Second

// replicas returns how many must have a batch before it counts as merged.
func (s *Store) replicas(ctx context.Context) (int, error) {
	if s.opt.Replicas == 0 {
		return 0, nil
	}
	if s.short.Swap(false) || time.Now().UnixNano()-s.looked.Load() > int64(countReplicas) {
		c, err := s.node(ctx)
		if err != nil {
			return 0, err
		}
		info, err := c.InfoMap(ctx, "replication").Result()
		if err != nil {
			s.short.Store(true)
			s.moved(err)
			return 0, err
		}
		n := 0
		for name, v := range info["Replication"] {
			if strings.HasPrefix(name, "slave") && strings.Contains(v, "state=online") {
				n++
			}
		}
		s.present.Store(int64(n))
		s.looked.Store(time.Now().UnixNano())
	}
	return min(s.opt.Replicas, int(s.present.Load())), nil
}

// moved looks for the nodes of a cluster anew after an error.
func (s *Store) moved(err error) {
	if c, ok := s.client.(*goredis.ClusterClient); ok && !errors.Is(err, context.Canceled) {
		c.ReloadState(context.Background())
	}
}

// hold takes a turn in this process.
func hold(ctx context.Context, turn chan struct{}) (release func(), err error) {
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for a turn: %w", ctx.Err())
	}
}

// lock takes the lock of a task for a while; ok is false when another has it.
func (s *Store) lock(ctx context.Context, task string, hold time.Duration) (unlock func(), ok bool, err error) {
	c, err := s.node(ctx)
	if err != nil {
		return nil, false, err
	}
	token := rand.Text()
	ok, err = c.SetNX(ctx, s.keys.lock(task), token, hold).Result()
	if err != nil || !ok {
		return nil, false, err
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), dialTimeout)
		defer cancel()
		_, _ = s.run(ctx, unlockScript, []string{s.keys.lock(task)}, token, 0) // else it runs out
	}, true, nil
}

func parseEnd(text string) (e end, err error) {
	if text == "" {
		return e, nil
	}
	seq, hash, _ := strings.Cut(text, " ")
	e.text = text
	if e.seq, err = strconv.ParseInt(seq, 10, 64); err != nil || len(hash) != len(e.hash) || e.seq < 0 {
		return e, errDamaged
	}
	copy(e.hash[:], hash)
	return e, nil
}

var errDamaged = errors.New("what Redis holds is not what was written there")

// at returns the time of Unix milliseconds, in UTC.
func at(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
