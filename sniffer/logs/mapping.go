package logs

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// MappingError says that a log lacks the columns which Options.Mapping names.
type MappingError struct {
	Missing []string // field=column, sorted
	Columns []string // those that the log has, as far as its first lines tell
}

// maxNamed bounds how many columns an error names, and maxColumn how much of
// each: they are outside bytes.
const (
	maxNamed  = 40
	maxColumn = 60
)

func (e *MappingError) Error() string {
	has := "none could be told"
	if n := len(e.Columns); n > 0 {
		var quoted []string
		for _, c := range e.Columns[:min(n, maxNamed)] {
			quoted = append(quoted, fmt.Sprintf("%.*q", maxColumn, c))
		}
		if has = strings.Join(quoted, ", "); n > maxNamed {
			has += fmt.Sprintf(" and %d more", n-maxNamed)
		}
	}
	return fmt.Sprintf("the mapping names what the log doesn't have: %s; a client, user or device and a host, server or url are needed; its columns: %s", strings.Join(e.Missing, ", "), has)
}

// Fields returns what Options.Mapping may give a column to.
func Fields() []string {
	return []string{"time", "client", "user", "device", "host", "server", "port", "url", "scheme", "path", "method", "status", "up", "down", "agent", "blocked"}
}

// IsField reports whether Options.Mapping knows a field, by its name in Fields
// or by one that columns usually have.
func IsField(name string) bool { return usualSlot(name) != slotNone }

// checkMapping holds the mapping against the columns of the first lines. It
// refuses a log of which no line could tell who went where; a CSV that lacks a
// column of less weight gets a note.
func checkMapping(e *env, c choice, head []string) error {
	have, generic := namedColumns(c, head)
	if !generic || len(e.Mapping) == 0 {
		return nil
	}
	n := newNaming(e)
	missing := &MappingError{Columns: have}
	for _, field := range slices.Sorted(maps.Keys(e.Mapping)) {
		if column := e.Mapping[field]; !slices.Contains(have, column) {
			missing.Missing = append(missing.Missing, field+"="+column)
		}
	}
	var slots []slot
	for _, c := range have {
		slots = append(slots, n.slot(c))
	}
	switch {
	case len(missing.Missing) == 0:
	case !tells(slots):
		return missing
	case c.format.name == "csv":
		e.note("the log has no such column: " + strings.Join(missing.Missing, ", "))
	}
	return nil
}

// namedColumns lists the columns that the first lines of a generic format name,
// in their order; generic is false for other formats.
func namedColumns(c choice, head []string) (have []string, generic bool) {
	add := func(column string) {
		if len(have) < maxFields && !slices.Contains(have, column) {
			have = append(have, column)
		}
	}
	for _, s := range head {
		if c.peel {
			s, _, _ = peel(s)
		}
		if s == "" {
			continue
		}
		switch c.format.name {
		case "csv": // the first line has the names
			for _, column := range headerColumns(s) {
				add(column)
			}
			return have, true
		case "pairs":
			s, _ = cutPRI(s)
			for key, _, rest, ok := cutPair(s); ok && key != ""; key, _, rest, ok = cutPair(rest) {
				add(key)
			}
		case "json":
			addMembers(s, "", 0, add)
		default:
			return nil, false
		}
	}
	return have, true
}

// headerColumns returns the names in the header of a CSV.
func headerColumns(s string) []string {
	s = strings.TrimLeft(s, "# ")
	cols, _ := columns(nil, s, separator(s))
	for i := range cols {
		cols[i] = strings.Trim(cols[i], " ")
	}
	return cols
}

// addMembers calls add with the names of an object, those of inner ones as a.b.
func addMembers(s, prefix string, depth int, add func(string)) {
	m := object(s)
	for m.next() {
		if name := prefix + m.key; m.value[0] == '{' && depth < maxNesting {
			addMembers(m.value, name+".", depth+1, add)
		} else {
			add(name)
		}
	}
}
