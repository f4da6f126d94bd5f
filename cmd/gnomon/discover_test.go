package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/testnet"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/sniffer/learned"
	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

const logSamples = "../../sniffer/logs/testdata"

// command runs one command line in this process.
func command(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, talk bytes.Buffer
	code = execute(t.Context(), args, strings.NewReader(stdin), &out, &talk)
	return code, out.String(), talk.String()
}

// discovers runs the command on files and reads its JSON.
func discovers(t *testing.T, args ...string) *discovered {
	t.Helper()
	t.Setenv("GNOMON_STATE_DIR", filepath.Join(t.TempDir(), "state"))
	code, out, talk := command(t, "", append([]string{"discover", "--json"}, args...)...)
	if code != exitOK {
		t.Fatalf("exit %d: %s", code, talk)
	}
	d := new(discovered)
	dec := json.NewDecoder(strings.NewReader(out))
	dec.DisallowUnknownFields()
	if err := dec.Decode(d); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if rest, _ := io.ReadAll(dec.Buffered()); strings.TrimSpace(string(rest)) != "" {
		t.Fatalf("more than one object: %s", rest)
	}
	return d
}

// wanted is what the rows of one format say of one service.
type wanted struct {
	requests, up, down int64
	clients, users     map[string]bool
	first, last        time.Time
}

// namesDevices has the formats whose samples name no users, but devices: these
// stand for them.
var namesDevices = map[string]bool{"cloudflare-gateway-dns": true, "cloudflare-gateway-http": true, "route53-resolver": true}

// wantedOf reads the table of expected rows for a format.
func wantedOf(t *testing.T) map[string]map[string]*wanted {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(logSamples, "expected.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	services := map[string]string{"chatgpt.com": "ChatGPT", "api.openai.com": "OpenAI API", "claude.ai": "Claude", "huggingface.co": "Hugging Face"}
	out := make(map[string]map[string]*wanted)
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		f := strings.Split(line, "\t")
		if i == 0 {
			continue
		}
		if out[f[0]] == nil {
			out[f[0]] = make(map[string]*wanted)
		}
		name := services[f[5]]
		if name == "" {
			continue
		}
		w := out[f[0]][name]
		if w == nil {
			w = &wanted{clients: make(map[string]bool), users: make(map[string]bool)}
			out[f[0]][name] = w
		}
		number := func(s string) (n int64) {
			if s != "" {
				if n, err = strconv.ParseInt(s, 10, 64); err != nil {
					t.Fatal(err)
				}
			}
			return n
		}
		w.requests++
		w.up, w.down = w.up+number(f[9]), w.down+number(f[10])
		if f[3] != "" {
			w.clients[f[3]] = true
		}
		if f[4] != "" {
			w.users[f[4]] = true
		} else if namesDevices[f[0]] { // of whom each has one
			w.users[f[3]] = true
		}
		if f[2] != "" {
			sec, err := strconv.ParseFloat(f[2], 64)
			if err != nil {
				t.Fatal(err)
			}
			at := time.UnixMilli(int64(sec*1000 + 0.5)).UTC()
			if w.first.IsZero() || at.Before(w.first) {
				w.first = at
			}
			w.last = at
		}
	}
	return out
}

// TestDiscoverFormats: from a sample of each format of log to the services in
// it, their users and bytes, through the whole command.
func TestDiscoverFormats(t *testing.T) {
	formats := wantedOf(t)
	if len(formats) < 26 {
		t.Fatalf("%d formats in the table of expected rows", len(formats))
	}
	files, err := logs.Files(filepath.Join(logSamples, "samples"))
	if err != nil || len(files) < 26 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	tried := make(map[string]bool)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			d := discovers(t, "--year", "2026", file)
			if len(d.Inputs) != 1 || d.Inputs[0].Lines == 0 || len(d.Inputs[0].Skipped) != 0 {
				t.Errorf("inputs = %+v", d.Inputs)
			}
			want, ok := formats[d.Inputs[0].Format]
			if !ok {
				t.Fatalf("format %q is none of the table", d.Inputs[0].Format)
			}
			tried[d.Inputs[0].Format] = true
			if len(d.Services) != len(want) {
				t.Errorf("%d services, want %d: %+v", len(d.Services), len(want), d.Services)
			}
			for _, s := range d.Services {
				checkService(t, &s.Service, want[s.Service.Service])
			}
		})
	}
	for format := range formats {
		if !tried[format] {
			t.Errorf("no sample of format %s", format)
		}
	}
}

