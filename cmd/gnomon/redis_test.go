package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/testnet"
	"github.com/gnomon-proxy/gnomon/internal/testredis"
	"github.com/gnomon-proxy/gnomon/inventory"
)

const redisPassword = "hunter2-of-redis"

// site is one machine with a gateway of its own.
type site struct {
	t   *testing.T
	dir string
	env []string

	spoken // all that its programs said
}

func newSite(t *testing.T, services *testnet.Net, store string) *site {
	var resolve []string
	for host, addr := range services.Resolve() {
		resolve = append(resolve, host+"="+addr)
	}
	s := &site{t: t, dir: filepath.Join(t.TempDir(), "state")}
	s.env = append(os.Environ(),
		"GNOMON_STATE_DIR="+s.dir, "GNOMON_INVENTORY_STORE="+store, "GNOMON_PROXY_LISTEN=127.0.0.1:0", "GNOMON_CONSOLE_LISTEN=127.0.0.1:0",
		"GNOMON_PROXY_UPSTREAM_CA_FILES="+services.CAFile, "GNOMON_PROXY_ALLOW_PRIVATE=127.0.0.0/8", "GNOMON_PROXY_RESOLVE="+strings.Join(resolve, ","))
	return s
}

// gnomon runs a command and returns what it printed.
func (s *site) gnomon(args ...string) (string, error) {
	cmd := exec.Command("gnomon", args...)
	cmd.Env, cmd.Stderr = s.env, s
	out, err := cmd.Output()
	s.Write(out)
	return string(out), err
}

// metrics returns the figures of the gateway that runs.
func (s *site) metrics() string {
	s.t.Helper()
	b, err := os.ReadFile(filepath.Join(s.dir, runFile))
	if err != nil {
		s.t.Fatal(err)
	}
	var info runInfo
	if err := json.Unmarshal(b, &info); err != nil {
		s.t.Fatal(err)
	}
	_, text := fetch(s.t, http.DefaultClient, http.MethodGet, "http://"+info.Console+"/metrics", "")
	return text
}

// durable returns how many sightings the gateway that runs has counted as
// durable.
func (s *site) durable() int64 {
	s.t.Helper()
	text := s.metrics()
	for line := range strings.Lines(text) {
		if figure, ok := strings.CutPrefix(line, "gnomon_sightings_durable_total "); ok {
			n, err := strconv.ParseInt(strings.TrimSpace(figure), 10, 64)
			if err != nil {
				s.t.Fatal(err)
			}
			return n
		}
	}
	s.t.Fatalf("the metrics lack the durable sightings: %s", text)
	return 0
}

// redisUser makes a user for gateways, who may do what they need, and returns
// the setting for a store of that user.
func redisUser(server *testredis.Server) (store string) {
	server.Do("ACL", "SETUSER", "gnomon", "on", ">"+redisPassword, "~{gnomon}:*", "+@all", "-@dangerous", "+info")
	return fmt.Sprintf("redis://gnomon:%s@%s", redisPassword, server.Addr)
}

