package assess

import (
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/risk"
)

// Due is a reason to assess a service again.
type Due struct {
	ID string `json:"id"`
	risk.Trigger
}

// DueOf lists the reasons of all rows.
func DueOf(rows []Row) []Due {
	list := []Due{}
	for i := range rows {
		for _, t := range rows[i].Triggers {
			list = append(list, Due{rows[i].ID, t})
		}
	}
	return list
}

// Unnoted returns notes for the reasons that are not on record since the last
// assessment of their service.
func Unnoted(b *inventory.Book, rows []Row) ([]inventory.Note, error) {
	var notes []inventory.Note
	for i := range rows {
		known := make(map[risk.Trigger]bool)
		for _, e := range b.History(inventory.TopicTrigger, rows[i].ID) {
			if e.Time.Before(rows[i].AssessedAt) {
				continue
			}
			t, err := inventory.Read[risk.Trigger](&e)
			if err != nil {
				return nil, err
			}
			known[same(t)] = true
		}
		for _, t := range rows[i].Triggers {
			if !known[same(t)] {
				known[same(t)] = true
				notes = append(notes, inventory.Note{Topic: inventory.TopicTrigger, Subject: rows[i].ID, Data: t})
			}
		}
	}
	return notes, nil
}

// same returns what makes two reasons one: growth and a passed review go on,
// with other figures each day.
func same(t risk.Trigger) risk.Trigger {
	switch t.Kind {
	case risk.Growth, risk.ReviewPassed:
		t.Is = ""
	case risk.NewModel:
		t.Was = ""
	}
	return t
}
