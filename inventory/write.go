package inventory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// Note is what is to be put on record.
type Note struct {
	Topic   Topic
	Subject string
	Data    any // becomes JSON
}

const (
	// maxTurns bounds how often a change is composed anew because others were
	// first.
	maxTurns = 50

	// maxNote bounds the JSON of one note.
	maxNote = 1 << 20
)

// Book returns the state of the ledger as this process knows it: no older than
// the last change made here, and a poll (100 ms) behind those made elsewhere.
func (v *Inventory) Book() *Book { return v.standings.Load().book }

// Write puts on record what compose makes of the state of the ledger, all of it
// or nothing, and returns the state after it. compose is called again when
// another process was first; it must not write itself. No notes change nothing.
// The error is an *InvalidError where somebody wrote personal or secret data.
func (v *Inventory) Write(ctx context.Context, by string, compose func(*Book) ([]Note, error)) (*Book, error) {
	clean := make(map[string]bool) // texts that were looked at
	for range maxTurns {
		if err := v.refresh(ctx); err != nil {
			return nil, err
		}
		book := v.Book()
		notes, err := compose(book)
		if err != nil || len(notes) == 0 {
			return book, err
		}
		if err := v.checkNotes(book, notes, clean); err != nil {
			return nil, err
		}
		entries, err := v.entries(book.chain, text(by), notes)
		if err != nil {
			return nil, err
		}
		err = v.cfg.Store.Append(ctx, entries)
		if errors.Is(err, ErrMoved) {
			if err := v.confirm(ctx, book); err != nil { // it will stay moved
				v.noteLedger(err)
				return nil, fmt.Errorf("writing to the ledger: %w", err)
			}
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("writing to the ledger: %w", err)
		}
		if err := v.refresh(ctx); err != nil {
			return nil, err
		}
		return v.Book(), nil
	}
	return nil, fmt.Errorf("writing to the ledger: %w, %d times in a row: try again", ErrMoved, maxTurns)
}

func (v *Inventory) entries(c ledger.Chain, by string, notes []Note) ([]ledger.Entry, error) {
	now := v.cfg.Now()
	list := make([]ledger.Entry, len(notes))
	for i, n := range notes {
		data, err := json.Marshal(n.Data)
		if err != nil {
			return nil, fmt.Errorf("encoding a note on %s %q: %w", n.Topic, n.Subject, err)
		}
		if len(data) > maxNote {
			return nil, &InvalidError{fmt.Sprintf("what is to be put on record on %s %q has %d bytes: at most %d", n.Topic, n.Subject, len(data), maxNote)}
		}
		list[i] = ledger.Entry{Time: now, Kind: string(n.Topic), Subject: n.Subject, By: by, Data: data}
		c.Extend(&list[i])
	}
	return list, nil
}