// shareKey copies the key that gateways over one store share, as an
// administrator does.
func (s *site) shareKey(with ...*site) {
	s.t.Helper()
	key, err := os.ReadFile(filepath.Join(s.dir, inventoryKeyFile))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, other := range with {
		if err := os.MkdirAll(other.dir, 0o700); err != nil {
			s.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(other.dir, inventoryKeyFile), key, 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
}

// start starts a gateway and returns a client of it, and what kills it.
func (s *site) start(services *testnet.Net) (client *http.Client, end func(os.Signal)) {
	s.t.Helper()
	cmd := exec.Command("gnomon", "run")
	cmd.Env, cmd.Stdout, cmd.Stderr = append(s.env, "GNOMON_LOG_LEVEL=warn"), s, s
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { cmd.Wait(); close(done) }()
	end = func(sig os.Signal) { cmd.Process.Signal(sig); <-done }
	s.t.Cleanup(func() { end(syscall.SIGKILL) })
	var info runInfo
	s.await("the gateway runs", func() bool {
		select {
		case <-done:
			s.t.Fatalf("the gateway has ended: %s", s.String())
		default:
		}
		b, err := os.ReadFile(filepath.Join(s.dir, runFile))
		return err == nil && json.Unmarshal(b, &info) == nil && info.PID == cmd.Process.Pid // not of one that was killed
	})
	client, err := testnet.Client(info.Proxy, info.CA, services.CAFile)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(client.CloseIdleConnections)
	return client, end
}

func (s *site) await(what string, cond func() bool) {
	s.t.Helper()
	for begun := time.Now(); !cond(); time.Sleep(5 * time.Millisecond) {
		if time.Since(begun) > time.Minute {
			s.t.Fatalf("%s: not within a minute: %.6000s", what, s.String())
		}
	}
}

func ask(t *testing.T, client *http.Client) int {
	t.Helper()
	resp, err := client.Post("https://api.openai.com/v1/chat/completions", "application/json",
		strings.NewReader(`{"model":"gpt-4o","messages":[{"role":"user","content":"hello"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

// TestTwoGateways: two processes over one Redis keep one inventory. A decision
// made at one is obeyed by the other, both write the same pseudonyms, traffic
// goes on without Redis, what one of them saw before it was killed counts, and
// the password is nowhere.
func TestTwoGateways(t *testing.T) {
	server := testredis.Start(t)
	store := redisUser(server)
	services, err := testnet.Start(testnet.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer services.Close()
	a, b, admin := newSite(t, services, store), newSite(t, services, store), newSite(t, services, store)
	at, _ := a.start(services)
	if _, err := b.gnomon("inventory", "list"); err == nil || !strings.Contains(b.String(), "copy the file from a gateway") {
		t.Errorf("without the key of the first gateway: %v, %s", err, b.String())
	}
	a.shareKey(b, admin)
	bt, kill := b.start(services)
	for range 3 {
		if x, y := ask(t, at), ask(t, bt); x != 200 || y != 200 {
			t.Fatalf("answers %d and %d, want 200", x, y)
		}
	}
	if _, err := a.gnomon("inventory", "refuse", "openai-api"); err != nil {
		t.Fatal(err, a.String())
	}
	begun := time.Now()
	asked, ofB := int64(6), int64(3)
	b.await("the other gateway obeys", func() bool { asked, ofB = asked+1, ofB+1; return ask(t, bt) == 403 })
	t.Logf("the decision took %v", time.Since(begun)) // the aim is a second
	register := func() (s inventory.Service) {
		out, err := admin.gnomon("inventory", "list", "--json")
		if err != nil {
			t.Fatal(err, admin.String())
		}
		if line, _, _ := strings.Cut(out, "\n"); json.Unmarshal([]byte(line), &s) != nil && line != "" {
			t.Fatalf("register: %s", out)
		}
		return s
	}
	admin.await("all requests are in the register", func() bool { return register().Requests == asked })
	if s := register(); s.Clients != 1 || s.Status != "refused" {
		t.Errorf("register: %+v, want one pseudonym for the one client", s)
	}

	server.Kill()
	begun = time.Now()
	for range 20 {
		if x, y := ask(t, at), ask(t, bt); x != 403 || y != 403 {
			t.Errorf("without Redis: answers %d and %d, want 403", x, y)
		}
		asked, ofB = asked+2, ofB+1
	}
	t.Logf("40 requests without Redis took %v", time.Since(begun))
	b.await("what it saw is in its spool", func() bool { return b.durable() == ofB })
	kill(syscall.SIGKILL)
	server.Restart()
	redisUser(server)
	_, end := b.start(services) // its spool holds what the one before it saw
	admin.await("all requests are in the register", func() bool { return register().Requests == asked })
	end(syscall.SIGTERM)

	for name, text := range map[string]string{"a": a.String(), "b": b.String(), "admin": admin.String()} {
		if strings.Contains(text, redisPassword) {
			t.Errorf("%s says the password: %s", name, text)
		}
	}
	if _, err := admin.gnomon("config", "check"); err != nil {
		t.Errorf("config check: %v, %s", err, admin.String())
	}
}
