package dlp_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/dlp/sqltext"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// leak is a text with SQL, what must be gone of it and what must stay.
type leak struct {
	name, text string
	gone, stay []string
}

const personHead = "INSERT INTO users (id, name, phone, born) VALUES "

var leaks = []leak{
	{"call", personHead + "(1, 'Anna Berg', '0171 2345678', date('1977-05-06')),\n(2, 'Jonas Wer', '0171 2345679', DATE('1978-05-06'));", []string{"Anna", "Berg", "Jonas", "Wer", "2345678", "2345679", "1977", "1978"}, []string{"date('"}},
	{"call first", "INSERT INTO kunden (born, nachname, ort) VALUES (TO_DATE('06.05.1977','DD.MM.YYYY'), 'Lindqvist', 'x'), (NOW(), 'Zorbelian', 'y');", []string{"1977", "Lindqvist", "Zorbelian"}, []string{"'DD.MM.YYYY'", "NOW()"}},
	{"format of MySQL", personHead + "(1, 'Anna Berg', '', STR_TO_DATE('06.05.1977', '%d.%m.%Y'));", []string{"Anna", "1977"}, []string{"'%d.%m.%Y'"}},
	{"marked strings", personHead + "(1, N'Anna Berg', E'0171\\t2345678', CAST('1977-05-06' AS DATE)), (2, _utf8'Jonas Wer', U&'\\0041', X'416E6E61');", []string{"Anna", "Jonas", "2345678", "1977", "416E6E61"}, []string{"AS DATE)"}},
	{"nested brackets", personHead + "(1, UPPER(TRIM(CONCAT('Anna', ' ', 'Zorbelian'))), COALESCE(NULL, ('0171 2345678')), NULL), (2, 'Quillanette', NULL, NULL);", []string{"Anna", "Zorbelian", "2345678", "Quillanette"}, nil},
	{"brackets in names", "INSERT INTO [dbo].[Users] ([Id], [First Name], [Last Name (old)], [E-mail]) VALUES (1, N'Quillanette', N'Zorbelian', N'q@zorb.example.net');", []string{"Quillanette", "Zorbelian", "q@zorb"}, []string{"[Last Name (old)]"}},
	{"brackets in names of MySQL", "INSERT INTO `users` (`id`, `name (old)`, `phone`) VALUES (1, 'Quillanette Zorbelian', '0171 2345678');", []string{"Quillanette", "Zorbelian", "2345678"}, []string{"`name (old)`"}},
	{"brackets in names of PostgreSQL", `INSERT INTO "users" ("id", "Name (x)", "phone") VALUES (1, 'Quillanette Zorbelian', '0171 2345678');`, []string{"Quillanette", "Zorbelian", "2345678"}, []string{`"Name (x)"`}},
	{"comments", "-- it's a dump\n/* don't */ " + personHead + "-- it's\n(1, 'Quillanette Zorbelian', '0171 2345678', NULL), # Anna's\n/* Tom's row */ (2, 'Jonas Wer', '0171 2345679', NULL);", []string{"Quillanette", "2345678", "Jonas", "2345679"}, nil},
	{"comment in the head", "INSERT INTO users (id, -- the user's\n name /* it's */, phone) VALUES (1, 'Quillanette Zorbelian', '0171 2345678');", []string{"Quillanette", "2345678"}, []string{"-- the user's\n"}},
	{"lines in string", personHead + "(1, 'Quillanette -- Zorbelian', '0171 -- 2345678', NULL), (2, 'Jonas /* Wer */', '#', NULL);", []string{"Quillanette", "Zorbelian", "2345678", "Jonas", "Wer"}, nil},
	{"backslash of standard SQL", "INSERT INTO users (id, home, name) VALUES (1, 'C:\\', 'Quillanette Zorbelian'), (2, 'D:\\', 'Jonas Wer');", []string{"Quillanette", "Zorbelian", "Jonas", "Wer"}, nil},
	{"backslash of MySQL", "INSERT INTO users (id, note, name) VALUES (1, 'it\\'s \\\"so\\\", (or), not', 'Quillanette O\\'Zorbelian'), (2, 'b\\\\', 'Jonas Wer');", []string{"Quillanette", "Zorbelian", "Jonas", "Wer", "(or)"}, nil},
	{"hexadecimal", "INSERT INTO users (id, name, photo, hash) VALUES (1, 'Quillanette', 0x416E6E612042657267, X'DEADBEEF');", []string{"Quillanette", "416E6E61", "DEADBEEF"}, nil},
	{"JSON", `INSERT INTO users (id, name, data) VALUES (1, 'Quillanette', '{"nick": "Zorbel", "plz": 80331, "tags": ["a, b", 123456], "ok": true}'), (2, 'Wer', '{\"nick\": \"Jonaszor\", \"n\": 80331}');`, []string{"Quillanette", "Zorbel", "80331", "123456", "Jonaszor"}, []string{`{"nick": "`, `"ok": true}`, `{\"nick\": \"`}},
	{"update", "UPDATE users SET name = 'Sabine Hofmann', phone = '0171 2345678', pin=4539148803436467 WHERE id = 4711 AND nachname LIKE 'Jonasson';", []string{"Sabine", "Hofmann", "2345678", "4539148803436467"}, []string{"WHERE id = 4711"}},
	{"insert select", "INSERT INTO users (id, name, phone) SELECT 1, 'Quillanette Zorbelian', '0171 2345678' UNION ALL SELECT 2, 'Jonas Wer', '0171 2345679';", []string{"Quillanette", "2345678", "Jonas", "Wer", "2345679"}, nil},
	{"no columns", "CREATE TABLE IF NOT EXISTS public.kunden (id int PRIMARY KEY, name varchar(20) NOT NULL DEFAULT 'x', phone text, CONSTRAINT a CHECK (id > 0));\nINSERT INTO kunden VALUES (1,'Quillanette Zorbelian','0171 2345678'),(2,'Jonas Wer','0171 2345679');", []string{"Quillanette", "Zorbelian", "2345678", "Jonas", "Wer"}, []string{"varchar(20)"}},
	{"set of MySQL", "INSERT INTO users SET name='Quillanette Zorbelian', phone=\"0171 2345678\";", []string{"Quillanette", "Zorbelian", "2345678"}, nil},
	{"replace", "REPLACE INTO users (id, name, phone) VALUES (1, 'Quillanette Zorbelian', '0171 2345678');", []string{"Quillanette", "2345678"}, nil},
	{"ignore", "INSERT IGNORE INTO users (id, name, phone) VALUES (1, \"Quillanette Zorbelian\", \"0171 2345678\") ON DUPLICATE KEY UPDATE name = 'Quillanette Zorbelian', phone = '0171 2345678';", []string{"Quillanette", "2345678"}, nil},
	{"conflict", "INSERT OR REPLACE INTO users (id, name) VALUES (1, 'Quillanette Zorbelian') ON CONFLICT (id) DO UPDATE SET name = 'Jonas Zorbelian';", []string{"Quillanette", "Jonas", "Zorbelian"}, nil},
	{"merge", "MERGE INTO users u USING (VALUES (1, 'Jonas Zorbelian', '0171 2345679')) AS s (id, name, phone) ON u.id = s.id WHEN MATCHED THEN UPDATE SET name = 'Petra Hofmann' WHEN NOT MATCHED THEN INSERT (id, name, phone) VALUES (1, 'Quillanette Zorbelian', '0171 2345678');", []string{"Jonas", "2345679", "Petra", "Zorbelian", "Quillanette", "2345678"}, nil},
	{"copy", "COPY public.users (id, name, phone) FROM stdin;\n1\tSabine Hofmann\t0171 2345678\n2\tJonas Zorbelian\t0171 2345679\n\\.\n", []string{"Sabine", "Hofmann", "2345678", "Jonas"}, nil},
	{"dollars", personHead + "(1, $$Quillanette's Zorbelian$$, $a$0171 2345678$a$, NULL), (2, 'Jonas Wer', '', NULL);", []string{"Quillanette", "Zorbelian", "2345678", "Jonas"}, nil},
	{"ids", "INSERT INTO users (name, user_id, plz) VALUES ('Quillanette', 4711, 80331), ('Jonas', 12345678, 80333), ('Petra', 123456789, 7);", []string{"80331", "80333", "123456789"}, []string{"4711", "12345678)"[:8], "7)"}},
	{"semicolons", personHead + "(1, 'Quillanette; Zorbelian', 'a;b', NULL), (2, 'Jonas Wer', '; 0171 2345679', NULL);", []string{"Quillanette", "Zorbelian", "Jonas", "2345679"}, nil},
	{"breaks", "INSERT  INTO users\n(\n  id,\n  name,\n  phone\n)\nVALUES\n(\n  1,\n  'Quillanette Zorbelian',\n  '0171 2345678'\n);", []string{"Quillanette", "2345678"}, nil},
	{"no row", "INSERT INTO users (id, name) VALUES (1, 'x\\'y\\', 'Quillanette'), (2, 'Jonas (a), b');\nINSERT INTO users (id, name) VALUES (3, 'Wer');", []string{"Quillanette", "Jonas", "Wer'"}, []string{"(3, '"}},
	{"in strings of code", "run('UPDATE users SET name = \"Sabine Hofmann\" WHERE id = 7')\nrun(\"INSERT INTO users (name, phone) VALUES ('Quillanette', '0171 2345678')\")", []string{"Sabine", "Quillanette", "2345678"}, nil},
	{"all of Oracle", "INSERT ALL INTO users (id, name) VALUES (1, 'Quillanette') INTO users (id, name) VALUES (2, 'Jonas Wer') SELECT * FROM dual;", []string{"Quillanette", "Jonas"}, nil},
	{"output", "INSERT INTO users (name, phone)\nOUTPUT INSERTED.id, INSERTED.name INTO @t\nVALUES (N'Quillanette', N'0171 2345678');", []string{"Quillanette", "2345678"}, nil},
	{"set of PostgreSQL", "UPDATE users SET (id, name) = (1, 'Sabine Hofmann'), phone = '0171 2345678' WHERE id = 2;", []string{"Sabine", "2345678"}, nil},
	{"delete", "DELETE FROM users WHERE name = 'Sabine Hofmann' OR phone IN ('0171 2345678', '0171 2345679');", []string{"Sabine", "2345678", "2345679"}, nil},
	{"string in a string", "EXEC sp_executesql N'INSERT INTO users (name) VALUES (''Quillanette'')';\nINSERT INTO users (id, name) VALUES (3, 'Wer');", []string{"Quillanette", "Wer'"}, []string{")';\n", "(3, '"}},
	{"quotes doubled", personHead + "(1, 'Sinéad O''Zorbelian', '0171 2345678', NULL);", []string{"Sin", "Zorbelian"}, nil},
}

