package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/internal/testnet"
)

// erase erases the one client that was seen, and awaits that no gateway holds a
// value of it any more.
func erase(t *testing.T, by *site, all ...*site) {
	t.Helper()
	var seen struct {
		Clients []struct{ Name string } `json:"clients_seen"`
	}
	by.await("the client is known", func() bool {
		out, err := by.gnomon("inventory", "show", "openai-api", "--json")
		return err == nil && json.Unmarshal([]byte(out), &seen) == nil && len(seen.Clients) == 1
	})
	if out, err := by.gnomon("privacy", "erase", seen.Clients[0].Name, "--reason", "asked to be forgotten"); err != nil {
		t.Fatal(out, err)
	}
	for _, s := range all {
		s.await("the values are wiped", func() bool { return strings.Contains(s.metrics(), "gnomon_vault_values 0\n") })
	}
	by.await("that is on record", func() bool {
		out, err := by.gnomon("privacy", "deletions")
		return err == nil && strings.Contains(out, "1 value held by ") && strings.Contains(out, "asked to be forgotten")
	})
}

// TestPseudonymsErased wipes the values of a person who is erased, while the
// gateway runs.
func TestPseudonymsErased(t *testing.T) {
	services, err := testnet.Start(testnet.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer services.Close()
	s := pseudonymising(t, services, storeSQLite)
	client, _ := s.start(services)
	const value = "anna.smith@contoso.com"
	tell(t, client, "ann", "write to "+value, false)
	token := sent(t, services, value)
	erase(t, s, s)
	if got := tell(t, client, "ann", "who is "+token+"?", false); got != "You said: who is "+token+"?" {
		t.Errorf("after the erasure ann reads %q", got)
	}
	if got := tell(t, client, "ann", "write to "+value, false); got != "You said: write to "+value {
		t.Errorf("ann speaks again and reads %q", got)
	}
}

// TestPseudonymsErasedShared does so with two gateways over one Redis.
func TestPseudonymsErasedShared(t *testing.T) {
	p := twoPseudonymising(t)
	server, services, a, b, at, bt := p.redis, p.services, p.a, p.b, p.at, p.bt
	const value = "anna.smith@contoso.com"
	tell(t, at, "ann", "write to "+value, true)
	token := sent(t, services, value)
	b.await("the other gateway restores", func() bool {
		return tell(t, bt, "ann", "who is "+token+"?", true) == "You said: who is "+value+"?"
	})
	erase(t, a, a, b)
	a.await("Redis holds no value", func() bool {
		return server.Do("EVAL", "return #redis.call('KEYS', '*vault*')", "0") == ":0"
	})
	if got := tell(t, bt, "ann", "who is "+token+"?", false); got != "You said: who is "+token+"?" {
		t.Errorf("after the erasure ann reads %q", got)
	}
}