func checkService(t *testing.T, s *inventory.Service, w *wanted) {
	t.Helper()
	if w == nil {
		t.Errorf("unexpected service %s", s.Service)
		return
	}
	if s.Requests != w.requests || s.Up != w.up || s.Down != w.down {
		t.Errorf("%s: %d requests, %d up, %d down; want %d, %d, %d", s.Service, s.Requests, s.Up, s.Down, w.requests, w.up, w.down)
	}
	if s.Clients != int64(len(w.clients)) || s.Users != int64(len(w.users)) {
		t.Errorf("%s: %d clients, %d users; want %v, %v", s.Service, s.Clients, s.Users, w.clients, w.users)
	}
	if !s.FirstSeen.Equal(w.first) || !s.LastSeen.Equal(w.last) {
		t.Errorf("%s: seen from %v to %v; want %v, %v", s.Service, s.FirstSeen, s.LastSeen, w.first, w.last)
	}
	if s.Status != "unreviewed" || s.How == "" || s.Coverage.MetadataOnly != s.Requests || s.Findings == nil {
		t.Errorf("row = %+v", s)
	}
}

// TestDiscoverNameless: flows of one log get the names that another tells, and
// their bytes; what was asked for by the same client is not counted again.
func TestDiscoverNameless(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	head := func(path, fields string) string {
		return "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t" + path + "\n#fields\t" + fields + "\n"
	}
	const conn = "1772442904.250000\tC0\t%C\t51544\t%S\t443\ttcp\tssl\t1.25\t1000\t20000\tSF\n"
	line := func(client, server string) string {
		return strings.NewReplacer("%C", client, "%S", server).Replace(conn)
	}
	write("conn.log", head("conn", "ts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\tconn_state")+
		line("192.0.2.10", "203.0.113.20")+line("192.0.2.11", "203.0.113.20")+line("192.0.2.10", "203.0.113.30")+line("192.0.2.12", "203.0.113.40"))
	ssl := head("ssl", "ts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tversion\tserver_name\testablished")
	for _, l := range [][3]string{
		{"192.0.2.10", "203.0.113.20", "api.openai.com"},
		{"192.0.2.10", "203.0.113.30", "api.openai.com"}, {"192.0.2.10", "203.0.113.30", "www.example.com"}, // both there
	} {
		ssl += "1772442904.250000\tC0\t" + l[0] + "\t51544\t" + l[1] + "\t443\tTLSv13\t" + l[2] + "\tT\n"
	}
	write("ssl.log", ssl)
	d := discovers(t, dir)
	if len(d.Services) != 1 {
		t.Fatalf("services = %+v", d.Services)
	}
	s := d.Services[0]
	// Two requests that ssl.log tells, and the flow of 192.0.2.11, known by address.
	if s.ID != "openai-api" || s.Requests != 3 || s.Clients != 2 || s.Up != 2000 || s.Down != 40000 {
		t.Errorf("row = %+v", s)
	}
	code, _, talk := command(t, "", "discover", dir)
	if code != 0 || !strings.Contains(talk, "2 flows are known by address only") {
		t.Errorf("exit %d: %s", code, talk)
	}
}

// TestDiscoverInterrupted: what was read is shown, also while standard input
// says nothing more.
func TestDiscoverInterrupted(t *testing.T) {
	t.Setenv("GNOMON_STATE_DIR", filepath.Join(t.TempDir(), "state"))
	ctx, cancel := context.WithCancel(t.Context())
	in, out := io.Pipe()
	defer out.Close()
	go func() {
		out.Write(squidLog(5000))
		cancel()
	}()
	var stdout, stderr bytes.Buffer
	code := execute(ctx, []string{"discover", "-"}, in, &stdout, &stderr)
	if code != exitInterrupted || !strings.Contains(stdout.String(), "OpenAI API") || !strings.Contains(stderr.String(), "interrupted: this is what was read") {
		t.Errorf("exit %d\n%s\n%s", code, stdout.String(), stderr.String())
	}
}

