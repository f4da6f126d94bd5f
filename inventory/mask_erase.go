package inventory

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Eraser is a Store that can forget a person.
type Eraser interface {
	// Erase deletes the sealed name behind a pseudonym and everything that is kept
	// under it, save single sightings; what the person did is counted as
	// nobody's. It says how much that was. After an end in between another call
	// does the rest.
	Erase(ctx context.Context, id string) (Erased, error)
}

// Erased counts what an erasure deleted.
type Erased struct {
	Names  int64 `json:"names"`
	Facets int64 `json:"facets"`
	Usage  int64 `json:"usage"` // rows of days that are nobody's now
	Blind  int64 `json:"blind"`
	Values int64 `json:"values,omitempty"` // that were held to be put back into answers
}

// Erasure is what the ledger holds of one. The subject of the entry is the
// pseudonym.
type Erasure struct {
	Reason  string `json:"reason"`
	Deleted Erased `json:"erased"`
	// Sightings is until when single sightings with the pseudonym are still kept:
	// they are sealed.
	Sightings time.Time `json:"sightings_until"`
	Planned   bool      `json:"planned,omitempty"` // it begins now; the next entry on the person says what became of it
	Gateway   string    `json:"gateway,omitempty"` // that has followed: only Values were deleted there
}

// Erase forgets a person and puts that on record, before it begins and when it is
// done: the end of the process in between leaves no gap that nobody can explain,
// and the next look for what is past its time does the rest. The pseudonym comes
// back when the person is seen again.
func (v *Inventory) Erase(ctx context.Context, id, reason, by string) (Erasure, error) {
	reason = strings.TrimSpace(strings.ToValidUTF8(reason, "\uFFFD"))
	if reason == "" || len(reason) > maxReason {
		return Erasure{}, &InvalidError{fmt.Sprintf("an erasure needs a reason, of at most %d bytes", maxReason)}
	}
	if !IsPseudonym(id) {
		return Erasure{}, &InvalidError{fmt.Sprintf("%.40q is no pseudonym: they begin with u- or c-", text(id))}
	}
	if err := v.checkText(said{text: reason, name: "reason"}); err != nil { // before anything is deleted
		return Erasure{}, err
	}
	store, ok := v.cfg.Store.(Eraser)
	if !ok {
		return Erasure{}, errors.New("this store can't erase a single person")
	}
	e := Erasure{Reason: reason, Sightings: v.cfg.Now().UTC().Add(v.cfg.Sightings)}
	kept, err := v.keeps(ctx, v.keptID(id))
	if err != nil {
		return e, err
	}
	if kept {
		plan := e
		plan.Planned = true
		if _, err := v.Write(ctx, by, func(*Book) ([]Note, error) { return []Note{{TopicDeletion, id, plan}}, nil }); err != nil {
			return e, err
		}
	}
	if e.Deleted, err = store.Erase(ctx, v.keptID(id)); err != nil {
		return e, err
	}
	v.mask.forget()
	if e.Deleted == (Erased{}) && !kept {
		return e, &InvalidError{fmt.Sprintf("nothing is kept of %s", text(id))}
	}
	_, err = v.Write(ctx, by, func(*Book) ([]Note, error) { return []Note{{TopicDeletion, id, e}}, nil })
	return e, err
}

// keeps reports whether a name or figures are kept under a pseudonym. What is
// known by a blind spot alone it does not see: that is erased without a plan.
func (v *Inventory) keeps(ctx context.Context, id string) (bool, error) {
	_, err := v.cfg.Store.Person(ctx, id)
	for _, kind := range [...]Kind{KindUser, KindClient} {
		if errors.Is(err, ErrUnknown) {
			_, err = v.cfg.Store.Subject(ctx, kind, id)
		}
	}
	if errors.Is(err, ErrUnknown) {
		return false, nil
	}
	return err == nil, err
}

// eraseAfter is when an erasure that was begun and has no outcome counts as
// interrupted.
const eraseAfter = 10 * time.Minute

// finishErasures does the rest of erasures that were interrupted.
func (v *Inventory) finishErasures(ctx context.Context) error {
	store, ok := v.cfg.Store.(Eraser)
	if !ok {
		return nil
	}
	for id, history := range v.Book().Subjects(TopicDeletion) {
		last := &history[len(history)-1]
		e, err := Read[Erasure](last)
		if id == "" || err == nil && !e.Planned || v.cfg.Now().Sub(last.Time) < eraseAfter {
			continue
		}
		if err == nil {
			e.Planned = false
			e.Deleted, err = store.Erase(ctx, v.keptID(id))
		}
		if err != nil {
			return err
		}
		v.mask.forget()
		_, err = v.Write(ctx, recorder, func(b *Book) ([]Note, error) {
			if newest, ok := b.Last(TopicDeletion, id); ok && newest.Seq != last.Seq {
				return nil, nil // another gateway was first
			}
			return []Note{{TopicDeletion, id, e}}, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
