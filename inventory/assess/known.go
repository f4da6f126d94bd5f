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

// facts are the supplier facts that people may record.
var facts = [...]rules.SupplierFact{rules.FactTrains, rules.FactDPA, rules.FactRegion, rules.FactRetention}

// stampOf returns a number that is another one when what KnownOf and StateOf read
// has changed.
func stampOf(b *inventory.Book, id string) (newest int64) {
	look := func(t inventory.Topic, subject string) {
		if e, ok := b.Last(t, subject); ok {
			newest = max(newest, e.Seq)
		}
	}
	look(inventory.TopicRisk, id)
	for _, field := range [...]string{FieldTerms, FieldReview, FieldClasses} {
		look(inventory.TopicField, inventory.FieldSubject(id, field))
	}
	for _, f := range facts {
		look(inventory.TopicField, inventory.FieldSubject(id, string(f)))
	}
	return newest
}

// KnownOf reads the register's fields of a service.
func KnownOf(b *inventory.Book, id string) Known {
	k := Known{Supplier: make(map[rules.SupplierFact]risk.Fact), Terms: b.FieldValue(id, FieldTerms), Review: b.FieldValue(id, FieldReview)}
	for _, fact := range facts {
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
