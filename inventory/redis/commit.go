package redis

import (
	"context"
	"errors"
)

// change is what is to be written at once, see commit.lua.
type change struct {
	keys  []string
	index map[string]int // of keys
	ops   []any
	count []string // batches that are counted by it
	end   string   // that must be the end of the batches, "*" for any
	other bool     // it changes figures of days and marks none
}

// maxArgs bounds the arguments of one command: Lua has no room for more.
const maxArgs = 2000

// op adds a command. Pairs of arguments stay together.
func (c *change) op(name, key string, args ...any) {
	if c.index == nil {
		c.index = make(map[string]int)
	}
	i, ok := c.index[key]
	if !ok {
		i = len(c.keys) + 4 // from 1, after the fixed ones
		c.index[key] = i
		c.keys = append(c.keys, key)
	}
	for first := true; first || len(args) > 0; first = false {
		n := min(len(args), maxArgs)
		c.ops = append(append(c.ops, name, i, n), args[:n]...)
		args = args[n:]
	}
}

var (
	errStale   = errors.New("the figures have moved on")
	errCounted = errors.New("another gateway has counted it")
)

// commit writes c where the figures have a version still. The error is errStale
// or errCounted when it may not.
func (s *Store) commit(ctx context.Context, version string, c *change) error {
	keys := append([]string{s.keys.version, s.keys.stream, s.keys.end}, c.keys...)
	args := []any{version, c.end, group, len(c.count)}
	for _, id := range c.count {
		args = append(args, id)
	}
	done, err := s.run(ctx, commitScript, keys, append(args, c.ops...)...)
	switch {
	case err != nil:
		return err
	case done == int64(0):
		return errStale
	case done != int64(1):
		return errCounted
	}
	return nil
}
