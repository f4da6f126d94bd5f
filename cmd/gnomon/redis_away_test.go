package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/gnomon-proxy/gnomon/internal/testnet"
	"github.com/gnomon-proxy/gnomon/internal/testredis"
)

// TestStartWithoutRedis: a gateway that ran before starts while Redis is down,
// what was decided holds, what it sees is spooled and counted later. A Redis that
// lost everything is not written to before an admin says so.
func TestStartWithoutRedis(t *testing.T) {
	server := testredis.Start(t)
	services, err := testnet.Start(testnet.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer services.Close()
	a := newSite(t, services, "redis://"+server.Addr)
	client, end := a.start(services)
	if got := ask(t, client); got != 200 {
		t.Fatalf("answer %d, want 200", got)
	}
	if _, err := a.gnomon("inventory", "refuse", "openai-api"); err != nil {
		t.Fatal(err, a.String())
	}
	asked := 1
	a.await("the decision", func() bool { asked++; return ask(t, client) == 403 })
	end(syscall.SIGTERM)

	server.Kill()
	fresh := newSite(t, services, "redis://"+server.Addr)
	if _, err := fresh.gnomon("run"); err == nil {
		t.Error("a gateway that knows nothing started without Redis")
	}
	if _, err := os.Stat(filepath.Join(fresh.dir, "people.key")); err == nil {
		t.Error("it made keys of its own, which are not those of the others")
	}
	client, _ = a.start(services)
	for range 3 {
		asked++
		if got := ask(t, client); got != 403 {
			t.Errorf("without Redis: answer %d, want 403", got)
		}
	}
	a.await("it is said", func() bool {
		return strings.Contains(a.String(), "Redis does not answer") && strings.Contains(a.String(), "the ledger can't be read")
	})
	server.Restart()
	requests := `"requests":` + strconv.Itoa(asked) + ","
	a.await("all requests are in the register", func() bool {
		out, err := a.gnomon("inventory", "list", "--json")
		return err == nil && strings.Contains(out, requests)
	})

	server.Do("FLUSHALL")
	a.await("the loss is noticed", func() bool { return strings.Contains(a.String(), "it is empty") })
	if _, err := a.gnomon("inventory", "approve", "openai-api"); err == nil {
		t.Error("a decision was written into an emptied Redis")
	}
	if got := ask(t, client); got != 403 {
		t.Errorf("after the loss: answer %d, want 403", got)
	}
	if out, err := a.gnomon("inventory", "ledger"); err == nil || !strings.Contains(out, "known here") {
		t.Errorf("inventory ledger: %v, %s", err, out)
	}
	if _, err := a.gnomon("inventory", "ledger", "--put-back"); err != nil {
		t.Fatal(err, a.String())
	}
	a.await("decisions can be made again", func() bool {
		_, err := a.gnomon("inventory", "approve", "openai-api")
		return err == nil
	})
	a.await("the new decision", func() bool { return ask(t, client) == 200 })
	if out, err := a.gnomon("inventory", "ledger"); err != nil || !strings.HasPrefix(out, "head ") {
		t.Errorf("inventory ledger: %v, %s", err, out)
	}
	a.await("the names that the store had lost, of people who are still at work", func() bool {
		out, _ := a.gnomon("inventory", "verify")
		return strings.Contains(out, "1 person compared") && !strings.Contains(out, "PROBLEM")
	})
}
