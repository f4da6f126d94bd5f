package dlp

import (
	"bytes"
	"slices"

	"github.com/gnomon-proxy/gnomon/dlp/sqltext"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Statements of SQL name the columns that their values belong to: those are shown in
// views as the columns of a table are, each value behind the name of its column. What
// may be replaced in a statement is noted, so that it stays one: see literal.

// sqlWords are those that a statement with values begins with.
var sqlWords = []string{"insert", "replace into", "update", "copy ", "delete from", "create t", "using (values", "using(values"}

const (
	maxSQLColumns   = 1024    // of a table
	maxBeforeValues = 16      // words and lists between the name of a table and VALUES
	maxSQLTables    = 64      // whose columns are remembered
	maxSQLHead      = 8 << 10 // bytes up to the values
	maxSQLIdle      = 64      // tokens without a value, behind which a list of assignments is over
)

// meetSQL notes a statement that begins with the word at text[i:j].
func (c *scan) meetSQL(i, j int) bool {
	if i < c.sqlDone || i > 0 && isWord[c.text[i-1]] || j < len(c.text) && isWord[c.text[j-1]] && isWord[c.text[j]] && fold(c.text[i]) != 'c' {
		return false
	}
	if c.spent(i) {
		return false
	}
	h := readSQL(c.text, i)
	c.work += workTry + max(0, h.lex.At-j)
	if h.kind == sqlNone {
		return false
	}
	c.sqlDone = min(h.lex.At, len(c.text))
	c.statements = appendOne(c.statements, statement{i, h})
	return true
}

// statement is one that was met, and how it begins.
type statement struct {
	at   int
	head sqlHead
}

// sqlState is what is known of the statements of a text, some of which may be in windows
// before.
type sqlState struct {
	tables []sqlTable
	heads  []columnHead // of the statement whose rows are read, which say something
	id     []bool       // its columns that hold ids
	dump   int32        // what its literals belong to
	hit    Hit          // the dump itself

	open      bool // its rows go on in the next window,
	from      int  // where they start there; -1: in a row,
	middle    sqlMiddle
	backslash bool
}

// sqlMiddle is a place in a row at which the next window starts.
type sqlMiddle struct {
	depth, column int          // depth 0: there is none
	from          int          // where to go on there
	quote         byte         // of the literal that goes on; 0: none does
	kind          sqltext.Kind // of it
	backslash     bool
}

// sqlTable is what CREATE TABLE says.
type sqlTable struct {
	name  string
	names [][]byte
}

// sqlReader reads the statements that were met.
type sqlReader struct {
	c        *scan
	*sqlWork // apart, so that a scan of text without any stays on the stack
}

// sqlWork is what a sqlReader works with.
type sqlWork struct {
	sqlState
	w        *workspace
	lex      sqltext.Lexer
	row      []sqlLiteral
	names    [][]byte
	head     []byte // the names of the latest statement, as they stand,
	people   answer // and whether they are columns about people
	batch    []shown
	begin    int   // where it begins
	again    []int // where INTO stands behind rows
	inString bool  // the statement is a string of another
	done     int   // what stands before this place has been read
}

// readStatements looks at the values of the statements that were met, and at those that go
// on from the window before.
func (c *scan) readStatements() {
	w := c.workspace()
	defer c.release(w)
	r := sqlReader{c, &sqlWork{w: w}}
	if c.carry != nil {
		r.sqlState = c.carry.sql
		c.carry.sql = sqlState{tables: r.tables}
		if r.open {
			r.resume()
		}
	}
	for k := range c.statements {
		if x := &c.statements[k]; x.at >= r.done && c.seen < c.most() {
			r.statement(x.at, &x.head)
		}
		for len(r.again) > 0 {
			at := r.again[0]
			r.again = r.again[:0]
			h := readSQL(c.text, at)
			r.statement(at, &h)
		}
	}
	r.show()
	c.statements = c.statements[:0]
	slices.SortStableFunc(c.grids, func(a, b grid) int { return a.head - b.head }) // with those of COPY
}

// most bounds the bytes that are read for statements, each of which is read twice at
// most.
func (c *scan) most() int { return workFree + 2*growth*len(c.text) }

// resume reads the rows that go on from the window before.
func (r *sqlReader) resume() {
	from := r.from
	inside := from < 0 && r.middle.depth > 0
	if inside {
		from = r.middle.from
	} else if from < 0 {
		if from = nextSQLRow(r.c.text, 0); from < 0 {
			if !bytes.Contains(r.c.text, []byte(";\n")) { // it goes on in the next one
				r.c.carry.sql = r.sqlState
			}
			return
		}
	}
	r.hit.Start, r.hit.End = 0, 0 // it was reported there
	r.dump = r.c.addDump(r.hit)
	r.lex = sqltext.Lexer{Text: r.c.text, At: from, Values: true, Backslash: r.backslash}
	r.begin = from
	if inside {
		r.restOfRow()
	}
	r.rows(-1)
	r.ends()
}

// statement reads the statement at i, of which h is the beginning.
func (r *sqlReader) statement(i int, h *sqlHead) {
	r.lex, r.inString = h.lex, i > 0 && r.c.text[i-1] == '\''
	if h.kind == sqlCreate {
		r.create(h.table)
		return
	}
	at := h.lex.At
	switch {
	case h.kind == sqlUsing:
		r.namesBehind()
	case h.names > 0:
		r.readNames(h.names)
	default:
		r.names = r.names[:0]
		for k := range r.tables {
			if name := r.tables[k].name; len(name) == len(h.table) && equalFold(h.table, name) {
				r.names = append(r.names[:0], r.tables[k].names...)
			}
		}
	}
	if h.kind == sqlSet {
		r.flush()
		if !h.behind || r.done > i || bytes.IndexByte(r.c.text[r.done:i], ';') >= 0 {
			r.dump = 0
		}
		r.assignments(i)
		return
	}
	r.takeNames()
	if h.kind == sqlCopy {
		r.copied(i, at)
		return
	}
	r.dump = 0
	if h.kind != sqlUsing {
		r.begins(i, at)
	}
	if len(r.batch) == 0 {
		r.begin = at
	}
	if h.kind == sqlSelect {
		r.selected()
	} else {
		r.rows(i)
	}
	r.ends()
	if next := r.lex; next.Skip().IsWord(r.c.text, "into") && r.c.seen < r.c.most() { // INSERT ALL of Oracle
		r.again = append(r.again[:0], next.At-len("into"))
	}
}

// begins notes the dump whose beginning text[i:at] is, if it is about people.
func (r *sqlReader) begins(i, at int) {
	r.hit = Hit{}
	if d := r.c.s.dump; d != nil && d.confidence >= r.c.s.min && r.aboutPeople(d) {
		r.hit = Hit{Detector: d.name, Class: d.class, Start: i, End: at, Confidence: d.confidence, order: d.order, literal: true, keep: true}
		r.dump = r.c.addDump(r.hit)
	}
}

// ends notes the end of a dump.
func (r *sqlReader) ends() {
	if r.dump > 0 {
		r.c.dumps[r.dump-1].end = r.done
	}
}

// readNames reads the list of columns at i.
func (r *sqlReader) readNames(i int) {
	l := sqltext.Lexer{Text: r.c.text, At: i}
	r.names = r.names[:0]
	for len(r.names) < maxSQLColumns {
		t := l.Skip()
		if t.Kind != sqltext.Word && t.Kind != sqltext.Name && t.Kind != sqltext.String {
			return
		}
		r.names = append(r.names, t.Bytes(l.Text))
		for t = l.Skip(); t.Kind != sqltext.End && !t.Is(l.Text, ','); t = l.Skip() {
			if t.Is(l.Text, ')') {
				return
			}
		}
	}
}

// namesBehind reads the columns of USING (VALUES (1, 2), (3, 4)) AS s (a, b).
func (r *sqlReader) namesBehind() {
	l := r.lex
	depth := 1
	r.names = r.names[:0]
	for depth > 0 {
		t := l.Skip()
		switch {
		case t.Kind == sqltext.End:
			return
		case t.Is(l.Text, '('):
			depth++
		case t.Is(l.Text, ')'):
			depth--
		}
	}
	r.c.seen += l.At - r.lex.At
	for range 4 {
		t := l.Skip()
		if t.Is(l.Text, '(') {
			r.readNames(l.At)
			return
		}
		if t.Kind != sqltext.Word && t.Kind != sqltext.Name {
			return
		}
	}
}

// takeNames notes which of the columns say something, and which hold ids.
func (r *sqlReader) takeNames() {
	if r.sameNames() { // as in the statement before
		return
	}
	r.flush()
	r.head, r.people = bytes.Join(r.names, []byte{0}), notAsked
	r.heads, r.id = nil, nil
	for k, name := range r.names {
		r.id = append(r.id, isID(name))
		if name = headName(name); len(name) <= maxHeadName && len(r.heads) < maxShown && r.c.s.saysColumn(name) {
			r.heads = append(r.heads, columnHead{k, bytes.Clone(name)})
		}
	}
}

// sameNames reports whether head is the names of the columns that were read, with a NUL
// between each two of them.
func (r *sqlReader) sameNames() bool {
	rest := r.head
	for k, name := range r.names {
		if k > 0 {
			if len(rest) == 0 || rest[0] != 0 {
				return false
			}
			rest = rest[1:]
		}
		if !bytes.HasPrefix(rest, name) {
			return false
		}
		rest = rest[len(name):]
	}
	return len(rest) == 0
}

// answer is what a question was answered with that is asked again and again.
type answer uint8

const (
	notAsked answer = iota
	yes
	no
)

// aboutPeople reports whether d finds the statement whose columns were read.
func (r *sqlReader) aboutPeople(d *detector) bool {
	if r.people == notAsked {
		if r.people = no; r.tellsPeople(d) {
			r.people = yes
		}
	}
	return r.people == yes
}

func (r *sqlReader) tellsPeople(d *detector) bool {
	if len(r.names) == 0 {
		return false
	}
	head := []byte("insert into t (")
	for k, name := range r.names {
		if k > 0 {
			head = append(head, ", "...)
		}
		head = append(head, headName(name)...)
	}
	head = append(head, ") values (1"...)
	end, work := d.auto.matchFrom(head, 0, 0, d.auto.start())
	r.c.seen += work
	return end > 0
}

// create notes the columns of a table.
func (r *sqlReader) create(name []byte) {
	l := &r.lex
	t := sqlTable{name: string(bytes.ToLower(name))}
	at, depth, first := l.At, 1, true
	for depth > 0 {
		x := l.Skip()
		switch {
		case x.Kind == sqltext.End || x.Is(l.Text, ';') || x.IsWord(l.Text, "create"): // another statement
			r.c.seen += l.At - at
			return
		case x.Is(l.Text, '('):
			depth++
		case x.Is(l.Text, ')'):
			depth--
		case x.Is(l.Text, ',') && depth == 1:
			first = true
			continue
		case first && depth == 1 && len(t.names) < maxSQLColumns && (x.Kind == sqltext.Name || x.Kind == sqltext.Word && !isConstraint(x.Bytes(l.Text))):
			t.names = append(t.names, bytes.Clone(x.Bytes(l.Text)))
		}
		first = false
	}
	r.c.seen += l.At - at
	r.done = l.At
	if k := slices.IndexFunc(r.tables, func(x sqlTable) bool { return x.name == t.name }); k >= 0 {
		r.tables[k] = t
	} else if len(r.tables) < maxSQLTables {
		r.tables = append(r.tables, t)
	}
	if r.c.carry != nil {
		r.c.carry.sql.tables = r.tables
	}
}

// isConstraint reports whether what CREATE TABLE lists is no column.
func isConstraint(w []byte) bool {
	for _, x := range []string{"primary", "constraint", "unique", "key", "index", "foreign", "check", "exclude", "fulltext", "spatial", "like", "period"} {
		if len(w) == len(x) && equalFold(w, x) {
			return true
		}
	}
	return false
}

// copied notes the table of the lines behind COPY at i.
func (r *sqlReader) copied(i, at int) {
	r.done = at
	if len(r.heads) == 0 || len(r.names) < 2 {
		return
	}
	mark := "\t"
	if containsFold(r.c.text[i:at], "csv") {
		mark = ","
	}
	r.c.grids = append(r.c.grids, grid{mark: mark, head: i, from: at, cells: len(r.names), heads: slices.Clip(r.heads)})
	r.c.signs |= signColumn
}

// findDump sets the detector that tells statements about people.
func (s *Scanner) findDump(byWord map[string]*keyword) {
	if k := byWord["insert into"]; k != nil {
		for i := range k.tries {
			if d := k.tries[i].d; d.class == traffic.ClassConfidential && d.auto != nil && d.cut == nil {
				s.dump = d
			}
		}
	}
}
