package sniffer

import (
	"cmp"
	"slices"
)

// Flush reports all that is not reported yet, as at the end of a capture.
func (s *Sniffer) Flush() { flush(s.sink, s) }

// flush reports what Sniffers of the same packets have not reported yet. Hellos
// of which only a part came are told in an order that does not depend on how the
// packets were shared out.
func flush(sink Sink, all ...*Sniffer) {
	var late []Observation
	for _, s := range all {
		s.flush(&late)
	}
	slices.SortFunc(late, func(a, b Observation) int {
		return cmp.Or(a.Client.Compare(b.Client), cmp.Compare(a.ClientPort, b.ClientPort), a.Server.Compare(b.Server),
			cmp.Compare(a.ServerPort, b.ServerPort), cmp.Compare(a.Sensor, b.Sensor), cmp.Compare(a.Name, b.Name))
	})
	for i := range late {
		sink.Observation(&late[i])
	}
}

func (s *Sniffer) flush(late *[]Observation) {
	s.late = late
	defer func() { s.late = nil }()
	defer s.survive()
	s.table.Flush()
	s.flushBlind()
}
