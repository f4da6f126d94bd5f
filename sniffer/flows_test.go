package sniffer_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer"
	"github.com/gnomon-proxy/gnomon/traffic"
)

func TestFlows(t *testing.T) {
	t0 := time.Unix(1e9, 0)
	o := func(kind sniffer.Kind, id uint16, after time.Duration) sniffer.Observation {
		return sniffer.Observation{
			Time: t0.Add(after), Sensor: traffic.SensorDNS, Kind: kind, Name: "api.openai.com", Type: 1, ID: id,
			Client: netip.MustParseAddr("192.0.2.7"), ClientPort: 40000, Server: netip.MustParseAddr("192.0.2.53"), ServerPort: 53,
		}
	}
	const query, reply = sniffer.KindQuery, sniffer.KindReply
	for _, tt := range []struct {
		name string
		in   []sniffer.Observation
		want []bool
	}{
		{"query and reply", []sniffer.Observation{o(query, 1, 0), o(reply, 1, time.Second)}, []bool{true, false}},
		{"reply twice", []sniffer.Observation{o(query, 1, 0), o(reply, 1, 0), o(reply, 1, 1)}, []bool{true, false, false}},
		{"replies only", []sniffer.Observation{o(reply, 1, 0), o(reply, 2, 0), o(reply, 2, 0)}, []bool{true, true, false}},
		{"query again", []sniffer.Observation{o(query, 1, 0), o(query, 1, time.Second)}, []bool{true, true}},
		{"id used again", []sniffer.Observation{o(query, 1, 0), o(reply, 1, time.Hour)}, []bool{true, true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := sniffer.NewFlows("x.pcap")
			for i := range tt.in {
				flow, ok := f.Flow(&tt.in[i])
				if ok != tt.want[i] {
					t.Errorf("observation %d counts: %v, want %v", i, ok, tt.want[i])
				}
				if ok && (flow.Host != "api.openai.com" || flow.Client.String() != "192.0.2.7" || flow.Server.String() != "192.0.2.53:53" || flow.Origin != "x.pcap" || flow.Sensor != traffic.SensorDNS) {
					t.Errorf("flow = %+v", flow)
				}
			}
		})
	}
}

func TestFlowsForget(t *testing.T) {
	f := sniffer.NewFlows("")
	first := sniffer.Observation{Kind: sniffer.KindQuery, Name: "first.example"}
	f.Flow(&first)
	for i := range 70_000 {
		f.Flow(&sniffer.Observation{Kind: sniffer.KindQuery, Name: fmt.Sprint(i, ".example")})
	}
	first.Kind = sniffer.KindReply
	if _, ok := f.Flow(&first); !ok {
		t.Error("a query is remembered after 70,000 others: the table is not bounded")
	}
}
