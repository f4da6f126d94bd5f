package logs_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

// dnsReply is a reply as AdGuard Home logs it: chatgpt.com is an alias of
// edge.example.net (TTL 60), which is 203.0.113.20 (TTL 300).
func dnsReply() string {
	b := []byte{0, 7, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0}
	b = append(b, "\x07chatgpt\x03com\x00\x00\x01\x00\x01"...)
	b = append(b, "\xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x3c\x00\x12\x04edge\x07example\x03net\x00"...)
	b = append(b, "\xc0\x29\x00\x01\x00\x01\x00\x00\x01\x2c\x00\x04\xcb\x00\x71\x14"...)
	return base64.StdEncoding.EncodeToString(b)
}

const (
	eveHead = `{"timestamp":"2026-03-02T09:15:04.25+0000","event_type":"dns",`
	zeekDNS = "#separator \\x09\n#path\tdns\n#fields\tts\tid.orig_h\tid.resp_p\tquery\tanswers\tTTLs\n"
)

// TestAnswers: what each kind of log says about the addresses of a name.
func TestAnswers(t *testing.T) {
	const def = "15m0s"
	for _, tt := range []struct {
		name, text string
		want       []string // client, name, address, TTL
	}{
		{"zeek TSV", zeekDNS + "1772442904.25\t192.0.2.10\t53\tchatgpt.com\tedge.example.net,203.0.113.20,2001:db8::1\t300.000000,60.000000,900\n",
			[]string{"192.0.2.10 chatgpt.com 203.0.113.20 1m0s", "192.0.2.10 chatgpt.com 2001:db8::1 1m0s"}},
		{"zeek TSV without", zeekDNS + "1772442904.25\t192.0.2.10\t53\tchatgpt.com\t-\t-\n", nil},
		{"zeek JSON", `{"ts":1772442904.25,"id.orig_h":"192.0.2.10","id.resp_p":53,"trans_id":7,"query":"chatgpt.com","answers":["edge.example.net","203.0.113.20"],"TTLs":[60.0,300]}`,
			[]string{"192.0.2.10 chatgpt.com 203.0.113.20 1m0s"}},
		{"route 53", `{"version":"1.1","query_timestamp":"2026-03-02T09:15:04Z","query_name":"chatgpt.com.","rcode":"NOERROR","answers":[{"Rdata":"edge.example.net.","Type":"CNAME","Class":"IN"},{"Rdata":"203.0.113.20","Type":"A","Class":"IN"}],"srcaddr":"192.0.2.10"}`,
			[]string{"192.0.2.10 chatgpt.com 203.0.113.20 " + def}},
		{"cloudflare", `{"Datetime":"2026-03-02T09:15:04Z","QueryName":"chatgpt.com","SrcIP":"192.0.2.10","ResolverDecision":"allowedOnNoPolicyMatch","ResolvedIPs":["203.0.113.20","203.0.113.21"]}`,
			[]string{"192.0.2.10 chatgpt.com 203.0.113.20 " + def, "192.0.2.10 chatgpt.com 203.0.113.21 " + def}},
		{"adguard", `{"T":"2026-03-02T09:15:04.25Z","QH":"chatgpt.com","QT":"A","IP":"192.0.2.10","Answer":"` + dnsReply() + `","Result":{}}`,
			[]string{"192.0.2.10 chatgpt.com 203.0.113.20 1m0s"}},
		{"adguard, damaged", `{"T":"2026-03-02T09:15:04.25Z","QH":"chatgpt.com","QT":"A","IP":"192.0.2.10","Answer":"` + dnsReply()[:40] + `","Result":{}}`, nil},
		{"suricata 1", eveHead + `"src_ip":"192.0.2.53","src_port":53,"dest_ip":"192.0.2.10","dest_port":5000,"dns":{"type":"answer","rrname":"chatgpt.com","rrtype":"CNAME","ttl":60,"rdata":"edge.example.net"}}` + "\n" +
			eveHead + `"src_ip":"192.0.2.53","src_port":53,"dest_ip":"192.0.2.10","dest_port":5000,"dns":{"type":"answer","rrname":"edge.example.net","rrtype":"A","ttl":300,"rdata":"203.0.113.20"}}`,
			[]string{"192.0.2.10 chatgpt.com 203.0.113.20 5m0s"}},
		{"suricata 2", eveHead + `"src_ip":"192.0.2.10","src_port":5000,"dest_ip":"192.0.2.53","dest_port":53,"dns":{"version":2,"type":"answer","rrname":"chatgpt.com","rrtype":"A","answers":[{"rrname":"chatgpt.com","rrtype":"CNAME","ttl":60,"rdata":"edge.example.net"},{"rrname":"edge.example.net","rrtype":"A","ttl":300,"rdata":"203.0.113.20"}]}}`,
			[]string{"192.0.2.10 chatgpt.com 203.0.113.20 1m0s"}},
		{"suricata 2, short", eveHead + `"src_ip":"192.0.2.10","src_port":5000,"dest_ip":"192.0.2.53","dest_port":53,"dns":{"version":2,"type":"answer","rrname":"chatgpt.com","rrtype":"A","grouped":{"CNAME":["edge.example.net"],"A":["203.0.113.20"]}}}`,
			[]string{"192.0.2.10 chatgpt.com 203.0.113.20 " + def}},
		{"suricata 3", eveHead + `"src_ip":"192.0.2.10","src_port":5000,"dest_ip":"192.0.2.53","dest_port":53,"dns":{"version":3,"type":"response","queries":[{"rrname":"chatgpt.com","rrtype":"A"}],"answers":[{"rrname":"chatgpt.com","rrtype":"A","ttl":30,"rdata":"203.0.113.20"}]}}`,
			[]string{"192.0.2.10 chatgpt.com 203.0.113.20 30s"}},
		{"dnsmasq", dnsmasqLines("query[A] chatgpt.com from 192.0.2.10", "forwarded chatgpt.com to 192.0.2.53", "query[A] www.example.com from 192.0.2.11",
			"reply chatgpt.com is <CNAME>", "reply edge.example.net is 203.0.113.20", "reply edge.example.net is 203.0.113.21", "cached www.example.com is 203.0.113.9", "cached www.example.com is NODATA-IPv6"),
			[]string{"192.0.2.10 chatgpt.com 203.0.113.20 " + def, "192.0.2.10 chatgpt.com 203.0.113.21 " + def, "192.0.2.11 www.example.com 203.0.113.9 " + def}},
		{"dnsmasq, extra", dnsmasqLines("1 192.0.2.10/5000 query[A] chatgpt.com from 192.0.2.10", "2 192.0.2.11/5000 query[A] claude.ai from 192.0.2.11",
			"2 192.0.2.11/5000 reply claude.ai is 203.0.113.22", "1 192.0.2.10/5000 reply chatgpt.com is <CNAME>", "1 192.0.2.10/5000 reply edge.example.net is 203.0.113.20"),
			[]string{"192.0.2.11 claude.ai 203.0.113.22 " + def, "192.0.2.10 chatgpt.com 203.0.113.20 " + def}},
		{"dnsmasq, blocked", dnsmasqLines("query[A] chatgpt.com from 192.0.2.10", "gravity blocked chatgpt.com is 0.0.0.0"), nil},
		{"dnsmasq, nobody asked", dnsmasqLines("query[A] a.example from 192.0.2.10", "reply b.example is 203.0.113.20"), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			asked := reading(t, tt.text, logs.Options{Year: 2026, Answers: true})
			if !slices.Equal(asked.answers, tt.want) {
				t.Errorf("learned %q, want %q", asked.answers, tt.want)
			}
			plain := reading(t, tt.text, logs.Options{Year: 2026})
			if len(plain.answers) > 0 || !slices.Equal(plain.lookups, asked.lookups) {
				t.Errorf("unasked: learned %q; lookups %q, and with answers %q", plain.answers, plain.lookups, asked.lookups)
			}
		})
	}
}

