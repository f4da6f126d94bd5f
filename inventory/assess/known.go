package assess

import (
	"strings"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/risk"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// The fields of the register that an assessment reads, beside those named like
// supplier facts.
const (
	FieldTerms   = "terms"         // version of the supplier's terms
	FieldReview  = "next_review"   // YYYY-MM-DD
	FieldClasses = "declared_data" // data classes that the service gets, by comma
)

// KnownOf reads the register's fields of a service.
func KnownOf(b *inventory.Book, id string) Known {
	k := Known{Supplier: make(map[rules.SupplierFact]risk.Fact), Terms: b.FieldValue(id, FieldTerms), Review: b.FieldValue(id, FieldReview)}
	for _, fact := range []rules.SupplierFact{rules.FactTrains, rules.FactDPA, rules.FactRegion, rules.FactRetention} {
		if v := b.FieldValue(id, string(fact)); v != "" {
			k.Supplier[fact] = risk.Fact{Value: v, Source: "register"}
		}
	}
	for c := range strings.SplitSeq(b.FieldValue(id, FieldClasses), ",") {
		if c = strings.TrimSpace(c); c != "" {
			k.Declared = append(k.Declared, traffic.Class(c))
		}
	}
	return k
}
