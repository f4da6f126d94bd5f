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
	// nobody's. It says how much that was.
	Erase(ctx context.Context, id string) (Erased, error)
}

// Erased counts what an erasure deleted.
type Erased struct {
	Names  int64 `json:"names"`
	Facets int64 `json:"facets"`
	Usage  int64 `json:"usage"` // rows of days that are nobody's now
	Blind  int64 `json:"blind"`
}

// Erasure is what the ledger holds of one. The subject of the entry is the
// pseudonym.
type Erasure struct {
	Reason  string `json:"reason"`
	Deleted Erased `json:"erased"`
	// Sightings is until when single sightings with the pseudonym are still kept:
	// they are sealed.
	Sightings time.Time `json:"sightings_until"`
}

// Erase forgets a person and puts that on record. The pseudonym comes back when
// the person is seen again.
func (v *Inventory) Erase(ctx context.Context, id, reason, by string) (Erasure, error) {
	reason = strings.TrimSpace(strings.ToValidUTF8(reason, "\uFFFD"))
	if reason == "" || len(reason) > maxReason {
		return Erasure{}, &InvalidError{fmt.Sprintf("an erasure needs a reason, of at most %d bytes", maxReason)}
	}
	if !strings.HasPrefix(id, "u-") && !strings.HasPrefix(id, "c-") {
		return Erasure{}, &InvalidError{fmt.Sprintf("%.40q is no pseudonym: they begin with u- or c-", text(id))}
	}
	store, ok := v.cfg.Store.(Eraser)
	if !ok {
		return Erasure{}, errors.New("this store can't erase a single person")
	}
	e := Erasure{Reason: reason, Sightings: v.cfg.Now().UTC().Add(v.cfg.Sightings)}
	var err error
	if e.Deleted, err = store.Erase(ctx, id); err != nil {
		return e, err
	}
	v.mask.forget()
	if e.Deleted == (Erased{}) {
		return e, &InvalidError{fmt.Sprintf("nothing is kept of %s", text(id))}
	}
	_, err = v.Write(ctx, by, func(*Book) ([]Note, error) { return []Note{{TopicDeletion, id, e}}, nil })
	return e, err
}
