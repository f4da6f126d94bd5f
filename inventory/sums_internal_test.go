package inventory

import "testing"

// TestPeopleAtLeast: of who was counted beyond the bound of a day nobody knows how
// many they are.
func TestPeopleAtLeast(t *testing.T) {
	for name, tt := range map[string]struct {
		users  []string
		people int
		more   bool
	}{
		"known": {[]string{"u-1", "u-2", "u-1"}, 2, false}, "others": {[]string{"u-1", "u-2", otherName}, 2, true}, "only others": {[]string{otherName}, 1, true},
	} {
		n, p := newNames(), new(part)
		for _, user := range tt.users {
			n.use(p, &UsageKey{User: user}, &UsageTally{Tally: Tally{N: 1}}, make(map[string]string))
		}
		p.done()
		if got := together([]*part{p}, n); got.People != tt.people || got.PeopleAtLeast != tt.more {
			t.Errorf("%s: %d people, more: %v; want %d, %v", name, got.People, got.PeopleAtLeast, tt.people, tt.more)
		}
	}
}
