package strictyaml

import "strconv"

// Position is a place in a file. Lines and columns count from 1; the zero line
// means the file as a whole.
type Position struct {
	File         string
	Line, Column int
}

// String returns file:line:column, or only the file when the line is not known.
func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return p.File + ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column)
}
