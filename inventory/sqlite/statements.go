package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// statement is one that merges run over and over: the writer keeps them
// prepared, as parsing costs more than running.
type statement int

const (
	selectIDs statement = iota
	insertSightings
	selectEvidence
	upsertService
	updateFacet
	upsertFacet
	upsertFacets
	updateUsage
	upsertUsage
	upsertUsages
	insertPerson
	insertPeople
	updateBlind
	insertBlind
	updateDay
	insertDay
	updateHour
	insertHour
	selectLarge
	selectChain
	updateChain
	updateSummary
	upsertMark
)

// Statements that write one row, or many: see writer.
const (
	facetRows = `INSERT INTO facets (n, up, down, first, last, subject, kind, name) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
	facetSums = `
		ON CONFLICT DO UPDATE SET n = n + excluded.n, up = up + excluded.up, down = down + excluded.down,
			first = min(first, excluded.first), last = max(last, excluded.last)`
	usageRows = `
		INSERT INTO usage (n, up, down, first, last, findings, altered, blocked, sensitive, handled, day, service, account, user, client, model)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	usageSums = `
		ON CONFLICT DO UPDATE SET n = n + excluded.n, up = up + excluded.up, down = down + excluded.down,
			first = min(first, excluded.first), last = max(last, excluded.last), findings = findings + excluded.findings,
			altered = altered + excluded.altered, blocked = blocked + excluded.blocked,
			sensitive = sensitive + excluded.sensitive, handled = handled + excluded.handled`
	personRow = `INSERT OR IGNORE INTO people (id, sealed) VALUES (?, ?)`
)

// rows returns an INSERT of one row as one of n rows.
func rows(insert string, n int) string {
	_, row, _ := strings.Cut(insert, "VALUES ")
	return insert + strings.Repeat(", "+row, n-1)
}

var statements = [...]string{
	selectIDs:       `SELECT ids FROM sightings WHERE span = ?`,
	insertSightings: `INSERT INTO sightings (span, ids, data, merged, chain) VALUES (?, ?, ?, ?, ?)`,
	selectEvidence:  `SELECT how, features FROM services WHERE id = ?`,
	upsertService: `
		INSERT INTO services (id, name, vendor, category, how, features, n, up, down, first, last)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET
			name     = iif(excluded.last >= last, excluded.name, name),
			vendor   = iif(excluded.last >= last, excluded.vendor, vendor),
			category = iif(excluded.last >= last, excluded.category, category),
			how = excluded.how, features = excluded.features,
			n = n + excluded.n, up = up + excluded.up, down = down + excluded.down,
			first = min(first, excluded.first), last = max(last, excluded.last)`,
	updateFacet: `
		UPDATE facets SET n = n + ?, up = up + ?, down = down + ?, first = min(first, ?), last = max(last, ?)
		WHERE subject = ? AND kind = ? AND name = ?`,
	upsertFacet:  facetRows + facetSums,
	upsertFacets: rows(facetRows, manyRows) + facetSums,
	updateUsage: `
		UPDATE usage SET n = n + ?, up = up + ?, down = down + ?, first = min(first, ?), last = max(last, ?),
			findings = findings + ?, altered = altered + ?, blocked = blocked + ?, sensitive = sensitive + ?, handled = handled + ?
		WHERE day = ? AND service = ? AND account = ? AND user = ? AND client = ? AND model = ?`,
	upsertUsage:  usageRows + usageSums,
	upsertUsages: rows(usageRows, manyRows) + usageSums,
	insertPerson: personRow,
	insertPeople: rows(personRow, manyRows),
	updateBlind: `
		UPDATE blind SET n = n + ?, first = min(first, ?), last = max(last, ?)
		WHERE reason = ? AND name = ? AND client = ?`,
	insertBlind: `
		INSERT INTO blind (n, first, last, reason, name, client) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET n = n + excluded.n, first = min(first, excluded.first), last = max(last, excluded.last)`,
	updateDay: `
		UPDATE days SET n = n + ?, up = up + ?, down = down + ?, first = min(first, ?), last = max(last, ?)
		WHERE day = ? AND service = ? AND kind = ? AND name = ?`,
	insertDay: `
		INSERT INTO days (n, up, down, first, last, day, service, kind, name) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET n = n + excluded.n, up = up + excluded.up, down = down + excluded.down,
			first = min(first, excluded.first), last = max(last, excluded.last)`,
	updateHour: `
		UPDATE hours SET n = n + ?, up = up + ?, down = down + ?, first = min(first, ?), last = max(last, ?),
			findings = findings + ?, altered = altered + ?, blocked = blocked + ?, sensitive = sensitive + ?, handled = handled + ?
		WHERE hour = ? AND service = ?`,
	insertHour: `
		INSERT INTO hours (n, up, down, first, last, findings, altered, blocked, sensitive, handled, hour, service) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET n = n + excluded.n, up = up + excluded.up, down = down + excluded.down,
			first = min(first, excluded.first), last = max(last, excluded.last), findings = findings + excluded.findings,
			altered = altered + excluded.altered, blocked = blocked + excluded.blocked,
			sensitive = sensitive + excluded.sensitive, handled = handled + excluded.handled`,
	selectLarge:   `SELECT subject, kind, n FROM sizes WHERE subject IN (SELECT value FROM json_each(?)) AND n >= ?`,
	selectChain:   `SELECT hash FROM chain`,
	updateChain:   `UPDATE chain SET hash = ?`,
	updateSummary: "UPDATE services SET summary = (" + summaryOf("?1") + ") WHERE id = ?1",
	upsertMark:    `INSERT INTO marks (day, n) VALUES (?, 1) ON CONFLICT DO UPDATE SET n = n + 1`,
}

// summaryOf returns a query of the summary of a service.
func summaryOf(id string) string {
	return strings.ReplaceAll(`SELECT coalesce(group_concat(kind || ' ' || n || ' ' || name, char(10)), '') FROM (
		SELECT kind, n, '' AS name FROM sizes WHERE subject = ?1 AND kind IN ('user', 'client', 'account', 'model')
		UNION ALL
		SELECT kind, n, replace(name, char(10), ' ') FROM facets WHERE subject = ?1 AND kind IN ('class', 'action', 'coverage'))`, "?1", id)
}

// countSubjects counts the subjects between two.
const countSubjects = "SELECT count(*) FROM facets INDEXED BY facets_total WHERE kind = 'total' AND subject >= ? AND subject < ?"

// prepare prepares all statements.
func (s *Store) prepare(ctx context.Context) (err error) {
	for i, query := range statements {
		if s.prepared[i], err = s.write.PrepareContext(ctx, query); err != nil {
			return fmt.Errorf("preparing: %w", err)
		}
	}
	return nil
}

// in returns a prepared statement for use in tx, which closes it.
func (s *Store) in(ctx context.Context, tx *sql.Tx, n statement) *sql.Stmt {
	return tx.StmtContext(ctx, s.prepared[n])
}

// unprepare closes all statements.
func (s *Store) unprepare() (err error) {
	for _, p := range s.prepared {
		if p != nil {
			err = errors.Join(err, p.Close())
		}
	}
	return err
}
