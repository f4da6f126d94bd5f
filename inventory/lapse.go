package inventory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// ErrLost says that the store does not have the ledger any more that this
// process knows: it was emptied, or another one is in its place. What is known
// holds on; nothing is written before somebody has decided what is true (PutBack,
// Accept).
var ErrLost = errors.New("the ledger in the store is not the one that is known here")

// lapse is why the ledger in the store can't be relied upon now.
type lapse struct {
	mu   sync.Mutex
	err  error
	said time.Time

	found []string // what was wrong and has been put right since this process began, for Verify
}

// found notes what was wrong with the ledger or its copy and has been put right:
// what Verify reads next is whole again.
func (v *Inventory) found(format string, args ...any) {
	v.lapse.mu.Lock()
	defer v.lapse.mu.Unlock()
	if len(v.lapse.found) < maxProblems {
		v.lapse.found = append(v.lapse.found, fmt.Sprintf(format, args...))
	}
}

// noteLedger notes how a look at the ledger went, and logs it when that is news.
func (v *Inventory) noteLedger(err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	v.lapse.mu.Lock()
	defer v.lapse.mu.Unlock()
	before := v.lapse.err
	v.lapse.err = err
	switch {
	case err == nil && before != nil:
		v.lapse.said = time.Time{}
		v.cfg.Log.Info("the ledger can be read again", "entries", v.Book().chain.Seq)
	case err != nil && (before == nil || time.Since(v.lapse.said) >= sayAgain):
		v.lapse.said = time.Now()
		v.cfg.Log.Error("the ledger can't be read: what was decided before holds, decisions of others are not seen", "error", err)
	}
}

// Lapse returns why the ledger in the store can't be relied upon now, nil when
// it can.
func (v *Inventory) Lapse() error {
	v.lapse.mu.Lock()
	defer v.lapse.mu.Unlock()
	return v.lapse.err
}

// recover is called when the store's ledger has fewer entries than are known
// here, or others. One that merely lost its last entries, as a Redis that failed
// over or a database after a power cut may, gets them back: they are complete
// and follow from what it has. That is put on record.
func (v *Inventory) recover(ctx context.Context, known *Book, has int64) error {
	if has == 0 {
		return fmt.Errorf("%w: it is empty, and %d entries are known here: `gnomon inventory ledger` says what can be done", ErrLost, known.chain.Seq)
	}
	missing, err := v.missing(ctx, known, has)
	if err != nil {
		return err
	}
	return v.putBack(ctx, known, missing)
}

// missing returns the entries after one that the store ends with, which must be
// one that is known.
func (v *Inventory) missing(ctx context.Context, known *Book, has int64) ([]ledger.Entry, error) {
	list := known.Since(has - 1)
	if len(list) == 0 {
		return nil, fmt.Errorf("%w: entry %d", ErrLost, has)
	}
	end, err := v.entryAt(ctx, has)
	if err != nil {
		return nil, err
	}
	if end.Hash != list[0].Hash {
		return nil, fmt.Errorf("%w: entry %d is another one (%s, known here is %s): `gnomon inventory ledger` says what can be done", ErrLost, has, end.Hash, list[0].Hash)
	}
	return list[1:], nil
}

// entryAt returns an entry as the store has it.
func (v *Inventory) entryAt(ctx context.Context, seq int64) (found ledger.Entry, err error) {
	err = v.cfg.Store.Entries(ctx, seq-1, func(e *ledger.Entry) error {
		found = *e
		return errEnough
	})
	if err != nil && !errors.Is(err, errEnough) {
		return found, err
	}
	if found.Seq != seq {
		return found, fmt.Errorf("%w: entry %d is not there", ErrLost, seq)
	}
	return found, nil
}

var errEnough = errors.New("that is enough")

// putBack gives the store entries that it has lost.
func (v *Inventory) putBack(ctx context.Context, known *Book, missing []ledger.Entry) error {
	data, err := json.Marshal(&Alert{
		Kind: LedgerPutBack, Seen: v.cfg.Now().UTC(),
		Text: fmt.Sprintf("The store had lost the last %d entries of the ledger. They were put back from the copy of a gateway: find out why they were lost.", len(missing)),
	})
	if err != nil {
		return err
	}
	end := known.chain
	note := ledger.Entry{Time: v.cfg.Now(), Kind: string(TopicAlert), Subject: AlertSubject(LedgerPutBack, fmt.Sprint(end.Seq)), By: recorder, Data: data}
	end.Extend(&note)
	if err := v.cfg.Store.Append(ctx, append(missing, note)); err != nil && !errors.Is(err, ErrMoved) { // another gateway was first: look again
		return fmt.Errorf("putting back %d entries of the ledger: %w", len(missing), err)
	}
	v.found("the store had lost the last %d entries of the ledger, from %d on: they were put back from the copy in the state directory", len(missing), known.chain.Seq-int64(len(missing))+1)
	v.cfg.Log.Error("the store had lost entries of the ledger: they were put back", "entries", len(missing), "first", known.chain.Seq-int64(len(missing))+1)
	return nil
}

// PutBack writes what is known of the ledger here into a store that has lost all
// of it, and returns how many entries that were.
func (v *Inventory) PutBack(ctx context.Context) (int, error) {
	known := v.Book()
	has, err := v.cfg.Store.Version(ctx)
	if err != nil {
		return 0, err
	}
	if has >= known.chain.Seq {
		return 0, fmt.Errorf("the store has %d entries, known here are %d: there is nothing to put back", has, known.chain.Seq)
	}
	missing := known.Since(0)
	if has > 0 {
		if missing, err = v.missing(ctx, known, has); err != nil {
			return 0, err
		}
	}
	if err := v.putBack(ctx, known, missing); err != nil {
		return 0, err
	}
	return len(missing), v.refresh(ctx)
}

// Accept forgets what was known of the ledger here and takes that of the store
// for true. Processes that run already must be started again.
func (v *Inventory) Accept(ctx context.Context) (ledger.Chain, error) {
	book, err := new(Book).next(ctx, v.cfg.Store)
	if err != nil {
		return ledger.Chain{}, err
	}
	if err := v.copy.write(book); err != nil {
		return ledger.Chain{}, fmt.Errorf("writing the copy of the ledger: %w", err)
	}
	next, err := (&standings{book: new(Book)}).with(book)
	if err != nil {
		return ledger.Chain{}, err
	}
	v.standings.Store(next)
	v.noteLedger(nil)
	return book.chain, nil
}