// TestDiscoverOrder: many files, read at once, give the same as often as they
// are read.
func TestDiscoverOrder(t *testing.T) {
	dir := t.TempDir()
	log := bytes.SplitAfter(squidLog(4000), []byte("\n"))
	for i := range 40 {
		if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(i)+".log"), bytes.Join(log[100*i:100*(i+1)], nil), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("GNOMON_STATE_DIR", filepath.Join(t.TempDir(), "state"))
	_, first, _ := command(t, "", "discover", "--json", dir)
	if !strings.Contains(first, `"requests":80`) {
		t.Errorf("first = %s", first)
	}
	for range 3 {
		if _, again, _ := command(t, "", "discover", "--json", dir); again != first {
			t.Fatalf("first %s\nagain %s", first, again)
		}
	}
}

// TestDiscoverAllocs: a line that is not AI costs nothing but time.
func TestDiscoverAllocs(t *testing.T) {
	k, err := testHosts()
	if err != nil {
		t.Fatal(err)
	}
	d := &discovery{ctx: t.Context(), knowledge: k, names: learned.New(0)}
	in := &input{name: "log", open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("")), nil }}
	r := d.read(t.Context(), in)
	records := []logs.Record{
		{Host: "www.example.com", URL: "http://www.example.com/a/b.html", Client: netip.MustParseAddr("192.0.2.1"), UserAgent: "Mozilla/5.0"},
		{Host: "cdn.example.net", Client: netip.MustParseAddr("192.0.2.1"), Kind: logs.KindTLS, Server: netip.MustParseAddrPort("203.0.113.1:443")},
	}
	if n := testing.AllocsPerRun(1000, func() {
		for i := range records {
			r.record(&records[i])
		}
	}); n != 0 {
		t.Errorf("a line allocates %v times, want 0", n)
	}
	if len(r.tally.services)+len(r.tally.unknown)+len(r.tally.blind) != 0 {
		t.Errorf("tally = %+v", r.tally)
	}
}

// TestDiscoverBounds: a flood of names costs a bounded number of rows.
func TestDiscoverBounds(t *testing.T) {
	tl := newTally(true)
	for i := range 3 * maxUnknown {
		s := &seen{time: time.Unix(int64(i)*3600, 0), client: netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), user: "u" + strconv.Itoa(i), requests: 1}
		tl.resembles("llm"+strconv.Itoa(i)+".example", 0.3, []string{"name"}, s)
		tl.hides("vpn", strconv.Itoa(i), s)
		tl.service(&openAI, "api.openai.com", s)
	}
	d := tl.result(nil)
	st := d.details["openai-api"]
	if len(d.Unknown) != maxUnknown || len(d.names) != maxHidden || d.crowded == 0 || len(st.byUser) != maxNamed || len(d.hours) > maxHours {
		t.Errorf("%d look-alikes, %d hidden, %d crowded, %d named, %d hours", len(d.Unknown), len(d.names), d.crowded, len(st.byUser), len(d.hours))
	}
	got := d.Services[0].Users
	if want := int64(3 * maxUnknown); got < want*97/100 || got > want*103/100 || !d.estimated {
		t.Errorf("users = %d, want about %d, said to be an estimate: %v", got, want, d.estimated)
	}
	if !slices.ContainsFunc(d.caveats(), func(s string) bool { return strings.Contains(s, "estimates") }) {
		t.Errorf("caveats = %q", d.caveats())
	}
}