// TestLeaksOfSQL holds that nothing of the values is left in a redacted statement, and
// that it is one in every style.
func TestLeaksOfSQL(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for _, tt := range leaks {
		t.Run(tt.name, func(t *testing.T) {
			for _, style := range traffic.Styles() {
				got := redactValues(s, style, tt.text)
				for _, x := range tt.gone {
					if style != traffic.StyleMask && strings.Contains(got, x) {
						t.Errorf("%s leaves %q in %s", style, x, got)
					}
				}
				for _, x := range tt.stay {
					if !strings.Contains(got, x) {
						t.Errorf("%s takes %q from %s", style, x, got)
					}
				}
				if was, is := shape(tt.text), shape(got); was != is && tt.name != "copy" && tt.name != "no row" && tt.name != "string in a string" {
					t.Errorf("%s: %s\nhas the shape %s\n         want %s", style, got, is, was)
				}
			}
		})
	}
}

// redactValues replaces what is found in text, but source code.
func redactValues(s *dlp.Scanner, style traffic.Style, text string) string {
	out, at := "", 0
	for _, f := range s.Scan(&traffic.Prompt{Parts: []traffic.Part{{Kind: traffic.PartText, Text: []byte(text)}}}) {
		if f.Class != traffic.ClassSourceCode && f.Start >= at {
			out += text[at:f.Start] + style.Replace(&f, []byte(text))
			at = f.End
		}
	}
	return out + text[at:]
}

