package inventory

import (
	"encoding/binary"
	"errors"
	"math"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/varint"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// noteVersion is the first byte of an event in the journal, which is read once, by
// this version or a later one. Lines of JSON begin otherwise.
const noteVersion = 1

// appendNote appends e as the journal has it: each text with its length before it,
// as it is. JSON would take four times as long, for each sighting.
func appendNote(b []byte, e *Event) []byte {
	b = append(b, noteVersion)
	b = binary.AppendVarint(b, e.Time.Unix())
	b = binary.AppendVarint(b, int64(e.Time.Nanosecond()))
	b = binary.AppendUvarint(b, math.Float64bits(e.Confidence))
	for _, n := range e.numbers() {
		b = binary.AppendVarint(b, n)
	}
	for _, s := range e.texts() {
		b = varint.AppendText(b, *s)
	}
	// These are of named types.
	b = varint.AppendText(b, string(e.Sensor))
	b = varint.AppendText(b, string(e.Surface))
	b = varint.AppendText(b, string(e.How))
	b = varint.AppendText(b, string(e.Account.Kind))
	b = varint.AppendText(b, string(e.Action))
	b = varint.AppendText(b, string(e.Depth))
	for _, list := range e.lists() {
		b = binary.AppendUvarint(b, uint64(len(*list)))
		for _, s := range *list {
			b = varint.AppendText(b, s)
		}
	}
	b = appendCounts(b, e.Findings)
	b = appendCounts(b, e.Classes)
	b = binary.AppendUvarint(b, uint64(len(e.People)))
	for i := range e.People {
		b = varint.AppendText(b, e.People[i].ID)
		b = varint.AppendText(b, string(e.People[i].Sealed))
	}
	return b
}

func (e *Event) numbers() [6]int64 {
	return [...]int64{e.Requests, e.Up, e.Down, int64(e.Code), int64(e.Took), e.Files}
}

func (e *Event) texts() [21]*string {
	return [...]*string{
		&e.ID, &e.Origin, &e.Client, &e.User, &e.Host, &e.Method, &e.Path, &e.UserAgent, &e.ServiceID, &e.Service, &e.Vendor, &e.Category,
		&e.Account.Organisation, &e.Account.Plan, &e.Account.Key, &e.Model, &e.Format, &e.Rule, &e.Why, &e.Agent, &e.Blind,
	}
}

func (e *Event) lists() [6]*[]string {
	return [...]*[]string{&e.Groups, &e.Features, &e.Prints, &e.Noted, &e.Tools, &e.Servers}
}

func appendCounts[K ~string](b []byte, m map[K]int) []byte {
	b = binary.AppendUvarint(b, uint64(len(m)))
	for name, n := range m {
		b = binary.AppendVarint(varint.AppendText(b, string(name)), int64(n))
	}
	return b
}

var errNote = errors.New("a record of the journal is damaged, or of another version")

// readNote reads what appendNote wrote.
func readNote(b []byte) (e Event, err error) {
	r := varint.NewReader(b)
	if r.Byte() != noteVersion {
		return e, errNote
	}
	e.Time = time.Unix(r.Int(), r.Int()).UTC()
	e.Confidence = math.Float64frombits(r.Uint())
	e.Requests, e.Up, e.Down, e.Code, e.Took, e.Files = r.Int(), r.Int(), r.Int(), int(r.Int()), time.Duration(r.Int()), r.Int()
	for _, s := range e.texts() {
		*s = r.Text()
	}
	e.Sensor, e.Surface, e.How = traffic.Sensor(r.Text()), traffic.Surface(r.Text()), traffic.How(r.Text())
	e.Account.Kind, e.Action, e.Depth = traffic.AccountKind(r.Text()), traffic.Action(r.Text()), traffic.Depth(r.Text())
	for _, list := range e.lists() {
		for n := r.Count(); n > 0 && !r.Bad(); n-- {
			*list = append(*list, r.Text())
		}
	}
	e.Findings, e.Classes = readCounts[string](&r), readCounts[traffic.Class](&r)
	for n := r.Count(); n > 0 && !r.Bad(); n-- {
		e.People = append(e.People, Person{ID: r.Text(), Sealed: []byte(r.Text())})
	}
	if !r.Done() {
		return Event{}, errNote
	}
	return e, nil
}

func readCounts[K ~string](r *varint.Reader) (m map[K]int) {
	for n := r.Count(); n > 0 && !r.Bad(); n-- {
		if m == nil {
			m = make(map[K]int)
		}
		name := K(r.Text())
		m[name] = int(r.Int())
	}
	return m
}
