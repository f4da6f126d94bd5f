package main

import (
	"fmt"
	"maps"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

// sharedServer is one at which several names stand.
const sharedServer = "203.0.113.9"

// event is what one client did there.
type event struct {
	kind   string // http, tls, flow
	client int
	port   int
	host   string
}

// logsOf are events as the parts of a log of Suricata and of Zeek's logs, a part
// for each event.
func logsOf(events []event) map[string][]string {
	out := make(map[string][]string)
	for i, e := range events {
		body := map[string]string{
			"http": fmt.Sprintf(`"http":{"hostname":"%s","url":"/v1/x","http_method":"POST","status":200,"length":2000}`, e.host),
			"tls":  fmt.Sprintf(`"tls":{"sni":"%s"}`, e.host),
			"flow": `"flow":{"bytes_toserver":500,"bytes_toclient":7000,"start":"2026-03-02T09:15:04.000000+0000"}`,
		}[e.kind]
		out["suricata"] = append(out["suricata"], fmt.Sprintf(`{"timestamp":"2026-03-02T09:15:0%d.25+0000","flow_id":%d,"event_type":"%s","src_ip":"192.0.2.%d","src_port":%d,"dest_ip":"%s","dest_port":%d,"proto":"TCP",%s}`+"\n",
			i, i, e.kind, e.client, 1000+i, sharedServer, e.port, body))
		head := fmt.Sprintf("177244290%d.250000\tC%d\t192.0.2.%d\t%d\t%s\t%d\t", i, i, e.client, 1000+i, sharedServer, e.port)
		const fields = "ts uid id.orig_h id.orig_p id.resp_h id.resp_p "
		out["zeek"] = append(out["zeek"], map[string]string{
			"http": zeekHead("http", fields+"method host uri request_body_len response_body_len status_code") + head + "POST\t" + e.host + "\t/v1/x\t0\t2000\t200\n",
			"tls":  zeekHead("ssl", fields+"version server_name") + head + "TLSv13\t" + e.host + "\n",
			"flow": zeekHead("conn", fields+"proto orig_bytes resp_bytes") + head + "tcp\t500\t7000\n",
		}[e.kind])
	}
	return out
}

// TestNamesOfRequests: what a client itself names by HTTP at a server is what its
// flows there are, whatever others reach at that address.
func TestNamesOfRequests(t *testing.T) {
	flow, other := event{"flow", 10, 80, ""}, event{"tls", 11, 443, "claude.ai"}
	const lone = "claude 1 1 0 0"
	for name, tt := range map[string]struct {
		events []event
		want   string // "id clients requests up down" of each
	}{
		"no AI":                     {[]event{{"http", 10, 80, "www.example.org"}, flow, other}, lone},
		"no AI, at another port":    {[]event{{"http", 10, 80, "www.example.org"}, {"flow", 10, 443, ""}, other}, lone},
		"another service":           {[]event{{"http", 10, 80, "api.openai.com"}, flow, other}, lone + "|openai-api 1 1 500 2000"},
		"its own TLS beside it":     {[]event{{"http", 10, 80, "www.example.org"}, flow, {"flow", 10, 443, ""}, {"tls", 10, 443, "claude.ai"}}, "claude 1 1 500 7000"},
		"nothing of its own":        {[]event{flow, other}, "claude 2 2 500 7000"},
		"others contradict":         {[]event{flow, other, {"http", 12, 80, "www.example.org"}}, lone},
		"only others' requests":     {[]event{flow, {"http", 12, 80, "api.openai.com"}}, "openai-api 1 1 0 2000"},
		"a proxy, with many hosts":  {[]event{{"http", 10, 80, "www.example.org"}, {"http", 10, 80, "api.openai.com"}, flow, other}, lone + "|openai-api 1 1 0 2000"},
		"of one service, both ways": {[]event{{"http", 10, 80, "claude.ai"}, flow, {"flow", 10, 443, ""}, other}, "claude 2 2 1000 9000"},
	} {
		for system, parts := range logsOf(tt.events) {
			check := func(how string, found *discovered) {
				var got []string
				for _, s := range found.Services {
					got = append(got, fmt.Sprintf("%s %d %d %d %d", s.ID, s.Clients, s.Requests, s.Up, s.Down))
				}
				slices.Sort(got)
				if all := strings.Join(got, "|"); all != tt.want {
					t.Errorf("%s, %s, %s: %s, want %s", name, system, how, all, tt.want)
				}
			}
			for order, parts := range map[string][]string{"in order": parts, "reversed": reversed(parts)} {
				dir := t.TempDir()
				var paths []string
				for i, p := range parts {
					paths = append(paths, filepath.Join(dir, fmt.Sprint(i)))
					writeLog(t, paths[i], p)
				}
				_, found := readLogs(t, nil, 0, paths...)
				check("files "+order, found)
				whole := strings.Join(parts, "")
				_, found = readLogs(t, strings.NewReader(whole), 0, "-")
				check("a pipe "+order, found)
				writeLog(t, filepath.Join(dir, "whole"), whole)
				_, found = readLogs(t, nil, maxWaiting, filepath.Join(dir, "whole"))
				check("a file without room "+order, found)
			}
		}
	}
}

func reversed(parts []string) []string {
	parts = slices.Clone(parts)
	slices.Reverse(parts)
	return parts
}

// TestSitesCommute: what lines tell does not depend on their order, nor on which
// input they stand in.
func TestSitesCommute(t *testing.T) {
	client, server := netip.MustParseAddr("192.0.2.10"), netip.MustParseAddrPort(sharedServer+":80")
	tell := map[string]func(*sites){
		"tls claude": func(n *sites) { n.learn(client.Next(), server.Addr(), "claude") },
		"tls none":   func(n *sites) { n.learn(client.Next(), server.Addr(), "") },
		"http openai": func(n *sites) {
			n.learnRequest(&logs.Record{Client: client, Server: server, Up: 1}, "openai-api")
		},
		"http none": func(n *sites) { n.learnRequest(&logs.Record{Client: client.Next(), Server: server}, "") },
	}
	names := slices.Sorted(maps.Keys(tell))
	for _, a := range names {
		for _, b := range names {
			one, left, right := newSites(), newSites(), newSites()
			tell[b](one)
			tell[a](one)
			one.flush()
			tell[a](left)
			tell[b](right)
			left.merge(right)
			for _, c := range []netip.Addr{client, client.Next(), client.Next().Next()} {
				for _, port := range []uint16{80, 443} {
					at := netip.AddrPortFrom(server.Addr(), port)
					if got, want := left.what(c, at), one.what(c, at); got != want {
						t.Errorf("%s and %s: %v at %v: %+v, the other way round %+v", a, b, c, at, got, want)
					}
				}
			}
		}
	}
}