// shape is a text of SQL with L for each literal, in the reading that fits it.
func shape(text string) string {
	best := ""
	for _, backslash := range []bool{true, false} {
		var b strings.Builder
		l := sqltext.Lexer{Text: []byte(text), Backslash: backslash, Values: true}
		for t := l.Next(); t.Kind != sqltext.End; t = l.Next() {
			switch t.Kind {
			case sqltext.String, sqltext.Hex, sqltext.Number:
				b.WriteString(" L")
			case sqltext.Name:
				b.WriteString(" N")
			case sqltext.Comment:
				b.WriteString(" C")
			default:
				b.WriteString(" " + text[t.From:t.To])
			}
		}
		if x := b.String(); best == "" || len(x) < len(best) {
			best = x
		}
	}
	return best
}

// TestLongInsert holds that the last of very many rows of one statement is treated as the
// first, in a text and in a stream.
func TestLongInsert(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for name, head := range map[string]string{"people": personHead, "things": "INSERT INTO things (id, nachname, phone) VALUES "} {
		var b strings.Builder
		b.WriteString(head)
		const rows = 4000
		for k := range rows {
			if k > 0 {
				b.WriteString(",")
			}
			fmt.Fprintf(&b, "\n(%d, 'Zorb%clian', '0171 %07d')", k, 'a'+k%26, 2345678+k)
		}
		b.WriteString(";\n")
		text := []byte(b.String())
		hits := s.ScanText(text, nil)
		got := string(s.Redact(text, hits, ""))
		if n := strings.Count(got, "Zorb") + strings.Count(got, "0171"); n > 0 || shape(got) != shape(string(text)) {
			t.Errorf("%s: %d values are left of %d rows", name, n, rows)
		}
		var found []traffic.Finding
		st := s.Stream(0, func(f traffic.Finding) { found = append(found, f) })
		for at := 0; at < len(text); at += 10_000 {
			st.Write(text[at:min(len(text), at+10_000)])
		}
		st.Close()
		out, last := "", 0
		for _, f := range found {
			if f.Start >= last {
				out += string(text[last:f.Start]) + "X"
				last = f.End
			}
		}
		out += string(text[last:])
		if n := strings.Count(out, "Zorb") + strings.Count(out, "0171"); n > 0 {
			t.Errorf("%s: a stream leaves %d values of %d rows", name, n, rows)
		}
	}
}

