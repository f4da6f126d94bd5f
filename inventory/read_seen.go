package inventory

// Seen returns what was seen, as the store has it.
func (v *Inventory) Seen() Reader { return v.cfg.Store }
