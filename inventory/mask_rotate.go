package inventory

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// Rotation says how often people get new pseudonyms.
type Rotation string

// The rotations.
const (
	RotateNever   Rotation = "never" // but when asked for
	RotateMonth   Rotation = "month"
	RotateQuarter Rotation = "quarter"
	RotateYear    Rotation = "year"
)

// Rotations lists all.
func Rotations() []Rotation { return []Rotation{RotateNever, RotateMonth, RotateQuarter, RotateYear} }

// start returns when the period that a time lies in began, in UTC; never is the
// zero time.
func (r Rotation) start(t time.Time) time.Time {
	t = t.UTC()
	month := t.Month()
	switch r {
	case RotateQuarter:
		month -= (month - 1) % 3
	case RotateYear:
		month = time.January
	case RotateMonth:
	default:
		return time.Time{}
	}
	return time.Date(t.Year(), month, 1, 0, 0, 0, 0, time.UTC)
}

// Rotate gives all people new pseudonyms from now on, and puts that on record.
func (v *Inventory) Rotate(ctx context.Context, reason, by string) (Generation, error) {
	reason = strings.TrimSpace(strings.ToValidUTF8(reason, "\uFFFD"))
	if reason == "" || len(reason) > maxReason {
		return Generation{}, &InvalidError{fmt.Sprintf("a rotation needs a reason, of at most %d bytes", maxReason)}
	}
	return v.rotate(ctx, by, func([]Generation) (rotationNote, bool, error) {
		return rotationNote{Since: v.cfg.Now().UTC(), Reason: reason}, true, nil
	})
}

// rotate puts a new generation on record if compose still wants it.
func (v *Inventory) rotate(ctx context.Context, by string, compose func([]Generation) (rotationNote, bool, error)) (Generation, error) {
	book, err := v.Write(ctx, by, func(b *Book) ([]Note, error) {
		list, err := b.Generations()
		if err != nil {
			return nil, err
		}
		note, ok, err := compose(list)
		if err != nil || !ok {
			return nil, err
		}
		return []Note{{TopicRotation, strconv.FormatInt(list[len(list)-1].Number+1, 10), note}}, nil
	})
	if err != nil {
		return Generation{}, fmt.Errorf("rotating pseudonyms: %w", err)
	}
	list, err := book.Generations()
	if err != nil {
		return Generation{}, err
	}
	return list[len(list)-1], nil
}

// rotateDue rotates when a period of cfg.Rotate has ended since the last time. It
// takes effect from the end of that period, save for sightings that are sealed
// already: the pseudonyms in a seal stay.
func (v *Inventory) rotateDue(ctx context.Context) error {
	start := v.cfg.Rotate.start(v.cfg.Now())
	began, err := v.began(ctx)
	if start.IsZero() || began.IsZero() || err != nil {
		return err
	}
	due := func(list []Generation) bool {
		last := list[len(list)-1].Since
		return last.Before(start) && began.Before(start)
	}
	list, err := v.Book().Generations()
	if err != nil || !due(list) {
		return err
	}
	_, err = v.rotate(ctx, recorder, func(list []Generation) (rotationNote, bool, error) {
		seal, err := v.lastSeal()
		since := start
		if !seal.Last.Before(since) {
			since = seal.Last.UTC().Add(1)
		}
		return rotationNote{Since: since, Reason: "privacy.rotate: " + string(v.cfg.Rotate)}, due(list), err
	})
	return err
}

// began returns the time of the first entry of the ledger, zero when there is
// none.
func (v *Inventory) began(ctx context.Context) (t time.Time, err error) {
	err = v.cfg.Store.Entries(ctx, 0, func(e *ledger.Entry) error {
		t = e.Time
		return io.EOF
	})
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return t, err
}

// ever is a Seq after all entries.
const ever = math.MaxInt64

// generation returns the generation of now.
func (v *Inventory) generation() (Generation, error) {
	list, err := v.Book().Generations()
	if err != nil {
		return Generation{}, err
	}
	return list[len(list)-1], nil
}

// rename shows the people of e as they are called in the generation of its time.
func (m *mask) rename(e *Event, list []Generation, before int64) {
	n := generationAt(list, e.Time, before)
	e.User, e.Client = m.alias(n, e.User), m.alias(n, e.Client)
}

// hand gives events to the sink under the pseudonyms that are shown.
func (v *Inventory) hand(events []Event) {
	list, err := v.Book().Generations()
	if err != nil {
		v.cfg.Log.Error("events are not handed on", "error", err)
		return
	}
	if len(list) > 1 {
		shown := make([]Event, len(events))
		copy(shown, events)
		for i := range shown {
			v.mask.rename(&shown[i], list, ever)
			shown[i].People = nil // sealed under the ids that are kept
		}
		events = shown
	}
	v.cfg.Sink(events)
}

// batches is Store.Batches with people under the pseudonyms that are shown: those
// of the generation of each sighting, as far as it was on record when the
// sighting was sealed.
func (v *Inventory) batches(ctx context.Context, book *Book, after int64, f func(*Batch) error) error {
	list, err := book.Generations()
	if err != nil {
		return err
	}
	if len(list) == 1 {
		return v.cfg.Store.Batches(ctx, after, f)
	}
	type sealed struct{ to, seq int64 }
	var seals []sealed
	for _, e := range book.History(TopicSeal, "") {
		s, err := Read[Seal](&e)
		if err != nil {
			return err
		}
		seals = append(seals, sealed{s.To, e.Seq})
	}
	return v.cfg.Store.Batches(ctx, after, func(b *Batch) error {
		for len(seals) > 0 && seals[0].to < b.Seq {
			seals = seals[1:]
		}
		before := int64(ever)
		if len(seals) > 0 {
			before = seals[0].seq
		}
		shown, events := *b, b.Events
		shown.Events = func(f func(*Event) error) error {
			return events(func(e *Event) error {
				own := *e
				v.mask.rename(&own, list, before)
				return f(&own)
			})
		}
		return f(&shown)
	})
}