// TestDiscoverMixed: captures (compressed too) and logs in one call, told by
// content, and what they show in the inventory with where it comes from.
func TestDiscoverMixed(t *testing.T) {
	dir := t.TempDir()
	packets, err := testnet.Capture(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(packets)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"a": packets, "b.gz": packed.Bytes(), "c": squidLog(200), "d": packets[:len(packets)-3]} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	alone := discovers(t, filepath.Join(dir, "a"))
	if len(alone.Services) < 3 || alone.Inputs[0].Format != "capture" || alone.Inputs[0].Lines < 10 {
		t.Fatalf("of the capture alone: %+v", alone)
	}
	both := discovers(t, filepath.Join(dir, "a"), filepath.Join(dir, "b.gz"), filepath.Join(dir, "c"))
	for _, s := range alone.Services {
		i := slices.IndexFunc(both.Services, func(o foundService) bool { return o.ID == s.ID })
		want := s.Requests // b.gz is a copy: what is in both counts once
		if s.ID == "openai-api" {
			want += 4 // of the log
		}
		if i < 0 || both.Services[i].Requests != want {
			t.Errorf("%s: %d requests in the capture, of both captures and the log: %+v, want %d", s.ID, s.Requests, both.Services, want)
		}
	}
	t.Setenv("GNOMON_STATE_DIR", filepath.Join(t.TempDir(), "state"))
	code, _, talk := command(t, "", "discover", "--save", dir) // a capture that was cut short too
	if code != exitFailure || !strings.Contains(talk, filepath.Join(dir, "d")) {
		t.Errorf("exit %d: %s", code, talk)
	}
	code, shown, talk := command(t, "", "inventory", "show", "--json", "openai-api")
	var row inventory.Detail
	if err := json.Unmarshal([]byte(shown), &row); err != nil || code != 0 {
		t.Fatalf("exit %d, %v: %s", code, err, talk)
	}
	sensors := make(map[string]bool)
	for _, u := range row.Sensors {
		sensors[u.Name] = true
	}
	if !sensors["dns"] || !sensors["log"] || len(row.Origins) != 2 { // b.gz and d show what a showed
		t.Errorf("sensors %v, origins %+v", row.Sensors, row.Origins)
	}
}

// TestDiscoverByLookup: what a capture's lookups say names the flows of a log.
func TestDiscoverByLookup(t *testing.T) {
	k, err := testHosts()
	if err != nil {
		t.Fatal(err)
	}
	d := &discovery{ctx: t.Context(), knowledge: k, names: learned.New(0)}
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	asked, other := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	ai, plain := netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("203.0.113.2")
	d.names.Learn(asked, ai, "api.openai.com", time.Hour, at)
	d.names.Learn(asked, plain, "www.example.com", time.Hour, at)
	tl := newTally(false)
	tl.service(&openAI, "api.openai.com", &seen{time: at, client: asked, requests: 1})
	flows := &waiting{used: &d.waiting}
	for _, f := range []logs.Record{{Client: asked, Server: netip.AddrPortFrom(ai, 443)}, {Client: other, Server: netip.AddrPortFrom(ai, 443)}, {Client: asked, Server: netip.AddrPortFrom(plain, 443)}} {
		f.Time, f.Up, f.Down = at.Add(time.Minute), 10, 100
		if !flows.add(&f, flowID{}) {
			t.Fatal("no room for three flows")
		}
	}
	d.readLate(t.Context(), []*late{{in: &input{name: "flows.csv"}, flows: flows, report: new(inputReport)}}, tl)
	found := tl.result(nil)
	if len(found.Services) != 1 || d.left != 0 {
		t.Fatalf("services %+v, %d left without a name", found.Services, d.left)
	}
	// The lookup, which is the first flow, and the flow of the other client.
	if s := found.Services[0]; s.Requests != 2 || s.Clients != 2 || s.Up != 20 || s.Down != 200 {
		t.Errorf("row = %+v", s)
	}
}

