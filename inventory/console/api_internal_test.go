package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
)

// TestStoreAway: a store that does not answer is no fault of the gateway, and comes
// back.
func TestStoreAway(t *testing.T) {
	s := &Server{cfg: Config{Log: slog.New(slog.DiscardHandler)}}
	for name, tt := range map[string]struct {
		err  error
		want int
	}{
		"refused":  {fmt.Errorf("reading services: %w", &net.OpError{Op: "dial", Err: errors.New("connection refused")}), http.StatusServiceUnavailable},
		"too late": {fmt.Errorf("reading services: %w", context.DeadlineExceeded), http.StatusServiceUnavailable},
		"cut":      {fmt.Errorf("reading services: %w", io.EOF), http.StatusServiceUnavailable},
		"broken":   {errors.New("the row is no JSON"), http.StatusInternalServerError},
	} {
		if got, message := s.codeOf(tt.err); got != tt.want || message == "" {
			t.Errorf("%s: %d %s, want %d", name, got, message, tt.want)
		}
	}
}
