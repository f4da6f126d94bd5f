package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/published"
	"github.com/gnomon-proxy/gnomon/inventory/redis"
	"github.com/gnomon-proxy/gnomon/rules/overlay"
)

const (
	// versionFile, in publishedDir, says which version the folder holds.
	versionFile = "version.json"

	// followEvery is how soon a version is noticed that the inventory has seen, and
	// fetchWithin how long fetching it may take. A version that can't be taken is tried again
	// after a second, then ever less often, but once in retryMost.
	followEvery = 100 * time.Millisecond
	fetchWithin = 30 * time.Second
	retryFirst  = time.Second
	retryMost   = time.Minute
)

// publishedRules takes the rules that are published for all gateways. It takes a
// version as a whole or not at all: then the last one stays.
type publishedRules struct {
	board *published.Board
	dir   string // the state directory
	log   *slog.Logger

	mu      sync.Mutex
	use     published.Use // Version: in the state directory, and usable
	floor   int64         // the highest that was ever taken: none below it is
	newest  int64         // on record
	foreign int           // entries that no gateway made
}

// newBoard returns where rules are published, nil for a store of one gateway.
func newBoard(s Settings, st store, inv *inventory.Inventory) (*published.Board, error) {
	shelf, ok := st.(*redis.Store)
	if !ok {
		return nil, nil
	}
	secret, _, err := readKeyFile(keyFileOf(s))
	if err != nil {
		return nil, err
	}
	key, err := published.NewKey(secret)
	if err != nil {
		return nil, err
	}
	return &published.Board{Inventory: inv, Shelf: shelf, Key: key, Taken: func() int64 {
		v, _ := readTaken(s.StateDir) // of a damaged one there is nothing to know
		return v.Number
	}}, nil
}

func newPublishedRules(s Settings, st store, inv *inventory.Inventory, log *slog.Logger) (*publishedRules, error) {
	board, err := newBoard(s, st, inv)
	if board == nil || err != nil {
		return nil, err
	}
	p := &publishedRules{board: board, dir: s.StateDir, log: log}
	p.use.Gateway = gatewayName(s.StateDir)
	v, err := readTaken(s.StateDir)
	if p.floor = v.Number; err == nil {
		p.use.Version = v.Number
	}
	return p, nil
}

// readTaken returns the version in a state directory, that of number 0 when there
// is none. What is not whole is an error.
func readTaken(stateDir string) (v published.Version, err error) {
	dir := filepath.Join(stateDir, publishedDir)
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		return v, nil
	}
	text, err := os.ReadFile(filepath.Join(dir, versionFile))
	if err != nil {
		return v, fmt.Errorf("reading the published rules: %w", err)
	}
	if err := json.Unmarshal(text, &v); err != nil || v.Number <= 0 {
		return v, fmt.Errorf("reading the published rules: %s is damaged", filepath.Join(dir, versionFile))
	}
	p, err := overlay.Read(dir)
	if err == nil && p.Digest() != v.Digest && !v.Withdrawn {
		err = errors.New("they are not those that were taken")
	}
	if err != nil {
		return v, fmt.Errorf("reading the published rules in %s: %w", dir, err)
	}
	return v, nil
}

// Use returns what is in force here, and what is not and why.
func (p *publishedRules) Use() (u published.Use, newest int64, foreign int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.use, p.newest, p.foreign
}

// next returns the version to be taken, nil when that is done.
func (p *publishedRules) next() (*published.Version, error) {
	h := published.Read(p.board.Inventory.Book(), &p.board.Key)
	last := h.Last()
	p.mu.Lock()
	defer p.mu.Unlock()
	if h.Foreign > p.foreign {
		p.log.Error("the ledger names published rules that no gateway sealed, or old ones again: they are left out; find out who writes to the store", "entries", h.Foreign)
	}
	p.newest, p.foreign = last.Number, h.Foreign
	switch {
	case last.Number < p.floor:
		return nil, fmt.Errorf("version %d is on record, but version %d was taken before, and none is taken that is older: publish the rules again from this gateway's state directory (gnomon rules publish)", last.Number, p.floor)
	case last.Number == p.use.Version:
		return nil, nil
	}
	return last, nil
}