// TestStreamOfSQL holds that nothing is left of rows in a stream wherever its windows
// meet, also of strings longer than these, and that what stands behind them stays.
func TestStreamOfSQL(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 2))
		var b strings.Builder
		b.WriteString(strings.Repeat("some text\n", r.IntN(3000)))
		for range 2 {
			b.WriteString("INSERT INTO users (id, name, note, phone) VALUES ")
			for k := range 200 {
				if k > 0 {
					b.WriteString(",")
				}
				n := r.IntN(4)
				switch r.IntN(40) {
				case 0:
					n = r.IntN(900)
				case 1:
					n = r.IntN(9000)
				}
				note := []string{"LEAK ''(x), ''", "LEAK x; ", "LEAK -- ", "LEAK (x), ("}[r.IntN(4)]
				fmt.Fprintf(&b, "\n(%d, 'Zorb%clian', '%s', '0171 %07d')", k, 'a'+k%26, strings.Repeat(note, n), 2345678+k)
			}
			b.WriteString(";\nSELECT 1;\n")
		}
		text := b.String()
		out, last := "", 0
		st := s.Stream(0, func(f traffic.Finding) {
			if f.Start >= last && !f.Keep {
				out += text[last:f.Start] + "X"
				last = f.End
			}
		})
		st.Write([]byte(text))
		st.Close()
		out += text[last:]
		if n := strings.Count(out, "Zorb") + strings.Count(out, "LEAK") + strings.Count(out, "0171"); n > 0 || strings.Count(out, "SELECT 1;") != 2 {
			t.Errorf("%d: %d values are left in %d bytes, and %d statements behind them", seed, n, len(text), strings.Count(out, "SELECT 1;"))
		}
	}
}
