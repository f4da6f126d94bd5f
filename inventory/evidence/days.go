package evidence

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// daysFile has the sums of the store by service and day, one inventory.DaySum a
// line: with the seals in the ledger they can be checked when the sightings are
// long deleted.
const daysFile = "days.jsonl.zst"

// Sums is what comparing the sums of the store with the seals found when a pack
// was made.
type Sums struct {
	Compared int64    `json:"compared"`     // sums of a service on a day
	Unbound  int64    `json:"unbound_days"` // days whose sums nothing is left to compare with
	Left     []string `json:"not_compared"` // lists and names that could not be compared, and why
	Problems []string `json:"problems"`     // what is not what the sightings add up to
}

// days writes the sums of the period.
func (w *writer) days(src Source, b *book) error {
	sealed := int64(0)
	if n := len(b.seals); n > 0 {
		sealed = b.seals[n-1].To
	}
	return w.file(daysFile, func(to io.Writer) error {
		zip, err := zstd.NewWriter(to, zstd.WithEncoderConcurrency(1)) // the same bytes each time
		if err != nil {
			return err
		}
		enc := json.NewEncoder(zip)
		err = src.DaySums(w.ctx, w.order.Period.From, w.order.Period.Until, sealed, func(s *inventory.DaySum) error { return enc.Encode(s) })
		return errors.Join(err, zip.Close())
	})
}

// dayTotal is what the sums of all days say of a service.
type dayTotal struct {
	all, unsealed *inventory.DaySum
}

// sums compares the sums by day with the seals, and with what was found when the
// pack was made.
func (v *verifier) sums() {
	if v.m.Sums == nil || !slices.ContainsFunc(v.m.Files, func(f FileEntry) bool { return f.Name == daysFile }) {
		v.r.note("the pack was made by a version that put no sums by day into it: they can't be compared with the seals")
	}
	if slices.ContainsFunc(v.m.Files, func(f FileEntry) bool { return f.Name == daysFile }) {
		if err := v.days(); err != nil && v.ctx.Err() == nil {
			v.totals = nil
			v.r.problem("%s: %v", daysFile, err)
		}
	}
	if v.m.Sums != nil {
		for _, l := range v.m.Sums.Left {
			v.r.note("when the pack was made there were not compared: %s", l)
		}
		for _, p := range v.m.Sums.Problems {
			if !slices.Contains(v.r.Problems, p) {
				v.r.problem("when the pack was made: %s", p)
			}
		}
	}
}

// days reads the sums by day.
func (v *verifier) days() error {
	file, err := v.open(daysFile)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return reason(err)
	}
	v.totals = make(map[string]*dayTotal)
	room := maxDistinct
	err = dayLines(&stoppable{v, file}, info.Size(), func(row *inventory.DaySum) error {
		if err := v.ld.days.Add(row); err != nil {
			return err
		}
		t := v.totals[row.Service]
		if t == nil {
			t = &dayTotal{new(inventory.DaySum), new(inventory.DaySum)}
			v.totals[row.Service] = t
			room -= 1000 + len(row.Service)
		}
		to := t.all
		if row.Unsealed {
			to = t.unsealed
		}
		before := len(to.Kinds)
		to.Plus(&row.SealedSum)
		if room -= (len(to.Kinds) - before) * 400; room < 0 {
			return errDistinct
		}
		return nil
	})
	if err != nil {
		return err
	}
	v.found(v.ld.days.Found())
	return nil
}

// found says what the check of the days found.
func (v *verifier) found(f inventory.DaysFound) {
	v.r.Sums, v.r.Days = f.Compared, f.Days
	for _, p := range f.Problems {
		v.r.problem("%s", p)
	}
	if f.Unbound > 0 {
		v.r.note("sums of %d days can't be compared: seals of older versions, or of sightings that were changed before, don't say what they must be", f.Unbound)
	}
	if f.Buckets > 0 {
		v.r.note("sums of %d days were compared by groups of services: there were too many for a seal", f.Buckets)
	}
	if f.Unsealed > 0 {
		v.r.note("%d sums of a service's day may have sightings that were not sealed when the pack was made (%s says how many): they are compared with that margin", f.Unsealed, daysFile)
	}
	if !f.Since.IsZero() {
		v.r.note("sums of days before %s are past their time: their deletion is on record", f.Since.Format(time.DateOnly))
	}
}

