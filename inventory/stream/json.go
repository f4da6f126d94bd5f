package stream

import (
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/notice"
)

// appendJSON appends the event as the inventory keeps it, or the notice. The sealed names stay
// behind: they open with a key that receivers must never have.
func appendJSON(dst []byte, r *Record) ([]byte, error) {
	if r.Notice != nil {
		return object(dst, struct {
			Kind    Kind   `json:"kind"`
			Product string `json:"product"`
			Version string `json:"version"`
			Gateway string `json:"gateway"`
			*notice.Notice
		}{r.kind(), r.From.Product, r.From.Version, r.From.Host, r.Notice})
	}
	e := *r.Event
	e.People = nil
	return object(dst, struct {
		Kind    Kind   `json:"kind"`
		Product string `json:"product"`
		Version string `json:"version"`
		Gateway string `json:"gateway"`
		*inventory.Event
	}{r.kind(), r.From.Product, r.From.Version, r.From.Host, &e})
}
