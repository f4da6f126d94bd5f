package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// api asks a gateway everything that its API can be asked, and its page, over the
// inventory in o.dir (and a Redis): what a person waits for.
func api(o options) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	g, err := startGateway(ctx, o)
	if err != nil {
		return err
	}
	defer g.stop()
	list, err := g.questions()
	if err != nil {
		return err
	}
	begun := time.Now()
	g.rest()
	fmt.Fprintf(os.Stderr, "what is made ready at the start took %.0f s, %.1f s of CPU\n", time.Since(begun).Seconds(), g.cpu().Seconds())
	fmt.Print("| question | first | median | slowest | CPU | answer |\n|---|---|---|---|---|---|\n")
	for _, q := range list {
		if o.only != "" && !strings.Contains(q.name, o.only) {
			continue
		}
		if err := g.measure(q, o.times); err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
	}
	now, most := g.memory()
	fmt.Printf("\n%d MiB of memory, %d at most\n", now, most)
	return nil
}

// question is one that is asked over HTTP.
type question struct{ name, path string }

// gateway is a real one, over its socket and its port.
type gateway struct {
	cmd     *exec.Cmd
	local   *http.Client
	console string // http://address, to which the cookie belongs
	cookie  *http.Cookie
	ended   <-chan error
}

func startGateway(ctx context.Context, o options) (*gateway, error) {
	if o.gnomon == "" {
		return nil, errors.New("-api needs -gnomon FILE: the command to measure")
	}
	g := &gateway{cmd: exec.CommandContext(ctx, o.gnomon, "run")}
	g.cmd.Env = append(os.Environ(), "GNOMON_STATE_DIR="+o.dir, "GNOMON_PROXY_LISTEN=127.0.0.1:0", "GNOMON_CONSOLE_LISTEN=127.0.0.1:0", "GNOMON_INVENTORY_STORE="+cmp.Or(o.store, "sqlite"))
	g.cmd.Stderr = os.Stderr
	if err := g.cmd.Start(); err != nil {
		return nil, err
	}
	socket := filepath.Join(o.dir, "gnomon.sock")
	g.local = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}}
	ended := make(chan error, 1)
	go func() { ended <- g.cmd.Wait() }()
	g.ended = ended
	for begun := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		if len(ended) > 0 {
			return nil, fmt.Errorf("the gateway has ended: %w", <-ended)
		}
		if _, err := g.ask(g.local, "http://local/readyz"); err == nil {
			return g, g.login()
		} else if time.Since(begun) > 2*time.Minute {
			g.stop()
			return nil, fmt.Errorf("waiting for the gateway: %w", err)
		}
	}
}

func (g *gateway) stop() {
	g.cmd.Process.Signal(syscall.SIGTERM)
	<-g.ended
}

// login trades the link of the socket for a session of the page.
func (g *gateway) login() error {
	r, err := g.local.Post("http://local/api/v1/link", "application/json", strings.NewReader("{}"))
	if err != nil {
		return err
	}
	defer r.Body.Close()
	var link struct{ Link string }
	if err := json.NewDecoder(r.Body).Decode(&link); err != nil {
		return err
	}
	u, err := url.Parse(link.Link)
	if err != nil {
		return err
	}
	token, _ := json.Marshal(map[string]string{"token": u.Fragment[strings.IndexByte(u.Fragment, '=')+1:]})
	g.console = "http://" + u.Host
	in, err := http.Post(g.console+"/api/v1/login", "application/json", bytes.NewReader(token))
	if err != nil {
		return err
	}
	in.Body.Close()
	if len(in.Cookies()) == 0 {
		return fmt.Errorf("logging in: %s", in.Status)
	}
	g.cookie = in.Cookies()[0]
	return nil
}

// ask returns the length of an answer that is good.
func (g *gateway) ask(c *http.Client, at string) (int64, error) {
	r, err := http.NewRequest(http.MethodGet, at, nil)
	if err != nil {
		return 0, err
	}
	if g.cookie != nil {
		r.AddCookie(g.cookie)
	}
	for {
		answer, err := c.Do(r)
		if err != nil {
			return 0, err
		}
		n, err := io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
		if answer.StatusCode == http.StatusTooManyRequests {
			time.Sleep(time.Second)
			continue
		}
		if err == nil && answer.StatusCode != http.StatusOK {
			err = errors.New(answer.Status)
		}
		return n, err
	}
}

// get decodes an answer.
func (g *gateway) get(path string, v any) error {
	r, err := g.local.Get("http://local/api/v1" + path)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	return json.NewDecoder(r.Body).Decode(v)
}

