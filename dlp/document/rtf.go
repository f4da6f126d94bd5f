package document

import (
	"bytes"
	"encoding/hex"
	"strconv"
	"unicode/utf8"
)

// maxRTFDepth bounds nested groups.
const maxRTFDepth = 1000

// rtf is the state of reading Rich Text Format (version 1.9.1).
type rtf struct {
	w      *walk
	data   []byte
	pos    int
	groups []rtfGroup
	g      rtfGroup
	cp     string // code page of \'hh
	buf    []byte // text of the run, in the code page
	lost   int    // characters to leave out after \u
	lines  int    // of the body, that have ended
	hex    []byte // of a picture or an object
}

// rtfGroup is what a closing brace restores.
type rtfGroup struct {
	part string // where the text goes
	name string
	skip bool // a destination without text
	data bool // a destination of hexadecimal digits
	uc   int  // characters that stand for a \u
}

// rtfParts are destinations whose text stands beside the body.
var rtfParts = map[string]string{
	"header": PartHeader, "headerl": PartHeader, "headerr": PartHeader, "headerf": PartHeader,
	"footer": PartFooter, "footerl": PartFooter, "footerr": PartFooter, "footerf": PartFooter,
	"footnote": PartFootnote, "annotation": PartComment, "atnauthor": PartComment, "fldinst": PartCode,
	"shptxt": PartTextBox, "title": PartProperty, "subject": PartProperty, "author": PartProperty, "operator": PartProperty,
	"company": PartProperty, "manager": PartProperty, "category": PartProperty, "keywords": PartProperty,
	"doccomm": PartProperty, "comment": PartProperty, "hlinkbase": PartProperty, "propname": PartProperty, "staticval": PartProperty,
	"deleted": PartDeleted,
}

// rtfSkipped are destinations without words.
var rtfSkipped = map[string]bool{
	"fonttbl": true, "colortbl": true, "stylesheet": true, "listtable": true, "rsidtbl": true, "themedata": true,
	"colorschememapping": true, "datastore": true, "latentstyles": true, "pgptbl": true, "filetbl": true, "revtbl": true,
}

// rtf reads a file. The format has no errors: what makes no sense is passed over.
func (w *walk) rtf(data []byte) error {
	r := &rtf{w: w, data: data, cp: "windows-1252"}
	r.g.uc = 1
	r.enter()
	for w.more() && r.pos < len(data) {
		c := data[r.pos]
		r.pos++
		switch c {
		case '{':
			if len(r.groups) >= maxRTFDepth {
				return TooDeep
			}
			r.flush()
			r.groups = append(r.groups, r.g)
		case '}':
			r.close()
		case '\\':
			r.control()
		case '\r', '\n':
		default:
			r.char(c)
		}
	}
	r.flush()
	return nil
}

// enter goes to where the text of the group goes. Lines of the body are counted.
func (r *rtf) enter() {
	if r.g.part != "" {
		r.w.in(Place{Part: r.g.part, Name: r.g.name})
		return
	}
	r.w.enterPlace(part{unit: unitLine})
	r.w.span(r.lines+1, 0)
}

// close ends a group.
func (r *rtf) close() {
	r.flush()
	if r.g.data {
		r.embedded()
	}
	n := len(r.groups)
	if n == 0 {
		return
	}
	old := r.g
	r.g = r.groups[n-1]
	r.groups = r.groups[:n-1]
	if old.part != r.g.part || old.name != r.g.name {
		r.w.line()
		r.enter()
	}
}

// char takes a byte of text.
func (r *rtf) char(c byte) {
	switch {
	case r.lost > 0:
		r.lost--
	case r.g.data:
		r.hex = append(r.hex, c)
	case !r.g.skip:
		r.buf = append(r.buf, c)
	}
}

// flush writes the run of text in its code page.
func (r *rtf) flush() {
	if len(r.buf) > 0 {
		r.w.write(toUTF8(r.buf, r.cp))
		r.buf = r.buf[:0]
	}
}

// put writes a character that is not in the code page.
func (r *rtf) put(c rune) {
	r.flush()
	if !r.g.skip && !r.g.data {
		if c == '\n' && r.g.part == "" {
			r.lines++
		}
		r.w.write(utf8.AppendRune(nil, c))
	}
}

