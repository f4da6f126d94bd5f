package inventory

import (
	"encoding/binary"
	"encoding/json"
	"sync/atomic"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/ledger"
	"github.com/gnomon-proxy/gnomon/inventory/varint"
)

// history is the entries on one subject. Those that came out of a copy of the
// ledger stay packed until somebody asks for them: most of a long ledger is
// never looked at.
type history struct {
	n    int
	last int64 // Seq of the newest entry

	kind, subject string
	packed        []byte                         // nil when list is set from the beginning
	list          atomic.Pointer[[]ledger.Entry] // once unpacked
}

// grow returns a history with the entries of h, which may be nil, to add to
// before others see it.
func (h *history) grow() *history {
	g := new(history)
	if h == nil {
		g.list.Store(new([]ledger.Entry))
		return g
	}
	old := h.entries()
	list := append(make([]ledger.Entry, 0, len(old)+1), old...)
	g.n, g.last = h.n, h.last
	g.list.Store(&list)
	return g
}

// add adds an entry to a history that grow has made.
func (h *history) add(e *ledger.Entry) {
	list := h.list.Load()
	*list = append(*list, *e)
	h.n, h.last = len(*list), e.Seq
}

// entries returns all entries, oldest first. h may be nil.
func (h *history) entries() []ledger.Entry {
	if h == nil {
		return nil
	}
	if list := h.list.Load(); list != nil {
		return *list
	}
	list := h.unpack()
	if !h.list.CompareAndSwap(nil, &list) {
		return *h.list.Load()
	}
	return list
}

func (h *history) unpack() []ledger.Entry {
	list := make([]ledger.Entry, 0, min(h.n, len(h.packed)))
	in := varint.NewReader(h.packed)
	for range h.n {
		e := ledger.Entry{Kind: h.kind, Subject: h.subject}
		unpackEntry(&in, &e)
		if in.Bad() {
			break // sealed as a whole, so this can't be; what is left out is missed by the chain
		}
		list = append(list, e)
	}
	return list
}

// pack appends what unpack reads.
func (h *history) pack(b []byte) []byte {
	if h.packed != nil && h.list.Load() == nil {
		return append(b, h.packed...)
	}
	for _, e := range h.entries() {
		b = packEntry(b, &e)
	}
	return b
}

// packEntry leaves out Kind and Subject.
func packEntry(b []byte, e *ledger.Entry) []byte {
	b = binary.AppendVarint(b, e.Seq)
	b = binary.AppendVarint(b, e.Time.UnixMilli())
	b = varint.AppendText(b, e.By)
	b = varint.AppendText(b, string(e.Data))
	b = append(b, e.Prev[:]...)
	return append(b, e.Hash[:]...)
}

// unpackEntry leaves Kind and Subject as they are.
func unpackEntry(in *varint.Reader, e *ledger.Entry) {
	e.Seq, e.Time = in.Int(), time.UnixMilli(in.Int()).UTC()
	e.By, e.Data = in.Text(), json.RawMessage(in.Bytes(in.Count()))
	copy(e.Prev[:], in.Bytes(len(e.Prev)))
	copy(e.Hash[:], in.Bytes(len(e.Hash)))
}
