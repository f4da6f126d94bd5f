package stream

import (
	"encoding/json"
	"slices"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/notice"
)

// noticed is the JSON of a notice on disk. A program that knows none counts them
// as damaged, since no id stands beside them, where that of an event is.
type noticed struct {
	Notice *notice.Notice `json:"notice"`
}

// read reads a record back; false: it is none, or comes from another version.
func read(line []byte, from *Source) (Record, bool) {
	var q struct {
		inventory.Event
		noticed
	}
	switch err := json.Unmarshal(line, &q); {
	case err != nil:
		return Record{}, false
	case q.Notice != nil:
		return Noticed(q.Notice, from), q.Notice.ID != ""
	}
	return Record{Event: &q.Event, From: from}, q.ID != ""
}

// batch is what is queued at once, encoded for the disk.
type batch struct {
	lines [][]byte
	kinds []Kind // of each
}

func newBatch(n int) *batch { return &batch{make([][]byte, 0, n), make([]Kind, 0, n)} }

func (b *batch) add(r *Record, line []byte) {
	b.lines, b.kinds = append(b.lines, line), append(b.kinds, r.kind())
}

// of returns the lines of some kinds.
func (b *batch) of(kinds []Kind) [][]byte {
	if !slices.ContainsFunc(b.kinds, func(k Kind) bool { return !slices.Contains(kinds, k) }) {
		return b.lines
	}
	var some [][]byte
	for i, k := range b.kinds {
		if slices.Contains(kinds, k) {
			some = append(some, b.lines[i])
		}
	}
	return some
}
