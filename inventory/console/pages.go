package console

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/gnomon-proxy/gnomon/inventory"
)

const (
	// pageLimit is how many rows an answer has unless more are asked for, and
	// maxLimit how many can be.
	pageLimit = 1000
	maxLimit  = 10_000
)

// paging are the parameters of every list.
var paging = []param{
	{name: "limit", kind: kindNumber, max: maxLimit, about: "how many rows; 0: as many as without it (1000)"},
	{name: "cursor", kind: kindText, about: "the \"next\" of the answer before this one"},
}

// paged adds the parameters of a list to others.
func paged(more ...param) []param { return append(slices.Clone(paging), more...) }

// page returns the rows after the cursor of c, ordered by their unique keys, and
// the cursor of what is left, "" when nothing is: rows that come or go meanwhile
// move no other.
func page[T any](c *call, rows []T, key func(*T) string) (some []T, next string, err error) {
	after, err := base64.RawURLEncoding.DecodeString(c.q.Get("cursor"))
	if err != nil {
		return nil, "", &inventory.InvalidError{Problem: `parameter "cursor": it is none of ours`}
	}
	limit := c.number("limit", pageLimit)
	if limit == 0 {
		limit = pageLimit
	}
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b T) int { return strings.Compare(key(&a), key(&b)) })
	if len(after) > 0 {
		rows = slices.DeleteFunc(rows, func(v T) bool { return key(&v) <= string(after) })
	}
	if len(rows) > limit {
		next = base64.RawURLEncoding.EncodeToString([]byte(key(&rows[limit-1])))
		rows = rows[:limit]
	}
	return append([]T{}, rows...), next, nil
}