// unpack writes a version into a folder of its own in the state directory.
func (p *publishedRules) unpack(v *published.Version, pack overlay.Pack) (dir string, err error) {
	if dir, err = os.MkdirTemp(p.dir, publishedDir+"-*"); err != nil {
		return "", err
	}
	text, err := json.MarshalIndent(v, "", "  ")
	if err == nil {
		err = errors.Join(pack.Write(dir), writeFile(filepath.Join(dir, versionFile), append(text, '\n'), 0o600))
	}
	if err != nil {
		return "", errors.Join(fmt.Errorf("writing version %d of the published rules: %w", v.Number, err), os.RemoveAll(dir))
	}
	return dir, nil
}

// keep puts a folder that unpack made in the place of the one before it.
func (p *publishedRules) keep(dir string) error {
	link := filepath.Join(p.dir, "."+publishedDir)
	if err := os.Remove(link); err != nil && !errors.Is(err, fs.ErrNotExist) { // of a process that was killed here
		return err
	}
	if err := os.Symlink(filepath.Base(dir), link); err != nil {
		return err
	}
	if err := os.Rename(link, filepath.Join(p.dir, publishedDir)); err != nil {
		return err
	}
	old, _ := filepath.Glob(filepath.Join(p.dir, publishedDir+"-*")) // the pattern is good
	for _, name := range old {
		if name != dir {
			if err := os.RemoveAll(name); err != nil {
				p.log.Warn("old published rules can't be deleted", "error", err)
			}
		}
	}
	return nil
}

// said notes how taking a version went, and logs it when that is news.
func (p *publishedRules) said(v *published.Version, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := p.use
	if err == nil {
		p.use.Refused, p.use.Problem = 0, ""
		if v != nil {
			p.use.Version, p.floor = v.Number, v.Number
			p.log.Info("published rules are in force", "version", v.Number, "withdrawn", v.Withdrawn, "files", len(v.Files), "by", v.By, "sha256", v.Digest)
		}
		return
	}
	p.use.Refused, p.use.Problem = p.newest, shortened(err.Error())
	if before.Refused != p.use.Refused || before.Problem != p.use.Problem {
		p.log.Error("published rules can't be taken: the last ones stay in force here, other gateways may decide otherwise", "version", p.newest, "in_force", p.use.Version, "error", err)
	}
}

// shortened returns as much of a text as the ledger should hold.
func shortened(s string) string {
	const most = 500
	if len(s) > most {
		s = s[:most] + " ..."
	}
	return strings.ToValidUTF8(s, "")
}

// takePublished brings the newest version into force, and what it made of it on
// record. It returns an error when it could not.
func (g *gateway) takePublished(ctx context.Context) error {
	g.reloading.Lock()
	defer g.reloading.Unlock()
	s := *g.effective.Load()
	if g.published == nil || !s.takesPublished() {
		return nil
	}
	k, v, err := g.buildPublished(ctx, s)
	if err == nil && k != nil {
		g.adopt(k)
	}
	if ctx.Err() == nil {
		g.published.said(v, err)
	}
	if k != nil && g.pipeline != nil { // else it is put on record when the gateway has begun
		g.noteInForce(ctx, s)
	}
	return err
}

// buildPublished returns what is built from the newest version, nil when it is in
// force.
func (g *gateway) buildPublished(ctx context.Context, s Settings) (*knowledge, *published.Version, error) {
	p := g.published
	v, err := p.next()
	if v == nil || err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, fetchWithin)
	defer cancel()
	var pack overlay.Pack
	if !v.Withdrawn {
		if pack, err = p.board.Fetch(ctx, v); err != nil {
			return nil, nil, err
		}
	}
	dir, err := p.unpack(v, pack)
	if err != nil {
		return nil, nil, err
	}
	k, err := loadAfter(g.knowledge.Load(), []string{s.RulesDir, dir}, g.key)
	if err != nil {
		err = errors.New(strings.ReplaceAll(err.Error(), dir, fmt.Sprintf("version %d", v.Number)))
	} else {
		err = p.keep(dir)
	}
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	return k.withDocuments(g.documents), v, nil
}

