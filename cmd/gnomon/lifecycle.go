package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// service is a part of the gateway that runs until its context ends.
type service struct {
	name string
	run  func(context.Context) error
}

// runAll starts services in the given order and, when ctx ends or one of them
// returns, ends them in the reverse order, each before the next: list outputs
// before the inputs that feed them. It returns what went wrong.
func runAll(ctx context.Context, services []service) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		mu     sync.Mutex
		failed error
	)
	type running struct {
		stop context.CancelFunc
		done chan struct{}
	}
	var started []running
	for _, s := range services {
		// Not a child of ctx: it ends when its turn has come.
		own, stop := context.WithCancel(context.WithoutCancel(ctx))
		r := running{stop, make(chan struct{})}
		started = append(started, r)
		go func() {
			defer close(r.done)
			defer cancel()
			if err := s.run(own); err != nil && !errors.Is(err, context.Canceled) {
				mu.Lock()
				defer mu.Unlock()
				failed = errors.Join(failed, fmt.Errorf("%s: %w", s.name, err))
			}
		}()
	}
	<-ctx.Done()
	for i := len(started) - 1; i >= 0; i-- {
		started[i].stop()
		<-started[i].done
	}
	mu.Lock()
	defer mu.Unlock()
	return failed
}
