package privacy

import (
	"maps"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// Counts returns how much of each kind was seen with a subject, without small
// numbers of people, and of what is nearly a person: clients, accounts and keys.
func (k K) Counts(counts map[inventory.Kind]int64) map[inventory.Kind]int64 {
	out := maps.Clone(counts)
	maps.DeleteFunc(out, func(kind inventory.Kind, n int64) bool {
		switch kind {
		case inventory.KindUser, inventory.KindClient, inventory.KindAccount, inventory.KindKey:
			return k.Small(n)
		}
		return false
	})
	return out
}
