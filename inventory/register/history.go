package register

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// Counts returns how many entries there are on each service, as History lists
// them.
func Counts(b *inventory.Book) map[string]int {
	n := make(map[string]int)
	for _, t := range [...]inventory.Topic{inventory.TopicDecision, inventory.TopicRisk, inventory.TopicTrigger, inventory.TopicException} {
		for subject, history := range b.Subjects(t) {
			n[subject] += len(history)
		}
	}
	for subject, history := range b.Subjects(inventory.TopicField) {
		row, _, _ := strings.Cut(subject, "#")
		id, _, _ := strings.Cut(row, "/")
		n[id] += len(history)
	}
	for _, history := range b.Subjects(inventory.TopicUseCase) {
		for i := range history {
			if u, err := inventory.Read[UseCase](&history[i]); err == nil {
				for _, id := range u.Services {
					n[id]++
				}
			}
		}
	}
	return n
}

// History returns all that is on record on a service: decisions, fields of its
// rows, use cases, risk, exceptions; oldest first.
func History(b *inventory.Book, id string) []ledger.Entry {
	var list []ledger.Entry
	for _, t := range []inventory.Topic{inventory.TopicDecision, inventory.TopicRisk, inventory.TopicTrigger, inventory.TopicException} {
		list = append(list, b.History(t, id)...)
	}
	for subject, history := range b.Subjects(inventory.TopicField) {
		if row, _, ok := strings.Cut(subject, "#"); ok && (row == id || strings.HasPrefix(row, id+"/")) {
			list = append(list, history...)
		}
	}
	for _, history := range b.Subjects(inventory.TopicUseCase) {
		for i := range history {
			if u, err := inventory.Read[UseCase](&history[i]); err == nil && slices.Contains(u.Services, id) {
				list = append(list, history[i])
			}
		}
	}
	slices.SortFunc(list, func(a, b ledger.Entry) int { return cmp.Compare(a.Seq, b.Seq) })
	return list
}
