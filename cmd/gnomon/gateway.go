package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gnomon-proxy/gnomon/dlp/vault"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/console"
	"github.com/gnomon-proxy/gnomon/inventory/keys"
	"github.com/gnomon-proxy/gnomon/inventory/notice"
	"github.com/gnomon-proxy/gnomon/inventory/stream"
	"github.com/gnomon-proxy/gnomon/proxy"
	"github.com/gnomon-proxy/gnomon/proxy/pki"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/sniffer/leases"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// gateway is everything that `gnomon run` runs, fitted together.
type gateway struct {
	settings  Settings                 // of the start
	effective atomic.Pointer[Settings] // those that are in force
	log       *slog.Logger
	key       traffic.Key
	documents *documents
	knowledge atomic.Pointer[knowledge]
	intercept atomic.Pointer[func(host string) bool]
	pipeline  *traffic.Pipeline
	vault     *vault.Vault // of what rules pseudonymise
	store     store
	inventory *inventory.Inventory
	published *publishedRules // for all gateways; nil: the store is of one
	streams   *stream.Group   // of events, to other systems
	keys      *keys.Watch     // notices API keys in prompts
	notices   *notice.Teller  // of what is put on record, to the streams
	proxy     *proxy.Server
	console   *console.Server
	metrics   http.Handler
	auth      atomic.Pointer[authFile]
	leases    *leases.Map              // nil: nobody is known by address
	sensors   sensors                  // beside the proxy
	reread    func() (Settings, error) // the settings anew; nil: they stay
	reloading sync.Mutex
	close     []func() error // in reverse order
}

// newGateway builds all parts and opens all listeners, so that what is wrong
// shows before anything runs. The caller must call Close.
func newGateway(ctx context.Context, s Settings, log *slog.Logger) (g *gateway, err error) {
	g = &gateway{settings: s, log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, g.Close())
		}
	}()
	if g.settings.StateDir, err = filepath.Abs(s.StateDir); err != nil { // others read it in run.json, from elsewhere
		return g, err
	}
	s = g.settings
	g.effective.Store(&s)
	if err := makeStateDir(s.StateDir); err != nil {
		return g, err
	}
	unlock, err := lockState(s.StateDir)
	if err != nil {
		return g, err
	}
	g.close = append(g.close, func() error { unlock(); return nil })
	if g.store, err = openStore(ctx, s, log, true); err != nil { // before the key, which it may bring
		return g, err
	}
	g.close = append(g.close, g.store.Close)
	if g.key, err = loadHashKey(s.StateDir); err != nil {
		return g, err
	}
	warnOfDoubts(&s, log)
	g.documents = newDocuments(s)
	g.setIntercept(s.Proxy.Intercept)
	if err := g.openRules(ctx); err != nil { // and the inventory, which says which rules hold
		return g, err
	}
	k := g.knowledge.Load()
	g.pipeline = traffic.NewPipeline(k.stages(), g.inventory, g.inventory, func(host string) bool { return (*g.intercept.Load())(host) }, log)
	g.pipeline.SetExempter(g.inventory)
	if g.vault, err = newVault(s, g.key, g.store, g.inventory, log); err != nil {
		return g, err
	}
	g.vault.Use(pseudonymises(k.set.Policies))
	g.pipeline.UseVault(g.vault)
	if g.leases, err = openLeases(s.Users.Leases, time.Local, g.pipeline, log); err != nil {
		return g, err
	}
	if err := g.openSensors(ctx); err != nil {
		return g, err
	}
	return g, g.listen()
}

func (g *gateway) setIntercept(patterns []string) {
	match := hostPatterns(patterns)
	g.intercept.Store(&match)
}

func (g *gateway) openInventory(ctx context.Context) (err error) {
	if err := g.openStreams(); err != nil {
		return err
	}
	g.keys = keys.New(g.log)
	key, err := copyKey(g.settings)
	if err != nil {
		return err
	}
	g.inventory, err = inventory.New(ctx, g.settings.Inventory.Retention.on(inventory.Config{Dir: g.settings.StateDir, Store: g.store, Copy: key, Away: true, Catalogue: g.catalogue, Personal: g.personal, Log: g.log, Sink: g.kept, Rotate: inventory.Rotation(g.settings.Privacy.Rotate), Warm: true}))
	if err != nil {
		return err
	}
	g.notices, err = notice.Open(filepath.Join(g.settings.StateDir, toldFile), g.inventory, g.streams.Tell, g.log)
	return err
}

// toldFile, in the state directory, says how much of the ledger the streams were
// told.
const toldFile = "streams.told"

// kept hands on sightings that have become durable.
func (g *gateway) kept(events []inventory.Event) {
	g.streams.Record(events)
	g.keys.Record(events)
}

func (g *gateway) catalogue() []rules.Service { return g.knowledge.Load().set.Services }

