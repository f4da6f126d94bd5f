package sqlite

import (
	"errors"
	"testing"
)

// TestRoom writes rows of which half are there already: never more than the limit
// are made, all of which get used, and they are counted seldom.
func TestRoom(t *testing.T) {
	const limit, part = 50 * maxRows, maxRows
	var r room
	rows, counted, parts := 0, 0, 0
	count := func() (int, error) { counted++; return rows, nil }
	for rows < limit && parts < 1000 {
		parts++
		fit, err := r.take(part, limit, count)
		if err != nil {
			t.Fatal(err)
		}
		if rows += part / 2; rows > limit {
			t.Fatalf("%d rows of at most %d", rows, limit)
		}
		if fit {
			continue
		}
		if !r.exact || r.n != rows-part/2 { // who looks at each row counts on it
			t.Fatalf("%d rows (exact: %t) known of %d", r.n, r.exact, rows-part/2)
		}
		r.n += part / 2
	}
	if rows != limit || counted > 10 {
		t.Errorf("%d rows of %d after %d parts, counted %d times", rows, limit, parts, counted)
	}
	if fit, err := r.take(1, limit, count); fit || err != nil {
		t.Errorf("another one fits: %t, %v", fit, err)
	}
}

// TestRoomUncounted: rows that can't be counted don't fit.
func TestRoomUncounted(t *testing.T) {
	away := errors.New("away")
	r := room{n: 1}
	if fit, err := r.take(1, 1, func() (int, error) { return 0, away }); fit || !errors.Is(err, away) {
		t.Errorf("fits: %t, %v; want the error", fit, err)
	}
}
