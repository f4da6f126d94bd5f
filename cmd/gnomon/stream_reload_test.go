package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/testnet"
	"github.com/gnomon-proxy/gnomon/inventory/console"
)

// reloading is a gateway of its own process whose streams change while it runs.
type reloading struct {
	t    *testing.T
	dir  string
	info runInfo
	cmd  *exec.Cmd
	done chan error

	spoken
}

// settings writes a settings file: base, and streams to files, each "name file"
// or "name URL".
func (r *reloading) settings(base string, streams ...string) {
	r.t.Helper()
	var b strings.Builder
	b.WriteString(base + "events:\n")
	for _, s := range streams {
		name, to, _ := strings.Cut(s, " ")
		if !strings.Contains(to, ":") {
			to = "file://" + r.file(to)
		}
		fmt.Fprintf(&b, "  - {name: %s, to: %q, kinds: [sighting, finding]}\n", name, to)
	}
	if err := writeFile(filepath.Join(r.dir, "gnomon.yaml"), []byte(b.String()), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func (r *reloading) file(name string) string { return filepath.Join(r.dir, name+".jsonl") }

func (r *reloading) start() {
	r.t.Helper()
	r.cmd = exec.Command("gnomon", "run", "--config", filepath.Join(r.dir, "gnomon.yaml"))
	r.cmd.Stderr = r
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.done = make(chan error, 1)
	go func() { r.done <- r.cmd.Wait() }()
	r.t.Cleanup(func() { r.cmd.Process.Kill() })
	r.await(func() bool {
		b, err := os.ReadFile(filepath.Join(r.dir, "state", runFile))
		return err == nil && json.Unmarshal(b, &r.info) == nil
	})
}

// await is awaitCond for a process of its own, which may be slow to start where
// much else runs.
func (r *reloading) await(cond func() bool) {
	r.t.Helper()
	for begun := time.Now(); !cond(); time.Sleep(10 * time.Millisecond) {
		if time.Since(begun) > 5*time.Minute {
			r.t.Fatalf("not within five minutes\n%s", r.String())
		}
	}
}

// has reports whether the gateway's figures hold all lines.
func (r *reloading) has(lines ...string) bool {
	resp, err := http.Get("http://" + r.info.Console + "/metrics")
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, line := range lines {
		if !strings.Contains("\n"+string(b), "\n"+line+"\n") {
			return false
		}
	}
	return true
}

// times returns how often each event is in files.
func (r *reloading) times(files ...string) map[string]int {
	r.t.Helper()
	n := make(map[string]int)
	for _, name := range files {
		b, err := os.ReadFile(r.file(name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // a stream may change before it has written anything
			r.t.Fatal(err)
		}
		for line := range bytes.Lines(b) {
			var e struct{ ID string }
			if err := json.Unmarshal(line, &e); err != nil || e.ID == "" {
				r.t.Fatalf("%s: %s: %v", name, line, err)
			}
			n[e.ID]++
		}
	}
	return n
}

// TestReloadStreams changes the streams of a gateway twice while it serves, once
// by SIGHUP and once over its API: streams are added, changed, removed and come
// back; no event is lost, and none comes twice.
func TestReloadStreams(t *testing.T) {
	services, err := testnet.Start(testnet.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer services.Close()
	r := &reloading{t: t, dir: t.TempDir()}
	base := fmt.Sprintf("state_dir: state\nproxy:\n  listen: 127.0.0.1:0\n  upstream_ca_files: [%s]\n  allow_private: [127.0.0.0/8]\n  resolve:\n", services.CAFile)
	for host, addr := range services.Resolve() {
		base += fmt.Sprintf("    %s: %q\n", host, addr)
	}
	base += "console: {listen: \"127.0.0.1:0\"}\n"
	r.settings(base, "stays stays", "moves old", "goes goes")
	r.start()
	client, err := testnet.Client(r.info.Proxy, r.info.CA, services.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	var asked atomic.Int64
	stop, stopped := make(chan struct{}), make(chan error, 1)
	go func() { stopped <- askUntil(client, stop, &asked) }()
	more := func() { // some go through as things are now
		t.Helper()
		until := asked.Load() + 20
		r.await(func() bool { return asked.Load() >= until })
	}
	more()
	r.settings(base, "stays stays", "moves new", "comes comes")
	if err := r.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	r.await(func() bool { return r.has(`gnomon_stream_up{stream="comes"} 1`) })
	more()
	r.settings(base, "stays stays", "moves new", "comes comes", "goes goes")
	api, err := console.Dial(t.Context(), filepath.Join(r.dir, "state", socketFile))
	if err != nil {
		t.Fatal(err)
	}
	defer api.Close()
	if err := api.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	more()
	r.settings(base, "stays elsewhere", "moves gopher://x")
	if err := api.Reload(t.Context()); err == nil || !strings.Contains(err.Error(), "to: expected a URL") {
		t.Errorf("a reload of wrong settings: %v", err)
	}
	more()
	close(stop)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	n := asked.Load()
	var want []string
	for _, name := range []string{"stays", "moves", "comes", "goes"} {
		want = append(want, fmt.Sprintf(`gnomon_stream_queue_bytes{stream="%s"} 0`, name))
	}
	want = append(want, fmt.Sprintf(`gnomon_stream_sent_total{stream="stays"} %d`, n), fmt.Sprintf(`gnomon_stream_sent_total{stream="moves"} %d`, n))
	r.await(func() bool { return r.has(want...) })
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-r.done:
		if err != nil {
			t.Fatalf("the gateway: %v\n%s", err, r.String())
		}
	case <-time.After(5 * time.Minute):
		t.Fatalf("the gateway does not end\n%s", r.String())
	}
	r.check(int(n))
}

// check looks at the files that the streams have written.
func (r *reloading) check(n int) {
	r.t.Helper()
	all := r.times("stays")
	if len(all) != n {
		r.t.Errorf("%d events for %d requests", len(all), n)
	}
	for _, files := range [][]string{{"stays"}, {"old", "new"}, {"goes"}, {"comes"}} {
		got := r.times(files...)
		for id, times := range got {
			if times != 1 || all[id] == 0 {
				r.t.Errorf("%v: %s came %d times, and %d times to the stream that stays", files, id, times, all[id])
			}
		}
		if files[0] == "old" && len(got) != n {
			r.t.Errorf("the stream that changes got %d events of %d", len(got), n)
		}
	}
	if covered := r.times("goes", "comes"); len(covered) != n {
		r.t.Errorf("%d of %d events came to the stream that went or to the one that came", len(covered), n)
	}
	for _, want := range []string{`"event stream added" stream=comes`, `"event stream changed" stream=moves`, `stream removed`, `"not reloaded: the old settings and rules stay"`} {
		if !strings.Contains(r.String(), want) {
			r.t.Errorf("the log lacks %s:\n%s", want, r.String())
		}
	}
	if strings.Contains(r.String(), "need a restart") {
		r.t.Errorf("streams need a restart:\n%s", r.String())
	}
}

// askUntil sends one prompt after the other, and counts those that were
// answered.
func askUntil(client *http.Client, stop <-chan struct{}, asked *atomic.Int64) error {
	for {
		select {
		case <-stop:
			return nil
		default:
		}
		resp, err := client.Post("https://api.openai.com/v1/chat/completions", "application/json",
			strings.NewReader(`{"model":"gpt-4o","messages":[{"role":"user","content":"hello"}]}`))
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			return fmt.Errorf("answer %d, %v", resp.StatusCode, err)
		}
		asked.Add(1)
	}
}
