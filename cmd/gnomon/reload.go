package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"sync/atomic"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// reloadable are the settings that a reload puts into effect. The rest need a
// restart.
var reloadable = []string{"rules_dir", "rules_shared", "proxy.intercept", "proxy.auth_file", "events"}

// reload reads the settings, all rules, the users of the proxy, who has which
// address and the event streams anew and swaps them in, or changes nothing.
func (g *gateway) reload() error {
	g.reloading.Lock()
	defer g.reloading.Unlock()
	if err := g.tryReload(); err != nil {
		g.log.Error("not reloaded: the old settings and rules stay", "error", err)
		return err
	}
	k := g.knowledge.Load()
	g.log.Info("reloaded", "services", len(k.set.Services), "detectors", len(k.set.Detectors), "policies", len(k.set.Policies))
	return nil
}

func (g *gateway) tryReload() error {
	s := g.settings
	if g.reread != nil {
		var err error
		if s, err = g.reread(); err != nil {
			return err
		}
	}
	k, err := loadAfter(g.knowledge.Load(), s.overlays(), g.key)
	if err != nil {
		return err
	}
	auth := g.auth.Load()
	if auth != nil && s.Proxy.AuthFile != "" {
		if auth, err = readUsers(s); err != nil {
			return err
		}
	}
	streams, err := g.changeStreams(&s)
	if err != nil {
		return err
	}
	if g.leases != nil { // the last step that can fail
		if err := g.leases.Reload(); err != nil {
			return errors.Join(fmt.Errorf("users.leases: %w", err), streams.Cancel())
		}
		logLeases(g.leases, g.log)
	}
	g.auth.Store(auth)
	g.setIntercept(s.Proxy.Intercept)
	g.adopt(k.withDocuments(g.documents))
	streams.Apply()
	now := g.inForce(s)
	g.effective.Store(&now)
	g.noteInForce(context.Background(), now) // in force they are, whoever asked for it
	if keys := needRestart(g.settings, s); len(keys) > 0 {
		g.log.Warn("these settings have changed and need a restart", "settings", keys)
	}
	return nil
}

// needRestart returns the keys in which two settings differ and which a reload
// does not put into effect.
func needRestart(old, new Settings) (keys []string) {
	if abs, err := filepath.Abs(new.StateDir); err == nil { // as that of old has been made
		new.StateDir = abs
	}
	if abs, err := filepath.Abs(old.StateDir); err == nil {
		old.StateDir = abs
	}
	was, is := old.all(), new.all()
	for i := range was {
		same := reflect.DeepEqual(was[i].value.Interface(), is[i].value.Interface())
		users := was[i].key == "proxy.auth_file" && (was[i].value.String() == "") != (is[i].value.String() == "")
		if users || !same && !slices.Contains(reloadable, was[i].key) {
			keys = append(keys, was[i].key)
		}
	}
	return keys
}

// warnOfActions says what the rules ask for and this version does not do.
func (g *gateway) warnOfActions(k *knowledge) {
	for i := range k.set.Policies {
		switch p := &k.set.Policies[i]; p.Action {
		case traffic.ActionCoach:
			g.log.Warn("coach acts like alert in this version: its message reaches nobody", "rule", p.Name, "at", p.Source.String())
		}
	}
}

// users are the users of the proxy as the last reload left them.
type users struct{ current *atomic.Pointer[authFile] }

// Authenticate implements proxy.Authenticator.
func (u users) Authenticate(name, password string) ([]string, bool) {
	return u.current.Load().Authenticate(name, password)
}

func readUsers(s Settings) (*authFile, error) {
	auth, err := readAuthFile(s.Proxy.AuthFile)
	if err != nil {
		return nil, &configError{fmt.Errorf("proxy.auth_file: %w", err)}
	}
	return auth, nil
}
