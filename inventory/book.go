package inventory

import (
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
	topics map[Topic]map[string][]ledger.Entry // oldest first
}

// Chain returns the end of the ledger.
func (b *Book) Chain() ledger.Chain { return b.chain }

// History returns the entries on a subject, oldest first.
func (b *Book) History(t Topic, subject string) []ledger.Entry { return b.topics[t][subject] }

// Last returns the newest entry on a subject.
func (b *Book) Last(t Topic, subject string) (*ledger.Entry, bool) {
	list := b.topics[t][subject]
	if len(list) == 0 {
		return nil, false
	}
	return &list[len(list)-1], true
}

// Subjects returns the subjects of a topic in order, each with its history.
func (b *Book) Subjects(t Topic) iter.Seq2[string, []ledger.Entry] {
	return func(yield func(string, []ledger.Entry) bool) {
		for _, subject := range slices.Sorted(maps.Keys(b.topics[t])) {
			if !yield(subject, b.topics[t][subject]) {
				return
			}
		}
	}
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
	n := &Book{chain: b.chain, topics: maps.Clone(b.topics)}
	if n.topics == nil {
		n.topics = make(map[Topic]map[string][]ledger.Entry)
	}
	fresh := make(map[Topic]bool) // topics whose map is n's own
	err := s.Entries(ctx, n.chain.Seq, func(e *ledger.Entry) error {
		if err := n.chain.Follow(e); err != nil {
			return err
		}
		t := Topic(e.Kind)
		if !fresh[t] {
			fresh[t] = true
			if n.topics[t] = maps.Clone(n.topics[t]); n.topics[t] == nil {
				n.topics[t] = make(map[string][]ledger.Entry)
			}
		}
		old := n.topics[t][e.Subject]
		n.topics[t][e.Subject] = append(old[:len(old):len(old)], *e)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return n, nil
}
