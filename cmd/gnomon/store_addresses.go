package main

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/redis"
	"github.com/gnomon-proxy/gnomon/sniffer/learned"
)

const (
	// tellEvery is how long what was learned waits for others, tellWithin what
	// telling it may take.
	tellEvery  = 200 * time.Millisecond
	tellWithin = 2 * time.Second

	// factsAtOnce bounds one piece of news: a fact has 600 bytes at most.
	factsAtOnce = redis.MaxNews / 600

	// maxUntold bounds what waits while Redis is away; the oldest are dropped.
	maxUntold = 4096
)

// addressNews shares what the gateways over one Redis learn about addresses: a
// flow at one of them is named by a DNS answer that another one saw. Facts may be
// lost: then a flow has no name, as without any of this.
type addressNews struct {
	names *learned.Names
	out   *redis.News
	in    *redis.News
	log   *slog.Logger

	told, heard, closed, lost, dropped atomic.Int64
}

// openAddressNews returns nil where there is nobody to share with.
func (g *gateway) openAddressNews(names *learned.Names) error {
	st, ok := g.store.(*redis.Store)
	if !ok {
		return nil
	}
	secret, _, err := readKeyFile(keyFileOf(g.settings))
	if err != nil {
		return err
	}
	raw, err := hkdf.Key(sha256.New, secret[:], nil, "gnomon learned addresses", len(secret))
	if err != nil {
		return err
	}
	a := &addressNews{names: names, log: g.log}
	if a.out, err = st.News("addresses", [32]byte(raw)); err != nil {
		return err
	}
	if a.in, err = st.News("addresses", [32]byte(raw)); err != nil {
		return err
	}
	names.Tell()
	g.sensors.addresses = a
	return nil
}

// Run shares until ctx ends.
func (a *addressNews) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { a.hear(ctx) })
	var untold []learned.Fact
	for waitOr(ctx, tellEvery) {
		var dropped int64
		untold, dropped = a.names.Take(untold)
		a.dropped.Store(dropped)
		if over := len(untold) - maxUntold; over > 0 {
			untold = append(untold[:0], untold[over:]...)
			a.lost.Add(int64(over))
		}
		for len(untold) > 0 {
			n := min(len(untold), factsAtOnce)
			if !a.tell(ctx, untold[:n]) {
				break
			}
			untold = append(untold[:0], untold[n:]...)
		}
	}
	return nil
}

func (a *addressNews) tell(ctx context.Context, facts []learned.Fact) bool {
	ctx, cancel := context.WithTimeout(ctx, tellWithin)
	defer cancel()
	if a.out.Tell(ctx, learned.AppendFacts(nil, facts)) != nil {
		return false // the inventory says that Redis is away
	}
	a.told.Add(int64(len(facts)))
	return true
}

func (a *addressNews) hear(ctx context.Context) {
	said := false
	for ctx.Err() == nil {
		closed, err := a.in.Hear(ctx, func(text []byte) {
			now := time.Now()
			err := learned.ReadFacts(text, func(f *learned.Fact) {
				a.names.Hear(f, now)
				a.heard.Add(1)
			})
			if err != nil {
				a.closed.Add(1)
			}
		})
		if a.closed.Add(int64(closed)); closed > 0 && !said {
			said = true
			a.log.Warn("somebody tells about addresses under another key: it is left out", "pieces", closed)
		}
		if err != nil && !waitOr(ctx, tellEvery) {
			return
		}
	}
}