// questions lists every GET of the API, with the parameters that pages use.
func (g *gateway) questions() (list []question, err error) {
	var doc struct {
		Paths map[string]map[string]any
	}
	if err := g.get("/openapi.json", &doc); err != nil {
		return nil, err
	}
	for path, ways := range doc.Paths {
		path = strings.TrimPrefix(path, "/api/v1")
		if ways["get"] == nil || strings.HasPrefix(path, "/evidence/{") || strings.HasPrefix(path, "/ledger/verifications/{") { // need a job
			continue
		}
		some, err := g.filled(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for _, p := range some {
			list = append(list, question{"GET " + p, "/api/v1" + p})
		}
	}
	slices.SortFunc(list, func(a, b question) int { return strings.Compare(a.name, b.name) })
	return append([]question{{"the page", "/"}}, list...), nil
}

// filled puts something that is there into the place of names in a path.
func (g *gateway) filled(path string) (list []string, err error) {
	switch {
	case strings.Contains(path, "{framework}"):
		return []string{strings.Replace(path, "{framework}", "iso42001", 1)}, nil
	case strings.Contains(path, "{format}"):
		return []string{strings.Replace(path, "{format}", "hosts", 1) + "?status=unreviewed,refused", strings.Replace(path, "{format}", "pac", 1)}, nil
	case strings.Contains(path, "{table}"):
		for _, t := range []string{"services", "register", "risks", "drift", "suppliers", "statement", "models", "tools", "servers", "agents", "accounts", "keys", "users", "departments"} {
			list = append(list, strings.Replace(path, "{table}", t, 1))
		}
		return list, nil
	case strings.Contains(path, "/subjects/"):
		return g.subjects(path)
	case strings.Contains(path, "{name}"):
		return []string{strings.Replace(path, "{name}", "service-0", 1), strings.Replace(path, "{name}", "service-777", 1)}, nil
	case path == "/risks":
		return []string{path, path + "?limit=100", path + "?period=2026"}, nil
	case path == "/services" || path == "/drift" || path == "/register" || path == "/accounts":
		return []string{path, path + "?limit=100"}, nil
	}
	return []string{path}, nil
}

func (g *gateway) subjects(path string) (list []string, err error) {
	for _, kind := range []string{"user", "client", "key", "group", "model", "agent", "tool", "server"} {
		p := strings.Replace(path, "{kind}", kind, 1)
		if !strings.Contains(p, "{name}") {
			list = append(list, p, p+"?top=100", p+"?limit=100")
			continue
		}
		var some struct{ Subjects []struct{ Name string } }
		if err := g.get("/subjects/"+kind+"?top=1", &some); err != nil {
			return nil, err
		}
		if len(some.Subjects) > 0 {
			list = append(list, strings.Replace(p, "{name}", url.PathEscape(some.Subjects[0].Name), 1))
		}
	}
	return list, nil
}

// measure asks some times, and for no longer than some seconds: at least twice.
func (g *gateway) measure(q question, times int) error {
	client, at := g.local, "http://local"+q.path
	if q.path == "/" {
		client, at = http.DefaultClient, g.console+"/"
	}
	var took []time.Duration
	var first time.Duration
	var size int64
	before := g.cpu()
	begun := time.Now()
	n := 0
	for ; len(took) < 1 || len(took) < times && time.Since(begun) < 5*time.Second; n++ {
		asked := time.Now()
		got, err := g.ask(client, at)
		if err != nil {
			return err
		}
		if d := time.Since(asked); n == 0 {
			first = d
		} else {
			took = append(took, d)
		}
		size = got
	}
	each := (g.cpu() - before) / time.Duration(n)
	slices.Sort(took)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	over := ""
	if took[len(took)/2] >= 100*time.Millisecond {
		over = "**"
	}
	fmt.Printf("| %s | %.1f ms | %s%.1f ms%s | %.1f ms | %.1f ms | %d KiB |\n", q.name, ms(first), over, ms(took[len(took)/2]), over, ms(took[len(took)-1]), ms(each), size>>10)
	return nil
}

// rest waits until the gateway does nothing by itself any more: its first work
// after the start would count as that of questions.
func (g *gateway) rest() {
	for idle := 0; idle < 3; {
		before := g.cpu()
		if time.Sleep(time.Second); g.cpu()-before > 20*time.Millisecond {
			idle = 0
			continue
		}
		idle++
	}
}

// memory is what the gateway takes, in MiB: now, and at most so far.
func (g *gateway) memory() (now, most int) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", g.cmd.Process.Pid))
	if err != nil {
		return 0, 0
	}
	for line := range strings.Lines(string(b)) {
		switch name, rest, _ := strings.Cut(line, ":"); name {
		case "VmRSS":
			fmt.Sscan(rest, &now)
		case "VmHWM":
			fmt.Sscan(rest, &most)
		}
	}
	return now >> 10, most >> 10
}

// cpu is what the gateway has used.
func (g *gateway) cpu() time.Duration {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", g.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	var user, system int64
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	if len(fields) > 12 {
		fmt.Sscan(fields[11]+" "+fields[12], &user, &system)
	}
	return time.Duration(user+system) * (time.Second / 100) // USER_HZ
}