// TestSaveNothing: --save makes no inventory where no input can be read.
func TestSaveNothing(t *testing.T) {
	dir := t.TempDir()
	writeLog(t, filepath.Join(dir, "prose"), strings.Repeat("this is no log\n", 5))
	writeLog(t, filepath.Join(dir, "empty"), "")
	for _, args := range [][]string{
		{"discover", "--save", filepath.Join(dir, "prose")},
		{"discover", "--save", filepath.Join(dir, "none"), filepath.Join(dir, "prose")},
		{"discover", "--save", filepath.Join(dir, "empty")},
		{"sniff", "--save", "-r", filepath.Join(dir, "prose")},
		{"sniff", "--save", "-r", filepath.Join(dir, "none")},
		{"sniff", "--save", "-i", "no-such-interface"},
	} {
		state := filepath.Join(t.TempDir(), "state")
		t.Setenv("GNOMON_STATE_DIR", state)
		_, _, talk := command(t, "", args...)
		if _, err := os.Stat(state); err == nil || strings.Contains(talk, "new inventory") {
			t.Errorf("%v: an inventory was made: %s", args, talk)
		}
	}
	state := filepath.Join(dir, "state")
	t.Setenv("GNOMON_STATE_DIR", state)
	writeLog(t, filepath.Join(dir, "good"), string(squidLog(10)))
	code, _, talk := command(t, "", "discover", "--save", filepath.Join(dir, "prose"), filepath.Join(dir, "good"))
	if _, err := os.Stat(state); err != nil || code != exitFailure || !strings.Contains(talk, "new inventory") {
		t.Errorf("with one that can be read: exit %d: %s", code, talk)
	}
	// A state directory that can't be used is told before the logs are read through.
	t.Setenv("GNOMON_STATE_DIR", filepath.Join(dir, "good", "state"))
	if code, out, talk := command(t, "", "discover", "--save", filepath.Join(dir, "good")); code != exitFailure || out != "" || !strings.Contains(talk, "good") {
		t.Errorf("exit %d: %s%s", code, out, talk)
	}
}

// TestDiscoverBlocked: what a log says was refused is a blocked attempt, wherever
// it is shown, and bytes that no log told are none.
func TestDiscoverBlocked(t *testing.T) {
	line := func(at int, tag, method, target string) string {
		return fmt.Sprintf("%d.250 100 192.0.2.10 %s 0 %s %s - HIER_NONE/- -\n", 1772442904+at, tag, method, target)
	}
	file := filepath.Join(t.TempDir(), "access.log")
	writeLog(t, file, line(0, "TCP_DENIED/403", "CONNECT", "chatgpt.com:443")+line(1, "TCP_TUNNEL/200", "CONNECT", "chatgpt.com:443")+
		line(2, "NONE/403", "CONNECT", "chatgpt.com:443")+line(3, "TCP_DENIED/407", "CONNECT", "chatgpt.com:443")+line(4, "TCP_MISS/403", "GET", "http://chatgpt.com/")+line(5, "TCP_DENIED/200", "CONNECT", "chatgpt.com:443"))
	d := discovers(t, file)
	if len(d.Services) != 1 || d.Services[0].Blocked != 3 || d.Services[0].Requests != 5 { // not the one that was asked for a password
		t.Errorf("services %+v, want 5 requests, 3 of them blocked", d.Services)
	}
	page := filepath.Join(t.TempDir(), "report.html")
	_, text, _ := command(t, "", "discover", "--html", page, file)
	_, table, _ := command(t, "", "discover", "--csv", file)
	_, object, _ := command(t, "", "discover", "--json", file)
	html, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%v: %s", err, table)
	}
	for i, name := range rows[0] {
		if got := rows[1][i]; name == "blocked_attempts" && got != "3" || strings.HasPrefix(name, "bytes_") && got != "" {
			t.Errorf("CSV: %s is %q", name, got)
		}
	}
	if !slices.Contains(rows[0], "blocked_attempts") || !strings.Contains(text, "BLOCKED") || strings.Contains(text, "0 B") || !strings.Contains(string(html), "3 of them blocked attempts") {
		t.Errorf("%s\n%s", text, rows[0])
	}
	if strings.Contains(object, `"bytes_`) || !strings.Contains(object, `"blocked_attempts":3`) {
		t.Error(object)
	}
}
