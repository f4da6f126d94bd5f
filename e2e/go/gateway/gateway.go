// Package gateway runs the real gnomon binary for tests: own state, free ports,
// the stand-ins as its Internet.
package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/testnet"
)

// Gateway is a running `gnomon run`.
type Gateway struct {
	Proxy   string // host:port
	Console string // host:port
	CAFile  string // certificate of its CA
	Dir     string // settings and state

	cmd  *exec.Cmd
	log  logBuffer
	done chan error
}

// Options say how a gateway differs from the default. The zero value is a good
// one.
type Options struct {
	Settings string            // more lines of the settings file, top level
	Proxy    string            // more lines below "proxy:", indented by two
	Rules    map[string]string // overlay files by name
}

// startTimeout is how long a first start, which makes keys, may take.
const startTimeout = 30 * time.Second

// Start starts the binary that GNOMON names in a new folder below dir. The
// caller stops it.
func Start(dir string, n *testnet.Net, o Options) (*Gateway, error) {
	bin := os.Getenv("GNOMON")
	if bin == "" {
		return nil, errors.New("GNOMON names no binary: build it and set GNOMON to its path")
	}
	g := &Gateway{Dir: dir, done: make(chan error, 1)}
	config, err := g.write(n, o)
	if err != nil {
		return nil, err
	}
	g.cmd = exec.Command(bin, "run", "--config", config)
	g.cmd.Stdout, g.cmd.Stderr = &g.log, &g.log
	if err := g.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { g.done <- g.cmd.Wait() }()
	if err := g.ready(); err != nil {
		g.cmd.Process.Kill()
		return nil, fmt.Errorf("%w; its output:\n%s", err, g.log.String())
	}
	return g, nil
}

func (g *Gateway) write(n *testnet.Net, o Options) (config string, err error) {
	var b strings.Builder
	fmt.Fprintf(&b, "state_dir: %s\n", filepath.Join(g.Dir, "state"))
	fmt.Fprintf(&b, "console:\n  listen: 127.0.0.1:0\n%s", o.Settings)
	if len(o.Rules) > 0 {
		fmt.Fprintf(&b, "rules_dir: %s\n", filepath.Join(g.Dir, "rules"))
	}
	fmt.Fprintf(&b, "proxy:\n  listen: 127.0.0.1:0\n  allow_private: [127.0.0.0/8]\n  upstream_ca_files: [%s]\n%s  resolve:\n", n.CAFile, o.Proxy)
	for host, addr := range n.Resolve() {
		fmt.Fprintf(&b, "    %s: %q\n", host, addr)
	}
	if err := os.MkdirAll(g.Dir, 0o700); err != nil {
		return "", err
	}
	for name, text := range o.Rules {
		path := filepath.Join(g.Dir, "rules", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return "", err
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	config = filepath.Join(g.Dir, "gnomon.yaml")
	return config, os.WriteFile(config, []byte(b.String()), 0o600)
}

// ready waits until the gateway has said in run.json where it listens, and
// answers there.
func (g *Gateway) ready() error {
	for end := time.Now().Add(startTimeout); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-g.done:
			g.done <- err
			return fmt.Errorf("gateway ended at once: %v", err)
		default:
		}
		b, err := os.ReadFile(filepath.Join(g.Dir, "state", "run.json"))
		if err != nil {
			continue
		}
		var where struct{ Proxy, Console string }
		if err := json.Unmarshal(b, &where); err != nil {
			return fmt.Errorf("reading run.json: %w", err)
		}
		c, err := net.Dial("tcp", where.Proxy)
		if err != nil {
			continue
		}
		c.Close()
		g.Proxy, g.Console, g.CAFile = where.Proxy, where.Console, filepath.Join(g.Dir, "state", "ca.pem")
		return nil
	}
	return errors.New("gateway does not start")
}

// Log returns what the gateway has printed so far.
func (g *Gateway) Log() string { return g.log.String() }

// Stop sends SIGTERM and waits for the end, which has to be a clean one.
func (g *Gateway) Stop() error {
	g.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-g.done:
		if err != nil {
			return fmt.Errorf("gateway ended with %w; its output:\n%s", err, g.log.String())
		}
		return nil
	case <-time.After(30 * time.Second):
		g.cmd.Process.Kill()
		return errors.New("gateway does not stop")
	}
}

// logBuffer keeps output that arrives while others read it.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
