package redis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// againAfter is how long a Redis that could not be begun with is left alone.
const againAfter = 250 * time.Millisecond

// beginning is what comes before all else: the form is looked at, the keys of
// the gateways are shared. With Options.Later it may come long after Open.
type beginning struct {
	done atomic.Bool
	turn chan struct{} // held by the one that tries

	failed error // under turn: the last time
	at     time.Time
}

// node returns the node that has the keys, once Redis was begun with.
func (s *Store) node(ctx context.Context) (*goredis.Client, error) {
	if s.began.done.Load() {
		return s.find(ctx)
	}
	release, err := hold(ctx, s.began.turn)
	if err != nil {
		return nil, err
	}
	defer release()
	if !s.began.done.Load() {
		if s.began.failed != nil && time.Since(s.began.at) < againAfter {
			return nil, s.began.failed
		}
		if err := s.begin(ctx); err != nil {
			s.moved(err)
			s.began.failed, s.began.at = err, time.Now()
			return nil, err
		}
		s.began.done.Store(true)
	}
	return s.find(ctx)
}

// begin makes what must be there, and looks whether Redis can be relied upon.
func (s *Store) begin(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, ioTimeout)
	defer cancel()
	c, err := s.find(ctx)
	if err != nil {
		return err
	}
	key := s.keys.prefix + "form"
	if err := c.SetNX(ctx, key, form, 0).Err(); err != nil {
		return err
	}
	switch got, err := c.Get(ctx, key).Int(); {
	case err != nil:
		return err
	case got > form:
		return fmt.Errorf("it was written by a newer version of this program (form %d, this one knows %d)", got, form)
	}
	if err := s.makeGroup(ctx, c); err != nil {
		return err
	}
	if s.opt.Begin != nil {
		if err := s.opt.Begin(ctx, s); err != nil {
			return err
		}
	}
	s.warn(ctx, c)
	return nil
}

// passing are the answers of a Redis that may do what it was asked a while later.
var passing = []string{"LOADING", "MASTERDOWN", "CLUSTERDOWN", "READONLY", "TRYAGAIN", "MISCONF", "OOM", "unreachable", "has no nodes"}

// Away reports whether err says that a Redis does not answer, or not now: it is
// no fault of the settings.
func Away(err error) bool {
	var network net.Error
	if errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	for _, p := range passing {
		if err != nil && strings.Contains(err.Error(), p) {
			return true
		}
	}
	return false
}
