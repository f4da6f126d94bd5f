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
)

// Observation is one question of one DNS message. Whoever is handed a pointer
// to it may use it until it returns; a copy and its strings stay valid.
type Observation struct {
	Time       time.Time
	Sensor     traffic.Sensor
	Kind       Kind
	Client     netip.Addr // who asks: the source of a query, the destination of a reply
	ClientPort uint16
	Server     netip.Addr
	ServerPort uint16
	Name       string // lower case, no final dot, bytes that are no plain text as \DDD, "." for the root
	Type       uint16 // DNS type of the question: 1 A, 28 AAAA, 65 HTTPS, ...
	ID         uint16 // DNS message id
}
