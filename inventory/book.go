package inventory

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// Book is one state of the ledger, ordered by topic and subject. It is
// immutable. Its slices must not be changed.
type Book struct {
	chain  ledger.Chain
	topics map[Topic]map[string]*history
}

// Chain returns the end of the ledger.
func (b *Book) Chain() ledger.Chain { return b.chain }

// History returns the entries on a subject, oldest first.
func (b *Book) History(t Topic, subject string) []ledger.Entry { return b.topics[t][subject].entries() }

// Last returns the newest entry on a subject.
func (b *Book) Last(t Topic, subject string) (*ledger.Entry, bool) {
	list := b.History(t, subject)
	if len(list) == 0 {
		return nil, false
	}
	return &list[len(list)-1], true
}

// Subjects returns the subjects of a topic in order, each with its history.
func (b *Book) Subjects(t Topic) iter.Seq2[string, []ledger.Entry] {
	return func(yield func(string, []ledger.Entry) bool) {
		for _, subject := range slices.Sorted(maps.Keys(b.topics[t])) {
			if !yield(subject, b.topics[t][subject].entries()) {
				return
			}
		}
	}
}

// Since returns all entries after a Seq, in order.
func (b *Book) Since(seq int64) (list []ledger.Entry) {
	for _, subjects := range b.topics {
		for _, h := range subjects {
			if h.last <= seq {
				continue
			}
			for _, e := range slices.Backward(h.entries()) {
				if e.Seq <= seq {
					break
				}
				list = append(list, e)
			}
		}
	}
	slices.SortFunc(list, func(a, b ledger.Entry) int { return cmp.Compare(a.Seq, b.Seq) })
	return list
}

// Read decodes what an entry says.
func Read[T any](e *ledger.Entry) (v T, err error) {
	if err := json.Unmarshal(e.Data, &v); err != nil {
		return v, fmt.Errorf("reading ledger entry %d (%s): %w", e.Seq, e.Kind, err)
	}
	return v, nil
}

// Newest decodes the newest entry on a subject; ok is false when there is none.
func Newest[T any](b *Book, t Topic, subject string) (v T, ok bool, err error) {
	e, ok := b.Last(t, subject)
	if !ok {
		return v, false, nil
	}
	v, err = Read[T](e)
	return v, true, err
}

// next returns b with what the store has after it. It checks the chain.
func (b *Book) next(ctx context.Context, s Store) (*Book, error) {
	w := b.writer()
	if err := s.Entries(ctx, b.chain.Seq, w.add); err != nil {
		return nil, err
	}
	return w.book, nil
}

// bookWriter makes a Book out of an earlier one.
type bookWriter struct {
	book  *Book
	fresh map[Topic]bool    // topics whose map is the book's own
	own   map[*history]bool // histories that are
}

func (b *Book) writer() *bookWriter {
	n := &Book{chain: b.chain, topics: maps.Clone(b.topics)}
	if n.topics == nil {
		n.topics = make(map[Topic]map[string]*history)
	}
	return &bookWriter{book: n, fresh: make(map[Topic]bool), own: make(map[*history]bool)}
}

// add takes the next entry. It checks the chain.
func (w *bookWriter) add(e *ledger.Entry) error {
	n := w.book
	if err := n.chain.Follow(e); err != nil {
		return err
	}
	t := Topic(e.Kind)
	if !w.fresh[t] {
		w.fresh[t] = true
		if n.topics[t] = maps.Clone(n.topics[t]); n.topics[t] == nil {
			n.topics[t] = make(map[string]*history)
		}
	}
	h := n.topics[t][e.Subject]
	if !w.own[h] {
		h = h.grow()
		w.own[h], n.topics[t][e.Subject] = true, h
	}
	h.add(e)
	return nil
}
