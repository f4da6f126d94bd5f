package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// sqlDump is what a database accepts, with all that makes it hard to redact.
const sqlDump = `-- it's a dump
CREATE TABLE users (id INTEGER PRIMARY KEY, "Full Name (x)" TEXT, phone TEXT, born TEXT, home TEXT, data TEXT, photo BLOB, pay NUMERIC, note TEXT);
/* don't */ INSERT INTO users (id, "Full Name (x)", phone, born, home, data, photo, pay) VALUES
(1, 'Sabine Hofmann', '0171 2345678', date('1977-05-06'), 'C:\', '{"nick": "Sabinchen", "plz": 80331, "tags": [123456, "a"]}', X'536162696E65', 54321.5), -- Tom's
(2, 'Sinéad O''Connor', '0171 2345679', strftime('%Y-%m-%d', '1978-05-06'), 'D:\', '[]', NULL, -54322),
(3, upper('Jonas' || ' ' || 'Keller'), CAST('0171 2345670' AS TEXT), NULL, '; --', '{}', X'00', 4539148803436467);
INSERT INTO users VALUES (4, 'Petra Vogel', '0171 2345671', '1979-05-06', '', '{}', NULL, 0, NULL);
REPLACE INTO users (id, [Full Name (x)]) VALUES (5, 'Greta Winkler');
INSERT OR IGNORE INTO users (id, phone, "Full Name (x)") SELECT 6, '0171 2345672', 'Heinz Brandt' UNION ALL SELECT 7, '0171 2345673', 'Inge Lorenz';
UPDATE users SET "Full Name (x)" = 'Karl Neumann', phone = '0171 2345674' WHERE id = 4;
INSERT INTO users (id, "Full Name (x)") VALUES (1, 'Lotte Seidel') ON CONFLICT (id) DO UPDATE SET "Full Name (x)" = 'Lotte Seidel';
`

// TestRedactedSQLRuns holds that SQLite takes a redacted dump in every style, and that
// nothing of its values is left in the rows.
func TestRedactedSQLRuns(t *testing.T) {
	set, err := rules.Load("")
	if err != nil {
		t.Fatal(err)
	}
	s, err := dlp.New(set.Detectors, traffic.Key{}, dlp.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if rows := runSQL(t, sqlDump); !strings.Contains(rows, "Greta Winkler") {
		t.Fatalf("the rows are %s", rows)
	}
	for _, style := range traffic.Styles() {
		var clean bytes.Buffer
		o := scanOptions{redact: true, style: string(style)}
		if _, err := scanFile(t.Context(), s, o, "x", strings.NewReader(sqlDump), &clean, &scanNotes{Writer: io.Discard}); err != nil {
			t.Fatal(err)
		}
		rows := runSQL(t, clean.String())
		for _, x := range []string{"Hofmann", "Sabin", "2345678", "1977", "80331", "123456", "5432", "Connor", "1978", "Keller", "4539148803436467", "Vogel", "Winkler", "Brandt", "Lorenz", "Neumann", "Seidel"} {
			if strings.Contains(rows, x) || strings.Contains(clean.String(), x) {
				t.Errorf("%s leaves %q in %s", style, x, &clean)
			}
		}
	}
}

// runSQL runs statements in a database of their own and returns the rows.
func runSQL(t *testing.T, statements string) string {
	t.Helper()
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(statements); err != nil {
		t.Fatalf("%v in %s", err, statements)
	}
	rows, err := db.Query(`SELECT id, "Full Name (x)", phone, born, home, json_type(data), photo, pay FROM users`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out strings.Builder
	n := 0
	for ; rows.Next(); n++ {
		var cells [8]any
		var to []any
		for k := range cells {
			to = append(to, &cells[k])
		}
		if err := rows.Scan(to...); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%s\n", cells)
	}
	if err := rows.Err(); err != nil || n != 7 {
		t.Errorf("%d rows, want 7: %v in %s", n, err, statements)
	}
	return out.String()
}
