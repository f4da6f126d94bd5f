package published

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/rules/overlay"
)

// Shelf is where published rules lie, sealed.
type Shelf interface {
	SetPublished(ctx context.Context, id string, key [32]byte, text []byte) error // for a day
	KeepPublished(ctx context.Context, id string, keep bool) error                // for good, or for a day
	Published(ctx context.Context, id string, key [32]byte) ([]byte, error)
}

// Board is where rules are published. Its methods are safe for concurrent use.
type Board struct {
	Inventory *inventory.Inventory
	Shelf     Shelf
	Key       Key
	Taken     func() int64 // version that this gateway has taken: the next one is higher, also where a ledger was lost
}

// Order is what somebody wants published.
type Order struct {
	By, Reason string
	Pack       overlay.Pack                // checked
	Withdraw   bool                        // there shall be no published rules
	After      int64                       // version that this one follows; < 0: that of now
	If         func(*inventory.Book) error // asked before anything changes; nil: nothing is
}

// MovedError says that another version is published than the one that was to be
// followed.
type MovedError struct{ Last Version }

func (e *MovedError) Error() string {
	if e.Last.Number == 0 {
		return "no rules were ever published: there is no version that these could follow"
	}
	return fmt.Sprintf("version %d of the rules was published meanwhile, by %s: look at it, then publish again", e.Last.Number, e.Last.By)
}

const maxReason = 2000

// Publish puts a version on record, for all gateways to take. Nothing changes when
// there is an error: an *inventory.InvalidError is a mistake of who asks, a *MovedError
// says that somebody else was first.
func (b *Board) Publish(ctx context.Context, o Order) (v *Version, err error) {
	if len(o.Reason) > maxReason {
		return nil, &inventory.InvalidError{Problem: fmt.Sprintf("the reason is longer than %d bytes", maxReason)}
	}
	if !o.Withdraw && len(o.Pack) == 0 {
		return nil, &inventory.InvalidError{Problem: "there are no rules to publish: withdraw those that are published if that is meant"}
	}
	if err := b.Inventory.Refresh(ctx); err != nil {
		return nil, err
	}
	before := Read(b.Inventory.Book(), &b.Key)
	if o.After < 0 {
		o.After = before.Last().Number
	}
	next := Version{At: time.Now().UTC().Truncate(time.Millisecond), By: o.By, Reason: o.Reason, Withdrawn: o.Withdraw, Files: []File{}}
	if !o.Withdraw {
		if err := b.shelve(ctx, &next, o.Pack); err != nil {
			return nil, err
		}
	}
	if err := b.write(ctx, &next, &o); err != nil {
		return nil, err
	}
	if next.ID != "" {
		err = b.Shelf.KeepPublished(ctx, next.ID, true)
	}
	if old := before.Last().ID; old != "" {
		err = errors.Join(err, b.Shelf.KeepPublished(ctx, old, false))
	}
	if err != nil {
		return nil, fmt.Errorf("version %d was published, but the store may not keep it: publish it again: %w", next.Number, err)
	}
	return &next, nil
}

// shelve puts rules where gateways find them.
func (b *Board) shelve(ctx context.Context, v *Version, p overlay.Pack) error {
	text, err := p.Encode()
	if err != nil {
		return &inventory.InvalidError{Problem: err.Error()}
	}
	v.ID, v.Digest = rand.Text(), p.Digest()
	for _, f := range p {
		sum := sha256.Sum256(f.Data)
		v.Files = append(v.Files, File{f.Name, int64(len(f.Data)), hex.EncodeToString(sum[:])})
	}
	return b.Shelf.SetPublished(ctx, v.ID, b.Key.rules, text)
}

// write puts a version on record if it follows the one that it is to follow.
func (b *Board) write(ctx context.Context, v *Version, o *Order) error {
	_, err := b.Inventory.Write(ctx, o.By, func(book *inventory.Book) ([]inventory.Note, error) {
		if o.If != nil {
			if err := o.If(book); err != nil {
				return nil, err
			}
		}
		h := Read(book, &b.Key)
		last := h.Last()
		switch {
		case last.Number != o.After:
			return nil, &MovedError{*last}
		case o.Withdraw && (last.Number == 0 || last.Withdrawn):
			return nil, &inventory.InvalidError{Problem: "there are no published rules to withdraw"}
		}
		v.Number = last.Number + 1
		if b.Taken != nil {
			v.Number = max(v.Number, b.Taken()+1)
		}
		r, err := b.Key.sealed(v)
		if err != nil {
			return nil, err
		}
		return []inventory.Note{{Topic: inventory.TopicRules, Data: r}}, nil
	})
	return err
}

// Fetch returns the rules of a version.
func (b *Board) Fetch(ctx context.Context, v *Version) (overlay.Pack, error) {
	text, err := b.Shelf.Published(ctx, v.ID, b.Key.rules)
	if err != nil {
		return nil, fmt.Errorf("fetching version %d of the published rules: %w", v.Number, err)
	}
	p, err := overlay.Decode(text)
	if err == nil && p.Digest() != v.Digest {
		err = errors.New("they are not those that the ledger names")
	}
	if err != nil {
		return nil, fmt.Errorf("reading version %d of the published rules: %w", v.Number, err)
	}
	return p, nil
}
