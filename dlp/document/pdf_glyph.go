package document

import (
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// glyphNames are names of the Adobe Glyph List that are neither a letter nor a letter
// with an accent.
var glyphNames = map[string]string{
	"space": " ", "exclam": "!", "quotedbl": `"`, "numbersign": "#", "dollar": "$", "percent": "%", "ampersand": "&",
	"quotesingle": "'", "quoteright": "’", "quoteleft": "‘", "parenleft": "(", "parenright": ")", "asterisk": "*", "plus": "+",
	"comma": ",", "hyphen": "-", "minus": "−", "period": ".", "slash": "/", "zero": "0", "one": "1", "two": "2", "three": "3",
	"four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "colon": ":", "semicolon": ";", "less": "<",
	"equal": "=", "greater": ">", "question": "?", "at": "@", "bracketleft": "[", "backslash": `\`, "bracketright": "]",
	"asciicircum": "^", "underscore": "_", "grave": "`", "braceleft": "{", "bar": "|", "braceright": "}", "asciitilde": "~",
	"exclamdown": "¡", "cent": "¢", "sterling": "£", "currency": "¤", "yen": "¥", "brokenbar": "¦", "section": "§", "copyright": "©",
	"ordfeminine": "ª", "guillemotleft": "«", "logicalnot": "¬", "registered": "®", "degree": "°", "plusminus": "±", "acute": "´",
	"mu": "µ", "paragraph": "¶", "periodcentered": "·", "ordmasculine": "º", "guillemotright": "»", "onequarter": "¼", "onehalf": "½",
	"threequarters": "¾", "questiondown": "¿", "AE": "Æ", "ae": "æ", "OE": "Œ", "oe": "œ", "Eth": "Ð", "eth": "ð", "Thorn": "Þ",
	"thorn": "þ", "germandbls": "ß", "Oslash": "Ø", "oslash": "ø", "Lslash": "Ł", "lslash": "ł", "Dcroat": "Đ", "dcroat": "đ",
	"dotlessi": "ı", "multiply": "×", "divide": "÷", "florin": "ƒ", "fraction": "⁄", "Euro": "€", "euro": "€", "dagger": "†",
	"daggerdbl": "‡", "bullet": "•", "quotedblleft": "“", "quotedblright": "”", "quotesinglbase": "‚", "quotedblbase": "„",
	"guilsinglleft": "‹", "guilsinglright": "›", "ellipsis": "…", "perthousand": "‰", "endash": "–", "emdash": "—", "trademark": "™",
	"ff": "ff", "fi": "fi", "fl": "fl", "ffi": "ffi", "ffl": "ffl", "f_f": "ff", "f_i": "fi", "f_l": "fl", "f_f_i": "ffi", "f_f_l": "ffl",
	"nbspace": " ", "nonbreakingspace": " ", "sfthyphen": "", "softhyphen": "", "circumflex": "ˆ", "tilde": "˜", "dieresis": "¨",
	"cedilla": "¸", "macron": "¯", "numero": "№", "dotlessj": "ȷ", "visiblespace": " ", "hyphenchar": "-",
}

// accents are the endings of names like eacute, as combining characters.
var accents = map[string]rune{
	"grave": 0x300, "acute": 0x301, "circumflex": 0x302, "tilde": 0x303, "macron": 0x304, "breve": 0x306, "dotaccent": 0x307,
	"dieresis": 0x308, "ring": 0x30a, "hungarumlaut": 0x30b, "caron": 0x30c, "cedilla": 0x327, "commaaccent": 0x327, "ogonek": 0x328,
}

// standardHigh is the upper half of the standard encoding (ISO 32000-1, annex D.2).
var standardHigh = map[byte]string{
	0xa1: "¡", 0xa2: "¢", 0xa3: "£", 0xa4: "⁄", 0xa5: "¥", 0xa6: "ƒ", 0xa7: "§", 0xa8: "¤", 0xa9: "'", 0xaa: "“", 0xab: "«", 0xac: "‹",
	0xad: "›", 0xae: "fi", 0xaf: "fl", 0xb1: "–", 0xb2: "†", 0xb3: "‡", 0xb4: "·", 0xb6: "¶", 0xb7: "•", 0xb8: "‚", 0xb9: "„", 0xba: "”",
	0xbb: "»", 0xbc: "…", 0xbd: "‰", 0xbf: "¿", 0xd0: "—", 0xe1: "Æ", 0xe3: "ª", 0xe8: "Ł", 0xe9: "Ø", 0xea: "Œ", 0xeb: "º", 0xf1: "æ",
	0xf5: "ı", 0xf8: "ł", 0xf9: "ø", 0xfa: "œ", 0xfb: "ß",
}

// glyphText returns the text of a glyph by its name, "" if the name says nothing.
func glyphText(name string) string {
	if s, ok := glyphNames[name]; ok {
		return s
	}
	name, _, _ = strings.Cut(name, ".") // "a.sc": a small capital
	if s, ok := glyphNames[name]; ok {
		return s
	}
	if len(name) == 1 {
		return name
	}
	if len(name) > 1 {
		if accent, ok := accents[name[1:]]; ok {
			return norm.NFC.String(name[:1] + string(accent))
		}
	}
	hex, ok := strings.CutPrefix(name, "uni")
	if ok && len(hex) >= 4 {
		var out strings.Builder
		for ; len(hex) >= 4; hex = hex[4:] {
			n, err := strconv.ParseUint(hex[:4], 16, 16)
			if err != nil {
				return ""
			}
			out.WriteRune(rune(n))
		}
		return out.String()
	}
	if hex, ok = strings.CutPrefix(name, "u"); ok && len(hex) >= 4 && len(hex) <= 6 {
		if n, err := strconv.ParseUint(hex, 16, 32); err == nil {
			return string(rune(n))
		}
	}
	return ""
}

// Widths of the characters from space to tilde in the fonts that files need not
// describe, in thousandths (Adobe font metrics).
var (
	helveticaWidths = [95]uint16{
		278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556,
		556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
		667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556,
		556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
	}
	timesWidths = [95]uint16{
		250, 333, 408, 500, 500, 833, 778, 180, 333, 333, 500, 564, 250, 333, 250, 278, 500, 500, 500, 500, 500, 500, 500, 500,
		500, 500, 278, 278, 564, 564, 564, 444, 921, 722, 667, 667, 722, 611, 556, 722, 722, 333, 389, 722, 611, 889, 722, 722,
		556, 722, 667, 556, 611, 722, 722, 944, 722, 722, 611, 333, 278, 333, 469, 500, 333, 444, 500, 444, 500, 444, 333, 500,
		500, 278, 278, 500, 278, 778, 500, 500, 500, 500, 333, 389, 278, 500, 500, 722, 500, 500, 444, 480, 200, 480, 541,
	}
)

// standardWidths fills in the widths of a font that the file does not describe.
func (font *pdfFont) standardWidths(base string) {
	font.missing = 0.5
	switch {
	case strings.Contains(base, "Courier"):
		font.missing = 0.6
		return
	case strings.Contains(base, "Times"):
		for i, w := range timesWidths {
			font.simple[' '+i] = float64(w) / 1000
		}
	default:
		for i, w := range helveticaWidths {
			font.simple[' '+i] = float64(w) / 1000
		}
	}
}
