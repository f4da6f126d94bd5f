package privacy_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory/privacy"
)

func TestSuppress(t *testing.T) {
	for _, tt := range []struct {
		name   string
		k      privacy.K
		counts []int64
		want   string
		total  string
	}{
		{"off", 1, []int64{1, 2, 9}, "1 2 9", "12"},
		{"no setting", 0, []int64{1}, "1", "1"},
		{"none small", 5, []int64{5, 0, 9}, "5 0 9", "14"},
		{"one small: the total would tell", 5, []int64{2, 20, 9}, "<5 20 *", "31"},
		{"two small", 5, []int64{2, 3, 9}, "<5 <5 9", "14"},
		{"two of one each", 5, []int64{1, 1, 9, 12}, "<5 <5 * 12", "23"},
		{"two of the most each", 5, []int64{4, 4, 9}, "<5 <5 *", "17"},
		{"one of one, the least beside", 5, []int64{1, 5, 6}, "<5 * *", "12"},
		{"one group only", 5, []int64{3}, "<5", "<5"},
		{"nothing left to withhold", 5, []int64{1, 5}, "<5 *", "*"},
		{"nobody", 5, []int64{0, 0}, "0 0", "0"},
		{"no groups", 5, nil, "", "0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var total int64
			for _, n := range tt.counts {
				total += n
			}
			shown, sum := privacy.Suppress(tt.k, tt.counts, total)
			if got := strings.Join(shown, " "); got != tt.want || sum != tt.total {
				t.Errorf("got %q, total %q; want %q, %q", got, sum, tt.want, tt.total)
			}
		})
	}
}

// TestNotGiven plays the reader who subtracts: of every table of three groups
// it tries all that the groups could be, and no small one may be certain.
func TestNotGiven(t *testing.T) {
	const k, limit = 4, 9
	for a := range int64(limit) {
		for b := range int64(limit) {
			for c := range int64(limit) {
				counts := []int64{a, b, c}
				shown, sum := privacy.Suppress(k, counts, a+b+c)
				for i, n := range counts {
					if privacy.K(k).Small(n) && len(possible(k, shown, sum, i)) < 2 {
						t.Errorf("%v is shown as %q, total %s: group %d is certain", counts, shown, sum, i)
					}
				}
			}
		}
	}
}

// possible returns what a group can be for who sees a table.
func possible(k int64, shown []string, sum string, group int) (list []int64) {
	const most = 30
	fits := func(text string, n int64) bool {
		switch text {
		case privacy.Withheld:
			return n >= k
		case privacy.K(k).Count(1):
			return n > 0 && n < k
		}
		return text == strconv.FormatInt(n, 10)
	}
	for a := range int64(most) {
		if !fits(shown[0], a) {
			continue
		}
		for b := range int64(most) {
			if !fits(shown[1], b) {
				continue
			}
			for c := range int64(most) {
				if n := []int64{a, b, c}[group]; fits(shown[2], c) && (sum == privacy.Withheld || fits(sum, a+b+c)) && !slices.Contains(list, n) {
					list = append(list, n)
				}
			}
		}
	}
	return list
}

func TestList(t *testing.T) {
	if got := privacy.List(privacy.K(5), 4, []string{"u-1"}); got != nil {
		t.Errorf("the people of a small group: %q", got)
	}
	if got := privacy.List(privacy.K(5), 5, []string{"u-1"}); len(got) != 1 {
		t.Errorf("the people of a group: %q", got)
	}
}