// adopt puts rules into force, all of them at once.
func (g *gateway) adopt(k *knowledge) {
	g.knowledge.Store(k)
	g.warnOfActions(k)
	if g.pipeline != nil {
		g.vault.Use(pseudonymises(k.set.Policies))
		g.pipeline.Reload(k.stages())
	}
}

// followPublished takes each version that is published, until ctx ends.
func (g *gateway) followPublished(ctx context.Context) {
	if g.published == nil {
		return
	}
	var seen int64
	var again time.Time // zero: only when something is new
	wait := retryFirst
	for waitOr(ctx, followEvery) {
		seq := g.inventory.Book().Chain().Seq
		if seq == seen && (again.IsZero() || time.Now().Before(again)) {
			continue
		}
		if err := g.takePublished(ctx); err != nil {
			again, wait = time.Now().Add(wait), min(2*wait, retryMost)
		} else {
			again, wait = time.Time{}, retryFirst
		}
		seen = seq
		g.notePublished(ctx)
	}
}

// notePublished puts on record what this gateway made of the published rules.
func (g *gateway) notePublished(ctx context.Context) {
	u, _, _ := g.published.Use()
	if s := g.effective.Load(); !s.takesPublished() {
		u.Version, u.Refused, u.Problem = 0, 0, "rules_shared is off"
	}
	ctx, cancel := context.WithTimeout(ctx, noteTime)
	defer cancel()
	if err := g.published.board.Note(ctx, u); err != nil && ctx.Err() == nil {
		g.log.Error("what this gateway made of the published rules can't be put on record", "error", err)
	}
}

// openRules loads the rules and opens the inventory. Rules that were published
// come from the state directory, and where they can't be used, or newer ones are on record,
// from the store. Without any of those that were published a gateway does not
// start, a new one neither: it would let pass what they refuse.
func (g *gateway) openRules(ctx context.Context) error {
	s := g.settings
	k, lost := g.loadTaken()
	if k == nil {
		return lost
	}
	g.adopt(k.withDocuments(g.documents))
	if err := g.openInventory(ctx); err != nil {
		return err
	}
	var err error
	if g.published, err = newPublishedRules(s, g.store, g.inventory, g.log); err != nil {
		return err
	}
	if lost != nil {
		g.published.use.Version = 0 // nothing of it is in force
	}
	err = g.takePublished(ctx)
	if err == nil && lost == nil {
		return nil
	}
	if u, _, _ := g.published.Use(); u.Version > 0 {
		return nil // it has said why not the newest: those that were taken before hold
	}
	return fmt.Errorf("the published rules can't be used, and could not be fetched again (with rules_shared: false the gateway starts without them): %w", errors.Join(lost, err))
}

// loadTaken loads the rules with those that were published last. Where these can't be
// used, lost says why and k is without them.
func (g *gateway) loadTaken() (k *knowledge, lost error) {
	s := g.settings
	if s.takesPublished() {
		_, lost = readTaken(s.StateDir)
	}
	if lost == nil {
		k, lost = loadKnowledge(s.overlays(), g.key)
	}
	if lost == nil || len(s.overlays()) < 2 {
		return k, lost
	}
	g.log.Error("the published rules in the state directory can't be used: they are fetched again", "error", lost)
	k, err := loadKnowledge([]string{s.RulesDir}, g.key)
	if err != nil {
		return nil, err
	}
	return k, lost
}

// collectPublished sends the figures of the published rules.
func collectPublished(ch chan<- prometheus.Metric, p *publishedRules) {
	if p == nil {
		return
	}
	u, newest, foreign := p.Use()
	gauge := func(name, help string, n int64) { send(ch, prometheus.GaugeValue, name, help, n) }
	gauge("gnomon_rules_published", "Version of the rules that is published for all gateways; 0: none ever was.", newest)
	gauge("gnomon_rules_version", "Version of them that this gateway has taken.", u.Version)
	gauge("gnomon_rules_refused", "Version that it can't take: the log says why; 0: none.", u.Refused)
	gauge("gnomon_rules_foreign", "Entries of the ledger that name published rules and that no gateway sealed.", int64(foreign))
}
