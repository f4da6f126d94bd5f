package privacy

import "time"

// Months returns the whole months of a period that are over by now, which is
// nothing when until is not after from. What departments did is told of them
// alone: of two periods that differ by some days the difference is what few people
// did on these, though each period shows many.
func Months(from, until, now time.Time) (first, end time.Time) {
	if now.Before(until) {
		until = now
	}
	first, end = monthOf(from), monthOf(until)
	if first.Before(from) {
		first = first.AddDate(0, 1, 0)
	}
	return first, end
}

func monthOf(t time.Time) time.Time {
	t = t.UTC()
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
}
