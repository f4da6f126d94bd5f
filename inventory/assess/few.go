package assess

import (
	"fmt"
	"slices"

	"github.com/gnomon-proxy/gnomon/inventory/risk"
	"github.com/gnomon-proxy/gnomon/rules"
)

// Few returns rows as somebody reads them who may not see people: numbers of
// fewer than k are "<k", and the threshold that they met is not said.
func Few(rows []Row, k int64) []Row {
	rows = slices.Clone(rows)
	for i := range rows {
		rows[i].few(k)
	}
	return rows
}

func (r *Row) few(k int64) {
	if r.Assessment == nil {
		return
	}
	is := func(in risk.Input) bool { return in.Kind == risk.KindExposure && in.Name == string(rules.ActiveUsers) }
	at := slices.IndexFunc(r.Assessment.Inputs, is)
	if at < 0 {
		return
	}
	var n float64
	if _, err := fmt.Sscan(r.Assessment.Inputs[at].Value, &n); err != nil || n <= 0 || n >= float64(k) {
		return
	}
	a := *r.Assessment // others share it
	a.Inputs = slices.Clone(a.Inputs)
	a.Inputs[at].Value, a.Inputs[at].Threshold = fmt.Sprintf("<%d", k), ""
	r.Assessment = &a
}
