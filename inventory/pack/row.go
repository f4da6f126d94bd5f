package pack

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// Addressed is an event and where it belongs.
type Addressed struct {
	*inventory.Event
	Key  Key
	Span int64
}

// Addresses returns events in the order of their spans.
func Addresses(events []inventory.Event) []Addressed {
	list := make([]Addressed, len(events))
	for i := range events {
		list[i].Event = &events[i]
		list[i].Key, list[i].Span = Address(&events[i])
	}
	bySpan := func(a, b Addressed) int { return cmp.Compare(a.Span, b.Span) }
	if !slices.IsSortedFunc(list, bySpan) {
		slices.SortStableFunc(list, bySpan)
	}
	return list
}

// Spans calls f with the events of each span of what Addresses returned.
func Spans(list []Addressed, f func([]Addressed) error) error {
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].Span == list[0].Span {
			n++
		}
		if err := f(list[:n]); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

// Row packs the events of one span. The caller owns what it returns.
func (p *Packer) Row(group []Addressed) (ids, data []byte) {
	p.Reset()
	ids = make([]byte, 0, len(group)*len(Key{}))
	for i := range group {
		ids = append(ids, group[i].Key[:]...)
		p.Add(group[i].Event, group[i].Key)
	}
	return ids, p.Bytes()
}

// Unseen returns those of list that were not merged before, each once. Only
// those that are not fresh are looked for: find sets those of known to true that
// a row of the span holds.
func Unseen(list []Addressed, find func(span int64, known map[Key]bool) error) ([]Addressed, error) {
	if !slices.ContainsFunc(list, func(a Addressed) bool { return !a.Fresh }) {
		return list, nil
	}
	out := make([]Addressed, 0, len(list))
	err := Spans(list, func(group []Addressed) error {
		known := make(map[Key]bool, len(group)) // of those asked for: whether it is there
		for _, a := range group {
			if !a.Fresh {
				known[a.Key] = false
			}
		}
		if len(known) > 0 {
			if err := find(group[0].Span, known); err != nil {
				return err
			}
		}
		for _, a := range group {
			if !a.Fresh {
				if known[a.Key] {
					continue
				}
				known[a.Key] = true
			}
			out = append(out, a)
		}
		return nil
	})
	return out, err
}

// Mark sets those of known to true that are among ids.
func Mark(ids []byte, known map[Key]bool) {
	for ; len(ids) >= len(Key{}); ids = ids[len(Key{}):] {
		k := Key(ids[:len(Key{})])
		if _, ok := known[k]; ok {
			known[k] = true
		}
	}
}

// Link returns the hash of the chain after a row.
func Link(prev ledger.Hash, span, merged int64, ids, data []byte) ledger.Hash {
	var when [16]byte
	binary.BigEndian.PutUint64(when[:8], uint64(span))
	binary.BigEndian.PutUint64(when[8:], uint64(merged))
	return prev.Then(when[:], ids, data)
}
