package document

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
)

// pdfFont turns the codes of strings into characters (ISO 32000-1, section 9.10).
type pdfFont struct {
	composite bool
	vertical  bool
	unicode   *pdfCMap // ToUnicode
	codes     *pdfCMap // of a composite font: how long codes are
	legacy    encoding.Encoding
	utf16     bool            // codes are UTF-16
	glyphs    map[uint32]rune // of the embedded font

	encoding [256]string        // text of single-byte codes
	simple   [256]float64       // widths of single-byte codes, 0 if missing
	widths   map[uint32]float64 // of others
	missing  float64
}

// glyph is one code of a string.
type glyph struct {
	code  uint32
	bytes int
	width float64 // in parts of the size
	raw   []byte
}

// maxFonts bounds the fonts that are kept.
const maxFonts = 2000

// plainFont stands for a font that is missing.
var plainFont = newPlainFont()

func newPlainFont() *pdfFont {
	f := &pdfFont{missing: 0.5}
	for c := range 256 {
		f.encoding[c] = string(fromCP1252(byte(c)))
	}
	return f
}

// font returns the font of a resource.
func (f *pdfFile) font(o any) *pdfFont {
	ref, isRef := o.(pdfRef)
	if known, ok := f.fonts[ref.num]; ok && isRef {
		return known
	}
	d := f.dict(o)
	if d == nil {
		return plainFont
	}
	font := f.newFont(d)
	if isRef && len(f.fonts) < maxFonts {
		f.fonts[ref.num] = font
	}
	return font
}

func (f *pdfFile) newFont(d pdfDict) *pdfFont {
	font := &pdfFont{widths: map[uint32]float64{}}
	if s, ok := f.resolve(d["ToUnicode"]).(*pdfStream); ok {
		data, _ := f.decode(s)
		font.unicode = parseCMap(f.w, data)
	}
	if f.name(d["Subtype"]) == "Type0" {
		f.compositeFont(font, d)
	} else {
		f.simpleFont(font, d)
	}
	return font
}

// simpleFont reads a font of single bytes.
func (f *pdfFile) simpleFont(font *pdfFont, d pdfDict) {
	base := f.name(d["BaseFont"])
	enc := f.resolve(d["Encoding"])
	name, _ := enc.(pdfName)
	if e, ok := enc.(pdfDict); ok {
		name = pdfName(f.name(e["BaseEncoding"]))
	}
	font.setBase(string(name))
	if name == "" {
		f.ownEncoding(font, d)
	}
	if e, ok := enc.(pdfDict); ok {
		code := 0
		for _, o := range f.array(e["Differences"]) {
			switch o := f.resolve(o).(type) {
			case float64:
				code = int(o)
			case pdfName:
				if code >= 0 && code < 256 {
					font.encoding[code] = glyphText(string(o))
				}
				code++
			}
		}
	}
	scale := 0.001
	if m := f.array(d["FontMatrix"]); f.name(d["Subtype"]) == "Type3" && len(m) > 0 {
		scale = f.number(m[0], scale)
	}
	first := int(min(max(0, f.number(d["FirstChar"], 0)), 255))
	widths := f.array(d["Widths"])
	for i, w := range widths[:min(len(widths), 256-first)] {
		font.simple[first+i] = f.number(w, 0) * scale
	}
	font.missing = f.number(f.dict(d["FontDescriptor"])["MissingWidth"], 0) * scale
	if len(widths) == 0 {
		font.standardWidths(base)
	}
}

// ownEncoding reads the encoding that an embedded Type 1 font brings along, as lines
// "dup 58 /period put" (Adobe Type 1 Font Format, section 2.2).
func (f *pdfFile) ownEncoding(font *pdfFont, d pdfDict) {
	s, ok := f.resolve(f.dict(d["FontDescriptor"])["FontFile"]).(*pdfStream)
	if !ok {
		return
	}
	data, _ := f.decode(s)
	_, data, ok = bytes.Cut(data[:min(len(data), int(max(0, f.number(s.pdfDict["Length1"], 0))))], []byte("/Encoding"))
	if !ok {
		return
	}
	l := pdfLex{data: data}
	for back := [3]any{}; f.w.more(); back = [3]any{back[1], back[2], nil} {
		if back[2], ok = l.next(false); !ok || back[2] == pdfWord("def") {
			return
		}
		code, isCode := back[0].(float64)
		name, isName := back[1].(pdfName)
		if isCode && isName && back[2] == pdfWord("put") && code >= 0 && code < 256 {
			font.encoding[int(code)] = glyphText(string(name))
		}
	}
}

