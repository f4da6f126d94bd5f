package redis

import (
	"context"
	"fmt"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/gnomon-proxy/gnomon/inventory"
)

const (
	// maxAside and maxAsideBytes bound what is kept of entries that no gateway
	// wrote: enough to find out whose they are.
	maxAside      = 100
	maxAsideBytes = 4 << 10

	// sayForeign is how often such entries are logged.
	sayForeign = time.Minute
)

// setAside takes out of the stream what no gateway wrote there: entries that
// can't be read, and all that have a higher number than the last batch. One of
// these would keep all batches out, and one of the others all from being counted.
func (s *Store) setAside(ctx context.Context, unreadable ...string) error {
	c, err := s.node(ctx)
	if err == nil {
		_, err = s.getEnd(ctx, c) // without a sound one everything comes after it
	}
	if err != nil {
		return err
	}
	args := []any{group, maxAside, maxAsideBytes}
	for _, id := range unreadable {
		args = append(args, id)
	}
	got, err := s.run(ctx, asideScript, []string{s.keys.end, s.keys.stream, s.keys.aside}, args...)
	if err != nil {
		return fmt.Errorf("setting aside what is foreign in %s: %w", s.keys.stream, err)
	}
	n, _ := got.(int64)
	s.noteForeign(n, "entries of the stream", s.keys.stream)
	return nil
}

// Foreign returns how many entries and values this process has found in Redis
// that no gateway wrote.
func (s *Store) Foreign() int64 { return s.foreign.Load() }

func (s *Store) noteForeign(n int64, what, key string) {
	if n == 0 {
		return
	}
	s.foreign.Add(n)
	if now := time.Now().UnixNano(); now-s.said.Load() >= int64(sayForeign) {
		s.said.Store(now)
		s.log.Error("Redis holds what no gateway wrote: it is left out, and work goes on; find out who writes there, and give gateways a user of their own (ACL)",
			"what", what, "key", key, "n", n, "kept_in", s.keys.aside)
	}
}

// outrun reports whether Redis has refused a batch because the stream has an
// entry with a higher number.
func outrun(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "equal or smaller than the target stream top item") || strings.Contains(err.Error(), "exhausted the last possible ID"))
}

// readable returns the entries of the stream that can be read, as rows, and the IDs
// of the others.
func readable(list []goredis.XMessage) (rows []row, foreign []string) {
	rows = make([]row, 0, len(list))
	for i := range list {
		r, err := parseRow(&list[i])
		if err != nil {
			foreign = append(foreign, list[i].ID)
			continue
		}
		rows = append(rows, r)
	}
	return rows, foreign
}

// mistyped reports whether Redis has refused a command because others have made
// something else of a key.
func mistyped(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "WRONGTYPE") || strings.Contains(err.Error(), "FOREIGN "))
}

// retype moves keys that are not of the type that gateways make of them out of the
// way, to the name that foreign gives. It reports whether there were any.
func (s *Store) retype(ctx context.Context, c *goredis.Client, want map[string]string) (some bool, err error) {
	for _, key := range []string{s.keys.service, s.keys.blind, s.keys.marks, s.keys.people} {
		want[key] = "hash"
	}
	for _, key := range []string{s.keys.days, s.keys.hours, s.keys.spans} {
		want[key] = "zset"
	}
	for _, key := range []string{s.keys.version, s.keys.counted} {
		want[key] = "string"
	}
	want[s.keys.end], want[s.keys.stream] = "string", "stream"
	for key, kind := range want {
		is, err := c.Type(ctx, key).Result()
		if err != nil {
			return some, err
		}
		if is == "none" || is == kind {
			continue
		}
		if err := c.Rename(ctx, key, s.keys.foreign(key)).Err(); err != nil && !strings.Contains(err.Error(), "no such key") {
			return some, fmt.Errorf("moving away %s, which is a %s: %w", key, is, err)
		}
		some = true
		s.noteForeign(1, "a key of another type, "+is+", now "+s.keys.foreign(key), key)
	}
	return some, nil
}

// types are those of the keys that a gathering changes.
func (g *gathering) types(f *inventory.Fold) map[string]string {
	want := make(map[string]string)
	for _, h := range g.hashes {
		want[h.key] = "hash"
	}
	for k := range f.Facets {
		if kind, service := isService(k.Subject); !service {
			want[g.s.keys.top(string(kind))] = "zset"
		}
	}
	return want
}
