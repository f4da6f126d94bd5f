package inventory

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"time"
)

// ErasedPerson is an erasure that others who hold something of the person have to
// follow.
type ErasedPerson struct {
	Seq    int64 // of its entry in the ledger
	Time   time.Time
	Person string // see KeptPerson

	subject string // of the entry
	erasure Erasure
}

// KeptPerson names who sends from a client, the same way for as long as there is
// the key of pseudonyms: an erasure leads to this name.
func (v *Inventory) KeptPerson(user string, client netip.Addr) string {
	if user != "" {
		id, _ := v.mask.user(nil, user)
		return id
	}
	id, _ := v.mask.client(nil, client)
	return id
}

// ErasedAfter returns the erasures that were done after an entry of the ledger, in
// order.
func (v *Inventory) ErasedAfter(seq int64) ([]ErasedPerson, error) {
	var list []ErasedPerson
	for subject, history := range v.Book().Subjects(TopicDeletion) {
		for i := len(history) - 1; i >= 0 && subject != "" && history[i].Seq > seq; i-- {
			e, err := Read[Erasure](&history[i])
			if err != nil {
				return nil, err
			}
			if !e.Planned && e.Gateway == "" {
				list = append(list, ErasedPerson{history[i].Seq, history[i].Time, v.keptID(subject), subject, e})
			}
		}
	}
	slices.SortFunc(list, func(a, b ErasedPerson) int { return cmp.Compare(a.Seq, b.Seq) })
	return list, nil
}

// NoteFollowed puts on record that a gateway has followed an erasure, and how many
// values it deleted.
func (v *Inventory) NoteFollowed(ctx context.Context, p *ErasedPerson, gateway string, values int64) error {
	e := p.erasure
	e.Gateway, e.Deleted = text(cmp.Or(gateway, "unknown")), Erased{Values: values}
	_, err := v.Write(ctx, recorder, func(*Book) ([]Note, error) { return []Note{{TopicDeletion, p.subject, e}}, nil })
	return err
}
