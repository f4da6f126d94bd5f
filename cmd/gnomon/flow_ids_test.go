package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// corednsLog is a log without times: n lookups of one AI service by one client,
// all alike, with others between them.
func corednsLog(first string, n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".:53\n[INFO] 192.0.2.9:4000 - 1 \"A IN %s. udp 40 false 1232\" NOERROR qr,rd,ra 80 0.001s\n", first)
	for range n {
		b.WriteString("[INFO] 192.0.2.10:5000 - 7 \"A IN chatgpt.com. udp 40 false 1232\" NOERROR qr,rd,ra 80 0.001s\n")
	}
	return b.String()
}

// TestSaveOnce: what is printed of several files is what is saved of them, and
// what was saved before is not saved again: a copy, a longer copy, a compressed
// one. Another log counts, however much its lines look alike.
func TestSaveOnce(t *testing.T) {
	pihole := func(lines ...int) string {
		var b strings.Builder
		for _, at := range lines {
			fmt.Fprintf(&b, "Mar  2 09:15:%02d dnsmasq[812]: query[A] chatgpt.com from 192.0.2.10\n", at)
		}
		return b.String()
	}
	type step struct {
		files map[string]string // a name that ends in .gz is compressed
		want  int64             // in the inventory behind it
	}
	for _, tt := range []struct {
		name  string
		steps []step
	}{
		{"no times", []step{
			{map[string]string{"a": corednsLog("a.example", 4)}, 4},
			{map[string]string{"a": corednsLog("a.example", 4)}, 4},
			{map[string]string{"a.1.gz": corednsLog("a.example", 4)}, 4},
			{map[string]string{"a": corednsLog("a.example", 7)}, 7},
			{map[string]string{"b": corednsLog("b.example", 3)}, 10},
		}},
		{"no times, at once", []step{
			{map[string]string{"a": corednsLog("a.example", 4), "b": corednsLog("b.example", 3), "c.gz": corednsLog("a.example", 2)}, 7},
			{map[string]string{"c": corednsLog("a.example", 5)}, 8},
		}},
		{"times", []step{
			{map[string]string{"a": pihole(1, 2, 2, 3), "b": pihole(2, 3, 4)}, 5},
			{map[string]string{"c": pihole(2, 2, 2, 4, 5)}, 7}, // the third of one second, and the 5th second
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			state := filepath.Join(t.TempDir(), "state")
			saved := int64(0)
			for i, s := range tt.steps {
				dir := t.TempDir()
				for name, text := range s.files {
					writeLog(t, filepath.Join(dir, name), text)
				}
				t.Setenv("GNOMON_STATE_DIR", filepath.Join(t.TempDir(), "state"))
				alone := requestsOf(t, "discover", "--json", "--save", "--year", "2026", dir)
				kept := requestsOf(t, "inventory", "list", "--json")
				printed := int64(0)
				_, found := readLogs(t, nil, 0, dir)
				for _, s := range found.Services {
					printed += s.Requests
				}
				if printed != kept || alone != kept {
					t.Errorf("step %d: %d requests printed, %d with --save, %d saved", i, printed, alone, kept)
				}
				t.Setenv("GNOMON_STATE_DIR", state)
				requestsOf(t, "discover", "--json", "--save", "--year", "2026", dir)
				if saved = requestsOf(t, "inventory", "list", "--json"); saved != s.want {
					t.Errorf("step %d: %d requests in the inventory, want %d", i, saved, s.want)
				}
			}
		})
	}
}

// requestsOf runs a command that prints services and adds up their requests.
func requestsOf(t *testing.T, args ...string) (n int64) {
	t.Helper()
	code, out, talk := command(t, "", args...)
	if code != exitOK {
		t.Fatalf("%v: exit %d: %s", args, code, talk)
	}
	for line := range strings.Lines(out) { // one object, or one for each service
		var list struct {
			inventory.Service
			Services []inventory.Service `json:"services"`
		}
		if err := json.Unmarshal([]byte(line), &list); err != nil {
			t.Fatal(err)
		}
		n += list.Requests
		for _, s := range list.Services {
			n += s.Requests
		}
	}
	return n
}

func writeLog(t *testing.T, path, text string) {
	t.Helper()
	b := []byte(text)
	if strings.HasSuffix(path, ".gz") {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		z.Write(b)
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		b = packed.Bytes()
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestFlowIDs: ids are those of earlier versions, which inventories hold.
func TestFlowIDs(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 15, 4, 250, time.UTC)
	for _, f := range []traffic.Flow{
		{Time: at, Sensor: traffic.SensorLog},
		{Time: at, Sensor: traffic.SensorTLS, Client: netip.MustParseAddr("2001:db8::1"), ClientPort: 5, User: "ann", Host: "chatgpt.com",
			Server: netip.MustParseAddrPort("[2001:db8::2]:443"), Method: "POST", Path: "/x", UserAgent: "curl", Up: -1, Down: 7, Continued: true},
		{Time: at, Client: netip.MustParseAddr("192.0.2.1"), Server: netip.AddrPortFrom(netip.Addr{}, 443)},
	} {
		old := fmt.Appendf(nil, "flow\x00%d\x00%s\x00%s\x00%d\x00%s\x00%s\x00%s\x00%s\x00%s\x00%s\x00%d\x00%d\x00%t", f.Time.UnixNano(), f.Sensor,
			f.Client, f.ClientPort, f.User, f.Host, f.Server, f.Method, f.Path, f.UserAgent, f.Up, f.Down, f.Continued)
		if got, want := newFlowIDs().flow(&f), newFlowIDs().of(at, old); got != want {
			t.Errorf("%+v: %s, want %s", f, got, want)
		}
	}
}

// TestOnceBounded: beyond its bound nothing is taken for a repetition that is
// none, and the memory stays.
func TestOnceBounded(t *testing.T) {
	var o once
	ids := func(i int) (id flowID) {
		h := mix(uint64(i) + 1)
		for j := range 8 {
			id[6+j] = byte(h >> (8 * j))
		}
		return id
	}
	const many = onceShards*maxOnce + onceShards*maxOnce/8
	for i := range many {
		if !o.first(ids(i)) {
			t.Fatalf("%d is taken for a repetition", i)
		}
	}
	if !o.beyond.Load() {
		t.Error("more than the bound, and nothing says so")
	}
	for i := range 1000 {
		if o.first(ids(i)) {
			t.Fatalf("%d is forgotten", i)
		}
	}
	for i := range o.shards {
		if n := len(o.shards[i].keys); n > 1<<16 {
			t.Fatalf("a shard has %d places", n)
		}
	}
}
