package console

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"golang.org/x/net/netutil"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/assess"
	"github.com/gnomon-proxy/gnomon/inventory/console/access"
	"github.com/gnomon-proxy/gnomon/inventory/controls"
	"github.com/gnomon-proxy/gnomon/inventory/declared"
	"github.com/gnomon-proxy/gnomon/inventory/export"
	"github.com/gnomon-proxy/gnomon/inventory/privacy"
	"github.com/gnomon-proxy/gnomon/inventory/published"
	"github.com/gnomon-proxy/gnomon/inventory/register"
	"github.com/gnomon-proxy/gnomon/rules"
)

// Config says what a console serves. Inventory is needed, the rest is optional.
type Config struct {
	Listen string   // TCP address; "" for none
	Socket string   // path of the Unix socket; "" for none
	Hosts  []string // names under which the console may be asked for, beside its address and localhost

	Inventory    *inventory.Inventory
	Metrics      http.Handler // of /metrics
	MetricsToken string       // lets who is not on this machine read them ("Authorization: Bearer ...")
	Ready        func() error // says why the gateway is not ready; nil: as healthy as the inventory
	Reload       func() error // reads the rules anew
	Pinned       func() []Pin // clients that refuse the gateway's certificate
	Version      string
	Log          *slog.Logger
	Limits       Limits
	OIDC         *OIDC // nil: nobody logs in through a provider

	// What the API shares with the commands. A route whose function is nil
	// answers 501. An *inventory.InvalidError is the asker's mistake.
	Rules      func() *rules.Set                                                        // in force
	Published  func() (*published.State, error)                                         // rules for all gateways
	Publish    func(ctx context.Context, o published.Order) (*published.Version, error) // checks them first
	RulesTaken func() (version, refused int64)                                          // of the rules for all gateways, by this one
	Streams    func() []Stream
	Drift      func(ctx context.Context, from time.Time) (list []declared.Difference, unknown []string, err error)
	Risks      func(ctx context.Context, period, method string) (*assess.Register, error) // "": the usual ones
	Statement  func(ctx context.Context, r *assess.Register, rows []assess.Row, framework string) (*controls.SoA, error)
	Register   func(ctx context.Context, ids []string) ([]register.Row, error)                         // rows of these services
	Table      func(ctx context.Context, o TableOrder) (*export.Table, error)                          // of rows that may be read while they are written, until ctx ends
	Sheet      func(lang string) []SheetRow                                                            // what is collected, in en or de
	Signer     func() (fingerprint, publicKey string, err error)                                       // of evidence packs
	Evidence   func(ctx context.Context, by, period, organisation, dir string) (differ int, err error) // makes a pack in a folder that is not there yet, and counts sums that differ
	K          privacy.K                                                                               // groups of fewer people are not shown; 0 and 1: all are
	Reviewers  func() []string                                                                         // who may allow that a name is shown
	Scratch    string                                                                                  // folder for what is made for a download; "": that of the system
	Backup     func(ctx context.Context, by string) (*os.File, error)                                  // the caller closes the file, which has no name
}

// Pin is a client that is known to refuse the gateway's certificate for a host.
type Pin struct {
	Client string    `json:"client"`
	Host   string    `json:"host"`
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
	Until  time.Time `json:"until"`
	Passed int64     `json:"passed"` // connections spliced since
}

const (
	// maxConns bounds the connections of each listener.
	maxConns = 256

	// grace is what requests under way get at the end.
	grace = 5 * time.Second
)

// Server is a console with its listeners. Its methods are safe for concurrent
// use.
type Server struct {
	cfg      Config
	doors    doors
	tcp      net.Listener // nil for none
	unix     net.Listener // nil for none
	hosts    map[string]bool
	started  time.Time
	sessions sessions
	logins   *logins // nil for none
	tokens   access.Index
	jobs     begun[Job]
	checks   begun[Check]
	duties   dutyCounts
	life     context.Context // ends with Run
	end      context.CancelFunc
	heavy    chan struct{} // holds one while a request runs that costs much
	exports  chan struct{} // holds one for each table that is being made

	addresses, asked, failures *limiter
}

// NewServer opens the listeners; requests wait until Run. Without Run, Close
// frees them.
func NewServer(cfg Config) (*Server, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Ready == nil {
		cfg.Ready = cfg.Inventory.Health
	}
	cfg.Limits.defaults()
	s := &Server{
		cfg: cfg, started: time.Now(), heavy: make(chan struct{}, 1), exports: make(chan struct{}, maxExports),
		addresses: newLimiter(cfg.Limits.PerSecond, cfg.Limits.Burst),
		asked:     newLimiter(cfg.Limits.PerSecond, cfg.Limits.Burst),
		failures:  newLimiter(cfg.Limits.Failures/60, cfg.Limits.Failures),
	}
	if cfg.OIDC != nil {
		s.logins = &logins{cfg: *cfg.OIDC}
	}
	s.life, s.end = context.WithCancel(context.Background())
	var err error
	if s.doors, err = newDoors(s); err != nil {
		return nil, err
	}
	if cfg.Listen != "" {
		if s.tcp, err = net.Listen("tcp", cfg.Listen); err != nil {
			return nil, fmt.Errorf("opening the console: %w", err)
		}
		s.hosts = allowedHosts(s.tcp.Addr(), cfg.Hosts)
	}
	if cfg.Socket != "" {
		if s.unix, err = listenUnix(cfg.Socket); err != nil {
			return nil, errors.Join(fmt.Errorf("opening the socket of the commands: %w", err), s.Close())
		}
	}
	return s, nil
}

// Addr returns the TCP address, nil where there is none.
func (s *Server) Addr() net.Addr {
	if s.tcp == nil {
		return nil
	}
	return s.tcp.Addr()
}

// Close closes the listeners.
func (s *Server) Close() error {
	s.end()
	closeAll(s.jobs.close())
	s.checks.close()
	s.logins.close()
	var errs []error
	for _, ln := range []net.Listener{s.tcp, s.unix} {
		if ln != nil {
			errs = append(errs, ln.Close())
		}
	}
	return errors.Join(errs...)
}

// Run serves until ctx ends and the requests under way are answered, or their
// time is up.
func (s *Server) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	errs := make(chan error, 2)
	var wg sync.WaitGroup
	start := func(ln net.Listener, h http.Handler) {
		if ln == nil {
			return
		}
		srv := s.httpServer(h)
		wg.Go(func() {
			defer cancel() // one that fails ends the other
			if err := srv.Serve(netutil.LimitListener(ln, maxConns)); !errors.Is(err, http.ErrServerClosed) {
				errs <- fmt.Errorf("console: %w", err)
			}
		})
		wg.Go(func() {
			<-ctx.Done()
			shutDown(srv)
		})
	}
	start(s.tcp, s.doors.network)
	start(s.unix, s.doors.local)
	<-ctx.Done()
	s.end()
	wg.Wait()
	closeAll(s.jobs.close())
	s.checks.close()
	s.logins.close()
	close(errs)
	return <-errs // nil when nothing failed
}

func (s *Server) httpServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelDebug),
	}
}

// shutDown waits for the requests under way, then cuts them off.
func shutDown(srv *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if srv.Shutdown(ctx) != nil {
		srv.Close()
	}
}
