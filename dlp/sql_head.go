package dlp

import (
	"bytes"
	"slices"

	"github.com/gnomon-proxy/gnomon/dlp/sqltext"
)

// sqlHead is the beginning of a statement, up to its values.
type sqlHead struct {
	kind   sqlKind
	table  []byte
	names  int  // where the list of columns starts, behind its bracket; 0: there is none
	behind bool // it goes on with what stands behind VALUES
	lex    sqltext.Lexer
}

// sqlKind is what follows the beginning of a statement.
type sqlKind uint8

const (
	sqlNone   sqlKind = iota
	sqlRows           // VALUES, lex is behind it
	sqlSelect         // SELECT
	sqlSet            // SET
	sqlCopy           // lines
	sqlCreate         // the columns of a table, lex is in their brackets
	sqlUsing          // VALUES whose columns are named behind them
)

// readSQL reads the beginning of the statement at i.
func readSQL(text []byte, i int) (h sqlHead) {
	all := text
	text = text[:min(len(text), i+maxSQLHead)]
	h.lex = sqltext.Lexer{Text: text, At: i}
	l := &h.lex
	switch t := l.Skip(); {
	case t.IsWord(text, "insert"), t.IsWord(text, "replace"), t.IsWord(text, "into"):
		h.readInsert()
	case t.IsWord(text, "update"):
		h.readUpdate(i)
	case t.IsWord(text, "delete"):
		if l.Skip(); h.readTable() && l.Skip().IsWord(text, "where") {
			h.kind = sqlSet
		}
	case t.IsWord(text, "copy"):
		h.readCopy()
	case t.IsWord(text, "create"):
		h.readCreate()
	case t.IsWord(text, "using"):
		if t := l.Skip(); t.Is(text, '(') {
			if l.Skip().IsWord(text, "values") {
				h.kind = sqlUsing
			}
		}
	}
	l.Values = h.kind != sqlSet && h.kind != sqlCreate
	l.Text = all
	return h
}

// readTable reads the name of a table.
func (h *sqlHead) readTable() bool {
	for l, text := &h.lex, h.lex.Text; ; {
		t := l.Skip()
		if t.Kind != sqltext.Word && t.Kind != sqltext.Name {
			return false
		}
		h.table = t.Bytes(text)
		if l.At >= len(text) || text[l.At] != '.' {
			return true
		}
		l.At++
	}
}

// insertWords may stand between INSERT and the name of the table.
var insertWords = []string{"into", "ignore", "or", "overwrite", "replace", "low_priority", "delayed", "high_priority", "table"}

// readInsert reads INSERT IGNORE INTO t AS x (a, b) OVERRIDING SYSTEM VALUE up to VALUES
// or what stands in its place.
func (h *sqlHead) readInsert() {
	l, text := &h.lex, h.lex.Text
	for range 4 { // INTO may be left out
		next := *l
		if t := next.Skip(); !slices.ContainsFunc(insertWords, func(w string) bool { return t.IsWord(text, w) }) {
			break
		}
		*l = next
	}
	if next := *l; !next.Skip().Is(text, '(') && !h.readTable() { // it has no name in MERGE
		return
	}
	for range maxBeforeValues {
		t := l.Skip()
		switch {
		case t.Is(text, '('):
			if h.names == 0 {
				h.names = l.At
			}
			if !skipNames(l) {
				return
			}
		case t.IsWord(text, "values"), t.IsWord(text, "value") && l.Skip().Is(text, '('):
			h.kind = sqlRows
			if !t.IsWord(text, "values") {
				l.At--
			}
			return
		case t.IsWord(text, "select"):
			h.kind = sqlSelect
			return
		case t.IsWord(text, "set"):
			h.kind = sqlSet
			return
		case t.IsWord(text, "insert"): // another statement
			return
		case t.Kind != sqltext.Word && t.Kind != sqltext.Name && !t.Is(text, '.') && !t.Is(text, ','): // OUTPUT inserted.id
			return
		}
	}
}

// skipNames reads up to the end of a list of columns.
func skipNames(l *sqltext.Lexer) bool {
	for range 2 * maxSQLColumns {
		t := l.Skip()
		switch {
		case t.Is(l.Text, ')'):
			return true
		case t.Kind != sqltext.Word && t.Kind != sqltext.Name && t.Kind != sqltext.String && !t.Is(l.Text, ',') && !t.Is(l.Text, '.'):
			return false
		}
	}
	return false
}

// readUpdate reads UPDATE t SET, or what of it stands in MERGE and behind INSERT.
func (h *sqlHead) readUpdate(i int) {
	l, text := &h.lex, h.lex.Text
	before := bytes.TrimRight(text[max(0, i-16):i], " \t\r\n")
	if len(before) > 3 && equalFold(before[len(before)-3:], "key") { // ON DUPLICATE KEY UPDATE
		h.kind, h.behind = sqlSet, true
		return
	}
	h.behind = len(before) > 2 && equalFold(before[len(before)-2:], "do") // ON CONFLICT DO UPDATE SET
	for range 8 {
		t := l.Skip()
		switch {
		case t.IsWord(text, "set"):
			h.kind = sqlSet
			return
		case t.Kind != sqltext.Word && t.Kind != sqltext.Name && !t.Is(text, '.'):
			return
		}
	}
}

// readCopy reads COPY t (a, b) FROM stdin, which pg_dump writes, and its line.
func (h *sqlHead) readCopy() {
	l, text := &h.lex, h.lex.Text
	if !h.readTable() {
		return
	}
	t := l.Skip()
	if t.Is(text, '(') {
		h.names = l.At
		if !skipNames(l) {
			return
		}
		t = l.Skip()
	}
	if !t.IsWord(text, "from") || !l.Skip().IsWord(text, "stdin") {
		return
	}
	if n := bytes.IndexByte(text[l.At:min(len(text), l.At+maxLook)], '\n'); n >= 0 {
		l.At += n + 1
		h.kind = sqlCopy
	}
}

// readCreate reads CREATE TEMPORARY TABLE IF NOT EXISTS t (.
func (h *sqlHead) readCreate() {
	l, text := &h.lex, h.lex.Text
	for range 3 {
		if !l.Skip().IsWord(text, "table") {
			continue
		}
		if next := *l; next.Skip().IsWord(text, "if") {
			next.Skip()
			next.Skip()
			*l = next
		}
		if h.readTable() && l.Skip().Is(text, '(') {
			h.kind = sqlCreate
		}
		return
	}
}
