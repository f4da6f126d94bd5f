package pack

import (
	"encoding/binary"
	"errors"
	"math"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/varint"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// version is the first byte of packed events. Version 1 had no Noted and no
// Blind, version 2 no Agent, Tools and Servers, version 3 no Files.
const version = 4

// Packer writes events in little room: each text once, then the events, which
// name texts by their number (0 is the empty one). It is used again and again.
type Packer struct {
	number map[string]uint64
	texts  []byte
	events []byte
	field  int          // of the event that is packed
	last   [32]numbered // by field: most repeat what the event before said
}

type numbered struct {
	text   string
	number uint64
}

// Reset forgets all events.
func (p *Packer) Reset() {
	if p.number == nil {
		p.number = make(map[string]uint64)
	}
	clear(p.number)
	clear(p.last[:])
	p.texts, p.events = p.texts[:0], p.events[:0]
}

// Bytes returns what was added since Reset. The caller owns it.
func (p *Packer) Bytes() []byte {
	out := make([]byte, 0, 1+binary.MaxVarintLen64+len(p.texts)+len(p.events))
	out = append(out, version)
	out = binary.AppendUvarint(out, uint64(len(p.number)))
	out = append(out, p.texts...)
	return append(out, p.events...)
}

// Add packs e without its people, who have a table of their own, and without an
// ID that its key tells.
func (p *Packer) Add(e *inventory.Event, k Key) {
	p.field = 0
	id := e.ID
	if k.Is(id) {
		id = ""
	}
	p.text(id)
	p.int(e.Time.Unix())
	p.int(int64(e.Time.Nanosecond()))
	p.text(string(e.Sensor))
	p.text(e.Origin)
	p.text(e.Client)
	p.text(e.User)
	p.list(e.Groups)
	p.text(e.Host)
	p.text(e.Method)
	p.text(e.Path)
	p.text(e.UserAgent)
	p.text(e.ServiceID)
	p.text(e.Service)
	p.text(e.Vendor)
	p.text(e.Category)
	p.text(string(e.Surface))
	p.text(string(e.How))
	p.events = binary.AppendUvarint(p.events, math.Float64bits(e.Confidence))
	p.list(e.Features)
	p.text(string(e.Account.Kind))
	p.text(e.Account.Organisation)
	p.text(e.Account.Plan)
	p.text(e.Account.Key)
	p.text(e.Model)
	p.text(e.Format)
	packCounts(p, e.Findings)
	packCounts(p, e.Classes)
	p.list(e.Prints)
	p.text(string(e.Action))
	p.text(e.Rule)
	p.text(string(e.Depth))
	p.text(e.Why)
	p.int(e.Requests)
	p.int(e.Up)
	p.int(e.Down)
	p.int(int64(e.Code))
	p.int(int64(e.Took))
	p.list(e.Noted)
	p.text(e.Blind)
	p.text(e.Agent)
	p.list(e.Tools)
	p.list(e.Servers)
	p.int(e.Files)
}

func (p *Packer) text(s string) {
	last := &p.last[p.field%len(p.last)]
	p.field++
	if s != last.text {
		*last = numbered{s, p.numberOf(s)}
	}
	p.events = binary.AppendUvarint(p.events, last.number)
}

func (p *Packer) numberOf(s string) uint64 {
	if s == "" {
		return 0
	}
	n, ok := p.number[s]
	if !ok {
		n = uint64(len(p.number)) + 1
		p.number[s] = n
		p.texts = varint.AppendText(p.texts, s)
	}
	return n
}

func (p *Packer) int(n int64) { p.events = binary.AppendVarint(p.events, n) }

func (p *Packer) list(l []string) {
	p.events = binary.AppendUvarint(p.events, uint64(len(l)))
	for _, s := range l {
		p.events = binary.AppendUvarint(p.events, p.numberOf(s))
	}
}

func packCounts[K ~string](p *Packer, m map[K]int) {
	p.events = binary.AppendUvarint(p.events, uint64(len(m)))
	for name, n := range m {
		p.events = binary.AppendUvarint(p.events, p.numberOf(string(name)))
		p.int(int64(n))
	}
}

var errPacked = errors.New("packed sightings are damaged")

// Unpack calls f with each of the events in data, whose keys are ids. The event
// holds until f returns; what it refers to stays.
func Unpack(ids, data []byte, f func(*inventory.Event) error) error {
	if len(data) == 0 || data[0] < 1 || data[0] > version {
		return errPacked
	}
	u := unpacker{in: varint.NewReader(data[1:]), version: data[0], texts: []string{""}}
	for n := u.in.Count(); n > 0 && !u.in.Bad(); n-- {
		u.texts = append(u.texts, u.in.Text())
	}
	var e inventory.Event
	for ; len(ids) >= len(Key{}) && !u.in.Bad(); ids = ids[len(Key{}):] {
		u.event(&e, Key(ids[:len(Key{})]))
		if u.in.Bad() {
			break
		}
		if err := f(&e); err != nil {
			return err
		}
	}
	if !u.in.Done() || len(ids) > 0 {
		return errPacked
	}
	return nil
}

// unpacker reads what Packer wrote. Once it is bad, what it reads is zero.
type unpacker struct {
	in      varint.Reader
	version byte
	texts   []string
}

// event reads the fields in the order of Packer.add.
func (u *unpacker) event(e *inventory.Event, k Key) {
	e.ID = u.text()
	if e.ID == "" {
		e.ID = k.String()
	}
	e.Time = time.Unix(u.in.Int(), u.in.Int()).UTC()
	e.Sensor = traffic.Sensor(u.text())
	e.Origin = u.text()
	e.Client = u.text()
	e.User = u.text()
	e.Groups = u.list()
	e.Host = u.text()
	e.Method = u.text()
	e.Path = u.text()
	e.UserAgent = u.text()
	e.ServiceID = u.text()
	e.Service = u.text()
	e.Vendor = u.text()
	e.Category = u.text()
	e.Surface = traffic.Surface(u.text())
	e.How = traffic.How(u.text())
	e.Confidence = math.Float64frombits(u.in.Uint())
	e.Features = u.list()
	e.Account.Kind = traffic.AccountKind(u.text())
	e.Account.Organisation = u.text()
	e.Account.Plan = u.text()
	e.Account.Key = u.text()
	e.Model = u.text()
	e.Format = u.text()
	e.Findings = unpackCounts[string](u)
	e.Classes = unpackCounts[traffic.Class](u)
	e.Prints = u.list()
	e.Action = traffic.Action(u.text())
	e.Rule = u.text()
	e.Depth = traffic.Depth(u.text())
	e.Why = u.text()
	e.Requests = u.in.Int()
	e.Up = u.in.Int()
	e.Down = u.in.Int()
	e.Code = int(u.in.Int())
	e.Took = time.Duration(u.in.Int())
	if u.version > 1 {
		e.Noted = u.list()
		e.Blind = u.text()
	}
	if u.version > 2 {
		e.Agent = u.text()
		e.Tools = u.list()
		e.Servers = u.list()
	}
	if u.version > 3 {
		e.Files = u.in.Int()
	}
}

func (u *unpacker) text() string {
	n := u.in.Uint()
	if n >= uint64(len(u.texts)) {
		u.in.Fail()
		return ""
	}
	return u.texts[n]
}

func (u *unpacker) list() []string {
	var l []string
	for n := u.in.Count(); n > 0 && !u.in.Bad(); n-- {
		l = append(l, u.text())
	}
	return l
}

func unpackCounts[K ~string](u *unpacker) map[K]int {
	var m map[K]int
	for n := u.in.Count(); n > 0 && !u.in.Bad(); n-- {
		if m == nil {
			m = make(map[K]int)
		}
		name := K(u.text())
		m[name] = int(u.in.Int())
	}
	return m
}
