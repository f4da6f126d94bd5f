package sniffer

import (
	"cmp"
	"slices"
)

// Flush reports all that is not reported yet, as at the end of a capture. Hellos
// of which only a part came are told in an order of their own.
func (s *Sniffer) Flush() {
	var late []Observation
	s.flush(&late)
	slices.SortFunc(late, func(a, b Observation) int {
		return cmp.Or(a.Client.Compare(b.Client), cmp.Compare(a.ClientPort, b.ClientPort), a.Server.Compare(b.Server),
			cmp.Compare(a.ServerPort, b.ServerPort), cmp.Compare(a.Sensor, b.Sensor), cmp.Compare(a.Name, b.Name))
	})
	c := chunk{seen: seen{observations: late}}
	for i := range late {
		c.seen.note(eventObservation, 0, i)
	}
	sp := newSpeller(s.sink.Lines)
	sp.spell(&c)
	c.tell(&s.sink, &s.obs, sp)
}

func (s *Sniffer) flush(late *[]Observation) {
	s.late = late
	defer func() { s.late = nil }()
	defer s.survive()
	s.table.Flush()
	s.flushBlind()
}
