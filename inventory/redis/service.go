package redis

import (
	"maps"
	"slices"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// service is a row of the register as Redis has it: all that a list shows, so
// that it takes one command.
type service struct {
	row      inventory.Service
	features []string
	sum      sum
}

func (v *service) text() string {
	w := make(writer, 0, 256)
	r := &v.row
	for _, t := range []string{r.Service, r.Vendor, r.Category, string(r.How)} {
		w.text(t)
	}
	w.int(int64(len(v.features)))
	for _, f := range v.features {
		w.text(f)
	}
	v.sum.write(&w)
	for _, n := range []int64{r.Users, r.Clients, r.Accounts, r.Models, r.Coverage.Inspected, r.Coverage.MetadataOnly, r.Coverage.Blind} {
		w.int(n)
	}
	writeCounts(&w, r.Findings)
	writeCounts(&w, r.Decisions)
	return string(w)
}

func writeCounts[K ~string](w *writer, m map[K]int64) {
	w.int(int64(len(m)))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		w.text(string(k))
		w.int(m[k])
	}
}

func parseService(id, text string) (v service, err error) {
	in := reader{rest: text}
	r := &v.row
	r.ID, r.Service, r.Vendor, r.Category, r.How = id, in.text(), in.text(), in.text(), traffic.How(in.text())
	for n := in.int(); n > 0 && !in.bad; n-- {
		v.features = append(v.features, in.text())
	}
	v.sum.read(&in)
	for _, n := range []*int64{&r.Users, &r.Clients, &r.Accounts, &r.Models, &r.Coverage.Inspected, &r.Coverage.MetadataOnly, &r.Coverage.Blind} {
		*n = in.int()
	}
	r.SetCount(inventory.KindUser, r.Users) // and whether it is a bound
	r.SetCount(inventory.KindClient, r.Clients)
	readCounts(&in, &r.Findings)
	readCounts(&in, &r.Decisions)
	r.Requests, r.Up, r.Down, r.FirstSeen, r.LastSeen = v.sum.n, v.sum.up, v.sum.down, at(v.sum.first), at(v.sum.last)
	return v, in.err()
}

func readCounts[K ~string](in *reader, m *map[K]int64) {
	*m = make(map[K]int64)
	for n := in.int(); n > 0 && !in.bad; n-- {
		k := K(in.text())
		(*m)[k] = in.int()
	}
}

// add adds what a batch says of the service.
func (v *service) add(d *inventory.ServiceFold) {
	s := sumOf(&d.Tally)
	if v.sum == (sum{}) || s.last >= v.sum.last {
		v.row.Service, v.row.Vendor, v.row.Category = d.Name, d.Vendor, d.Category
	}
	if v.sum == (sum{}) || inventory.Strength(d.How) > inventory.Strength(v.row.How) {
		v.row.How, v.features = d.How, d.Features
	}
	v.sum.add(s)
}