// control reads a control word or symbol.
func (r *rtf) control() {
	if r.pos >= len(r.data) {
		return
	}
	c := r.data[r.pos]
	if c|0x20 >= 'a' && c|0x20 <= 'z' {
		word, n, has := r.word()
		r.apply(word, n, has)
		return
	}
	r.pos++
	switch c {
	case '\'':
		if b, err := hex.DecodeString(string(r.data[r.pos:min(r.pos+2, len(r.data))])); err == nil && len(b) == 1 {
			r.pos += 2
			r.char(b[0])
		}
	case '*':
		r.starred()
	case '~':
		r.char(' ')
	case '_':
		r.char('-')
	case '\n', '\r':
		r.put('\n')
	case '\\', '{', '}':
		r.char(c)
	}
}

// word reads a control word with its number and the space that ends it.
func (r *rtf) word() (word string, n int, has bool) {
	start := r.pos
	for r.pos < len(r.data) && r.data[r.pos]|0x20 >= 'a' && r.data[r.pos]|0x20 <= 'z' && r.pos-start < 32 {
		r.pos++
	}
	word = string(r.data[start:r.pos])
	start = r.pos
	if r.pos < len(r.data) && r.data[r.pos] == '-' {
		r.pos++
	}
	for r.pos < len(r.data) && r.data[r.pos] >= '0' && r.data[r.pos] <= '9' && r.pos-start < 12 {
		r.pos++
	}
	n, err := strconv.Atoi(string(r.data[start:r.pos]))
	if r.pos < len(r.data) && r.data[r.pos] == ' ' {
		r.pos++
	}
	return word, n, err == nil
}

// starred skips a destination that readers may ignore, unless it is a known one.
func (r *rtf) starred() {
	rest := bytes.TrimLeft(r.data[r.pos:], "\r\n ")
	if len(rest) == 0 || rest[0] != '\\' {
		return
	}
	end := 1
	for end < len(rest) && end < 33 && rest[end]|0x20 >= 'a' && rest[end]|0x20 <= 'z' {
		end++
	}
	switch name := string(rest[1:end]); {
	case rtfParts[name] != "", name == "objdata", name == "userprops", name == "shppict", name == "pict", name == "shpinst":
	default:
		r.g.skip = true
	}
}

func (r *rtf) apply(word string, n int, has bool) {
	switch word {
	case "par", "line", "sect", "page", "row", "nestrow", "softline":
		r.put('\n')
	case "tab", "cell", "nestcell":
		r.put('\t')
	case "u":
		r.put(rune(uint16(n)))
		r.lost = r.g.uc
	case "uc":
		r.g.uc = min(max(n, 0), 8)
	case "bin": // raw bytes follow
		r.pos = min(len(r.data), r.pos+max(n, 0))
	case "ansicpg":
		if has && n != 1252 {
			r.cp = codePage(n)
		}
	case "mac":
		r.cp = "macintosh"
	case "emdash", "endash":
		r.put('-')
	case "lquote", "rquote":
		r.put('\'')
	case "ldblquote", "rdblquote":
		r.put('"')
	case "pict", "objdata":
		r.flush()
		r.g.data, r.hex = true, nil
		r.g.name = word
	case "plain":
		if r.g.part == PartDeleted {
			r.begin("")
		}
	default:
		r.destination(word, n, has)
	}
}

// destination begins one, if the word is its name.
func (r *rtf) destination(word string, n int, has bool) {
	part, known := rtfParts[word]
	switch {
	case rtfSkipped[word]:
		r.g.skip = true
	case known && word == "deleted" && has && n == 0:
		r.begin("")
	case known:
		r.begin(part)
		if part == PartProperty && word != "propname" && word != "staticval" {
			r.g.name = word
			r.enter()
			r.w.writeString(word + ": ")
		}
	}
}

func (r *rtf) begin(part string) {
	r.flush()
	if r.g.part != part {
		r.w.line()
		r.g.part = part
		r.enter()
	}
}

// embedded reads a picture or an object.
func (r *rtf) embedded() {
	clean := make([]byte, 0, len(r.hex))
	for _, c := range r.hex {
		if c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f' {
			clean = append(clean, c)
		}
	}
	clean = clean[:len(clean)&^1]
	n, _ := hex.Decode(clean, clean)
	r.hex = nil
	kind := r.g.name
	if n == 0 || !r.w.unpack(int64(n)) {
		return
	}
	if kind == "objdata" {
		r.w.inside("object", oleObject(clean[:n]))
		return
	}
	r.w.inside("picture", clean[:n])
}

func codePage(n int) string {
	switch n {
	case 932:
		return "shift_jis"
	case 936:
		return "gbk"
	case 949:
		return "euc-kr"
	case 950:
		return "big5"
	case 10000:
		return "macintosh"
	case 65001:
		return "utf-8"
	}
	return "windows-" + strconv.Itoa(n)
}
