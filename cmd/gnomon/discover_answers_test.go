package main

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/learned"
	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

const (
	zeekDNSHead  = "#separator \\x09\n#path\tdns\n#fields\tts\tid.orig_h\tid.resp_h\tid.resp_p\tquery\tanswers\tTTLs\n"
	zeekConnHead = "#separator \\x09\n#path\tconn\n#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\torig_bytes\tresp_bytes\n"
)

// at is a time of the test: seconds after 2026-03-02 09:15:04.
func at(seconds int) time.Time { return time.Unix(1772442904+int64(seconds), 0).UTC() }

func zeekDNSLine(seconds int, client, name, answers, ttls string) string {
	return fmt.Sprintf("%d.000000\t%s\t192.0.2.53\t53\t%s\t%s\t%s\n", at(seconds).Unix(), client, name, answers, ttls)
}

func zeekConnLine(seconds int, client, server string) string {
	return fmt.Sprintf("%d.500000\t%s\t5000\t%s\t443\ttcp\t100\t1000\n", at(seconds).Unix(), client, server)
}

// eveLine is an event of Suricata from one machine to another.
func eveLine(seconds int, client, server, kind, rest string) string {
	return fmt.Sprintf(`{"timestamp":"%s","event_type":"%s","src_ip":"%s","src_port":5000,"dest_ip":"%s","dest_port":%d,"proto":"TCP",%s}`+"\n",
		at(seconds).Format("2006-01-02T15:04:05.000000+0000"), kind, client, server, map[string]int{"dns": 53, "flow": 443}[kind], rest)
}

// TestDiscoverAnswers: flows that a log knows by address alone get their names
// from the answers of whichever DNS log was read with it, in whatever order, and
// what is printed is saved.
func TestDiscoverAnswers(t *testing.T) {
	const client, server = "192.0.2.10", "203.0.113.20"
	// The lookup, whose flow is its own, and the flow of another client.
	named := func(d *discovered) bool {
		return len(d.Services) == 1 && d.Services[0].ID == "chatgpt" && d.Services[0].Requests == 2 && d.Services[0].Clients == 2 && d.Services[0].Up >= 200
	}
	lookups := map[string]string{
		"zeek":       zeekDNSHead + zeekDNSLine(0, client, "chatgpt.com", "edge.example.net,"+server, "300.0,60.0"),
		"route 53":   fmt.Sprintf(`{"version":"1.1","query_timestamp":"%s","query_name":"chatgpt.com.","rcode":"NOERROR","answers":[{"Rdata":"%s","Type":"A"}],"srcaddr":"%s"}`+"\n", at(0).Format(time.RFC3339), server, client),
		"dnsmasq":    "Mar  2 09:15:04 dnsmasq[812]: query[A] chatgpt.com from " + client + "\nMar  2 09:15:04 dnsmasq[812]: reply chatgpt.com is <CNAME>\nMar  2 09:15:04 dnsmasq[812]: reply edge.example.net is " + server + "\n",
		"cloudflare": fmt.Sprintf(`{"Datetime":"%s","QueryName":"chatgpt.com","SrcIP":"%s","ResolverDecision":"allowedOnNoPolicyMatch","ResolvedIPs":["%s"]}`+"\n", at(0).Format(time.RFC3339), client, server),
		"suricata": eveLine(0, client, "192.0.2.53", "dns", `"dns":{"version":3,"type":"request","queries":[{"rrname":"chatgpt.com","rrtype":"A"}]}`) +
			eveLine(0, client, "192.0.2.53", "dns", `"dns":{"version":3,"type":"response","queries":[{"rrname":"chatgpt.com","rrtype":"A"}],"answers":[{"rrname":"chatgpt.com","rrtype":"A","ttl":60,"rdata":"`+server+`"}]}`),
	}
	flows := map[string]string{
		"zeek":   zeekConnHead + zeekConnLine(1, client, server) + zeekConnLine(2, "192.0.2.11", server) + zeekConnLine(3, client, "203.0.113.99"),
		"vpc":    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n" + vpcLine(client, server, 1) + vpcLine("192.0.2.11", server, 2) + vpcLine(client, "203.0.113.99", 3),
		"nfdump": "ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt\n" + nfdumpLine(client, server, 1) + nfdumpLine("192.0.2.11", server, 2) + nfdumpLine(client, "203.0.113.99", 3),
		"suricata": eveLine(1, client, server, "flow", `"flow":{"bytes_toserver":100,"bytes_toclient":1000}`) +
			eveLine(2, "192.0.2.11", server, "flow", `"flow":{"bytes_toserver":100,"bytes_toclient":1000}`) + eveLine(3, client, "203.0.113.99", "flow", `"flow":{"bytes_toserver":100,"bytes_toclient":1000}`),
	}
	for dns, names := range lookups {
		for kind, lines := range flows {
			t.Run(dns+" and "+kind, func(t *testing.T) {
				dir := t.TempDir()
				a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
				writeLog(t, a, lines)
				writeLog(t, b, names)
				for i, order := range [][]string{{a, b}, {b, a}} {
					if _, d := readLogs(t, nil, 0, order...); !named(d) {
						t.Errorf("%v: %+v", order, d.Services)
					}
					if dns != "zeek" || i > 0 && kind != "zeek" {
						continue // one kind for what is saved
					}
					t.Setenv("GNOMON_STATE_DIR", filepath.Join(t.TempDir(), "state"))
					code, out, talk := command(t, "", append([]string{"discover", "--json", "--save"}, order...)...)
					var d discovered
					if err := json.Unmarshal([]byte(out), &d); err != nil || code != exitOK || !named(&d) {
						t.Fatalf("%v: exit %d, %v: %+v\n%s", order, code, err, d.Services, talk)
					}
					if saved := requestsOf(t, "inventory", "list", "--json"); saved != 2 {
						t.Errorf("%v: %d requests saved, want 2", order, saved)
					}
					_, shown, _ := command(t, "", "inventory", "show", "chatgpt", "--json")
					var row struct {
						How string `json:"how"`
						Up  int64  `json:"bytes_up"`
					}
					if err := json.Unmarshal([]byte(shown), &row); err != nil || row.Up != d.Services[0].Up {
						t.Errorf("%v: saved %s, printed %d up", err, shown, d.Services[0].Up)
					}
				}
			})
		}
	}
}

