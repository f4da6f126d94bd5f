package stream

import "github.com/gnomon-proxy/gnomon/inventory"

// appendJSON appends the event as the inventory keeps it. The sealed names stay
// behind: they open with a key that receivers must never have.
func appendJSON(dst []byte, r *Record) ([]byte, error) {
	e := *r.Event
	e.People = nil
	return object(dst, struct {
		Kind    string `json:"kind"`
		Product string `json:"product"`
		Version string `json:"version"`
		Gateway string `json:"gateway"`
		*inventory.Event
	}{r.kind(), r.From.Product, r.From.Version, r.From.Host, &e})
}
