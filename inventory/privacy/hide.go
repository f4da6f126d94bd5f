package privacy

// Hide reports which of some groups are not shown by their figures: those of
// fewer than k people, and as many others that what is left of a known total,
// once the shown ones are taken away, is of two groups and k people at least.
// union returns how many people some of the groups have together; of groups that
// share nobody that is the sum of their counts. Where all are hidden no more can
// be done.
func Hide(k K, people []int64, union func(hidden []bool) int64) []bool {
	hidden := make([]bool, len(people))
	n := 0
	for i, p := range people {
		if p < int64(k) && k > 1 {
			hidden[i], n = true, n+1
		}
	}
	if n == 0 {
		return hidden
	}
	for n < 2 || union(hidden) < int64(k) {
		next := smallest(people, hidden)
		if next < 0 {
			return hidden
		}
		hidden[next], n = true, n+1
	}
	return hidden
}

// smallest returns the smallest count that is shown, -1 when there is none.
// Groups of nobody hide nothing.
func smallest(counts []int64, hidden []bool) int {
	at := -1
	for i, n := range counts {
		if !hidden[i] && n > 0 && (at < 0 || n < counts[at]) {
			at = i
		}
	}
	return at
}
