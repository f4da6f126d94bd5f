package inventory

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"hash/fnv"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// SealedSum is what the sightings under a seal add to the sums of a service on a
// day, computed from the sightings alone: with those of all seals it says what
// the store's sums must be, also when the sightings are long deleted.
type SealedSum struct {
	Day     string `json:"day"`
	Service string `json:"service"` // "#3" is one of sumBuckets, "#" all of them: where there are too many

	// Figures are requests, bytes_up, bytes_down, findings, altered, blocked,
	// sensitive, handled, first_seen and last_seen (Unix milliseconds).
	Figures []int64          `json:"figures"`
	Kinds   map[string]int64 `json:"kinds,omitempty"` // "action=block": requests; "class=secret": findings

	// Names and Use bind what is too long to be listed: each row of the day's
	// values (DayKey), and of who used what (UsageKey), times a hash of its names.
	Names uint64 `json:"names,string"`
	Use   uint64 `json:"use,string"`
}

// figureNames are those of SealedSum.Figures.
var figureNames = [...]string{"requests", "bytes_up", "bytes_down", "findings", "altered", "blocked", "sensitive", "handled", "first_seen", "last_seen"}

const (
	figureFirst = 8 // the first of the times; what is before can be added
	figureLast  = 9

	// maxSealedSums bounds the rows in one seal, and sumBuckets what services
	// are put together into where there are more: a seal is some hundred kB.
	maxSealedSums = 1500
	sumBuckets    = 16

	// foldChunk is how many sightings are added up at once.
	foldChunk = 8192

	// maxWeights bounds the hashes that are remembered.
	maxWeights = 1 << 16

	otherName = "(other)" // under which a store counts what it has no room for
)

// daySum is a SealedSum that is added to.
type daySum struct {
	figures    [len(figureNames)]int64
	kinds      map[string]int64
	names, use uint64
	other      map[Kind]bool // kinds of which the store did not keep all names; KindUser: of those who used it
}

// dayService is a service on a day, or a bucket of services.
type dayService struct {
	day     int64
	service string
}

// daySums are the sums of services on days. The zero value is not ready: see
// newDaySums.
type daySums struct {
	of      map[dayService]*daySum
	weights map[string]weight
	kept    func(alias string) string // what a store calls a person
	lists   map[string]*listSum       // by subject: see SealedList

	fold *Fold
	n    int // sightings in fold
}

// weight is what each request, and each byte, of a row counts.
type weight [3]uint64

func newDaySums(kept func(string) string) *daySums {
	return &daySums{of: make(map[dayService]*daySum), weights: make(map[string]weight), kept: kept, lists: make(map[string]*listSum)}
}

// add takes a sighting, in the arithmetic by which stores add them up.
func (d *daySums) add(e *Event) {
	if d.fold == nil {
		d.fold = NewFold()
	}
	d.fold.Add(e)
	if d.n++; d.n >= foldChunk {
		d.done()
	}
}

// done adds what is gathered; it must be called before the sums are read.
func (d *daySums) done() {
	if d.fold == nil {
		return
	}
	for k, u := range d.fold.Usage {
		key := *k.renamed(d.kept)
		d.usage(&key, u)
	}
	for k, t := range d.fold.Days {
		d.day(&k, t)
	}
	d.addLists(d.fold)
	d.fold, d.n = nil, 0
}

// renamed returns k with people as a store calls them.
func (k UsageKey) renamed(kept func(string) string) *UsageKey {
	k.User, k.Client = kept(k.User), kept(k.Client)
	return &k
}

func (d *daySums) at(day int64, service string) *daySum {
	return entry(d.of, dayService{day, service})
}

// usage adds a row of who used what.
func (d *daySums) usage(k *UsageKey, u *UsageTally) {
	s := d.at(k.Day, k.Service)
	s.add(&[len(figureNames)]int64{u.N, u.Up, u.Down, u.Findings, u.Altered, u.Blocked, u.Sensitive, u.Handled, toMillis(u.First), toMillis(u.Last)})
	if k.Model == otherName {
		s.beyond(KindUser)
	}
	s.use += d.weigh(&u.Tally, k.Account, k.User, k.Client, k.Model)
}

// day adds a row of a value that was seen.
func (d *daySums) day(k *DayKey, t *Tally) {
	s := d.at(k.Day, k.Service)
	if k.Name == otherName {
		s.beyond(k.Kind)
	}
	switch k.Kind {
	case KindAction, KindClass, KindDepth:
		s.kind(string(k.Kind)+"="+k.Name, t.N)
	}
	s.names += d.weigh(t, string(k.Kind), k.Name)
}

