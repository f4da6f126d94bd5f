package privacy_test

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory/privacy"
)

func TestHide(t *testing.T) {
	for _, tt := range []struct {
		name   string
		k      privacy.K
		people []int64
		want   []bool
	}{
		{"off", 1, []int64{1, 2}, []bool{false, false}},
		{"none small", 5, []int64{5, 9}, []bool{false, false}},
		{"one small takes the least beside", 5, []int64{9, 4, 7}, []bool{false, true, true}},
		{"two small of too few together", 5, []int64{9, 2, 2, 7}, []bool{false, true, true, true}},
		{"two small of enough together", 5, []int64{9, 3, 3, 7}, []bool{false, true, true, false}},
		{"nobody known is small", 5, []int64{9, 0, 7}, []bool{false, true, true}},
		{"alone", 5, []int64{3}, []bool{true}},
		{"nobody", 5, nil, []bool{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := privacy.Hide(tt.k, tt.people, sum(tt.people)); !slices.Equal(got, tt.want) {
				t.Errorf("hidden %v, want %v", got, tt.want)
			}
		})
	}
}

// TestHideTells plays the reader who adds and subtracts: of random departments
// that share people it looks at every figure that follows from those shown and
// from the total. Each must be of k people at least, or of all there are.
func TestHideTells(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		k := privacy.K(2 + r.IntN(5))
		groups := make([]map[int]bool, 1+r.IntN(6))
		people := make([]int64, len(groups))
		for i := range groups {
			groups[i] = make(map[int]bool)
			for range r.IntN(2 * int(k)) {
				groups[i][r.IntN(15)] = true
			}
			people[i] = int64(len(groups[i]))
		}
		union := func(some []bool) int64 {
			all := make(map[int]bool)
			for i := range groups {
				for p := range groups[i] {
					all[p] = all[p] || some[i]
				}
			}
			n := int64(0)
			for _, in := range all {
				if in {
					n++
				}
			}
			return n
		}
		hidden := privacy.Hide(k, people, union)
		known := [][]bool{slices.Repeat([]bool{true}, len(groups))}
		for i := range groups {
			if !hidden[i] {
				known = append(known, make([]bool, len(groups)))
				known[len(known)-1][i] = true
			}
		}
		for set := 1; set < 1<<len(groups)-1; set++ {
			some := make([]bool, len(groups))
			for i := range some {
				some[i] = set>>i&1 == 1
			}
			if n := union(some); n < int64(k) && follows(known, some) {
				t.Fatalf("k %d, %v people, hidden %v: the figures of %v, of %d people, follow", k, people, hidden, some, n)
			}
		}
	}
}

// follows reports whether the sum over want is a combination of known sums.
func follows(known [][]bool, want []bool) bool {
	return rank(known) == rank(append(slices.Clone(known), want))
}

// rank eliminates (Gauss), without rounding.
func rank(rows [][]bool) (n int) {
	m := make([][]*big.Rat, len(rows))
	for i, row := range rows {
		for _, set := range row {
			v := new(big.Rat)
			if set {
				v.SetInt64(1)
			}
			m[i] = append(m[i], v)
		}
	}
	for c := 0; n < len(m) && c < len(m[0]); c++ {
		at := n
		for at < len(m) && m[at][c].Sign() == 0 {
			at++
		}
		if at == len(m) {
			continue
		}
		m[n], m[at] = m[at], m[n]
		for i := n + 1; i < len(m); i++ {
			f := new(big.Rat).Quo(m[i][c], m[n][c])
			for j := c; j < len(m[i]); j++ {
				m[i][j] = new(big.Rat).Sub(m[i][j], new(big.Rat).Mul(f, m[n][j]))
			}
		}
		n++
	}
	return n
}

// sum is the union of groups that share nobody.
func sum(people []int64) func(hidden []bool) int64 {
	return func(hidden []bool) (sum int64) {
		for i, n := range people {
			if hidden[i] {
				sum += n
			}
		}
		return sum
	}
}
