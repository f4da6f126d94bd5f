package proxy

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/elazarl/goproxy"

	"github.com/gnomon-proxy/gnomon/proxy/pki"
	"github.com/gnomon-proxy/gnomon/traffic"
)

const (
	headTimeout      = 20 * time.Second // for a head, from its first wait on: slow clients hold a descriptor no longer
	idleTimeout      = 60 * time.Second // between requests
	handshakeTimeout = 10 * time.Second
	maxHead          = 64 << 10
	maxHandshakes    = 512 // at one time; each costs milliseconds of CPU and some 50 KB
	maxStreams       = 250 // of one HTTP/2 connection
)

// Server is the explicit proxy. Its methods are safe for concurrent use.
type Server struct {
	cfg      Config
	pipeline *traffic.Pipeline
	log      *slog.Logger
	stats    Stats
	pins     *pins
	minter   *pki.Minter
	caPEM    []byte
	ports    map[uint16]bool
	memory   *budget

	ln         *clientListener
	fronts     fronts       // intercepted connections that net/http need not serve
	decrypted  *handOver    // those on their way to inner
	outer      *http.Server // what clients speak to the proxy
	inner      *http.Server // what they speak inside CONNECT
	engine     *goproxy.ProxyHttpServer
	tls        *tls.Config // one for all clients: session tickets work across connections
	handshakes chan struct{}
	dialer     *dialer
	own        *ownPages // nil: people are shown nothing
	upstream   *upstream

	lives context.Context // ends when connections must
	end   context.CancelFunc
	work  work // tunnels, handshakes, and what net/http has us answer
}

// New returns a Server that listens (so that errors come early) but serves only
// while it runs. Who does not call Run must call Close.
func New(cfg Config, ca *pki.Authority, p *traffic.Pipeline, log *slog.Logger) (*Server, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	s := &Server{
		cfg: cfg, pipeline: p, log: log, pins: newPins(), memory: newBudget(cfg.ScanMemory, cfg.MaxScanBytes),
		handshakes: make(chan struct{}, maxHandshakes),
		caPEM:      pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Certificate.Raw}),
	}
	var err error
	if s.minter, err = pki.NewMinter(ca); err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("listening for proxy.listen: %w", err)
	}
	s.ln = newClientListener(ln.(*net.TCPListener), cfg.MaxConns, &s.stats)
	self := append(slices.Clone(cfg.Self), s.Addr())
	if s.dialer, err = newDialer(&cfg, self, &s.stats.Dials); err != nil {
		ln.Close()
		return nil, err
	}
	s.ports = openPorts(&cfg, s.dialer)
	if cfg.Own != nil {
		s.own = newOwnPages(cfg.Own, cfg.OwnKey)
	}
	s.upstream = newUpstream(s.dialer, cfg.UpstreamRoots)
	s.tls = s.newTLS()
	s.engine = s.newEngine()
	s.decrypted = newHandOver(ln.Addr())
	s.outer = s.newHTTPServer(s.serveOuter, s.outerContext)
	s.inner = s.newHTTPServer(s.serveInner, innerContext)
	s.lives, s.end = context.WithCancel(context.Background())
	return s, nil
}

// Addr returns the address that the Server really listens on.
func (s *Server) Addr() netip.AddrPort {
	ap := s.ln.Addr().(*net.TCPAddr).AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

// Stats returns the counters.
func (s *Server) Stats() *Stats {
	s.stats.Minted.Store(s.minter.Minted())
	return &s.stats
}

// Held returns how many bytes of scan memory are lent.
func (s *Server) Held() int64 { return s.memory.lent() }

// Pinned lists the clients that refuse our certificate, by host.
func (s *Server) Pinned() []Pin { return s.pins.list() }

// Unpin forgets that a client refuses our certificate for a host.
func (s *Server) Unpin(client netip.Addr, host string) {
	s.pins.forget(pinKey{client.Unmap(), traffic.CanonicalHost(host)})
}

// Close ends a Server that never ran.
func (s *Server) Close() error {
	s.end()
	return s.ln.Close()
}

// Run serves until ctx ends: then listeners end at once, idle connections too,
// and those under way within the grace of the settings. Nothing outlives it.
func (s *Server) Run(ctx context.Context) error {
	defer s.upstream.close()
	failed := make(chan error, 2)
	var serving sync.WaitGroup
	for _, on := range []struct {
		srv *http.Server
		ln  net.Listener
	}{{s.outer, s.ln}, {s.inner, s.decrypted}} {
		serving.Go(func() {
			if err := on.srv.Serve(on.ln); !errors.Is(err, http.ErrServerClosed) {
				failed <- fmt.Errorf("accepting: %w", err)
			}
		})
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	s.shutdown()
	serving.Wait()
	return err
}

// shutdown ends connections: net/http knows those that it serves, not those
// that were hijacked from it.
func (s *Server) shutdown() {
	grace, cancel := context.WithTimeout(context.Background(), s.cfg.Grace)
	defer cancel()
	s.ln.Close()
	s.fronts.end()
	done := make(chan struct{})
	go func() {
		defer close(done)
		var ending sync.WaitGroup
		ending.Go(func() { s.outer.Shutdown(grace) })
		ending.Go(func() { s.inner.Shutdown(grace) })
		ending.Wait()
		s.work.wait()
	}()
	select {
	case <-done:
	case <-grace.Done():
	}
	s.end()
	s.fronts.abort()
	s.ln.closeAll()
	s.outer.Close()
	s.inner.Close()
	<-done
}

func (s *Server) newHTTPServer(h http.HandlerFunc, conn func(context.Context, net.Conn) context.Context) *http.Server {
	return &http.Server{
		Handler:                      s.work.on(h),
		BaseContext:                  func(net.Listener) context.Context { return s.lives },
		ConnContext:                  conn,
		ReadHeaderTimeout:            headTimeout,
		IdleTimeout:                  idleTimeout,
		MaxHeaderBytes:               maxHead,
		HTTP2:                        &http.HTTP2Config{MaxConcurrentStreams: maxStreams},
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
}
