package document

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Place says where in a file a text stood. Numbers count from 1, 0 means that it
// does not apply.
type Place struct {
	Path      []string // of files inside the file, outermost first
	Part      string   // beside the body: one of the Part constants
	Name      string   // of a property, field or attribute
	Page      int
	Slide     int
	Sheet     string
	Hidden    bool // a hidden sheet or slide
	Row       int
	Column    int
	Heading   string // of the column, in CSV
	Paragraph int    // in documents without pages
	Line      int
}

// Parts of a document beside its body.
const (
	PartHeader     = "header"
	PartFooter     = "footer"
	PartFootnote   = "footnotes"
	PartComment    = "comments"
	PartNotes      = "notes"
	PartTextBox    = "text box"
	PartDeleted    = "deleted text" // of tracked changes
	PartCode       = "field code"
	PartFormula    = "formula"
	PartAltText    = "alternative text"
	PartLink       = "link"
	PartProperty   = "property" // title, author and the like; Name says which
	PartLabel      = "sensitivity label"
	PartField      = "form field"
	PartAnnotation = "annotation"
	PartOutline    = "outline"
	PartMaster     = "master"
	PartSheetName  = "sheet name"
	PartScript     = "script"
	PartAttribute  = "attribute"
	PartOutput     = "output" // of a notebook's cell
	PartCell       = "cell"   // of a notebook
	PartFileName   = "file name"
	PartOther      = "other part"
)

// String writes the place for people: `mail.eml > list.xlsx > sheet "Kunden",
// cell B17`. The place of plain text is empty.
func (p Place) String() string {
	var s []string
	add := func(format string, args ...any) { s = append(s, fmt.Sprintf(format, args...)) }
	if p.Page > 0 {
		add("page %d", p.Page)
	}
	if p.Slide > 0 {
		add("slide %d", p.Slide)
	}
	if p.Sheet != "" {
		add("sheet %q", p.Sheet)
	}
	if p.Hidden {
		s = append(s, "hidden")
	}
	if p.Part != "" {
		s = append(s, p.Part)
	}
	if p.Name != "" {
		s = append(s, p.Name)
	}
	switch {
	case p.Row > 0 && p.Column > 0 && p.Sheet != "":
		s = append(s, "cell "+cellName(p.Row, p.Column))
	case p.Row > 0:
		add("row %d", p.Row)
		if p.Heading != "" {
			add("column %q", p.Heading)
		} else if p.Column > 0 {
			add("column %d", p.Column)
		}
	}
	if p.Paragraph > 0 && p.Page == 0 && p.Slide == 0 {
		add("paragraph %d", p.Paragraph)
	}
	if p.Line > 0 {
		add("line %d", p.Line)
	}
	inside := strings.Join(s, ", ")
	if len(p.Path) == 0 {
		return inside
	}
	if inside == "" {
		return strings.Join(p.Path, " > ")
	}
	return strings.Join(p.Path, " > ") + " > " + inside
}

// cellName writes row 17, column 2 as B17.
func cellName(row, column int) string {
	var letters []byte
	for ; column > 0; column = (column - 1) / 26 {
		letters = append([]byte{byte('A' + (column-1)%26)}, letters...)
	}
	return fmt.Sprintf("%s%d", letters, row)
}

// maxName bounds a name taken from a file: names go to logs and the screen.
const maxName = 120

// cleanName makes a name from a file fit to be shown.
func cleanName(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return '?'
		}
		return r
	}, strings.TrimSpace(s[:min(len(s), 8*maxName)]))
	if r := []rune(s); len(r) > maxName {
		s = string(r[:maxName]) + "…"
	}
	return s
}
