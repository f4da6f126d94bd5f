package document

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
)

// outlook is the state of reading an Outlook message ([MS-OXMSG]).
type outlook struct {
	w *walk
	c *compound
}

// Prefixes of names in a message.
const (
	msgProperty  = "__substg1.0_"
	msgAttach    = "__attach_version1.0_"
	msgRecipient = "__recip_version1.0_"
)

// Properties ([MS-OXPROPS]) that are read in their own way.
const (
	propBody     = 0x1000
	propHTML     = 0x1013
	propRTF      = 0x1009
	propData     = 0x3701
	propLongName = 0x3707
	propName     = 0x3704
)

// msgNames names the properties that people know.
var msgNames = map[int]string{
	0x0037: "Subject", 0x0c1a: "From", 0x0c1f: "From address", 0x0e04: "To", 0x0e03: "Cc", 0x0e02: "Bcc", 0x007d: "Headers",
	0x3001: "Name", 0x3003: "Address", 0x39fe: "Address", 0x0e1d: "Subject",
}

// property is a stream with the value of a property.
type property struct {
	id, kind int
	value    []byte
}

// properties returns the properties of a storage in the order of their ids.
func (m *outlook) properties(in int) []property {
	var out []property
	for _, i := range m.c.children(in) {
		hex, ok := strings.CutPrefix(m.c.entries[i].name, msgProperty)
		if !ok || len(hex) < 8 || m.c.entries[i].kind != 2 {
			continue
		}
		id, err := strconv.ParseUint(hex[:8], 16, 32)
		if err != nil {
			continue
		}
		out = append(out, property{int(id >> 16), int(id & 0xffff), m.c.stream(m.c.entries[i])})
	}
	slices.SortFunc(out, func(a, b property) int { return a.id - b.id })
	return out
}

// text returns the value of a property of a string type.
func (p property) text() ([]byte, bool) {
	switch p.kind &^ 0x1000 { // lists too
	case 0x1f:
		return bytes.TrimRight(appendUTF16(nil, p.value, binary.LittleEndian), "\x00"), true
	case 0x1e:
		return toUTF8(bytes.TrimRight(p.value, "\x00"), ""), true
	}
	return nil, false
}

// message reads a message: its properties, then recipients, then attachments.
func (m *outlook) message(in, depth int) {
	if depth > m.w.o.Depth {
		m.w.gap(TooDeep, "")
		return
	}
	for _, p := range m.properties(in) {
		m.property(p)
	}
	for _, i := range m.c.children(in) {
		if strings.HasPrefix(m.c.entries[i].name, msgRecipient) {
			for _, p := range m.properties(i) {
				m.property(p)
			}
		}
	}
	for _, i := range m.c.children(in) {
		if strings.HasPrefix(m.c.entries[i].name, msgAttach) && m.w.more() {
			m.attachment(i, depth)
		}
	}
}

func (m *outlook) property(p property) {
	text, ok := p.text()
	switch {
	case p.id == propHTML:
		if !ok {
			text = p.value
		}
		m.w.line()
		m.w.html(text)
		m.w.line()
	case p.id == propRTF:
		if text, err := unpackRTF(p.value); err == nil && m.w.unpack(int64(len(text))) {
			m.w.line()
			m.w.rtf(text)
			m.w.line()
		}
	case !ok:
	case p.id == propBody:
		m.w.linesOf(Place{}, text)
	default:
		name := msgNames[p.id]
		if name == "" {
			m.w.piece(Place{Part: PartProperty, Name: "0x" + strconv.FormatInt(int64(p.id), 16)}, text)
			return
		}
		m.w.piece(Place{Part: PartHeader, Name: name}, append([]byte(name+": "), text...))
	}
}

// attachment reads a file or a message that is attached.
func (m *outlook) attachment(in, depth int) {
	name := "attachment"
	var content []byte
	for _, p := range m.properties(in) {
		text, ok := p.text()
		switch {
		case p.id == propData && !ok:
			content = p.value
		case p.id == propLongName && len(text) > 0, p.id == propName && name == "attachment" && len(text) > 0:
			name = string(text)
		}
	}
	if len(content) > 0 {
		m.w.member(name, content, "")
	}
	for _, i := range m.c.children(in) {
		e := m.c.entries[i]
		if e.kind != 1 || !strings.HasPrefix(e.name, msgProperty+"3701") || !m.w.entry(name) {
			continue
		}
		path, cur := m.w.path, m.w.cur
		m.w.path = append(slices.Clip(path), cleanName(name))
		m.message(i, depth+1)
		m.w.path = path
		m.w.enterPlace(cur)
	}
}

// rtfDictionary is what compressed RTF begins with, unseen ([MS-OXRTFCP], 2.1.2.1).
const rtfDictionary = `{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript ` +
	`\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0` + "\r\n" + `\par \pard\plain\f0\fs20\b\i\u\tab\tx`

// unpackRTF undoes the compression of message bodies. Its window of 4 KiB makes at
// most 17 bytes of 2, so no further limit is needed.
func unpackRTF(b []byte) ([]byte, error) {
	if len(b) < 16 {
		return nil, Damaged
	}
	switch binary.LittleEndian.Uint32(b[8:]) {
	case 0x414c454d: // not compressed
		return b[16:], nil
	case 0x75465a4c:
	default:
		return nil, Damaged
	}
	var window [4096]byte
	at := copy(window[:], rtfDictionary)
	var out []byte
	for b = b[16:]; len(b) > 0; {
		flags := b[0]
		b = b[1:]
		for bit := 0; bit < 8 && len(b) > 0; bit++ {
			if flags>>bit&1 == 0 {
				out = append(out, b[0])
				window[at&4095] = b[0]
				at, b = at+1, b[1:]
				continue
			}
			if len(b) < 2 {
				return out, nil
			}
			ref := int(binary.BigEndian.Uint16(b))
			b = b[2:]
			from, n := ref>>4, ref&15+2
			if from == at&4095 {
				return out, nil // the end
			}
			for range n {
				c := window[from&4095]
				out = append(out, c)
				window[at&4095] = c
				from, at = from+1, at+1
			}
		}
	}
	return out, nil
}