func vpcLine(client, server string, seconds int) string {
	return fmt.Sprintf("2 123456789010 eni-0abc %s %s 5000 443 6 10 100 %d %d ACCEPT OK\n", client, server, at(seconds).Unix(), at(seconds+60).Unix())
}

func nfdumpLine(client, server string, seconds int) string {
	stamp := at(seconds).Format(time.DateTime)
	return fmt.Sprintf("%s,%s,1.0,%s,%s,5000,443,TCP,...AP...,0,0,5,100,5,1000\n", stamp, stamp, client, server)
}

// TestDiscoverOneStream: lookups and flows in one log, from a file and through a
// pipe, which can't be read twice; the flow stands before the lookup.
func TestDiscoverOneStream(t *testing.T) {
	text := eveLine(5, "192.0.2.11", "203.0.113.20", "flow", `"flow":{"bytes_toserver":100,"bytes_toclient":1000}`) +
		eveLine(6, "192.0.2.11", "203.0.113.20", "flow", `"flow":{"bytes_toserver":7,"bytes_toclient":8}`) +
		eveLine(0, "192.0.2.10", "192.0.2.53", "dns", `"dns":{"version":2,"type":"query","rrname":"chatgpt.com","rrtype":"A"}`) +
		eveLine(0, "192.0.2.10", "192.0.2.53", "dns", `"dns":{"version":2,"type":"answer","rrname":"chatgpt.com","rrtype":"A","answers":[{"rrname":"chatgpt.com","rrtype":"A","ttl":60,"rdata":"203.0.113.20"}]}`)
	file := filepath.Join(t.TempDir(), "eve.json")
	writeLog(t, file, text)
	for _, from := range []string{file, "-"} {
		t.Setenv("GNOMON_STATE_DIR", filepath.Join(t.TempDir(), "state"))
		code, out, talk := command(t, text, "discover", "--json", "--save", from)
		var d discovered
		if err := json.Unmarshal([]byte(out), &d); err != nil || code != exitOK {
			t.Fatalf("exit %d, %v: %s", code, err, talk)
		}
		if len(d.Services) != 1 || d.Services[0].Requests != 3 || d.Services[0].Up != 107 || d.Services[0].Down != 1008 || d.Inputs[0].Lines != 4 {
			t.Errorf("%s: %+v of %+v", from, d.Services, d.Inputs)
		}
		if saved := requestsOf(t, "inventory", "list", "--json"); saved != 3 {
			t.Errorf("%s: %d saved, want 3", from, saved)
		}
	}
}

