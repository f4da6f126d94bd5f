package dlp

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestRivals holds that what is left of hits is what picking the best that fits, one
// after the other, leaves.
func TestRivals(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		n := 1 + r.IntN(10)
		if r.IntN(100) == 0 {
			n = 5000
		}
		hits := make([]Hit, n)
		for i := range hits {
			h := &hits[i]
			h.Start = r.IntN(2 * n)
			h.End, h.order, h.Confidence = h.Start+1+r.IntN(12), i, float64(r.IntN(4))/4
			if h.whole = r.IntN(8) == 0; h.whole {
				h.Start &^= 15
				h.End = h.Start + 20
			}
		}
		want := pickedOneByOne(slices.Clone(hits))
		if got := resolve(hits); !slices.Equal(got, want) {
			t.Fatalf("%d hits: %d are left, want %d", n, len(got), len(want))
		}
	}
}

func pickedOneByOne(hits []Hit) (won []Hit) {
	slices.SortFunc(hits, func(a, b Hit) int { return byPlace(&a, &b) })
	byRank := slices.Clone(hits)
	slices.SortFunc(byRank, func(a, b Hit) int { return better(&a, &b) })
	for _, h := range byRank {
		if !slices.ContainsFunc(won, func(g Hit) bool { return g.Start < h.End && h.Start < g.End && !h.beside(&g) }) {
			won = append(won, h)
		}
	}
	slices.SortFunc(won, func(a, b Hit) int { return byPlace(&a, &b) })
	return won
}

// TestSortByPlace holds that hits which several passes added come into order.
func TestSortByPlace(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for runs := range 12 {
		var hits []Hit
		for range runs {
			run := make([]Hit, 100+r.IntN(100))
			for i := range run {
				h := &run[i]
				h.Start = 3*i + r.IntN(9) // nearly in order
				h.End, h.order = h.Start+1+r.IntN(4), r.IntN(1000)
			}
			hits = append(hits, run...)
		}
		want := slices.Clone(hits)
		slices.SortStableFunc(want, func(a, b Hit) int { return byPlace(&a, &b) })
		if sortByPlace(hits); !slices.Equal(hits, want) {
			t.Errorf("%d runs are not in order", runs)
		}
	}
}

// TestWholeName: of names that overlap the best stands for all that they take, but not with what
// is no name.
func TestWholeName(t *testing.T) {
	name := func(detector string, from, to int, confidence float64) Hit {
		return Hit{Detector: detector, Class: traffic.ClassPersonal, Start: from, End: to, Confidence: confidence}
	}
	got := resolve([]Hit{name("person_tagged", 0, 14, 0.55), name("person_alone", 8, 20, 0.6)})
	if len(got) != 1 || got[0].Detector != "person_alone" || got[0].Start != 0 || got[0].End != 20 {
		t.Errorf("two parts of a name: %+v", got)
	}
	mail := Hit{Detector: "email", Class: traffic.ClassContact, Start: 10, End: 30, Confidence: 0.9}
	if got := resolve([]Hit{name("person_tagged", 0, 14, 0.55), mail}); len(got) != 1 || got[0] != mail {
		t.Errorf("a name and what is none: %+v", got)
	}
}
