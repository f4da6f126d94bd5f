package published

import (
	"context"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// Use is what a gateway made of a version (inventory.TopicRulesUse; the subject is
// the gateway).
type Use struct {
	Gateway string    `json:"gateway"`
	At      time.Time `json:"at"`
	Version int64     `json:"version"` // in force there; 0: none
	Refused int64     `json:"refused"` // one that it can't take; 0: none
	Problem string    `json:"problem"` // why
}

// Note puts on record what a gateway made of a version, unless that is on record.
func (b *Board) Note(ctx context.Context, u Use) error {
	_, err := b.Inventory.Write(ctx, "gnomon", func(book *inventory.Book) ([]inventory.Note, error) {
		last, _, err := inventory.Newest[Use](book, inventory.TopicRulesUse, u.Gateway)
		if err != nil || last.Version == u.Version && last.Refused == u.Refused && (last.Problem == "") == (u.Problem == "") {
			return nil, err // a problem told in other words is not news
		}
		u.At = time.Now().UTC().Truncate(time.Millisecond)
		return []inventory.Note{{Topic: inventory.TopicRulesUse, Subject: u.Gateway, Data: u}}, nil
	})
	return err
}

// State is what is on record of published rules.
type State struct {
	Version        // the one in force; its number is 0 when none was ever published
	Gateways []Use `json:"gateways"`
	Foreign  int   `json:"foreign"` // entries that no gateway made
}

// State returns what is on record.
func (b *Board) State() (*State, error) {
	book := b.Inventory.Book()
	h := Read(book, &b.Key)
	uses, err := Uses(book)
	return &State{*h.Last(), uses, h.Foreign}, err
}

// Uses returns what each gateway has last put on record, in the order of their
// names. It may have ended since.
func Uses(b *inventory.Book) (list []Use, err error) {
	list = []Use{}
	for _, history := range b.Subjects(inventory.TopicRulesUse) {
		u, err := inventory.Read[Use](&history[len(history)-1])
		if err != nil {
			return nil, err
		}
		list = append(list, u)
	}
	return list, nil
}