func dnsmasqLines(lines ...string) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString("Mar  2 09:15:04 dnsmasq[812]: " + l + "\n")
	}
	return b.String()
}

type told struct{ answers, lookups []string }

// reading returns what a log says, in order.
func reading(t *testing.T, text string, o logs.Options) (all told) {
	t.Helper()
	r, err := logs.New(strings.NewReader(text), "log", o)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var rec logs.Record
	for {
		if err := r.Next(&rec); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		rec.Answers.Each(func(a netip.Addr, ttl time.Duration) {
			all.answers = append(all.answers, fmt.Sprint(rec.Client, " ", rec.Host, " ", a, " ", ttl))
		})
		if rec.Kind != logs.KindAnswer {
			all.lookups = append(all.lookups, fmt.Sprint(rec.Time, rec.Client, rec.Host, rec.Kind, rec.Blocked))
		} else if rec.Time.IsZero() || rec.Host == "" {
			t.Errorf("an answer without time or name: %+v", rec)
		}
	}
}

// TestFlowsOf: logs of connections are told from those that give names.
func TestFlowsOf(t *testing.T) {
	for format, file := range samples {
		want := logs.NoFlows
		switch format {
		case "zeek-conn-tsv", "aws-vpc-flow", "nfdump-csv":
			want = logs.OnlyFlows
		case "suricata-eve", "panos-threat-url", "fortigate-webfilter", "zeek-json", "zeek-ssl-tsv", "zeek-quic-json":
			want = logs.SomeFlows
		}
		if got := logs.FlowsOf(endless(t, file, 1), logs.Options{}); got != want {
			t.Errorf("%s: %d, want %d", format, got, want)
		}
	}
	if got := logs.FlowsOf([]byte("nothing known\n"), logs.Options{}); got != logs.SomeFlows {
		t.Errorf("of what is not known: %d", got)
	}
}
