package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestRunAllEndsInReverse(t *testing.T) {
	var mu sync.Mutex
	var ended []string
	until := func(name string) service {
		return service{name, func(ctx context.Context) error {
			<-ctx.Done()
			mu.Lock()
			defer mu.Unlock()
			ended = append(ended, name)
			return nil
		}}
	}
	failing := service{"listener", func(context.Context) error { return errors.New("address in use") }}
	err := runAll(t.Context(), []service{until("inventory"), until("console"), until("proxy"), failing})
	if err == nil || !strings.Contains(err.Error(), "listener: address in use") {
		t.Errorf("error = %v, want the failure of the listener", err)
	}
	if want := []string{"proxy", "console", "inventory"}; !slices.Equal(ended, want) {
		t.Errorf("ended %v, want %v", ended, want)
	}
}
