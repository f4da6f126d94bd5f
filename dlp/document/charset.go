package document

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
)

// wide reads text in UTF-16 or UTF-32. What it says in UTF-8 is read as a file of
// its own: it may be HTML or CSV.
func (w *walk) wide(f Format, data []byte) error {
	var text []byte
	if f == UTF32 {
		text = fromUTF32(data)
	} else {
		text = fromUTF16(data)
	}
	if !w.unpack(int64(len(text))) {
		return TooLarge
	}
	if inner := textFormat(text); inner != PlainText && wideText(text) == "" {
		return w.read(inner, text)
	}
	w.linesOf(Place{}, text)
	return nil
}

// fromUTF16 decodes UTF-16 in the order of its mark, or of its zero bytes.
func fromUTF16(b []byte) []byte {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		b = b[2:]
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		b, order = b[2:], binary.BigEndian
	case len(b) > 1 && zeros(b, 0) > zeros(b, 1):
		order = binary.BigEndian
	}
	return appendUTF16(make([]byte, 0, len(b)/2+8), b, order)
}

// zeros counts the zero bytes on even or odd places of the first few bytes.
func zeros(b []byte, odd int) (n int) {
	for i := odd; i < min(len(b), 256); i += 2 {
		if b[i] == 0 {
			n++
		}
	}
	return n
}

// appendUTF16 appends UTF-16 text as UTF-8. An odd last byte is left out.
func appendUTF16(dst, b []byte, order binary.ByteOrder) []byte {
	for i := 0; i+1 < len(b); i += 2 {
		r := rune(order.Uint16(b[i:]))
		if utf16.IsSurrogate(r) && i+3 < len(b) {
			if both := utf16.DecodeRune(r, rune(order.Uint16(b[i+2:]))); both != utf8.RuneError {
				r = both
				i += 2
			}
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

func fromUTF32(b []byte) []byte {
	var order binary.ByteOrder = binary.LittleEndian
	if len(b) >= 4 && b[0] == 0 {
		order = binary.BigEndian
	}
	dst := make([]byte, 0, len(b)/4+8)
	for i := 0; i+4 <= len(b); i += 4 {
		if r := order.Uint32(b[i:]); r != 0xfeff || i > 0 {
			dst = utf8.AppendRune(dst, rune(r))
		}
	}
	return dst
}

// toUTF8 decodes text in a named character set. Text in an unknown one is read
// as UTF-8 where it is valid, else as Windows-1252, which most mislabelled text is.
func toUTF8(b []byte, charset string) []byte {
	if isASCII(b) && !escapes(b) {
		return b
	}
	enc, err := htmlindex.Get(charset)
	if err != nil || charset == "" {
		if utf8.Valid(b) {
			return b
		}
		enc, _ = htmlindex.Get("windows-1252")
	}
	if name, _ := htmlindex.Name(enc); name == "utf-8" {
		return bytes.ToValidUTF8(b, []byte("\uFFFD"))
	}
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		return b
	}
	return out
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// escapes tells whether text switches character sets by escape sequences or is UTF-16.
func escapes(b []byte) bool { return bytes.IndexByte(b, 0x1b) >= 0 || bytes.IndexByte(b, 0) >= 0 }

// cp1252 maps the bytes 0x80 to 0x9f of Windows-1252; others are Latin-1.
var cp1252 = [32]rune{
	'€', utf8.RuneError, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', utf8.RuneError, 'Ž', utf8.RuneError,
	utf8.RuneError, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', utf8.RuneError, 'ž', 'Ÿ',
}

func fromCP1252(c byte) rune {
	if c >= 0x80 && c < 0xa0 {
		return cp1252[c-0x80]
	}
	return rune(c)
}