// listen opens the console first: its address is one that nobody may reach
// through the proxy.
func (g *gateway) listen() error {
	ca, err := pki.LoadOrCreate(g.settings.StateDir)
	if err != nil {
		return err
	}
	window := console.Config{
		Listen: g.settings.Console.Listen, Socket: filepath.Join(g.settings.StateDir, socketFile),
		Inventory: g.inventory, Metrics: http.HandlerFunc(g.serveMetrics), Reload: g.reload, Pinned: g.pinned, Version: version, Log: g.log,
	}
	g.shareWithConsole(&window)
	if err := g.settings.Console.on(&window); err != nil {
		return err
	}
	if g.console, err = console.NewServer(window); err != nil {
		return err
	}
	g.close = append(g.close, g.console.Close)
	cfg, err := proxyConfig(g.settings)
	if err != nil {
		return err
	}
	if g.settings.Proxy.AuthFile != "" {
		auth, err := readUsers(g.settings)
		if err != nil {
			return err
		}
		g.auth.Store(auth)
		cfg.Auth = users{&g.auth}
	}
	if g.settings.Privacy.OwnPage {
		cfg.Own, cfg.OwnKey = ownPage{g}, g.key
	}
	cfg.Self = append(cfg.Self, addrPort(g.console.Addr().String()))
	if g.proxy, err = proxy.New(cfg, ca, g.pipeline, g.log); err != nil {
		return err
	}
	g.metrics = newMetricsHandler(g.pipeline, g.proxy, g.inventory, &g.sensors, g.streams, g.vault, g.published, g.log)
	return nil
}

// serveMetrics is asked only while the console runs, when all parts are there.
func (g *gateway) serveMetrics(w http.ResponseWriter, r *http.Request) { g.metrics.ServeHTTP(w, r) }

func (g *gateway) pinned() []console.Pin {
	pins := []console.Pin{}
	for _, p := range g.proxy.Pinned() {
		pins = append(pins, console.Pin{Client: p.Client.String(), Host: p.Host, Reason: p.Reason, Since: p.Since, Until: p.Expires, Passed: p.Passed})
	}
	return pins
}

// proxyConfig turns settings into the configuration of the proxy.
func proxyConfig(s Settings) (proxy.Config, error) {
	cfg := proxy.DefaultConfig()
	cfg.Listen, cfg.Resolve, cfg.Grace = s.Proxy.Listen, s.Proxy.Resolve, s.Proxy.Grace
	cfg.MaxScanBytes, cfg.ScanMemory = int64(s.Proxy.MaxScanBytes), int64(s.Proxy.ScanMemory)
	cfg.Clients, cfg.AllowPrivate, cfg.ConnectPorts = s.Proxy.Clients, s.Proxy.AllowPrivate, s.Proxy.ConnectPorts
	for _, path := range s.Proxy.UpstreamCAFiles {
		roots, err := pki.ReadCertificates(path)
		if err != nil {
			return cfg, &configError{fmt.Errorf("proxy.upstream_ca_files: %w", err)}
		}
		cfg.UpstreamRoots = append(cfg.UpstreamRoots, roots...)
	}
	return cfg, nil
}

func addrPort(s string) netip.AddrPort {
	ap, _ := netip.ParseAddrPort(s) // of a listener: always valid
	return ap
}

// run serves until ctx ends, then ends listeners and connections before the
// inventory that records them.
func (g *gateway) run(ctx context.Context) error {
	info := runInfo{PID: os.Getpid(), Proxy: g.proxy.Addr().String(), Console: g.console.Addr().String(), CA: caFile(g.settings), Started: time.Now().UTC()}
	if s := g.sensors.syslog; s != nil {
		info.Syslog, info.TLS = addrText(s.listener.Addr()), addrText(s.listener.TLSAddr())
	}
	removeInfo, err := writeRunInfo(g.settings.StateDir, info)
	if err != nil {
		return err
	}
	defer removeInfo()
	services := append([]service{{"event streams", g.streams.Run}}, service{"notices", g.notices.Run}, service{"inventory", g.inventory.Run}, service{"keys", func(ctx context.Context) error { return g.keys.Run(ctx, g.inventory) }}, service{"vault", g.vault.Run}, service{"erasures", g.newForgetting().run}, service{"console", g.console.Run})
	if g.leases != nil {
		services = append(services, service{"leases", g.leases.Run})
	}
	services = append(services, g.sensors.services()...)
	return runAll(ctx, append(services, service{"proxy", g.proxy.Run}))
}

// Close frees what newGateway opened.
func (g *gateway) Close() error {
	var errs []error
	for i := len(g.close) - 1; i >= 0; i-- {
		errs = append(errs, g.close[i]())
	}
	g.close = nil
	return errors.Join(errs...)
}
