package logs_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

// TestChange: a log that goes over to another format is read on, from the first
// line of that; damage is no other format.
func TestChange(t *testing.T) {
	squid := func(n int) string {
		return strings.Repeat("1772442904.250    231 192.0.2.10 TCP_TUNNEL/200 12 CONNECT chatgpt.com:443 - HIER_DIRECT/203.0.113.20 -\n", n)
	}
	vpc := func(n int) string {
		return "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n" +
			strings.Repeat("2 123456789010 eni-0abc 192.0.2.10 203.0.113.20 5000 443 6 10 100 1772442905 1772442965 ACCEPT OK\n", n)
	}
	route53 := func(n int) string {
		return strings.Repeat(`{"version":"1.1","query_timestamp":"2026-03-02T09:15:04Z","query_name":"chatgpt.com.","rcode":"NOERROR","answers":[],"srcaddr":"192.0.2.10"}`+"\n", n)
	}
	zeek := func(n int) string {
		return zeekDNS + strings.Repeat("1772442904.25\t192.0.2.10\t53\tchatgpt.com\t-\t-\n", n)
	}
	for _, tt := range []struct {
		name, text     string
		format         string // --format
		begins         string
		records, badly int64
		notes          int
		flows, lookups int
	}{
		{"lookups, flows", route53(200) + vpc(4), "", "route53-resolver", 204, 0, 1, 4, 200},
		{"flows, lookups", vpc(4) + route53(200), "", "aws-vpc-flow", 204, 0, 1, 4, 200},
		{"many of both", vpc(2000) + route53(2000), "", "aws-vpc-flow", 4000, 0, 1, 2000, 2000},
		{"three", vpc(60) + squid(70) + zeek(80), "", "aws-vpc-flow", 210, 0, 2, 60, 80},
		{"back again", squid(60) + zeek(70) + squid(80) + zeek(3), "", "squid-native", 213, 0, 3, 0, 73},
		{"damage", squid(60) + strings.Repeat("no log at all\n", 500) + squid(60), "", "squid-native", 120, 500, 0, 0, 0},
		{"damage, then another", squid(60) + strings.Repeat("no log at all\n", 3) + zeek(2000), "", "squid-native", 2060, 3, 1, 0, 2000},
		{"one line", squid(60) + strings.TrimSuffix(vpc(0), "\n"), "", "squid-native", 60, 1, 0, 0, 0},
		{"the last is cut", squid(60) + "1772442904.250    231 192.0.2.10 TCP_TUN", "", "squid-native", 60, 1, 0, 0, 0},
		{"as told", squid(60) + vpc(60), "squid-native", "squid-native", 60, 61, 0, 0, 0},
		{"anything is CSV", squid(60) + strings.Repeat("a,b,c\n", 100), "", "squid-native", 60, 100, 0, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := logs.New(strings.NewReader(tt.text), "log", logs.Options{Format: tt.format})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			var flows, lookups int
			for _, rec := range readAll(t, r) {
				switch rec.Kind {
				case logs.KindFlow:
					flows++
				case logs.KindDNS:
					lookups++
				}
			}
			st, bad := r.Stats(), int64(0)
			for _, n := range st.Skipped {
				bad += n
			}
			if want := int64(len(slices.Collect(strings.Lines(tt.text)))); st.Lines != want {
				t.Errorf("%d lines of %d", st.Lines, want)
			}
			if r.Format() != tt.begins || st.Records != tt.records || bad != tt.badly || len(st.Notes) != tt.notes || flows != tt.flows || lookups != tt.lookups {
				t.Errorf("%s, %d records, %d flows, %d lookups, %v, %q", r.Format(), st.Records, flows, lookups, st.Skipped, st.Notes)
			}
			if len(st.Examples) != int(min(bad, 10)) {
				t.Errorf("%d examples of %d lines", len(st.Examples), bad)
			}
		})
	}
}

// TestChangeBounded: a log that changes all the time costs a bounded number of
// attempts, and what it says is bounded.
func TestChangeBounded(t *testing.T) {
	var b strings.Builder
	for i := range 100 {
		fmt.Fprint(&b, strings.Repeat("1772442904.250    231 192.0.2.10 TCP_TUNNEL/200 12 CONNECT chatgpt.com:443 - HIER_DIRECT/203.0.113.20 -\n", 60))
		fmt.Fprint(&b, strings.Repeat(fmt.Sprint("damage ", i, "\n"), 60))
	}
	r, err := logs.New(strings.NewReader(b.String()), "log", logs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	readAll(t, r)
	if st := r.Stats(); st.Records != 6000 || st.Lines != 12000 || len(st.Notes) > 8 {
		t.Errorf("%+v", st)
	}
}

// TestRepliesAlone: where Suricata logs no questions, each reply is a lookup;
// where it does, none is.
func TestRepliesAlone(t *testing.T) {
	reply := eveHead + `"src_ip":"192.0.2.10","src_port":5000,"dest_ip":"192.0.2.53","dest_port":53,"dns":{"version":3,"type":"response","queries":[{"rrname":"chatgpt.com","rrtype":"A"}],"answers":[{"rrname":"chatgpt.com","rrtype":"A","ttl":30,"rdata":"203.0.113.20"}]}}` + "\n"
	missing := eveHead + `"src_ip":"192.0.2.10","src_port":5000,"dest_ip":"192.0.2.53","dest_port":53,"dns":{"version":3,"type":"response","rcode":"NXDOMAIN","queries":[{"rrname":"claude.ai","rrtype":"A"}]}}` + "\n"
	question := eveHead + `"src_ip":"192.0.2.10","src_port":5000,"dest_ip":"192.0.2.53","dest_port":53,"dns":{"version":3,"type":"request","queries":[{"rrname":"chatgpt.com","rrtype":"A"}]}}` + "\n"
	old := func(kind, name, data string) string {
		return eveHead + `"src_ip":"192.0.2.53","src_port":53,"dest_ip":"192.0.2.10","dest_port":5000,"dns":{"type":"answer","rrname":"` + name + `","rrtype":"` + kind + `","ttl":60,"rdata":"` + data + `"}}` + "\n"
	}
	for _, tt := range []struct {
		name, text       string
		lookups, answers int
	}{
		{"replies", reply + missing, 2, 1},
		{"both", question + reply + missing, 1, 1},
		{"version 1", old("CNAME", "chatgpt.com", "edge.example.net") + old("A", "edge.example.net", "203.0.113.20") + old("A", "edge.example.net", "203.0.113.21"), 1, 2},
	} {
		for _, wanted := range []bool{true, false} {
			got := reading(t, tt.text, logs.Options{Answers: wanted})
			if len(got.lookups) != tt.lookups || len(got.answers) != tt.answers && wanted || len(got.answers) != 0 && !wanted {
				t.Errorf("%s, answers wanted %v: %q", tt.name, wanted, got)
			}
		}
	}
}
