package sniffer

import (
	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/sniffer/dns"
	"github.com/gnomon-proxy/gnomon/sniffer/hello"
	"github.com/gnomon-proxy/gnomon/sniffer/packet"
	"github.com/gnomon-proxy/gnomon/sniffer/quic"
	"github.com/gnomon-proxy/gnomon/sniffer/stream"
)

// Stats counts what was read, and what could not be.
type Stats struct {
	Packets int64 // frames read
	Bytes   int64 // their captured bytes

	Messages   int64 // DNS messages
	Queries    int64 // observations of kind query
	Replies    int64 // observations of kind reply
	OddPorts   int64 // DNS messages over UDP where nobody expects them
	LostDNS    int64 // times that the next message of a DNS stream could not be found
	Local      int64 // datagrams of mDNS, LLMNR and NetBIOS, which name devices: not read
	ECHConfigs int64 // replies that let a client encrypt its hellos

	TLSHellos  int64 // over TCP, and DTLS
	QUICHellos int64
	NoName     int64 // hellos without a server name
	ECH        int64 // hellos that hide the name; those that only look like it (GREASE) are not counted

	Lookups  int64 // of AI services and blind spots, those of one name within seconds as one
	Sessions int64 // with AI services
	Guessed  int64 // of them, those whose name was taken from their address
	Blind    int64 // flows and lookups that hide what they are
	Tokens   int64 // flows of any kind that looked like a stream of tokens

	Faults    int64 // faults of ours, survived
	Fragments packet.Stats
	Streams   stream.Stats
	QUIC      quic.Stats

	frames   [packet.Reasons]int64
	messages [16]int64 // by dns.Reason
	hellos   [8]int64  // by hello.Error
}

// Stats returns the counts so far.
func (s *Sniffer) Stats() Stats {
	st := s.stats
	st.Fragments, st.Streams, st.QUIC = s.decoder.Stats(), s.table.Stats(), s.quic.Stats
	return st
}

// frame counts a frame, before anything in it can do harm.
func (s *Stats) frame(f *capture.Frame) {
	s.Packets++
	s.Bytes += int64(len(f.Data))
}

// decoded counts what could not be read of a frame.
func (s *Stats) decoded(why packet.Reason) {
	if why != packet.Fine {
		s.frames[why]++
	}
}

// Malformed returns the number of packets, messages or hellos that could not be
// read, or not to the end, by reason; reasons that did not occur are absent.
func (s *Stats) Malformed() map[string]int64 {
	m := s.QUIC.Failed()
	put := func(reason string, n int64) {
		if n > 0 {
			m[reason] += n
		}
	}
	for r, n := range s.frames {
		put(packet.Reason(r).String(), n)
	}
	for r, n := range s.messages {
		put(dns.Reason(r).String(), n)
	}
	for e, n := range s.hellos {
		put(hello.Error(e).Error(), n)
	}
	put("dns_stream", s.LostDNS)
	put("fault", s.Faults)
	return m
}
