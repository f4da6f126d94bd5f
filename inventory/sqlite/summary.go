package sqlite

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// The summary of a service has a line "kind n name" for each figure that lists
// show: how many users, clients, accounts and models it has (without a name), and
// its findings, actions and coverage.

// summarise brings the summaries of the services up to date that keys, which are
// sorted by subject, are about.
func (s *Store) summarise(ctx context.Context, tx *sql.Tx, keys []inventory.FacetKey) error {
	quiet := context.WithoutCancel(ctx) // as for facets
	update, last := s.in(ctx, tx, updateSummary), ""
	for i := range keys {
		k := &keys[i]
		if k.Subject == last {
			continue
		}
		last = k.Subject
		if strings.Contains(k.Subject, "=") && !strings.HasPrefix(k.Subject, "unknown:") {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := update.ExecContext(quiet, k.Subject); err != nil {
			return err
		}
	}
	return nil
}

// summariseAll does so for all services.
func summariseAll(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, "SELECT id FROM services")
	if err != nil {
		return err
	}
	var ids []string
	if err := each(rows, func() error {
		var id string
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}); err != nil {
		return err
	}
	for _, id := range ids {
		if _, err := tx.ExecContext(ctx, statements[updateSummary], id); err != nil {
			return err
		}
	}
	return nil
}

// readSummary fills in what a summary tells.
func readSummary(r *inventory.Service, summary string) {
	for line := range strings.SplitSeq(summary, "\n") {
		kind, rest, _ := strings.Cut(line, " ")
		number, name, _ := strings.Cut(rest, " ")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			continue // of an empty summary
		}
		r.SetCount(inventory.Kind(kind), n)
		r.SetTally(inventory.Kind(kind), name, n)
	}
}
