package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// maxOdd bounds the contradictions of a kind that are listed.
const maxOdd = 20

// Lists implements inventory.Lister: all is read as it is at one moment.
func (s *Store) Lists(ctx context.Context, l *inventory.Lists) (through int64, odd []inventory.Odd, err error) {
	err = s.view(ctx, func(tx *sql.Tx) error {
		at, err := readProgress(ctx, tx)
		if err != nil {
			return err
		}
		if at.until != 0 {
			return inventory.ErrMoving
		}
		through = at.seq
		for _, read := range []func(context.Context, *sql.Tx, *inventory.Lists) error{listServices, listFacets, listBlind, listPeople} {
			if err := read(ctx, tx, l); err != nil {
				return err
			}
		}
		for _, look := range []func(context.Context, *sql.Tx) ([]inventory.Odd, error){oddSizes, oddSummaries, oddEnd, oddProgress} {
			some, err := look(ctx, tx)
			if err != nil {
				return err
			}
			odd = append(odd, some...)
		}
		return nil
	})
	if err != nil {
		return 0, nil, fmt.Errorf("reading lists: %w", err)
	}
	return through, odd, nil
}

func listServices(ctx context.Context, tx *sql.Tx, l *inventory.Lists) error {
	rows, err := tx.QueryContext(ctx, "SELECT id, name, vendor, category, how, features, last FROM services ORDER BY id")
	if err != nil {
		return err
	}
	return each(rows, func() error {
		var v inventory.ServiceName
		var how, features string
		var last int64
		if err := rows.Scan(&v.ID, &v.Name, &v.Vendor, &v.Category, &how, &features, &last); err != nil {
			return err
		}
		v.How, v.Last = traffic.How(how), at(last)
		if json.Unmarshal([]byte(features), &v.Features) != nil || v.Features == nil {
			v.Features = []string{features} // no list is what no merge wrote
		}
		return l.Service(&v)
	})
}

func listFacets(ctx context.Context, tx *sql.Tx, l *inventory.Lists) error {
	rows, err := tx.QueryContext(ctx, "SELECT subject, kind, name, n, up, down, first, last FROM facets")
	if err != nil {
		return err
	}
	return each(rows, func() error {
		var k inventory.FacetKey
		var t inventory.Tally
		var first, last int64
		if err := rows.Scan(&k.Subject, &k.Kind, &k.Name, &t.N, &t.Up, &t.Down, &first, &last); err != nil {
			return err
		}
		t.First, t.Last = at(first), at(last)
		return l.Facet(k, t)
	})
}

func listBlind(ctx context.Context, tx *sql.Tx, l *inventory.Lists) error {
	rows, err := tx.QueryContext(ctx, "SELECT reason, name, client, n, first, last FROM blind")
	if err != nil {
		return err
	}
	return each(rows, func() error {
		var k inventory.BlindKey
		var t inventory.Tally
		var first, last int64
		if err := rows.Scan(&k.Reason, &k.Name, &k.Client, &t.N, &first, &last); err != nil {
			return err
		}
		t.First, t.Last = at(first), at(last)
		return l.Blind(k, t)
	})
}

func listPeople(ctx context.Context, tx *sql.Tx, l *inventory.Lists) error {
	rows, err := tx.QueryContext(ctx, "SELECT id, sealed FROM people")
	if err != nil {
		return err
	}
	return each(rows, func() error {
		var p inventory.Person
		if err := rows.Scan(&p.ID, &p.Sealed); err != nil {
			return err
		}
		return l.Person(p)
	})
}

// oddSizes looks for numbers of values that are not how many there are.
func oddSizes(ctx context.Context, tx *sql.Tx) (odd []inventory.Odd, err error) {
	rows, err := tx.QueryContext(ctx, `
		SELECT subject, kind FROM (SELECT subject, kind, count(*) AS n FROM facets GROUP BY subject, kind EXCEPT SELECT subject, kind, n FROM sizes)
		UNION SELECT subject, kind FROM (SELECT subject, kind, n FROM sizes EXCEPT SELECT subject, kind, count(*) FROM facets GROUP BY subject, kind)
		LIMIT ?`, maxOdd)
	if err != nil {
		return nil, err
	}
	err = each(rows, func() error {
		var subject, kind string
		err := rows.Scan(&subject, &kind)
		odd = append(odd, inventory.Odd{Text: fmt.Sprintf("the number of values of kind %s of %.100q is not how many are listed", kind, subject)})
		return err
	})
	return odd, err
}

// oddSummaries looks for rows of the register that show other figures than the
// lists that they are made of.
func oddSummaries(ctx context.Context, tx *sql.Tx) (odd []inventory.Odd, err error) {
	rows, err := tx.QueryContext(ctx, "SELECT id, summary, ("+summaryOf("services.id")+") FROM services ORDER BY id")
	if err != nil {
		return nil, err
	}
	err = each(rows, func() error {
		var id string
		var is, want sql.NullString
		if err := rows.Scan(&id, &is, &want); err != nil {
			return err
		}
		if len(odd) < maxOdd && sortedLines(is.String) != sortedLines(want.String) {
			odd = append(odd, inventory.Odd{Text: fmt.Sprintf("the register's row of %.100q shows other figures than its lists", id), Aged: true})
		}
		return nil
	})
	return odd, err
}

// sortedLines brings lines into an order: SQL promises none.
func sortedLines(text string) string {
	list := strings.Split(text, "\n")
	slices.Sort(list)
	return strings.Join(list, "\n")
}

// oddEnd compares the end of the chain of sightings with the last row, when that
// is still there.
func oddEnd(ctx context.Context, tx *sql.Tx) (odd []inventory.Odd, err error) {
	var end, last []byte
	err = tx.QueryRowContext(ctx, "SELECT hash FROM chain").Scan(&end)
	if err := ignoreNone(err); err != nil {
		return nil, err
	}
	err = tx.QueryRowContext(ctx, "SELECT chain FROM sightings WHERE seq = (SELECT seq FROM sqlite_sequence WHERE name = 'sightings')").Scan(&last)
	if err := ignoreNone(err); err != nil {
		return nil, err
	}
	if last != nil && !bytes.Equal(end, last) {
		odd = append(odd, inventory.Odd{Text: "the noted end of the chain of sightings is not that of the last ones"})
	}
	return odd, nil
}

// oddProgress looks for a count that is ahead of the sightings: it would leave out
// those that come.
func oddProgress(ctx context.Context, tx *sql.Tx) (odd []inventory.Odd, err error) {
	at, err := readProgress(ctx, tx)
	if err != nil {
		return nil, err
	}
	var last int64
	err = tx.QueryRowContext(ctx, "SELECT seq FROM sqlite_sequence WHERE name = 'sightings'").Scan(&last)
	if err := ignoreNone(err); err != nil {
		return nil, err
	}
	if at.seq > last || at.done != 0 {
		odd = append(odd, inventory.Odd{Text: fmt.Sprintf("the count of sightings stands at batch %d and %d figures, and the last batch is %d", at.seq, at.done, last)})
	}
	return odd, nil
}
