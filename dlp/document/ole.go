package document

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf8"
)

// ole reads what is inside a compound file: an Outlook message, an Office file with
// a password, an embedded object; of other files the strings.
func (w *walk) ole(data []byte) error {
	c, err := openCompound(data)
	if err != nil {
		return err
	}
	if !w.unpack(int64(len(data))) {
		return TooLarge
	}
	names := map[string]int{}
	for i, e := range c.entries {
		if e.kind == 2 {
			names[strings.ToLower(e.name)] = i
		}
	}
	has := func(name string) bool { _, ok := names[name]; return ok }
	switch {
	case has("encryptedpackage"):
		if i, ok := names["labelinfo"]; ok { // readable though the file is not
			w.properties(c.stream(c.entries[i]))
		}
		return Encrypted
	case has("__properties_version1.0"):
		m := &outlook{w: w, c: c}
		m.message(0, 0)
		return nil
	}
	w.oleStreams(c)
	switch {
	case has("worddocument"):
		w.gap(Unsupported, "Word 97: strings only")
	case has("workbook"), has("book"):
		w.gap(Unsupported, "Excel 97: strings only, no numbers")
	case has("powerpoint document"):
		w.gap(Unsupported, "PowerPoint 97: strings only")
	}
	return nil
}

// oleStreams reads embedded files and the strings of all other streams.
func (w *walk) oleStreams(c *compound) {
	for _, e := range c.entries {
		if e.kind != 2 || !w.more() {
			continue
		}
		b := c.stream(e)
		if !w.unpack(int64(len(b))) {
			w.gap(TooLarge, "")
			return
		}
		switch name := strings.TrimLeft(e.name, "\x01\x02\x03\x04\x05\x06"); name {
		case "Package", "CONTENTS":
			w.inside(name, b)
		case "Ole10Native":
			w.inside("object", oleNative(b))
		default:
			w.in(Place{Part: PartOther, Name: cleanName(name)})
			w.strings(b)
		}
	}
}

// minString is the shortest run of characters that counts as text.
const minString = 5

// strings writes the runs of characters in binary data, in Windows-1252 and UTF-16.
func (w *walk) strings(b []byte) {
	var run []byte
	end := func() {
		if utf8.RuneCount(run) >= minString {
			w.write(append(run, '\n'))
		}
		run = run[:0]
	}
	for i := 0; i < len(b) && w.more(); {
		if i+3 < len(b) && b[i+1] == 0 && isPrint(b[i]) && b[i+3] == 0 && isPrint(b[i+2]) {
			end()
			for ; i+1 < len(b); i += 2 {
				u := binary.LittleEndian.Uint16(b[i:])
				if u < ' ' && u != '\t' || u >= 0x2200 && u < 0xac00 || u >= 0xd800 {
					break
				}
				run = utf8.AppendRune(run, rune(u))
			}
			end()
			continue
		}
		if isPrint(b[i]) {
			run = utf8.AppendRune(run, fromCP1252(b[i]))
		} else {
			end()
		}
		i++
	}
	end()
}

func isPrint(c byte) bool { return c >= ' ' && c < 0x7f || c == '\t' || c >= 0xa1 }

// oleObject takes the file out of the object of an RTF file ([MS-OLEDS], 2.2.5).
func oleObject(b []byte) []byte {
	if len(b) < 12 {
		return b
	}
	rest := b[8:]
	for range 3 { // class, topic, item
		if len(rest) < 4 {
			return b
		}
		n := int64(binary.LittleEndian.Uint32(rest))
		if n > int64(len(rest)-4) {
			return b
		}
		rest = rest[4+n:]
	}
	if len(rest) < 4 {
		return b
	}
	if native := oleNative(rest); len(native) < len(rest) {
		return native
	}
	return rest[4:]
}

// oleNative takes the file out of an Ole10Native stream: size, flags, label, path,
// then the content with its size.
func oleNative(b []byte) []byte {
	if len(b) < 6 || binary.LittleEndian.Uint16(b[4:]) != 2 {
		return b
	}
	rest := b[6:]
	for range 2 {
		_, after, ok := bytes.Cut(rest, []byte{0})
		if !ok {
			return b
		}
		rest = after
	}
	if len(rest) < 8 {
		return b
	}
	n := int64(binary.LittleEndian.Uint32(rest[4:]))
	if rest = rest[8:]; n > int64(len(rest)-4) {
		return b
	}
	rest = rest[n:]
	n = int64(binary.LittleEndian.Uint32(rest))
	return rest[4:min(int64(len(rest)), 4+n)]
}
