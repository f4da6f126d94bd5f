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

// Withheld stands for the figure of a group that is large enough, or a total,
// that would give a small one away.
const Withheld = "*"