// TestAnswersHold: a name holds for its TTL, and only where the address did not
// stand for another one then.
func TestAnswersHold(t *testing.T) {
	k, err := testHosts()
	if err != nil {
		t.Fatal(err)
	}
	asked, other, third := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2"), netip.MustParseAddr("192.0.2.3")
	alone, shared, plain := netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("203.0.113.2"), netip.MustParseAddr("203.0.113.3")
	dns := zeekDNSHead +
		zeekDNSLine(0, asked.String(), "chatgpt.com", alone.String()+","+shared.String(), "600,600") +
		zeekDNSLine(60, other.String(), "www.example.com", shared.String(), "120") +
		zeekDNSLine(0, other.String(), "www.example.com", plain.String(), "600")
	file := filepath.Join(t.TempDir(), "dns.log")
	writeLog(t, file, dns)
	d := &discovery{ctx: t.Context(), knowledge: k, answers: newAnswers(), logs: logs.Options{Answers: true}}
	inputs, err := inputsOf(t.Context(), []string{file}, nil, d.logs)
	if err != nil {
		t.Fatal(err)
	}
	total, _ := d.readAll(t.Context(), inputs)
	who := d.namers(total)
	for _, tt := range []struct {
		name           string
		client, server netip.Addr
		seconds        int
		ai, own, known bool
	}{
		{"who asked", asked, alone, 1, true, true, true},
		{"a clock that is a little behind", asked, alone, -1, true, true, true},
		{"before", asked, alone, -30, false, false, false},
		{"at the end", asked, alone, 599, true, true, true},
		{"too late", asked, alone, 700, false, false, false},
		{"another client", other, alone, 1, true, false, true},
		{"who asked for the shared address", asked, shared, 90, true, true, true},
		{"who asked for another name there", other, shared, 90, false, false, false},
		{"who asked for nothing", third, shared, 90, false, false, false},
		{"after the other name", third, shared, 300, true, false, true},
		{"another name only", third, plain, 10, false, false, true},
		{"nothing known", asked, netip.MustParseAddr("203.0.113.9"), 1, false, false, false},
	} {
		v, host, own, known := who.of(tt.client, netip.AddrPortFrom(tt.server, 443), at(tt.seconds))
		if v.AI() && known != tt.ai || v.AI() && known && (own != tt.own || host != "chatgpt.com") || known != tt.known {
			t.Errorf("%s: %q of %q, own %v, known %v", tt.name, v.ID, host, own, known)
		}
	}
}

// TestShadow: spans that meet are one, others are not found, whatever falls upon
// them.
func TestShadow(t *testing.T) {
	s := newShadow()
	client, server := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("203.0.113.1")
	s.add(client, server, at(1000), at(1060))
	s.add(client, server, at(0), at(60))
	for seconds, want := range map[int]bool{-60: false, 0: true, 30: true, 500: true, 1050: true, 1200: false} {
		if got := s.covers(client, server, at(seconds)); got != want {
			t.Errorf("after %d seconds: %v", seconds, got)
		}
	}
	if s.covers(netip.Addr{}, server, at(30)) || s.covers(server, client, at(30)) {
		t.Error("what was never noted is found")
	}
	for _, odd := range []time.Time{{}, time.Unix(0, 0), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)} {
		s.add(client, client, odd, odd.Add(time.Hour))
	}
	a := newAnswers()
	for i := range 3 * maxAIHosts / 2 {
		rec := logs.Record{Time: at(0), Client: client, Host: fmt.Sprint("h", i, ".openai.com")}
		a.learn(&rec, true)
	}
	if len(a.hosts) > maxAIHosts {
		t.Errorf("%d names are kept", len(a.hosts))
	}
	if m, _ := a.name(client, server, at(0)); m.How != learned.Unknown {
		t.Errorf("learned %+v of nothing", m)
	}
}

// TestLearnLive: a followed log's answers name what other logs tell by address.
func TestLearnLive(t *testing.T) {
	client, server := netip.MustParseAddr("192.0.2.10"), netip.MustParseAddr("203.0.113.20")
	k, err := testHosts()
	if err != nil {
		t.Fatal(err)
	}
	c := recordFlows{knowledge: func() *knowledge { return k }, names: learned.New(0)} // no pipeline: an answer is no event
	text := "Mar  2 09:15:04 dnsmasq[812]: query[A] www.example.com from 192.0.2.10\nMar  2 09:15:04 dnsmasq[812]: reply www.example.com is <CNAME>\n" +
		"Mar  2 09:15:04 dnsmasq[812]: reply edge.example.net is 203.0.113.20\n"
	r, err := logs.New(strings.NewReader(text), "log", logs.Options{Year: 2026, Answers: true})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var rec logs.Record
	for r.Next(&rec) == nil {
		c.take(&rec, "log", newFlowIDs())
	}
	if m := c.names.Name(client, server, at(1)); m.Name != "www.example.com" || m.How != learned.ByClient {
		t.Errorf("learned %+v", m)
	}
	if m := c.names.Name(client, server, at(3600)); m.Name != "" {
		t.Errorf("for ever: %+v", m)
	}
}
