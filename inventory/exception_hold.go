package inventory

import (
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// holding is what of the exceptions holds in one state of the ledger, by whom it
// is for. It is immutable.
type holding struct {
	book     *Book
	byPerson map[string][]held
	byGroup  map[string][]held
}

type held struct {
	traffic.Exemption
	service string
	over    time.Time // from then on it does not hold
}

// Exempt appends to list what the person behind a flow to a service is exempt
// from. It does not allocate where no exceptions hold.
func (v *Inventory) Exempt(list []traffic.Exemption, f *traffic.Flow, service string) []traffic.Exemption {
	h := v.holds()
	if len(h.byPerson) > 0 {
		list = take(list, h.byPerson[v.keptOf(f.User, f.Client)], service, v.cfg.Now)
	}
	return h.groups(list, f.Groups, service, v.cfg.Now)
}

// ExemptAs is Exempt for the person behind a pseudonym of any generation.
func (v *Inventory) ExemptAs(list []traffic.Exemption, pseudonym string, groups []string, service string) []traffic.Exemption {
	h := v.holds()
	if id := v.keptID(pseudonym); id != "" {
		list = take(list, h.byPerson[id], service, v.cfg.Now)
	}
	return h.groups(list, groups, service, v.cfg.Now)
}

// holds returns what holds now.
func (v *Inventory) holds() *holding {
	h := v.holding.Load()
	if b := v.Book(); h == nil || h.book != b {
		h = newHolding(b, v.cfg.Now(), v.keptID)
		v.holding.Store(h)
	}
	return h
}

// groups appends what departments are exempt from. What is the person's own may
// come twice: that changes nothing.
func (h *holding) groups(list []traffic.Exemption, groups []string, service string, now func() time.Time) []traffic.Exemption {
	if len(h.byGroup) == 0 {
		return list
	}
	for _, g := range groups {
		list = take(list, h.byGroup[strings.ToLower(g)], service, now)
	}
	return list
}

func take(list []traffic.Exemption, some []held, service string, now func() time.Time) []traffic.Exemption {
	for i := range some {
		if x := &some[i]; (x.service == "" || x.service == service) && now().Before(x.over) {
			list = append(list, x.Exemption)
		}
	}
	return list
}

// newHolding leaves out what can't be read: an exception that nobody understands
// does not hold.
func newHolding(b *Book, now time.Time, kept func(pseudonym string) string) *holding {
	h := &holding{book: b}
	list, err := ExceptionsIn(b, now)
	if err != nil {
		return h
	}
	for i := range list {
		x := &list[i]
		last, err := time.Parse(time.DateOnly, x.Until)
		if x.State != ExceptionGranted || err != nil {
			continue
		}
		one := held{traffic.Exemption{ID: x.ID, Rule: x.Rule}, x.Service, last.AddDate(0, 0, 1)}
		hold(&h.byPerson, kept(x.Person), one)
		if x.Group != "" {
			hold(&h.byGroup, strings.ToLower(x.Group), one)
		}
	}
	return h
}

func hold(to *map[string][]held, key string, one held) {
	if *to == nil {
		*to = make(map[string][]held)
	}
	(*to)[key] = append((*to)[key], one)
}
