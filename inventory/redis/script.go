package redis

import (
	"context"
	"crypto/sha1"
	_ "embed" // scripts
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// script is a Lua script. Redis runs it as a whole, or not at all.
type script struct{ source, sha string }

func newScript(source string) script {
	sum := sha1.Sum([]byte(source)) // the name that Redis gives it
	return script{source, hex.EncodeToString(sum[:])}
}

//go:embed merge.lua
var mergeSource string

//go:embed append.lua
var appendSource string

//go:embed commit.lua
var commitSource string

//go:embed leave.lua
var leaveSource string

//go:embed unlock.lua
var unlockSource string

//go:embed aside.lua
var asideSource string

//go:embed mend.lua
var mendSource string

var (
	mergeScript  = newScript(mergeSource)
	appendScript = newScript(appendSource)
	commitScript = newScript(commitSource)
	leaveScript  = newScript(leaveSource)
	unlockScript = newScript(unlockSource)
	asideScript  = newScript(asideSource)
	mendScript   = newScript(mendSource)
)

// run runs a script that only reads, or that may be lost when Redis fails over.
func (s *Store) run(ctx context.Context, sc script, keys []string, args ...any) (any, error) {
	return s.runFor(ctx, 0, sc, keys, args...)
}

// durably runs a script and waits until the replicas have what it wrote.
func (s *Store) durably(ctx context.Context, sc script, keys []string, args ...any) (any, error) {
	n, err := s.replicas(ctx)
	if err != nil {
		return nil, err
	}
	return s.runFor(ctx, n, sc, keys, args...)
}

// maxWait bounds what Redis waits for its replicas.
const maxWait = 3 * time.Second

func (s *Store) runFor(ctx context.Context, replicas int, sc script, keys []string, args ...any) (any, error) {
	c, err := s.node(ctx)
	if err != nil {
		return nil, err
	}
	for range 2 {
		var result *goredis.Cmd
		var acked *goredis.Cmd
		// One connection: WAIT is about what was written on it.
		_, _ = c.Pipelined(ctx, func(p goredis.Pipeliner) error { // each has its own error
			result = p.EvalSha(ctx, sc.sha, keys, args...)
			if replicas > 0 {
				wait := maxWait
				if end, ok := ctx.Deadline(); ok {
					wait = min(wait, max(time.Until(end)*3/4, time.Millisecond))
				}
				acked = p.Do(ctx, "WAIT", replicas, wait.Milliseconds())
			}
			return nil
		})
		v, err := result.Result()
		switch {
		case err != nil && strings.HasPrefix(err.Error(), "NOSCRIPT"):
			if err := c.ScriptLoad(ctx, sc.source).Err(); err != nil {
				return nil, err
			}
			continue
		case err != nil && err != goredis.Nil:
			s.moved(err)
			return nil, err
		}
		if acked != nil {
			if have, err := acked.Int(); err != nil || have < replicas {
				s.short.Store(true)
				return nil, errors.Join(fmt.Errorf("%d of %d replicas have it", have, replicas), err)
			}
		}
		return v, nil
	}
	return nil, errors.New("scripts that were loaded are gone at once")
}
