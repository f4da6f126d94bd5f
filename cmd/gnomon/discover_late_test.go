package main

import (
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

// testHosts are the rules that tell hosts apart, which nothing changes.
var testHosts = sync.OnceValues(func() (*knowledge, error) { return loadHosts(nil, passingKey()) })

// readLogs reads inputs as the command does without --save. used is what of the
// room for flows is taken by others.
func readLogs(t *testing.T, stdin io.Reader, used int64, paths ...string) (*discovery, *discovered) {
	t.Helper()
	k, err := testHosts()
	if err != nil {
		t.Fatal(err)
	}
	d := &discovery{ctx: t.Context(), knowledge: k, logs: logs.Options{Year: 2026}}
	d.waiting.Store(used)
	inputs, err := inputsOf(t.Context(), paths, stdin, d.logs)
	if err != nil {
		t.Fatal(err)
	}
	d.ask(inputs)
	total, reports := d.readAll(t.Context(), inputs)
	for i := range reports {
		if err := reports[i].err; err != nil {
			t.Error(err)
		}
	}
	if d.waiting.Load() != used {
		t.Errorf("flows wait in %d bytes when all are named, of others %d", d.waiting.Load(), used)
	}
	return d, total.result(reports)
}

// mixedLogs are lookups and flows of several systems, in files of their own: what
// the client and another one did at an AI service, and at a server without a name.
func mixedLogs(flows string) map[string][2]string {
	const client, other, server = "192.0.2.10", "192.0.2.11", "203.0.113.20"
	eve := ""
	for i, c := range []string{client, other, other} {
		eve += eveLine(i+1, c, server, "flow", `"flow":{"bytes_toserver":100,"bytes_toclient":1000}`)
	}
	zeek := func(path, rest string) string {
		return `{"_path":"` + path + `","id.orig_p":5000,"id.orig_h":` + rest + "}\n"
	}
	conn := func(at, c string) string {
		return zeek("conn", `"`+c+`","ts":`+at+`,"id.resp_h":"`+server+`","id.resp_p":443,"proto":"tcp","conn_state":"SF","orig_bytes":100,"resp_bytes":1000`)
	}
	return map[string][2]string{
		"zeek": {
			zeekDNSHead + zeekDNSLine(0, client, "chatgpt.com", server, "60.0"),
			zeekConnHead + zeekConnLine(1, client, server) + zeekConnLine(2, other, server) + zeekConnLine(3, other, server) + flows,
		},
		"zeek json": {
			zeek("dns", `"`+client+`","ts":1772442904.0,"id.resp_h":"192.0.2.53","id.resp_p":53,"query":"chatgpt.com","answers":["`+server+`"],"TTLs":[60.0]`),
			conn("1772442905.5", client) + conn("1772442906.5", other) + conn("1772442907.5", other),
		},
		"suricata": {
			eveLine(0, client, "192.0.2.53", "dns", `"dns":{"version":2,"type":"query","rrname":"chatgpt.com","rrtype":"A"}`) +
				eveLine(0, client, "192.0.2.53", "dns", `"dns":{"version":2,"type":"answer","rrname":"chatgpt.com","rrtype":"A","answers":[{"rrname":"chatgpt.com","rrtype":"A","ttl":60,"rdata":"`+server+`"}]}`),
			eve,
		},
	}
}

// TestNamesInOneStream: lookups and flows one after the other, in one file or
// through one pipe and in either order, are what they are in two files.
func TestNamesInOneStream(t *testing.T) {
	for system, parts := range mixedLogs(zeekConnLine(4, "192.0.2.10", "203.0.113.99")) {
		dir := t.TempDir()
		first, second, whole := filepath.Join(dir, "1"), filepath.Join(dir, "2"), filepath.Join(dir, "whole")
		writeLog(t, first, parts[0])
		writeLog(t, second, parts[1])
		read := map[string]func() (*discovery, *discovered){
			"two files":          func() (*discovery, *discovered) { return readLogs(t, nil, 0, first, second) },
			"two files, swapped": func() (*discovery, *discovered) { return readLogs(t, nil, 0, second, first) },
			"a file and a pipe":  func() (*discovery, *discovered) { return readLogs(t, strings.NewReader(parts[1]), 0, "-", first) },
		}
		for i, text := range []string{parts[0] + parts[1], parts[1] + parts[0]} {
			order := [2]string{"lookups first", "flows first"}[i]
			read["a pipe, "+order] = func() (*discovery, *discovered) { return readLogs(t, strings.NewReader(text), 0, "-") }
			read["a file, "+order] = func() (*discovery, *discovered) {
				writeLog(t, whole, text)
				return readLogs(t, nil, 0, whole)
			}
			read["a file, no room, "+order] = func() (*discovery, *discovered) {
				writeLog(t, whole, text)
				return readLogs(t, nil, maxWaiting, whole)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(read)) {
			d, found := read[name]()
			left := int64(0)
			if system == "zeek" {
				left = 1
			}
			// The lookup, whose flow is its own, and two flows of the other client.
			if s := found.Services; len(s) != 1 || s[0].ID != "chatgpt" || s[0].Requests != 3 || s[0].Clients != 2 || s[0].Up != 300 || s[0].Down != 3000 || d.left != left || d.hasty != 0 || d.once.repeated.Load() != 0 {
				t.Errorf("%s, %s: %d left, %d of them in haste, %d repeated: %+v", system, name, d.left, d.hasty, d.once.repeated.Load(), s)
			}
		}
	}
}

// TestHasty: where no more flows can wait, a pipe's are named by what is known so
// far, and how many were not is told.
func TestHasty(t *testing.T) {
	for system, parts := range mixedLogs("") {
		d, found := readLogs(t, strings.NewReader(parts[0]+parts[1]), maxWaiting, "-")
		if s := found.Services; len(s) != 1 || s[0].Requests != 3 || s[0].Up != 300 || d.hasty != 0 {
			t.Errorf("%s, lookups first: %d in haste: %+v", system, d.hasty, s)
		}
		d, found = readLogs(t, strings.NewReader(parts[1]+parts[0]), maxWaiting, "-")
		if s := found.Services; len(s) != 1 || s[0].Requests != 1 || s[0].Up != 0 || d.left != 3 || d.hasty != 3 {
			t.Errorf("%s, flows first: %d left, %d in haste: %+v", system, d.left, d.hasty, s)
		}
	}
	said := strings.Join((&discovered{left: 5, hasty: 3}).caveats(), "\n")
	if !strings.Contains(said, "5 flows are known by address only") || !strings.Contains(said, "3 of them came through a pipe") {
		t.Errorf("said: %s", said)
	}
}

// TestNamesInPipes: named pipes are read once each, and name one another's flows.
func TestNamesInPipes(t *testing.T) {
	parts := mixedLogs("")["zeek"]
	dir := t.TempDir()
	var paths []string
	for i, text := range parts {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		go func() {
			defer w.Close()
			io.WriteString(w, text)
		}()
		path := filepath.Join(dir, string(rune('a'+i)))
		if err := os.Symlink("/proc/self/fd/"+strconv.Itoa(int(r.Fd())), path); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	if _, err := os.Stat(paths[0]); err != nil {
		t.Skip("no /proc here")
	}
	_, found := readLogs(t, nil, 0, paths...)
	if s := found.Services; len(s) != 1 || s[0].Requests != 3 || s[0].Clients != 2 || s[0].Up != 300 {
		t.Errorf("services %+v", s)
	}
}