// setBase fills in an encoding by its name; the standard one where there is none.
func (font *pdfFont) setBase(name string) {
	var decoder encoding.Encoding
	if name == "MacRomanEncoding" || name == "MacExpertEncoding" {
		decoder, _ = htmlindex.Get("macintosh")
	}
	for c := range 256 {
		switch {
		case c < ' ':
		case decoder != nil && c >= 0x80:
			b, _ := decoder.NewDecoder().Bytes([]byte{byte(c)})
			font.encoding[c] = string(b)
		case name == "" && c >= 0x80:
			font.encoding[c] = standardHigh[byte(c)]
			if font.encoding[c] == "" {
				font.encoding[c] = string(fromCP1252(byte(c)))
			}
		default:
			font.encoding[c] = string(fromCP1252(byte(c)))
		}
	}
}

// compositeFont reads a font of codes of several bytes.
func (f *pdfFile) compositeFont(font *pdfFont, d pdfDict) {
	font.composite = true
	font.missing = 1
	if s, ok := f.resolve(d["Encoding"]).(*pdfStream); ok {
		data, _ := f.decode(s)
		font.codes = parseCMap(f.w, data)
		font.vertical = f.number(s.pdfDict["WMode"], 0) == 1
	} else {
		font.named(f.name(d["Encoding"]))
	}
	list := f.array(d["DescendantFonts"])
	if len(list) == 0 {
		return
	}
	cid := f.dict(list[0])
	font.missing = f.number(cid["DW"], 1000) / 1000
	f.cidWidths(font, f.array(cid["W"]))
	if font.unicode == nil && !font.utf16 && font.legacy == nil {
		if s, ok := f.resolve(f.dict(cid["FontDescriptor"])["FontFile2"]).(*pdfStream); ok {
			data, _ := f.decode(s)
			font.glyphs = trueTypeGlyphs(data)
		}
	}
}

// named takes a predefined encoding (section 9.7.5.2).
func (font *pdfFont) named(name string) {
	font.vertical = strings.HasSuffix(name, "-V")
	charset := ""
	switch {
	case strings.Contains(name, "UCS2"), strings.Contains(name, "UTF16"):
		font.utf16 = true
	case strings.Contains(name, "RKSJ"):
		charset = "shift_jis"
	case strings.HasPrefix(name, "GB"):
		charset = "gbk"
	case strings.Contains(name, "B5"):
		charset = "big5"
	case strings.HasPrefix(name, "KSC"):
		charset = "euc-kr"
	case strings.HasPrefix(name, "EUC"):
		charset = "euc-jp"
	}
	if charset != "" {
		font.legacy, _ = htmlindex.Get(charset)
	}
}

// cidWidths reads "c [w1 w2 ...]" and "first last w".
func (f *pdfFile) cidWidths(font *pdfFont, w pdfArray) {
	for i := 0; i+1 < len(w) && len(font.widths) < 1<<16; {
		first := uint32(max(0, f.number(w[i], 0)))
		if list := f.array(w[i+1]); list != nil {
			for j, o := range list {
				font.widths[first+uint32(j)] = f.number(o, 0) / 1000
			}
			i += 2
			continue
		}
		if i+2 >= len(w) {
			return
		}
		last, width := uint32(max(0, f.number(w[i+1], 0))), f.number(w[i+2], 0)/1000
		for c := first; c <= last && c-first < 1<<16 && len(font.widths) < 1<<16; c++ {
			font.widths[c] = width
		}
		i += 3
	}
}

// next reads the first code of a string, which is not empty.
func (font *pdfFont) next(s []byte) glyph {
	n := 1
	if font.composite {
		switch {
		case font.codes != nil && len(font.codes.spaces) > 0:
			n = font.codes.length(s)
		case font.legacy != nil:
			if n = 1; s[0] >= 0x81 && s[0] != 0xff && (s[0] < 0xa0 || s[0] >= 0xe0 || !strings.HasPrefix(fontName(font.legacy), "shift")) {
				n = 2
			}
		default:
			n = 2
		}
	}
	n = min(n, len(s))
	g := glyph{bytes: n, raw: s[:n], width: font.missing}
	for _, c := range s[:n] {
		g.code = g.code<<8 | uint32(c)
	}
	if !font.composite {
		if w := font.simple[byte(g.code)]; w != 0 {
			g.width = w
		}
	} else if w, ok := font.widths[g.code]; ok {
		g.width = w
	}
	return g
}

func fontName(e encoding.Encoding) string {
	name, _ := htmlindex.Name(e)
	return name
}

// appendText appends the text of a glyph; nothing if it is not known.
func (font *pdfFont) appendText(dst []byte, g glyph) []byte {
	if font.unicode != nil {
		if out := font.unicode.appendText(dst, g.code, g.bytes); len(out) > len(dst) {
			return out
		}
	}
	switch {
	case !font.composite:
		return append(dst, font.encoding[g.code&0xff]...)
	case font.utf16:
		return utf8.AppendRune(dst, rune(g.code))
	case font.legacy != nil:
		b, err := font.legacy.NewDecoder().Bytes(g.raw)
		if err != nil {
			return dst
		}
		return append(dst, b...)
	}
	if r, ok := font.glyphs[g.code]; ok {
		return utf8.AppendRune(dst, r)
	}
	return dst
}
