package sniffer

import (
	"net/netip"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// Kind says what kind of message an observation comes from.
type Kind string

// The kinds.
const (
	KindQuery Kind = "query"
	KindReply Kind = "reply"
	KindHello Kind = "hello"
)

// Observation is one question of one DNS message, or one ClientHello that shows
// a name. Whoever is handed a pointer to it may use it until it returns; a copy
// and its strings stay valid.
type Observation struct {
	Time       time.Time
	Sensor     traffic.Sensor // dns, tls or quic
	Kind       Kind
	Client     netip.Addr // who asks: the source of a query or hello, the destination of a reply
	ClientPort uint16
	Server     netip.Addr
	ServerPort uint16
	Name       string // lower case, no final dot, bytes that are no plain text as \DDD, "." for the root
	Verdict    *traffic.Verdict
	Type       uint16 // DNS type of the question: 1 A, 28 AAAA, 65 HTTPS, ...; 0 for a hello
	JA4        string // of a hello, where Config asks for it: the make of the client, "" for one that was cut
	Browser    bool   // and whether it is made as browsers make theirs
}
