package sniffer

import "github.com/gnomon-proxy/gnomon/sniffer/packet"

// Reason says why a message could not be read. The set is closed.
type Reason uint8

// The reasons. The zero value means that nothing is wrong.
const (
	fine               Reason = iota
	ReasonDNSHeader           // a DNS message that ends in its header
	ReasonDNSName             // a name that runs out of the message, is too long or has an unknown label
	ReasonDNSPointer          // a compression pointer that does not point backwards
	ReasonDNSQuestion         // a question that ends before its type and class
	ReasonDNSQuestions        // more questions than we read
	ReasonFault               // a fault of ours, survived
	reasonCount
)

var reasonNames = [reasonCount]string{
	"",
	"dns_header", "dns_name", "dns_pointer", "dns_question", "dns_questions", "fault",
}

// String returns the name of r as metrics and reports show it.
func (r Reason) String() string {
	if r >= reasonCount {
		return "unknown"
	}
	return reasonNames[r]
}

// Stats counts what was read. The zero value is ready to use.
type Stats struct {
	Packets   int64 // frames read
	Bytes     int64 // their captured bytes
	Fragments int64 // IP fragments
	Messages  int64 // DNS messages
	Queries   int64 // observations of kind query
	Replies   int64 // observations of kind reply

	unread    [packet.Reasons]int64 // packets
	malformed [reasonCount]int64    // messages
}

// Malformed returns the number of packets or messages that could not be read,
// by reason; reasons that did not occur are absent.
func (s *Stats) Malformed() map[string]int64 {
	m := make(map[string]int64)
	for r, n := range s.malformed {
		if n > 0 {
			m[Reason(r).String()] = n
		}
	}
	for r, n := range s.unread {
		if n > 0 && packet.Reason(r) != packet.Fine {
			m[packet.Reason(r).String()] = n
		}
	}
	return m
}
