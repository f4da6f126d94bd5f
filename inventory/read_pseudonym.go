package inventory

// Pseudonym returns what stands for a user in everything that is kept, "" for
// nobody.
func (v *Inventory) Pseudonym(user string) string {
	id, _ := v.mask.user(nil, user)
	return id
}
