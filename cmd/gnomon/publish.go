package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/published"
	"github.com/gnomon-proxy/gnomon/rules/overlay"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// errOneGateway says that there is nobody to publish rules for.
var errOneGateway = errors.New("inventory.store is sqlite, which one gateway uses: put the files into its rules_dir and send it SIGHUP; rules are published where gateways share a Redis")

// checkOverlay checks rules as `gnomon rules check` and `gnomon rules test` do, with
// the key that hashes in them are under, and with nothing over or under them but the embedded ones. It
// calls them by name in errors, which are of the type *configError.
func checkOverlay(p overlay.Pack, name string, key traffic.Key) (*knowledge, error) {
	dir, err := os.MkdirTemp("", "gnomon-rules-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := p.Write(dir); err != nil {
		return nil, err
	}
	rename := func(err error) error {
		return &configError{errors.New(strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), name))}
	}
	k, err := loadKnowledge([]string{dir}, key)
	if err != nil {
		return nil, rename(err)
	}
	if failed := failingExamples(k.set); len(failed) > 0 {
		return nil, rename(fmt.Errorf("%s: %w", amount(len(failed), "example fails", "examples fail"), errors.Join(failed...)))
	}
	return k, nil
}

// publish publishes rules that came over the API.
func (g *gateway) publish(ctx context.Context, o published.Order) (*published.Version, error) {
	if len(o.Pack) > 0 {
		_, err := checkOverlay(o.Pack, "", g.key)
		if wrong, ok := errors.AsType[*configError](err); ok {
			return nil, &inventory.InvalidError{Problem: "nothing was changed: " + wrong.Error()}
		}
		if err != nil {
			return nil, err
		}
	}
	return g.published.board.Publish(ctx, o)
}
