package main

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/assess"
	"github.com/gnomon-proxy/gnomon/inventory/console"
	"github.com/gnomon-proxy/gnomon/inventory/controls"
	"github.com/gnomon-proxy/gnomon/inventory/declared"
	"github.com/gnomon-proxy/gnomon/inventory/evidence"
	"github.com/gnomon-proxy/gnomon/inventory/register"
	"github.com/gnomon-proxy/gnomon/rules"
)

// shareWithConsole hands the API what it shares with the commands.
func (g *gateway) shareWithConsole(c *console.Config) {
	c.Rules = g.rules
	if g.published != nil {
		c.Published, c.Publish = g.published.board.State, g.publish
		c.RulesTaken = func() (version, refused int64) {
			u, _, _ := g.published.Use()
			return u.Version, u.Refused
		}
	}
	c.Streams = g.streamStats
	c.Drift = g.drift
	c.Risks = func(ctx context.Context, period, method string) (*assess.Register, error) {
		r, err := riskRegister(ctx, g.inventory, g.rules(), riskFlags{period, cmp.Or(method, defaultMethod), g.settings.Privacy.group()}, time.Now())
		return r, asInvalid(err)
	}
	c.Statement = func(ctx context.Context, r *assess.Register, rows []assess.Row, framework string) (*controls.SoA, error) {
		s, err := draftSoA(ctx, g.inventory, r, rows, framework)
		return s, asInvalid(err)
	}
	c.Register = func(ctx context.Context, ids []string) ([]register.Row, error) {
		_, rows, err := registerRows(ctx, g.inventory, g.rules(), ids, g.settings.Privacy.group())
		return rows, err
	}
	c.Table = g.table
	c.Sheet = func(lang string) []console.SheetRow {
		list := []console.SheetRow{}
		for _, r := range dataSheet(*g.effective.Load(), lang == "de") {
			list = append(list, console.SheetRow(r))
		}
		return list
	}
	c.Signer = func() (fingerprint, key string, err error) {
		k, err := evidence.LoadOrCreateKey(filepath.Join(g.settings.StateDir, evidence.KeyFile))
		if err != nil {
			return "", "", err
		}
		return k.Public().Fingerprint(), string(k.Public().PEM()), nil
	}
	c.K = g.settings.Privacy.group()
	c.Reviewers = func() []string { return g.settings.Privacy.Reviewers }
	c.Evidence, c.Scratch = g.exportPack, g.settings.StateDir
	if g.settings.Inventory.Store == storeSQLite {
		c.Backup = g.backupFile
	}
}

// drift is driftOf without what tells of small departments.
func (g *gateway) drift(ctx context.Context, from time.Time) ([]declared.Difference, []string, error) {
	list, unknown, err := driftOf(ctx, g.inventory, g.rules(), from, time.Now())
	if err != nil {
		return nil, nil, err
	}
	list, err = hideDepartments(ctx, g.settings.Privacy.group(), g.inventory.Seen(), list)
	return list, unknown, err
}

func (g *gateway) rules() *rules.Set { return g.knowledge.Load().set }

// asInvalid turns a mistake of who asks into the API's form of it.
func asInvalid(err error) error {
	if usage, ok := errors.AsType[*exitError](err); ok && usage.code == exitUsage {
		return &inventory.InvalidError{Problem: strings.TrimPrefix(usage.Error(), "--")}
	}
	return err
}

func (g *gateway) streamStats() []console.Stream {
	list := []console.Stream{}
	for _, s := range g.streams.Streams() {
		n := s.Stats()
		list = append(list, console.Stream{
			Name: s.Name(), Queued: n.Queued, Sent: n.Sent, Dropped: n.Dropped, Refused: n.Refused,
			Failures: n.Failures, Damaged: n.Damaged, Bytes: n.Bytes, Ailing: n.Ailing,
		})
	}
	return list
}

// backupFile returns a backup without keys as a file that has no name any more.
func (g *gateway) backupFile(ctx context.Context, by string) (*os.File, error) {
	dir, err := os.MkdirTemp(g.settings.StateDir, ".backup-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "backup.tgz")
	if _, err := backup(ctx, g.settings, g.inventory, by, path, false); err != nil {
		return nil, err
	}
	return os.Open(path)
}

// exportPack makes an evidence pack as the command does.
func (g *gateway) exportPack(ctx context.Context, by, period, organisation, dir string) (differ int, err error) {
	span, err := assess.ParsePeriod(period, time.Now())
	if err != nil {
		return 0, &inventory.InvalidError{Problem: "period: " + err.Error()}
	}
	o := packOrder{
		period: period, span: span, out: dir, organisation: organisation, method: defaultMethod, by: by, now: time.Now().UTC().Truncate(time.Second),
		keyFile: filepath.Join(g.settings.StateDir, evidence.KeyFile), k: int(g.settings.Privacy.K),
	}
	m, err := o.export(ctx, g.inventory, g.rules())
	if err != nil {
		return 0, asInvalid(err)
	}
	if differ = len(m.Sums.Problems); differ > 0 {
		g.log.Error("sums in the store are not what its sightings add up to: the evidence pack says which", "period", period, "sums", differ, "first", m.Sums.Problems[0])
	}
	return differ, nil
}