// dayLines calls f with each line of a file of sums.
func dayLines(r io.Reader, size int64, f func(*inventory.DaySum) error) error {
	n := 0
	return unzipped(r, size, func(line []byte) error {
		n++
		var row inventory.DaySum
		err := json.Unmarshal(line, &row)
		if err == nil {
			err = f(&row)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		return nil
	})
}

// rollup compares a row of the register that was counted from sums by day with
// these.
func (v *verifier) rollup(row *Row) {
	if v.totals == nil {
		return
	}
	t := v.totals[row.ID]
	if t == nil {
		t = &dayTotal{new(inventory.DaySum), new(inventory.DaySum)}
	}
	if text := t.differs(row.Seen); text != "" {
		v.r.problem("%s: the figures of %.60q are not those of %s: %s", registerFile, row.ID, daysFile, text)
	}
}

// differs says which figures are not within what the sums are without and with
// what was in no seal yet: the register is made a moment before.
func (t *dayTotal) differs(f *Figures) string {
	if f == nil {
		return "they are missing"
	}
	var parts []string
	number := func(name string, is, most, margin int64) {
		if is > most || is < most-margin {
			parts = append(parts, fmt.Sprintf("%s %d instead of %d", name, is, most))
		}
	}
	for i, is := range [...]int64{f.Requests, f.Up, f.Down} {
		number([...]string{"requests", "bytes_up", "bytes_down"}[i], is, t.all.Figure(i), t.unsealed.Figure(i))
	}
	depths := map[traffic.Depth]int64{traffic.Inspected: f.Coverage.Inspected, traffic.MetadataOnly: f.Coverage.MetadataOnly, traffic.Blind: f.Coverage.Blind}
	is := make(map[string]int64)
	for depth, n := range depths {
		is[kindOf(inventory.KindDepth, depth)] = n
	}
	for class, n := range f.Findings {
		is[kindOf(inventory.KindClass, class)] = n
	}
	for action, n := range f.Actions {
		is[kindOf(inventory.KindAction, action)] = n
	}
	names := maps.Clone(is)
	for name := range t.all.Kinds {
		_, shown := depths[traffic.Depth(strings.TrimPrefix(name, kindOf(inventory.KindDepth, "")))]
		if shown || !strings.HasPrefix(name, kindOf(inventory.KindDepth, "")) {
			names[name] = 0
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		number(name, is[name], t.all.Kinds[name], t.unsealed.Kinds[name])
	}
	if t.unsealed.Figure(0) == 0 && (!f.First.Equal(t.all.First()) || !f.Last.Equal(t.all.Last())) {
		parts = append(parts, fmt.Sprintf("first and last seen %s and %s instead of %s and %s", millis(f.First), millis(f.Last), millis(t.all.First()), millis(t.all.Last())))
	}
	return strings.Join(parts, ", ")
}

// kindOf names a value as inventory.SealedSum.Kinds does.
func kindOf[T ~string](k inventory.Kind, value T) string { return string(k) + "=" + string(value) }

func millis(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }

// unzipped calls f with the lines of a packed file of some size.
func unzipped(r io.Reader, size int64, f func(line []byte) error) error {
	zip, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(16<<20), zstd.WithDecoderMaxMemory(64<<20))
	if err != nil {
		return err
	}
	defer zip.Close()
	bounded := &io.LimitedReader{R: zip, N: 1<<20 + size*maxRatio}
	err = lines(bounded, f)
	if bounded.N == 0 {
		return fmt.Errorf("it unpacks to more than %d times its size", maxRatio)
	}
	return err
}
