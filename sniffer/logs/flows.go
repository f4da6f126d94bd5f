package logs

import (
	"bytes"
	"slices"
)

// Flows is how much of a log tells connections by address alone, which other
// logs have to give names to.
type Flows uint8

// The shares.
const (
	NoFlows Flows = iota
	SomeFlows
	OnlyFlows
)

var (
	onlyFlows = []string{"zeek-conn-tsv", "zeek-conn-json", "aws-vpc-flow", "nfdump-csv"}
	// TLS and QUIC without a name are flows, too.
	someFlows = []string{"zeek-ssl-tsv", "zeek-ssl-json", "zeek-quic-tsv", "zeek-quic-json", "zeek-json", "suricata-eve", "panos-threat-url", "fortigate-webfilter", "cloudflare-gateway-network", "csv", "json", "pairs", "cef", "leef"}
)

// FlowsOf tells by its first bytes whether a log that is read with these options
// holds flows. Of a log that can't be told by them it says that it may.
func FlowsOf(head []byte, o Options) Flows {
	var nuls noNULs
	text, close, err := plain(bytes.NewReader(head), &nuls)
	defer close()
	if err != nil {
		return SomeFlows
	}
	first := newBlocks(text).head()
	if len(first) == 0 {
		return SomeFlows
	}
	c, err := detect(first, o.format(first))
	switch {
	case err != nil:
		return SomeFlows
	case slices.Contains(onlyFlows, c.format.name):
		return OnlyFlows
	case slices.Contains(someFlows, c.format.name):
		return SomeFlows
	}
	return NoFlows
}