func (s *daySum) kind(name string, n int64) {
	if n != 0 {
		set(&s.kinds, name, n)
	}
}

func (s *daySum) beyond(k Kind) {
	if s.other == nil {
		s.other = make(map[Kind]bool)
	}
	s.other[k] = true
}

func set[K comparable, N int64 | uint64](m *map[K]N, name K, n N) {
	if *m == nil {
		*m = make(map[K]N)
	}
	(*m)[name] += n
}

// weigh multiplies a row with the hash of its names: sums of rows can be added,
// and rows cannot be swapped for others.
func (d *daySums) weigh(t *Tally, names ...string) uint64 {
	key := strings.Join(names, "\x00")
	w, ok := d.weights[key]
	if !ok {
		h := sha256.Sum256([]byte(key))
		for i := range w {
			w[i] = binary.BigEndian.Uint64(h[8*i:])
		}
		if len(d.weights) >= maxWeights {
			clear(d.weights)
		}
		d.weights[key] = w
	}
	return uint64(t.N)*w[0] + uint64(t.Up)*w[1] + uint64(t.Down)*w[2]
}

func (s *daySum) add(f *[len(figureNames)]int64) {
	for i := range figureFirst {
		s.figures[i] += f[i]
	}
	if first := f[figureFirst]; first != 0 && (s.figures[figureFirst] == 0 || first < s.figures[figureFirst]) {
		s.figures[figureFirst] = first
	}
	s.figures[figureLast] = max(s.figures[figureLast], f[figureLast])
}

// merge adds all of another.
func (s *daySum) merge(o *daySum) {
	s.add(&o.figures)
	for name, n := range o.kinds {
		s.kind(name, n)
	}
	s.names, s.use = s.names+o.names, s.use+o.use
	for k := range o.other {
		s.beyond(k)
	}
}

// merge adds the sums of another, without its lists.
func (d *daySums) merge(o *daySums) {
	for k, s := range o.of {
		entry(d.of, k).merge(s)
	}
}

// sealed returns the sums as a seal holds them, in order; false when even a row
// a day is too much.
func (d *daySums) sealed() (list []SealedSum, ok bool) {
	d.done()
	of := d.of
	for _, buckets := range [...]int{sumBuckets, 1} {
		if len(of) > maxSealedSums {
			of = bucketed(d.of, buckets)
		}
	}
	if len(of) > maxSealedSums {
		return nil, false
	}
	list = make([]SealedSum, 0, len(of))
	for k, s := range of {
		list = append(list, SealedSum{
			Day: dayText(k.day), Service: k.service, Figures: slices.Clone(s.figures[:]), Kinds: maps.Clone(s.kinds), Names: s.names, Use: s.use,
		})
	}
	slices.SortFunc(list, func(a, b SealedSum) int { return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Service, b.Service)) })
	return list, true
}

// unseal adds the sums that a seal holds. It reports whether they can be read.
func (d *daySums) unseal(list []SealedSum) bool {
	for i := range list {
		in := &list[i]
		day, err := time.Parse(time.DateOnly, in.Day)
		if err != nil || len(in.Figures) != len(figureNames) {
			return false
		}
		entry(d.of, dayService{Day(day), in.Service}).merge(&daySum{
			figures: [len(figureNames)]int64(in.Figures), kinds: in.Kinds, names: in.Names, use: in.Use,
		})
	}
	return true
}

func dayText(day int64) string { return time.Unix(day*secondsOfDay, 0).UTC().Format(time.DateOnly) }

// bucketed puts services together.
func bucketed(of map[dayService]*daySum, buckets int) map[dayService]*daySum {
	out := make(map[dayService]*daySum)
	for k, s := range of {
		entry(out, dayService{k.day, bucketOf(k.service, buckets)}).merge(s)
	}
	return out
}

// bucketOf returns the bucket of a service, or of a bucket of more.
func bucketOf(service string, buckets int) string {
	switch {
	case buckets == math.MaxInt:
		return service
	case buckets == 1:
		return "#"
	case strings.HasPrefix(service, "#"):
		return service
	}
	h := fnv.New32a()
	h.Write([]byte(service))
	return "#" + strconv.FormatUint(uint64(h.Sum32())%uint64(buckets), 10)
}

// buckets returns how many the sums of each day are put into at least.
func (d *daySums) buckets() map[int64]int {
	of := make(map[int64]int)
	for k := range d.of {
		n := math.MaxInt
		switch {
		case k.service == "#":
			n = 1
		case strings.HasPrefix(k.service, "#"):
			n = sumBuckets
		}
		if was, ok := of[k.day]; !ok || n < was {
			of[k.day] = n
		}
	}
	return of
}
