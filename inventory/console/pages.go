package console

import (
	"cmp"
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

	// serviceLimit is how many services a page has of all that is known of each.
	serviceLimit = 20
)

// paging are the parameters of every list.
var paging = []param{
	{name: "limit", kind: kindNumber, max: maxLimit, about: "how many rows; 0: as many as without it (1000)"},
	{name: "cursor", kind: kindText, about: "the \"next\" of the answer before this one"},
}

// paged adds the parameters of a list to others.
func paged(more ...param) []param { return append(slices.Clone(paging), more...) }

// pagedServices does so for lists whose pages are of services.
func pagedServices(more ...param) []param {
	list := paged(more...)
	list[0].about = "how many services; 0: as many as without it (20)"
	return list
}

// page returns the rows after the cursor of c, ordered by their unique keys, and
// the cursor of what is left, "" when nothing is: rows that come or go meanwhile
// move no other.
func page[T any](c *call, rows []T, key func(*T) string) (some []T, next string, err error) {
	after, limit, err := c.place()
	if err != nil {
		return nil, "", err
	}
	type keyed struct {
		key string
		row *T
	}
	list := make([]keyed, 0, len(rows)) // keys are made once each
	for i := range rows {
		if k := key(&rows[i]); after == "" || k > after {
			list = append(list, keyed{k, &rows[i]})
		}
	}
	slices.SortStableFunc(list, func(a, b keyed) int { return strings.Compare(a.key, b.key) })
	if len(list) > limit {
		next = cursor(list[limit-1].key)
		list = list[:limit]
	}
	some = make([]T, len(list))
	for i := range list {
		some[i] = *list[i].row
	}
	return some, next, nil
}

// place returns after which key a page begins, and how many rows it may have.
func (c *call) place() (after string, limit int, err error) {
	b, err := base64.RawURLEncoding.DecodeString(c.q.Get("cursor"))
	if err != nil {
		return "", 0, &inventory.InvalidError{Problem: `parameter "cursor": it is none of ours`}
	}
	usual := cmp.Or(c.usual, pageLimit)
	return string(b), cmp.Or(c.number("limit", usual), usual), nil
}

// cursor returns the cursor of what comes after a key.
func cursor(key string) string { return base64.RawURLEncoding.EncodeToString([]byte(key)) }
