package inventory

// Seen returns what was seen, people by the pseudonyms of now.
func (v *Inventory) Seen() Reader { return seen{v.cfg.Store, v} }
