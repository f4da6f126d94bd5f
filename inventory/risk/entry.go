package risk

// Entry is a line of the risk register.
type Entry struct {
	ID         string      `json:"id"`
	Assessment *Assessment `json:"assessment"`
	Treatment  Treatment   `json:"treatment"`
}
