package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/strictyaml"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/evidence"
	"github.com/gnomon-proxy/gnomon/rules"
)

// noteTime bounds how long a start or a reload waits for the ledger.
const noteTime = 10 * time.Second

// noteInForce puts on record which rules and settings are in force from now on,
// unless they are those of before. Traffic does not wait for it to succeed.
func (g *gateway) noteInForce(ctx context.Context, s Settings) {
	ctx, cancel := context.WithTimeout(ctx, noteTime)
	defer cancel()
	name := hostName()
	if g.published != nil {
		name = gatewayName(s.StateDir)
	}
	own, err := ownRules(s.overlays())
	if err != nil {
		g.log.Error("the rules in force can't be put on record in full", "error", err)
	}
	r := &evidence.RulesNote{Gateway: name, Program: version, Embedded: rules.Digest(), Files: own}
	if g.published != nil && s.takesPublished() {
		u, _, _ := g.published.Use()
		r.Published = u.Version
	}
	n := &evidence.SettingsNote{Gateway: name, Program: version, Settings: settingsShown(&s)}
	_, err = g.inventory.Write(ctx, "gnomon", func(b *inventory.Book) ([]inventory.Note, error) {
		notes, err := r.Notes(b)
		if err != nil {
			return nil, err
		}
		more, err := n.Notes(b)
		return append(notes, more...), err
	})
	if err != nil {
		g.log.Error("the rules and settings in force can't be put on record", "error", err)
	}
}

func hostName() string {
	host, err := os.Hostname()
	if err != nil {
		return "unknown"
	}
	return host
}

// gatewayName tells a gateway from the others of its inventory: two may run on one
// machine.
func gatewayName(stateDir string) string { return hostName() + ":" + stateDir }

// inForce returns the settings that are in force after a reload of s: the rest
// waits for a restart.
func (g *gateway) inForce(s Settings) Settings {
	now := g.settings
	now.RulesDir, now.RulesShared = s.RulesDir, s.RulesShared
	now.Proxy.Intercept, now.Proxy.AuthFile, now.Events = s.Proxy.Intercept, s.Proxy.AuthFile, s.Events
	return now
}

// settingsShown returns all settings by key, without secrets.
func settingsShown(s *Settings) map[string]any {
	all := make(map[string]any)
	for _, one := range s.all() {
		v := one.shown()
		if events, ok := v.([]EventSettings); ok {
			for i := range events {
				events[i].To = receiver(events[i].To)
			}
		}
		all[one.key] = v
	}
	return all
}

// receiver leaves of a URL what names the receiver: the rest may be a secret, as
// in the addresses of many webhooks.
func receiver(to string) string {
	u, err := url.Parse(to)
	switch {
	case err != nil:
		return "(not a URL)"
	case u.Scheme == "file":
		return to
	}
	return u.Scheme + "://" + u.Host
}

// maxOwnText bounds the text of own rules that is put on record at one time. Of
// what goes beyond, the hashes are.
const maxOwnText = 4 << 20

// ownRules reads what is laid over the embedded rules: rules_dir, and what was
// published, as files below a folder of that name. The values of allow-lists
// stay out of the ledger, which keeps for ever: they may be anybody's data.
func ownRules(overlays []string) (files []evidence.RuleFile, err error) {
	room := maxOwnText
	for i, dir := range overlays {
		if dir == "" {
			continue
		}
		below := ""
		if i > 0 {
			below = publishedDir + "/"
		}
		some, e := ownRulesOf(os.DirFS(dir), below, &room)
		files, err = append(files, some...), errors.Join(err, e)
	}
	return files, err
}

func ownRulesOf(root fs.FS, below string, room *int) (files []evidence.RuleFile, err error) {
	for _, pattern := range []string{"*/*.yaml", "*/*.yml", "edm/*.edm", "fingerprints/*.fp"} {
		names, _ := fs.Glob(root, pattern) // the patterns are good
		for _, name := range names {
			if strings.HasPrefix(name, ".") || strings.HasPrefix(path.Base(name), ".") {
				continue
			}
			f, e := ownRule(root, name, room)
			f.Name = below + name
			if err = errors.Join(err, e); e == nil {
				files = append(files, f)
			}
		}
	}
	return files, err
}

func ownRule(root fs.FS, name string, room *int) (evidence.RuleFile, error) {
	f, err := root.Open(name)
	if err != nil {
		return evidence.RuleFile{}, err
	}
	defer f.Close()
	ext := path.Ext(name)
	if ext == ".edm" || ext == ".fp" { // hashes, of any size
		sum := sha256.New()
		n, err := io.Copy(sum, f)
		return evidence.RuleFile{Name: name, Size: n, SHA256: hex.EncodeToString(sum.Sum(nil))}, err
	}
	data, err := io.ReadAll(io.LimitReader(f, strictyaml.MaxFile+1)) // more is refused when rules are loaded
	if err != nil {
		return evidence.RuleFile{}, err
	}
	keep := path.Dir(name) != "allow" && len(data) <= *room
	if keep {
		*room -= len(data)
	}
	return evidence.NewRuleFile(name, data, keep), nil
}
