package inventory

import "context"

// Pseudonym returns what stands for a user in everything that is shown now, ""
// for nobody.
func (v *Inventory) Pseudonym(user string) string {
	id, _ := v.mask.user(nil, user)
	return v.shownNow(id)
}

// shownNow returns the pseudonym of now for an id that is kept. Where the ledger
// can't be read it is nobody's.
func (v *Inventory) shownNow(id string) string {
	g, err := v.generation()
	if err != nil {
		return ""
	}
	return v.mask.alias(g.Number, id)
}

// keptID returns the id that is kept behind a pseudonym of any generation.
func (v *Inventory) keptID(pseudonym string) string {
	id, _ := v.mask.kept(pseudonym)
	return id
}

// Knows reports whether a name or figures are kept of the person behind a
// pseudonym.
func (v *Inventory) Knows(ctx context.Context, pseudonym string) (bool, error) {
	id := v.keptID(pseudonym)
	if id == "" {
		return false, nil
	}
	return v.keeps(ctx, id)
}
