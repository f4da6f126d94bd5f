package inventory

import "slices"

// Actor returns what stands for by, who put an entry into the ledger, where names
// must not be: one pseudonym for a person's account at the proxy, logins and
// account of a machine. An account that is nobody's own, such as root, stays as it is.
func (v *Inventory) Actor(by string) string {
	who := bare(by)
	if slices.Contains(shared, who) || IsPseudonym(who) {
		return who
	}
	return v.Pseudonym(who)
}
