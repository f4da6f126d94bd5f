package redis

import (
	"context"
	"net"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"github.com/gnomon-proxy/gnomon/internal/testredis"
	"github.com/gnomon-proxy/gnomon/inventory/storetest"
)

// slow makes all that is pending old before it is looked for what others have
// left behind, as on a machine under load.
type slow struct {
	t *testing.T
	s *Store
	c *goredis.Client
	n int
}

func (h *slow) DialHook(next goredis.DialHook) goredis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (h *slow) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return next
}

func (h *slow) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		if h.n < 3 && cmd.Name() == "xautoclaim" {
			h.n++
			if err := h.age(ctx); err != nil {
				h.t.Error(err)
			}
		}
		return next(ctx, cmd)
	}
}

// age has the batches pending for longer than another gateway waits.
func (h *slow) age(ctx context.Context) error {
	list, err := h.c.XPendingExt(ctx, &goredis.XPendingExtArgs{Stream: h.s.keys.stream, Group: group, Start: "-", End: "+", Count: 100}).Result()
	if err != nil {
		return err
	}
	for _, p := range list {
		if err := h.c.Do(ctx, "XCLAIM", h.s.keys.stream, group, p.Consumer, 0, p.ID, "IDLE", 10*claimAfter.Milliseconds(), "JUSTID").Err(); err != nil {
			return err
		}
	}
	return nil
}

// TestSlowSettle: batches that a gateway takes longer over than others wait
// count once, though it finds its own among those that are left behind.
func TestSlowSettle(t *testing.T) {
	o, err := ParseURL("redis://" + testredis.Start(t).Addr)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	events := storetest.Events(1, 40)
	var want int64
	for i := range events {
		if events[i].Blind == "" {
			want += int64(events[i].Requests)
		}
		if err := s.Merge(t.Context(), events[i:i+1]); err != nil {
			t.Fatal(err)
		}
	}
	c, err := s.node(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h := &slow{t: t, s: s, c: c}
	c.AddHook(h)
	if err := s.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	rows, err := s.Services(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got int64
	for _, r := range rows {
		got += r.Requests
	}
	if got != want || h.n == 0 {
		t.Errorf("%d requests are counted, want %d (looked for what was left behind %d times)", got, want, h.n)
	}
}
