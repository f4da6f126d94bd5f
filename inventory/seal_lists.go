package inventory

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// SealedList is what the sightings under a seal add to the lists that a store
// keeps of all time: to all values that were seen with a service, or to all of
// users, of models ... With those of all seals it says what the lists must be, also
// when the sightings are long deleted.
type SealedList struct {
	Subject string `json:"subject"` // a service; "user=" for all users, and so on; "blind=" for all blind spots; "#" for all services, where there are too many

	// Lists bind each row of the store's lists, times a hash of its names: by how
	// rows may be deleted (listPart).
	Lists map[string]uint64 `json:"lists,omitempty"`

	// Of a service: what the newest sighting says of it, and the strongest.
	Name     string      `json:"name,omitempty"`
	Vendor   string      `json:"vendor,omitempty"`
	Category string      `json:"category,omitempty"`
	Last     int64       `json:"last,omitempty"` // Unix milliseconds of the newest
	How      traffic.How `json:"how,omitempty"`
	Features []string    `json:"features,omitempty"`
}

// Parts of lists.
const (
	listPeople = "people" // an erasure deletes of them, and retention
	listAged   = "names"  // retention does
	listPaths  = "paths"  // bounded early: see maxEndpoints
	listRest   = "values" // they stay

	listBlind    = "blind="
	listServices = "#"

	// maxSealedLists bounds the services in one seal that have a list each, and
	// maxListText the bytes of their names.
	maxSealedLists = 1000
	maxListText    = 200 << 10
)

// listOf returns where a value is listed.
func listOf(k *FacetKey) (subject, part string) {
	kind, service := subjectKind(k.Subject)
	switch {
	case service && isPerson(k.Kind):
		return k.Subject, listPeople
	case service && (k.Kind == KindAccount || k.Kind == KindModel):
		return k.Subject, listAged
	case service && k.Kind == KindEndpoint:
		return k.Subject, listPaths
	case service:
		return k.Subject, listRest
	case isPerson(kind), isPerson(k.Kind):
		return Of(kind, ""), listPeople
	}
	return Of(kind, ""), listAged
}

// subjectKind returns the kind of a subject that is no service: see Of.
func subjectKind(subject string) (k Kind, service bool) {
	kind, _, other := strings.Cut(subject, "=")
	if !other || strings.HasPrefix(subject, "unknown:") {
		return "", true
	}
	return Kind(kind), false
}

// listSum is a SealedList that is added to.
type listSum struct {
	SealedList
	other map[string]bool // parts of which a store did not keep all names
	two   bool            // sightings of one moment give the service two names
}

// addLists adds what a fold has for lists.
func (d *daySums) addLists(f *Fold) {
	for k, t := range f.Facets {
		d.facet(k.renamed(d.kept), t)
	}
	for k, t := range f.Blind {
		k.Client = d.kept(k.Client)
		d.blind(&k, t)
	}
	for id, s := range f.Services {
		d.list(id).name(&SealedList{Name: s.Name, Vendor: s.Vendor, Category: s.Category, Last: toMillis(s.Last), How: s.How, Features: s.Features})
	}
}

// renamed returns k with people as a store calls them.
func (k FacetKey) renamed(kept func(string) string) *FacetKey {
	if isPerson(k.Kind) {
		k.Name = kept(k.Name)
	}
	if kind, service := subjectKind(k.Subject); !service && isPerson(kind) {
		k.Subject = Of(kind, kept(k.Subject[len(kind)+1:]))
	}
	return &k
}

func (d *daySums) list(subject string) *listSum {
	l := entry(d.lists, subject)
	l.Subject = subject
	return l
}

// facet adds a row of a list.
func (d *daySums) facet(k *FacetKey, t *Tally) {
	subject, part := listOf(k)
	l := d.list(subject)
	if k.Name == otherName || strings.HasSuffix(k.Subject, "="+otherName) {
		l.beyond(part)
	}
	set(&l.Lists, part, d.weigh(t, k.Subject, string(k.Kind), k.Name))
}

// blind adds a row of blind spots.
func (d *daySums) blind(k *BlindKey, t *Tally) {
	l := d.list(listBlind)
	if k.Name == otherName {
		l.beyond(listPeople)
	}
	set(&l.Lists, listPeople, d.weigh(&Tally{N: t.N}, k.Reason, k.Name, k.Client)) // SQLite keeps no bytes of them
}

func (l *listSum) beyond(part string) {
	if l.other == nil {
		l.other = make(map[string]bool)
	}
	l.other[part] = true
}

// name takes over what later sightings say of a service.
func (l *listSum) name(o *SealedList) {
	switch {
	case o.Last == 0 && o.Name == "":
	case o.Last == l.Last && l.named() != o.named():
		l.two = true
		fallthrough
	case o.Last >= l.Last:
		l.two = l.two && o.Last == l.Last
		l.Name, l.Vendor, l.Category, l.Last = o.Name, o.Vendor, o.Category, o.Last
	}
	if Strength(o.How) > Strength(l.How) || l.How == "" {
		l.How, l.Features = o.How, o.Features
	}
}

func (l *SealedList) named() [3]string { return [...]string{l.Name, l.Vendor, l.Category} }

// mergeLists adds the lists of another.
func (d *daySums) mergeLists(o map[string]*listSum) {
	for _, subject := range slices.Sorted(maps.Keys(o)) {
		d.mergeList(&o[subject].SealedList)
		if o[subject].two {
			d.list(subject).two = true
		}
	}
}

func (d *daySums) mergeList(o *SealedList) {
	l := d.list(o.Subject)
	for part, n := range o.Lists {
		set(&l.Lists, part, n)
	}
	l.name(o)
}

// sealedLists returns the lists as a seal holds them, in order.
func (d *daySums) sealedLists() []SealedList {
	d.done()
	services, text := 0, 0
	for subject, l := range d.lists {
		if _, service := subjectKind(subject); service {
			services++
			text += len(subject) + len(l.Name) + len(l.Vendor) + len(l.Category)
			for _, f := range l.Features {
				text += len(f) + 3
			}
		}
	}
	from := d
	if services > maxSealedLists || text > maxListText {
		from = d.together()
	}
	out := make([]SealedList, 0, len(from.lists))
	for _, l := range from.lists {
		out = append(out, l.SealedList)
		out[len(out)-1].Lists = maps.Clone(l.Lists)
	}
	slices.SortFunc(out, func(a, b SealedList) int { return cmp.Compare(a.Subject, b.Subject) })
	return out
}

// together returns the lists with those of all services as one, without names.
func (d *daySums) together() *daySums {
	out := &daySums{lists: make(map[string]*listSum)}
	for subject, l := range d.lists {
		if _, service := subjectKind(subject); service {
			subject = listServices
		}
		to := out.list(subject)
		for part, n := range l.Lists {
			set(&to.Lists, part, n)
		}
		for part := range l.other {
			to.beyond(part)
		}
	}
	return out
}
