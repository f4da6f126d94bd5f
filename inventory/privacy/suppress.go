package privacy

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// K is the least number of people of a group whose figures are shown; 0 and 1
// show all.
type K int64

// Small reports whether a group of n people must not be shown. Nobody is no
// group.
func (k K) Small(n int64) bool { return n > 0 && n < int64(k) }

// Count returns n as a report shows it: "<5" for a small group.
func (k K) Count(n int64) string {
	if k.Small(n) {
		return fmt.Sprintf("<%d", int64(k))
	}
	return strconv.FormatInt(n, 10)
}

// Number is a number of people, or of what is nearly a person. AtLeast says that
// there may be more: a store keeps no more names than its bound.
type Number struct {
	N       int64
	AtLeast bool
}

// Text returns n as a report shows it: "<5" for a small group, ">= 20000" for a
// bound.
func (k K) Text(n Number) string {
	if n.AtLeast {
		return ">= " + k.Count(n.N)
	}
	return k.Count(n.N)
}

// Cell is Text for the cell of a table: a number stays one.
func (k K) Cell(n Number) any {
	if n.AtLeast || k.Small(n.N) {
		return k.Text(n)
	}
	return n.N
}

// Services returns rows of the register as a report shows them: without small
// numbers of people.
func (k K) Services(rows []inventory.Service) []inventory.Service {
	rows = slices.Clone(rows)
	for i := range rows {
		k.service(&rows[i])
	}
	return rows
}

func (k K) service(s *inventory.Service) {
	hidden := []*int64{&s.Users, &s.Clients}
	if k.Small(s.Users) || k.Small(s.Clients) { // then each account is nearly a person
		hidden = append(hidden, &s.Accounts)
	}
	for _, n := range hidden {
		if k.Small(*n) {
			*n, s.Suppressed = 0, true
		}
	}
}

// List returns who is in a group, nil when the group is small.
func List[T any](k K, n int64, list []T) []T {
	if k.Small(n) {
		return nil
	}
	return list
}

// Withheld stands for the figure of a group that is large enough, or a total,
// that would give a small one away.
const Withheld = "*"

// Suppress returns the counts of people of groups, and of all of them together,
// as a table shows them: small ones as "<5", and so many others as Withheld that
// no small one follows from the total and what is left. Where that can't be
// reached the total is withheld, too. It takes the groups as parts of the total;
// a person in two groups only makes it harder to tell.
func Suppress(k K, counts []int64, total int64) (shown []string, sum string) {
	hidden := make([]bool, len(counts))
	shown, sum = make([]string, len(counts)), k.Count(total)
	small := 0
	for i, n := range counts {
		hidden[i], shown[i] = k.Small(n), k.Count(n)
		if hidden[i] {
			small++
		}
	}
	switch {
	case small > 1 && k.Small(total): // three groups of less than 4 in all are of one each
		return shown, Withheld
	case small == 0 || k.Small(total):
		return shown, sum
	}
	for given(k, counts, hidden) {
		next := smallest(counts, hidden)
		if next < 0 {
			return shown, Withheld
		}
		hidden[next], shown[next] = true, Withheld
	}
	return shown, sum
}

// given reports whether a small count follows from the sum of those that are
// hidden: each of them has a range, that of a small one is 1 to k-1, that of the
// others begins at k.
func given(k K, counts []int64, hidden []bool) bool {
	var sum, least, most int64
	open := false // no upper bound
	for i, n := range counts {
		switch {
		case !hidden[i]:
		case k.Small(n):
			sum, least, most = sum+n, least+1, most+int64(k)-1
		default:
			sum, least, open = sum+n, least+int64(k), true
		}
	}
	low := int64(1) // the least that a small one can be
	if !open {
		low = max(low, sum-(most-(int64(k)-1)))
	}
	high := min(int64(k)-1, sum-(least-1)) // the most
	return low == high && k > 2            // of k=2 each small group is one person, which "<2" says itself
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
