package strictyaml

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// scalar reads a scalar of one line; in brackets, some characters end it more.
// nil: it is none, or an unusual one.
func (p *plain) scalar(flow bool) *yaml.Node {
	switch c := p.peek(0); c {
	case '"':
		return p.double()
	case '\'':
		return p.single()
	case '-':
		if c := p.peek(1); c == '-' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' {
			break
		}
		return nil
	case ' ', '\n', '?', ':', ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '%', '@', '`':
		return nil
	}
	n := p.node(yaml.ScalarNode, "!!str")
	from := p.at
	to, ok := p.bare(flow)
	if !ok {
		return nil
	}
	p.at, n.Value = to, p.s[from:to]
	switch n.Value {
	case "~", "null", "Null", "NULL":
		n.Tag = "!!null"
	case "<<":
		return nil
	}
	return n
}

// bare returns where the scalar without quotes that begins at at ends.
func (p *plain) bare(flow bool) (end int, ok bool) {
	for i := p.at; i <= len(p.s); i++ {
		c := byte('\n')
		if i < len(p.s) {
			c = p.s[i]
		}
		switch {
		case c == '\n',
			c == '#' && p.s[i-1] == ' ',
			c == ':' && (i+1 == len(p.s) || p.s[i+1] == ' ' || p.s[i+1] == '\n'),
			flow && (c == ',' || c == ']' || c == '}'):
			for p.s[i-1] == ' ' {
				i--
			}
			return i, p.closed(i, flow)
		case flow && (c == '[' || c == '{' || c == '?' || c == ':' && strings.IndexByte(",[]{}", p.s[i+1]) >= 0):
			return 0, false
		}
	}
	return 0, false
}

// closed reports whether the scalar without quotes that ends at end does not go on
// in the next line. Outside of brackets, whoever reads on sees it.
func (p *plain) closed(end int, flow bool) bool {
	if !flow {
		return true
	}
	next := *p
	next.at = end
	next.skip()
	c := next.peek(0)
	return next.line == p.line || c == ',' || c == ']' || c == '}'
}

// single reads text in single quotes, in which two of them stand for one.
func (p *plain) single() *yaml.Node {
	n := p.node(yaml.ScalarNode, "!!str")
	n.Style = yaml.SingleQuotedStyle
	for i := p.at + 1; i < len(p.s) && p.s[i] != '\n'; i++ {
		if p.s[i] != '\'' {
			continue
		}
		if i+1 < len(p.s) && p.s[i+1] == '\'' {
			i++
			continue
		}
		n.Value = p.s[p.at+1 : i]
		if strings.IndexByte(n.Value, '\'') >= 0 {
			n.Value = strings.ReplaceAll(n.Value, "''", "'")
		}
		p.at = i + 1
		return n
	}
	return nil
}

// double reads text in double quotes.
func (p *plain) double() *yaml.Node {
	n := p.node(yaml.ScalarNode, "!!str")
	n.Style = yaml.DoubleQuotedStyle
	var text []byte // up to from; nil: no escapes so far
	from := p.at + 1
	for i := from; i < len(p.s) && p.s[i] != '\n'; i++ {
		switch p.s[i] {
		case '"':
			n.Value = p.s[from:i]
			if text != nil {
				n.Value = string(append(text, n.Value...))
			}
			p.at = i + 1
			return n
		case '\\':
			text = append(text, p.s[from:i]...)
			i++
			if i == len(p.s) {
				return nil
			}
			switch c := p.s[i]; c {
			case '"', '\\', '/':
				text = append(text, c)
			case 'n':
				text = append(text, '\n')
			case 't':
				text = append(text, '\t')
			default:
				return nil
			}
			from = i + 1
		}
	}
	return nil
}
