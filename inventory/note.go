package inventory

import (
	"encoding/binary"
	"errors"
	"math"
	"time"

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
		b = appendText(b, *s)
	}
	// These are of named types.
	b = appendText(b, string(e.Sensor))
	b = appendText(b, string(e.Surface))
	b = appendText(b, string(e.How))
	b = appendText(b, string(e.Account.Kind))
	b = appendText(b, string(e.Action))
	b = appendText(b, string(e.Depth))
	for _, list := range e.lists() {
		b = binary.AppendUvarint(b, uint64(len(*list)))
		for _, s := range *list {
			b = appendText(b, s)
		}
	}
	b = appendCounts(b, e.Findings)
	b = appendCounts(b, e.Classes)
	b = binary.AppendUvarint(b, uint64(len(e.People)))
	for i := range e.People {
		b = appendText(b, e.People[i].ID)
		b = appendText(b, string(e.People[i].Sealed))
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

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendCounts[K ~string](b []byte, m map[K]int) []byte {
	b = binary.AppendUvarint(b, uint64(len(m)))
	for name, n := range m {
		b = binary.AppendVarint(appendText(b, string(name)), int64(n))
	}
	return b
}

var errNote = errors.New("a record of the journal is damaged, or of another version")

// readNote reads what appendNote wrote.
func readNote(b []byte) (e Event, err error) {
	r := noteReader{rest: b}
	if r.byte() != noteVersion {
		return e, errNote
	}
	e.Time = time.Unix(r.int(), r.int()).UTC()
	e.Confidence = math.Float64frombits(r.uint())
	e.Requests, e.Up, e.Down, e.Code, e.Took, e.Files = r.int(), r.int(), r.int(), int(r.int()), time.Duration(r.int()), r.int()
	for _, s := range e.texts() {
		*s = r.text()
	}
	e.Sensor, e.Surface, e.How = traffic.Sensor(r.text()), traffic.Surface(r.text()), traffic.How(r.text())
	e.Account.Kind, e.Action, e.Depth = traffic.AccountKind(r.text()), traffic.Action(r.text()), traffic.Depth(r.text())
	for _, list := range e.lists() {
		for n := r.count(); n > 0 && !r.bad; n-- {
			*list = append(*list, r.text())
		}
	}
	e.Findings, e.Classes = readCounts[string](&r), readCounts[traffic.Class](&r)
	for n := r.count(); n > 0 && !r.bad; n-- {
		e.People = append(e.People, Person{ID: r.text(), Sealed: []byte(r.text())})
	}
	if r.bad || len(r.rest) > 0 {
		return Event{}, errNote
	}
	return e, nil
}

// noteReader reads values one after the other. Once bad, they are zero.
type noteReader struct {
	rest []byte
	bad  bool
}

func (r *noteReader) fail() { r.bad, r.rest = true, nil }

func (r *noteReader) byte() byte {
	if len(r.rest) == 0 {
		r.fail()
		return 0
	}
	c := r.rest[0]
	r.rest = r.rest[1:]
	return c
}

func (r *noteReader) int() int64 {
	v, n := binary.Varint(r.rest)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *noteReader) uint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

// count reads the number of what follows: each takes at least a byte.
func (r *noteReader) count() int {
	n := r.uint()
	if n > uint64(len(r.rest)) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *noteReader) text() string {
	n := r.count()
	s := string(r.rest[:n])
	r.rest = r.rest[n:]
	return s
}

func readCounts[K ~string](r *noteReader) (m map[K]int) {
	for n := r.count(); n > 0 && !r.bad; n-- {
		if m == nil {
			m = make(map[K]int)
		}
		name := K(r.text())
		m[name] = int(r.int())
	}
	return m
}
