package redis

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"github.com/gnomon-proxy/gnomon/internal/testredis"
	"github.com/gnomon-proxy/gnomon/inventory/storetest"
)

// errEnded stands for the end of the process.
var errEnded = errors.New("the process has ended")

// ending lets so many changes of figures through and fails all that comes later,
// as for a process that was killed.
type ending struct {
	left atomic.Int64
	on   atomic.Bool
}

func (e *ending) DialHook(next goredis.DialHook) goredis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (e *ending) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook { return next }

func (e *ending) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		for _, cmd := range cmds {
			if e.on.Load() && strings.EqualFold(cmd.Name(), "evalsha") && e.left.Add(-1) < 0 {
				for _, cmd := range cmds {
					cmd.SetErr(errEnded)
				}
				return errEnded
			}
		}
		return next(ctx, cmds)
	}
}

// TestEraseInterrupted ends an erasure before one or another of its changes: the
// figures still add up, and another erasure does the rest.
func TestEraseInterrupted(t *testing.T) {
	server := testredis.Start(t)
	o, err := ParseURL("redis://" + server.Addr)
	if err != nil {
		t.Fatal(err)
	}
	const most = 200
	for n := int64(0); n < most; n += 1 + n/2 { // each of the first ones, then some
		server.Do("FLUSHALL")
		s, err := Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		storetest.Erasable(t, s)
		if err := s.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		c, err := s.node(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		hook := new(ending)
		hook.left.Store(n)
		c.AddHook(hook)
		hook.on.Store(true)
		_, first := s.Erase(t.Context(), "c-1")
		hook.on.Store(false)
		if first != nil && !errors.Is(first, errEnded) {
			t.Fatal(first)
		}
		done, err := s.Erase(t.Context(), "c-1")
		if err != nil {
			t.Fatal(err)
		}
		if first != nil && done.Facets == 0 {
			t.Errorf("after %d changes the erasure had ended, and nothing of the person was left: %+v", n, done)
		}
		storetest.CheckErased(t, s, "c-1")
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if first == nil {
			if n < 10 {
				t.Errorf("an erasure of %d changes only: this test sees nothing", n)
			}
			return
		}
	}
	t.Errorf("an erasure takes more than %d changes", most)
}
