package proxy

import (
	"context"
	"fmt"
	"log/slog"
	"net"

	"github.com/gnomon-proxy/gnomon/proxy/pki"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Server is the explicit proxy. Its methods are safe for concurrent use.
type Server struct {
	cfg      Config
	pipeline *traffic.Pipeline
	log      *slog.Logger
	stats    Stats
	pins     *pins
	ln       net.Listener
}

// New returns a Server that listens (errors come early) but accepts only when
// it runs. The caller must call Run, which also closes the listener.
func New(cfg Config, ca *pki.Authority, p *traffic.Pipeline, log *slog.Logger) (*Server, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("listening: %w", err)
	}
	return &Server{cfg: cfg, pipeline: p, log: log, pins: newPins(), ln: ln}, nil
}

// Addr returns the address that the Server really listens on.
func (s *Server) Addr() net.Addr { return s.ln.Addr() }

// Stats returns the counters.
func (s *Server) Stats() *Stats { return &s.stats }

// Pinned lists the clients that refuse our certificate, by host.
func (s *Server) Pinned() []Pin { return s.pins.list() }

// Run serves until ctx ends.
func (s *Server) Run(ctx context.Context) error {
	<-ctx.Done()
	return s.ln.Close()
}
