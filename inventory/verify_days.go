package inventory

import (
	"fmt"
	"maps"
	"slices"
)

// DaysCompared says of a run of days what was compared of them, and with what, or
// why it was not.
type DaysCompared struct {
	From string `json:"from"` // the first
	To   string `json:"to"`   // the last; a day of which nothing is known counts with its neighbours
	Days int64  `json:"days"` // of which something is known
	What string `json:"what"`
	With string `json:"with"` // "" when it was not compared
	Why  string `json:"why"`  // it was not, or not wholly
}

// What is compared of a day, with what.
const (
	whatSightings = "single sightings"
	whatUse       = "sums of services, and who used what"
	whatNames     = "values seen with services"
	whatHours     = "sums of hours"

	withSeals     = "seals"
	withSightings = "sightings" // of which the seal holds no sums, or that are in none
	withBoth      = "seals and sightings"
)

// dayState is what was compared of a day.
type dayState struct{ with, why string }

// maxRunDays bounds the days of a seal that are looked at one by one: sightings
// may say any time.
const maxRunDays = 10_000

// noteDay notes with what a day can be compared.
func (c *sumCheck) noteDay(day int64, with string) {
	if was := c.with[day]; was != "" && was != with {
		with = withBoth
	}
	c.with[day] = with
}

// days lists what was compared of each day.
func (c *sumCheck) days() (out []DaysCompared) {
	known := maps.Clone(c.early)
	for day := range c.with {
		known[day] = true
	}
	for _, s := range c.unbound {
		for day := s.from; day < min(s.until, s.from+maxRunDays); day++ {
			known[day] = true
		}
	}
	days := slices.Sorted(maps.Keys(known))
	for _, what := range []aspect{aspectUse, aspectNames, aspectHours} {
		if what == aspectHours && c.noHours {
			continue
		}
		state := make(map[int64]dayState, len(days))
		for _, day := range days {
			state[day] = c.state(day, what)
		}
		name := map[aspect]string{aspectUse: whatUse, aspectNames: whatNames, aspectHours: whatHours}[what]
		out = append(out, runs(name, state)...)
	}
	return out
}

func (c *sumCheck) state(day int64, what aspect) dayState {
	switch {
	case c.broken:
		return dayState{why: "sightings were changed, and say nothing of them"}
	case !c.kept(day, what):
		return dayState{why: "past their time: retention deletes them"}
	case c.early[day]:
		return dayState{why: "the store is older than its record: no sighting of them is on it"}
	case !c.bound(day):
		return dayState{why: "sightings are gone that a version sealed which put no sums into seals, or were changed before they were sealed"}
	}
	s := dayState{with: c.with[day]}
	switch n := c.buckets[day]; {
	case n == 1:
		s.why = "all services as one: there were too many for a seal"
	case n == sumBuckets:
		s.why = fmt.Sprintf("in %d groups of services: there were too many for a seal", sumBuckets)
	}
	if what == aspectUse && day <= c.erased {
		s.why = join(s.why, "not who used what: people were erased since")
	}
	return s
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}

// runs puts days together that follow each other and have one state.
func runs(what string, state map[int64]dayState) (out []DaysCompared) {
	var last dayState
	for _, day := range slices.Sorted(maps.Keys(state)) {
		if s := state[day]; len(out) == 0 || s != last {
			out = append(out, DaysCompared{From: dayText(day), What: what, With: s.with, Why: s.why})
			last = s
		}
		run := &out[len(out)-1]
		run.To = dayText(day)
		run.Days++
	}
	return out
}

// sealedDays notes what was found of the sightings under each seal, by day.
type sealedDays map[int64]dayState

// note notes what was found of a seal. Of a day that several seals have sightings
// of, the worst is told.
func (d sealedDays) note(s *Seal, found dayState) {
	if s.First.IsZero() {
		return
	}
	for day := Day(s.First); day <= min(Day(s.Last), Day(s.First)+maxRunDays); day++ {
		if was, ok := d[day]; !ok || worse(found, was) {
			d[day] = found
		}
	}
}

func worse(a, b dayState) bool {
	rank := func(s dayState) int {
		switch {
		case s.with == "":
			return 2
		case s.why != "":
			return 1
		}
		return 0
	}
	return rank(a) > rank(b)
}

// outcome says what was found of the sightings under a seal.
func (c *sealCheck) outcome(s *sealed, holds, pruned bool) dayState {
	var deleted int64
	for i := range s.gone {
		deleted += s.gone[i].Leaves.N
	}
	switch {
	case pruned && len(s.gone) == 0:
		return dayState{why: "past their time: retention deleted them, and kept no hashes"}
	case pruned && (c.seen == 0 || deleted >= s.Events):
		return dayState{why: "past their time: retention deleted them all; the ledger keeps the root of their hashes"}
	case !holds:
		return dayState{why: "their seal does not hold, or can't be checked"}
	case pruned:
		return dayState{withSeals, "those that retention deleted by the hashes that the ledger keeps of them"}
	case len(s.Broken) > 0:
		return dayState{withSeals, "some were changed before they were sealed"}
	}
	return dayState{with: withSeals}
}
