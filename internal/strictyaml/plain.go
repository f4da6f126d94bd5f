package strictyaml

import (
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Nearly all YAML that people write for us is plain: keys, lists, [ ] and { },
// scalars of one line. The YAML library takes 50 ms for what the program brings
// along, at each start. plain reads that in a twentieth; whatever else a file
// holds (anchors, tags, text over several lines, tabs, mistakes) it leaves to the
// library, with the whole file. What it reads it reads as the library does, as far
// as this package looks at nodes: of plain scalars it tells null from the rest, and
// no comments. A fuzz target compares the two.
type plain struct {
	s     string
	at    int
	line  int // of at, from 0
	start int // of that line
	wide  bool
	deep  int
	nodes []yaml.Node // to be given out
}

// maxDeep bounds how deep values lie in each other, maxPlainKey the length of a
// key (the library's bound is 1,024).
const (
	maxDeep     = 32
	maxPlainKey = 256
)

// parsePlain returns the root of a file, nil when it is not plain.
func parsePlain(data []byte) *yaml.Node {
	p := plain{s: string(data)}
	if !p.printable() {
		return nil
	}
	p.skip()
	if p.end() || p.column() != 0 {
		return nil
	}
	root := p.block()
	if !p.end() {
		return nil
	}
	return root
}

// printable reports whether there are only characters that mean nothing special
// to YAML; the library refuses some, and takes others for the end of a line.
func (p *plain) printable() bool {
	for i := 0; i < len(p.s); {
		if c := p.s[i]; c < utf8.RuneSelf {
			if c < ' ' && c != '\n' || c == 0x7f {
				return false
			}
			i++
			continue
		}
		p.wide = true
		r, n := utf8.DecodeRuneInString(p.s[i:])
		if r < 0xa0 || r == 0x2028 || r == 0x2029 || r == 0xfeff || r >= 0xfffe && r < 0x10000 {
			return false
		}
		i += n
	}
	return true
}

func (p *plain) end() bool { return p.at == len(p.s) }

// peek returns the byte n further on, a line break behind the end.
func (p *plain) peek(n int) byte {
	if p.at+n < len(p.s) {
		return p.s[p.at+n]
	}
	return '\n'
}

// blank reports whether that byte ends a word.
func (p *plain) blank(n int) bool { c := p.peek(n); return c == ' ' || c == '\n' }

// column returns the one of at, from 0, in characters.
func (p *plain) column() int {
	if p.wide {
		return utf8.RuneCountInString(p.s[p.start:p.at])
	}
	return p.at - p.start
}

// skip goes to what comes next, over the ends of lines and comments.
func (p *plain) skip() {
	for p.skipSpaces(); !p.end() && p.s[p.at] == '\n'; p.skipSpaces() {
		p.at++
		p.line++
		p.start = p.at
	}
}

// skipSpaces goes to what comes next on the line, or to its end.
func (p *plain) skipSpaces() {
	from := p.at
	for !p.end() && p.s[p.at] == ' ' {
		p.at++
	}
	if p.peek(0) == '#' && (p.at > from || p.at == p.start) {
		if n := strings.IndexByte(p.s[p.at:], '\n'); n >= 0 {
			p.at += n
		} else {
			p.at = len(p.s)
		}
	}
}

// node returns a new node at at.
func (p *plain) node(kind yaml.Kind, tag string) *yaml.Node {
	if len(p.nodes) == 0 {
		p.nodes = make([]yaml.Node, 64)
	}
	n := &p.nodes[0]
	p.nodes = p.nodes[1:]
	n.Kind, n.Tag, n.Line, n.Column = kind, tag, p.line+1, p.column()+1
	return n
}

// dash reports whether at is the begin of an item of a list.
func (p *plain) dash() bool { return p.peek(0) == '-' && p.peek(1) == ' ' }

// block reads the value that stands in its own lines from here on.
func (p *plain) block() (n *yaml.Node) {
	if p.deep++; p.deep > maxDeep {
		return nil
	}
	if p.dash() {
		n = p.list()
	} else if key := p.key(); key != nil {
		n = p.mapping(key)
	}
	p.deep--
	return n
}

// list reads a list whose items have a dash each.
func (p *plain) list() *yaml.Node {
	n, column := p.node(yaml.SequenceNode, "!!seq"), p.column()
	for {
		p.at++
		p.skipSpaces()
		if p.peek(0) == '\n' || p.dash() {
			return nil
		}
		item := p.item()
		if item == nil {
			return nil
		}
		n.Content = append(n.Content, item)
		if p.end() || p.column() < column || p.column() == column && !p.dash() {
			return n
		} else if p.column() > column {
			return nil
		}
	}
}

// item reads one item, up to what follows it.
func (p *plain) item() *yaml.Node {
	if c := p.peek(0); c == '[' || c == '{' {
		return p.rest()
	}
	from := p.at
	n := p.scalar(false)
	if n == nil || !p.colon(from) {
		return p.endLine(n)
	}
	if p.deep++; p.deep > maxDeep {
		return nil
	}
	n = p.mapping(n)
	p.deep--
	return n
}

// key reads a key, its colon is next; nil: here is none.
func (p *plain) key() *yaml.Node {
	if p.column() == 0 && (p.peek(0) == '-' || p.peek(0) == '.') { // a mark of documents?
		return nil
	}
	from := p.at
	if n := p.scalar(false); n != nil && p.colon(from) {
		return n
	}
	return nil
}

// colon reports whether what began at from was a key.
func (p *plain) colon(from int) bool {
	return p.peek(0) == ':' && p.blank(1) && p.at-from <= maxPlainKey
}

// mapping reads keys and values that stand in their own lines.
func (p *plain) mapping(key *yaml.Node) *yaml.Node {
	n := p.node(yaml.MappingNode, "!!map")
	n.Line, n.Column = key.Line, key.Column
	column := key.Column - 1
	for {
		p.at++ // the colon
		value := p.value(column)
		if value == nil {
			return nil
		}
		n.Content = append(n.Content, key, value)
		if p.end() || p.column() < column {
			return n
		}
		if p.column() > column || p.dash() {
			return nil
		}
		if key = p.key(); key == nil {
			return nil
		}
	}
}

// value reads what belongs to a key in that column, up to what follows it.
func (p *plain) value(column int) *yaml.Node {
	empty := p.node(yaml.ScalarNode, "!!null")
	p.skipSpaces()
	if p.peek(0) != '\n' {
		return p.rest()
	}
	p.skip()
	switch {
	case !p.end() && p.column() > column, !p.end() && p.column() == column && p.dash():
		return p.block()
	}
	return empty
}

// rest reads a value that ends with the line, up to what follows it.
func (p *plain) rest() *yaml.Node { return p.endLine(p.inline(false)) }

// endLine goes to what follows n, which must end the line.
func (p *plain) endLine(n *yaml.Node) *yaml.Node {
	if n == nil {
		return nil
	}
	if p.skipSpaces(); p.peek(0) != '\n' {
		return nil
	}
	p.skip()
	return n
}

// inline reads a scalar, or what stands in brackets.
func (p *plain) inline(flow bool) (n *yaml.Node) {
	switch p.peek(0) {
	case '[', '{':
		if p.deep++; p.deep > maxDeep {
			return nil
		}
		n = p.flow()
		p.deep--
		return n
	}
	return p.scalar(flow)
}

// flow reads what stands in brackets.
func (p *plain) flow() *yaml.Node {
	n, closing := p.node(yaml.SequenceNode, "!!seq"), byte(']')
	if p.peek(0) == '{' {
		n.Kind, n.Tag, closing = yaml.MappingNode, "!!map", '}'
	}
	n.Style = yaml.FlowStyle
	for next := byte(','); ; next = p.peek(0) {
		if next == ',' {
			p.at++ // the opening bracket, or the comma
			if !p.inside() {
				return nil
			}
			next = p.peek(0)
		} else if next != closing {
			return nil
		}
		if next == closing {
			p.at++
			return n
		}
		if !p.entry(n) || !p.inside() {
			return nil
		}
	}
}

// inside goes to what comes next in brackets.
func (p *plain) inside() bool {
	p.skip()
	return !p.end() && p.at > p.start // else it might be a mark of documents
}

// entry reads one entry of n, which stands in brackets.
func (p *plain) entry(n *yaml.Node) bool {
	if n.Kind == yaml.MappingNode {
		from := p.at
		key := p.scalar(true)
		if key == nil || !p.colon(from) {
			return false
		}
		p.at++
		if !p.inside() {
			return false
		}
		n.Content = append(n.Content, key)
	}
	value := p.inline(true)
	n.Content = append(n.Content, value)
	return value != nil
}
