package register

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Supplier is who runs some services.
type Supplier struct {
	Vendor   string    `json:"vendor"`
	Entity   string    `json:"legal_entity"`
	Services []string  `json:"services"` // ids
	Approved int       `json:"approved"`
	Refused  int       `json:"refused"`
	Requests int64     `json:"requests"`
	Region   []string  `json:"region"`
	DPA      string    `json:"dpa"`
	Trains   string    `json:"trains_on_inputs"`
	LastSeen time.Time `json:"last_seen,omitzero"`
}

// Suppliers groups services by vendor, the most used first. Facts are those that
// people filled in, else the catalogue's, of the most used service that has
// some.
func Suppliers(services []inventory.Service, set *rules.Set, book *inventory.Book) []Supplier {
	catalogue := make(map[string]*rules.Supplier)
	for i := range set.Services {
		catalogue[set.Services[i].ID] = &set.Services[i].Supplier
	}
	byName := make(map[string]*Supplier)
	for i := range services {
		s := &services[i]
		name := cmp.Or(s.Vendor, "unknown")
		v := byName[name]
		if v == nil {
			v = &Supplier{Vendor: name, Services: []string{}, Region: []string{}}
			byName[name] = v
		}
		facts := catalogue[s.ID]
		if facts == nil {
			facts = new(rules.Supplier)
		}
		v.add(s)
		v.learn(s.ID, facts, book)
	}
	list := []Supplier{}
	for _, v := range byName {
		list = append(list, *v)
	}
	slices.SortFunc(list, func(a, b Supplier) int {
		return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.Vendor, b.Vendor))
	})
	return list
}

func (v *Supplier) add(s *inventory.Service) {
	v.Services = append(v.Services, s.ID)
	v.Requests += s.Requests
	switch s.Status {
	case traffic.StatusApproved, traffic.StatusConditional:
		v.Approved++
	case traffic.StatusRefused:
		v.Refused++
	}
	if s.LastSeen.After(v.LastSeen) {
		v.LastSeen = s.LastSeen
	}
}

// learn fills in what is not known yet.
func (v *Supplier) learn(id string, facts *rules.Supplier, book *inventory.Book) {
	v.Entity = cmp.Or(v.Entity, book.FieldValue(id, "legal_entity"), facts.Entity)
	v.DPA = cmp.Or(v.DPA, book.FieldValue(id, string(rules.FactDPA)), facts.DPA)
	v.Trains = cmp.Or(v.Trains, book.FieldValue(id, string(rules.FactTrains)), facts.Trains)
	if len(v.Region) > 0 {
		return
	}
	if said := book.FieldValue(id, string(rules.FactRegion)); said != "" {
		v.Region = strings.Split(said, ", ")
	} else {
		v.Region = append([]string{}, facts.Region...)
	}
}
