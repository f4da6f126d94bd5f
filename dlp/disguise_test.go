package dlp_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/ascii85"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// disguise hides a value or the whole text that it stands in.
type disguise struct {
	name  string
	via   string                  // what the finding must name among its ways
	value func(v string) string   // applied to the value,
	text  func(t string) string   // or to the text; one of the two
	exact bool                    // only the value is replaced
	fits  func(value string) bool // nil: any value can be so disguised
}

func disguises() []disguise {
	b64 := base64.StdEncoding.EncodeToString
	each := func(f func(r rune) string) func(string) string {
		return func(v string) string {
			var b strings.Builder
			for _, r := range v {
				b.WriteString(f(r))
			}
			return b.String()
		}
	}
	wide := func(little bool, size int) func(string) string {
		return func(t string) string {
			var b []byte
			put := func(x uint32, n int) {
				for k := range n {
					if !little {
						k = n - 1 - k
					}
					b = append(b, byte(x>>(8*k)))
				}
			}
			if size == 4 {
				for _, r := range t {
					put(uint32(r), 4)
				}
			} else {
				for _, u := range utf16.Encode([]rune(t)) {
					put(uint32(u), 2)
				}
			}
			return string(b)
		}
	}
	wrap := func(s string, n int) string {
		var b strings.Builder
		for len(s) > n {
			b.WriteString(s[:n] + "\n")
			s = s[n:]
		}
		return b.String() + s
	}
	gz := func(t string) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		w.Write([]byte(t))
		w.Close()
		return b.String()
	}
	zl := func(t string) string {
		var b bytes.Buffer
		w := zlib.NewWriter(&b)
		w.Write([]byte(t))
		w.Close()
		return b.String()
	}
	swap := func(pairs string) func(string) string {
		list := strings.Fields(pairs)
		return strings.NewReplacer(list...).Replace
	}
	digits := func(zero rune) func(string) string {
		return each(func(r rune) string {
			if '0' <= r && r <= '9' {
				return string(zero + r - '0')
			}
			return string(r)
		})
	}
	hasDigits := func(v string) bool { return strings.ContainsAny(v, "0123456789") }
	apart := func(gap string) func(string) string {
		return func(v string) string {
			return strings.Join(strings.Split(strings.NewReplacer(" ", "", "\u00a0", "").Replace(v), ""), gap)
		}
	}
	regrouped := func(gap string) func(string) string {
		return func(v string) string { return strings.NewReplacer(" ", gap, "-", gap).Replace(v) }
	}
	grouped := func(v string) bool {
		_, rest, ok := strings.Cut(strings.ReplaceAll(v, "-", " "), " ")
		return ok && strings.Contains(rest, " ") && strings.Trim(v, "0123456789 -") == ""
	}
	short := func(v string) bool { return len(v) <= 200 && !strings.Contains(v, "\n") }
	return []disguise{
		{name: "base64", via: "base64", text: func(t string) string { return b64([]byte(t)) }},
		{name: "base64 without padding", via: "base64", text: func(t string) string { return base64.RawStdEncoding.EncodeToString([]byte(t)) }},
		{name: "base64url", via: "base64", text: func(t string) string { return base64.URLEncoding.EncodeToString([]byte(t)) }},
		{name: "base64 in lines", via: "base64", text: func(t string) string { return wrap(b64([]byte(t+strings.Repeat(" and so on", 12))), 76) }},
		{name: "base64 twice", via: "base64", text: func(t string) string { return b64([]byte(b64([]byte(t)))) }},
		{name: "data URL", via: "data_url", text: func(t string) string { return "data:text/plain;base64," + b64([]byte(t)) }},
		{name: "gzip in base64", via: "gzip", text: func(t string) string { return b64([]byte(gz(t))) }},
		{name: "zlib in base64", via: "zlib", text: func(t string) string { return b64([]byte(zl(t))) }},
		{name: "UTF-16 in base64", via: "utf16", text: func(t string) string { return b64([]byte(wide(true, 2)(t))) }},
		{name: "hex", via: "hex", text: func(t string) string { return hex.EncodeToString([]byte(t)) }},
		{name: "hex in pairs", via: "hex", text: func(t string) string { return fmt.Sprintf("% x", t) }},
		{name: "hex in pairs apart by colons", via: "hex", text: func(t string) string { return strings.ReplaceAll(fmt.Sprintf("% X", t), " ", ":") }},
		{name: "percent, all", via: "percent", exact: true, value: each(func(r rune) string { return percent(string(r)) })},
		{name: "percent, some", via: "percent", exact: true, value: percentSome},
		{name: "percent twice", via: "percent", exact: true, value: func(v string) string { return strings.ReplaceAll(percent(v), "%", "%25") }},
		{name: "JSON escapes", via: "escapes", exact: true, value: each(func(r rune) string { return fmt.Sprintf(`\u%04x`, r) })},
		{name: "hex escapes", via: "escapes", exact: true, value: each(func(r rune) string { return strings.ReplaceAll(percent(string(r)), "%", `\x`) })},
		{name: "octal escapes", via: "escapes", exact: true, value: func(v string) string {
			var b strings.Builder
			for _, c := range []byte(v) {
				fmt.Fprintf(&b, `\%03o`, c)
			}
			return b.String()
		}},
		{name: "code point escapes", via: "escapes", exact: true, value: each(func(r rune) string { return fmt.Sprintf(`\u{%x}`, r) })},
		{name: "HTML entities, decimal", via: "entities", exact: true, value: each(func(r rune) string { return fmt.Sprintf("&#%d;", r) })},
		{name: "HTML entities, hexadecimal", via: "entities", exact: true, value: each(func(r rune) string { return fmt.Sprintf("&#x%X;", r) })},
		{name: "quoted-printable", via: "quoted_printable", exact: true, value: func(v string) string { return strings.ReplaceAll(percent(v), "%", "=") }},
		{name: "quoted-printable, soft breaks", via: "quoted_printable", exact: true, value: func(v string) string { return v[:len(v)/2] + "=\r\n" + v[len(v)/2:] }},
		{name: "UTF-16 little endian", via: "utf16", text: wide(true, 2)},
		{name: "UTF-16 big endian", via: "utf16", text: wide(false, 2)},
		{name: "UTF-32", via: "utf32", text: wide(true, 4)},
		{name: "full width", via: "look_alikes", exact: true, value: each(fullWidth)},
		{name: "look-alikes", via: "look_alikes", exact: true, value: swap("a а e е o о p р c с x х A А E Е K К M М B В"), fits: func(v string) bool { return strings.ContainsAny(v, "aeopcxAEKMB") }},
		{name: "mathematical letters", via: "", exact: true, value: each(mathematical)},
		{name: "zero-width characters", via: "hidden_characters", exact: true, value: each(func(r rune) string { return string(r) + "\u200b" })},
		{name: "soft hyphens", via: "hidden_characters", exact: true, value: each(func(r rune) string { return string(r) + "\u00ad" })},
		{name: "combining marks", via: "hidden_characters", exact: true, value: each(func(r rune) string { return string(r) + "\u0336" })},
		{name: "Arabic-Indic digits", via: "digits", exact: true, value: digits('٠'), fits: hasDigits},
		{name: "Devanagari digits", via: "digits", exact: true, value: digits('०'), fits: hasDigits},
		{name: "Thai digits", via: "digits", exact: true, value: digits('๐'), fits: hasDigits},
		{name: "characters apart by blanks", via: "separators", exact: true, value: apart(" "), fits: short},
		{name: "characters apart by dots", via: "separators", exact: true, value: apart("."), fits: func(v string) bool { return short(v) && !strings.Contains(v, ".") }},
		{name: "characters apart by dashes", via: "separators", exact: true, value: apart("-"), fits: func(v string) bool { return short(v) && !strings.Contains(v, "-") }},
		{name: "groups apart by dots", via: "separators", exact: true, value: regrouped("."), fits: grouped},
		{name: "groups apart by line breaks", via: "separators", exact: true, value: regrouped("\n"), fits: grouped},
		{name: "unusual dashes", via: "separators", exact: true, value: regrouped("–"), fits: grouped},
		{name: "reversed", via: "reversed", text: func(t string) string { return "this is reversed: " + reverse(t) }},
		{name: "concatenation", via: "joined", exact: true, value: func(v string) string { return v[:len(v)/2] + `" + "` + v[len(v)/2:] }},
		{name: "concatenation over lines", via: "joined", exact: true, value: func(v string) string { return v[:len(v)/2] + "\" + // next\n\t\"" + v[len(v)/2:] }},
		{name: "base32", via: "base32", text: func(t string) string { return base32.StdEncoding.EncodeToString([]byte(t)) }},
		{name: "ascii85", via: "base85", text: func(t string) string {
			b := make([]byte, ascii85.MaxEncodedLen(len(t)))
			return "<~" + string(b[:ascii85.Encode(b, []byte(t))]) + "~>"
		}},
		{name: "deflate in base64", via: "deflate", text: func(t string) string { return b64([]byte(deflated(t))) }},
		{name: "hex of base64", via: "hex", text: func(t string) string { return hex.EncodeToString([]byte(b64([]byte(t)))) }},
		{name: "base64 of hex", via: "base64", text: func(t string) string { return b64([]byte(hex.EncodeToString([]byte(t)))) }},
		{name: "base64 in percent", via: "base64", text: func(t string) string {
			return strings.NewReplacer("=", "%3D", "+", "%2B", "/", "%2F").Replace(b64([]byte(t)))
		}},
		{name: "UTF-7", via: "utf7", value: func(v string) string { return "+" + strings.TrimRight(b64([]byte(wide(false, 2)(v))), "=") + "-" }},
		{name: "character codes", via: "character_codes", value: codes("%d", ", ")},
		{name: "character codes in calls", via: "character_codes", value: func(v string) string { return "chr(" + codes("%d", ") + chr(")(v) + ")" }, fits: short},
		{name: "hex numbers", via: "character_codes", value: codes("0x%02x", ", ")},
		{name: "bits", via: "character_codes", value: codes("%08b", " ")},
		{name: "bold digits in HTML", via: "tags", exact: true, value: func(v string) string {
			return v[:2] + "<b>" + v[2:3] + "</b>" + v[3:]
		}, fits: func(v string) bool { return len(v) > 3 && isAlnum(v[1]) && isAlnum(v[2]) && isAlnum(v[3]) }},
		{name: "comments in HTML", via: "tags", exact: true, value: func(v string) string { return v[:2] + "<!-- x -->" + v[2:] }, fits: func(v string) bool { return len(v) > 3 && isAlnum(v[1]) && isAlnum(v[2]) }},
		{name: "bold in Markdown", via: "tags", exact: true, value: func(v string) string { return v[:2] + "**" + v[2:3] + "**" + v[3:] }, fits: func(v string) bool { return len(v) > 3 && isAlnum(v[1]) && isAlnum(v[2]) && isAlnum(v[3]) }},
		{name: "JSON in JSON, escaped twice", via: "escapes", value: func(v string) string { return strings.ReplaceAll(jsonEscaped(v), `\`, `\\`) }},
		{name: "JSON in JSON in JSON", via: "escapes", value: func(v string) string { return strings.ReplaceAll(jsonEscaped(v), `\`, `\\\\`) }},
		{name: "variation selectors", via: "hidden_characters", exact: true, value: each(func(r rune) string { return string(r) + "\ufe0f" })},
		{name: "text in variation selectors", via: "hidden_characters", value: selectors},
		{name: "tag characters", via: "hidden_characters", value: each(func(r rune) string { return string(0xe0000 + r) }), fits: isASCII},
		{name: "bidi controls", via: "hidden_characters", exact: true, value: each(func(r rune) string { return "\u2066" + string(r) + "\u2069" })},
		{name: "right to left override", via: "reversed", text: func(t string) string { return "\u202e" + reverse(t) + "\u202c" }},
		{name: "circled digits", via: "digits", exact: true, value: circled, fits: hasDigits},
		{name: "keycap digits", via: "hidden_characters", exact: true, value: each(func(r rune) string {
			if '0' <= r && r <= '9' {
				return string(r) + "\ufe0f\u20e3"
			}
			return string(r)
		}), fits: hasDigits},
		{name: "ROT13", via: "rot13", text: func(t string) string { return "this is rot13: " + rot13(t) }, fits: func(v string) bool {
			return strings.ContainsAny(v, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
		}},
		{name: "number words", via: "number_words", value: spoken, fits: func(v string) bool { return strings.Trim(v, "0123456789 -") == "" && len(v) > 8 }},
		{name: "Zahlwörter", via: "number_words", value: gesprochen, fits: func(v string) bool { return strings.Trim(v, "0123456789 -") == "" && len(v) > 8 }},
		{name: "Morse", via: "morse", value: morse, fits: func(v string) bool { return strings.Trim(v, "0123456789 -") == "" && len(v) > 8 }},
		{name: "text apart by blanks", via: "separators", text: letters(" "), fits: short},
		{name: "text apart by dots", via: "separators", text: letters("."), fits: short},
		{name: "text apart by dashes", via: "separators", text: letters("-"), fits: short},
		{name: "text apart by low lines", via: "separators", text: letters("_"), fits: short},
		{name: "base64 in short lines", via: "base64", text: func(t string) string { return wrap(b64([]byte(t)), 20) }},
		{name: "dump of bytes", via: "hex", text: func(t string) string { return hex.Dump([]byte(t)) }},
		{name: "dump of words", via: "hex", text: dump(": ", false)},
		{name: "dump of words, the lower byte first", via: "hex", text: dump(" ", true)},
		{name: "bits without blanks", via: "character_codes", text: codes("%08b", "")},
		{name: "character codes apart by blanks", via: "character_codes", value: codes("%d", " ")},
		{name: "joined list", via: "joined", exact: true, value: func(v string) string {
			return `"".join(["` + v[:len(v)/2] + `", "` + v[len(v)/2:] + `"])`
		}, fits: func(v string) bool { return len(v) > 15 && !strings.Contains(v, "\n") }},
		{name: "list, joined behind it", via: "joined", exact: true, value: func(v string) string {
			return `["` + v[:len(v)/2] + `", "` + v[len(v)/2:] + `"].join("")`
		}, fits: func(v string) bool { return len(v) > 15 && !strings.Contains(v, "\n") }},
		{name: "concatenation in Basic", via: "joined", exact: true, value: func(v string) string { return v[:len(v)/2] + "\" & _\n    \"" + v[len(v)/2:] }},
		{name: "line continuation", via: "escapes", exact: true, value: func(v string) string { return v[:2] + "\\\n" + v[2:] }, fits: func(v string) bool { return len(v) > 3 && isAlnum(v[1]) && isAlnum(v[2]) }},
		{name: "comments in code", via: "tags", exact: true, value: func(v string) string { return v[:2] + "/* x */" + v[2:] }, fits: func(v string) bool { return len(v) > 3 && isAlnum(v[1]) && isAlnum(v[2]) }},
		{name: "list of characters", via: "separators", exact: true, value: listed(`", "`), fits: oneByOne},
		{name: "list of characters in lines", via: "separators", exact: true, value: listed("\",\n  \""), fits: oneByOne},
		{name: "list of digits", via: "separators", exact: true, value: func(v string) string { return strings.Join(strings.Split(onlyDigits(v), ""), ", ") }, fits: manyDigits},
		{name: "literal with a type", via: "separators", exact: true, value: func(v string) string { return onlyDigits(v) + "ULL" }, fits: manyDigits},
		{name: "literal in thousands", via: "separators", exact: true, value: thousands("_"), fits: manyDigits},
		{name: "literal with apostrophes", via: "separators", exact: true, value: thousands("'"), fits: manyDigits},
		{name: "uuencode", via: "uuencode", text: uuencode},
		{name: "base85 of Python", via: "base85", text: func(t string) string { return `base64.b85decode("` + base85(t, alphabet85) + `")` }},
		{name: "base85 of ZeroMQ", via: "base85", text: func(t string) string { return "in z85: " + base85(t, alphabetZ85) }},
		{name: "ascii85 without marks", via: "base85", text: func(t string) string {
			b := make([]byte, ascii85.MaxEncodedLen(len(t)))
			return "this is ascii85: " + string(b[:ascii85.Encode(b, []byte(t))])
		}},
		{name: "code comment", via: "", exact: true, value: func(v string) string { return v }},
	}
}

func uuencode(t string) string {
	var b strings.Builder
	b.WriteString("begin 644 note.txt\n")
	for rest := []byte(t); len(rest) > 0; rest = rest[min(45, len(rest)):] {
		line := rest[:min(45, len(rest))]
		b.WriteByte(byte(' ' + len(line)))
		for k := 0; k < len(line); k += 3 {
			var g [3]byte
			copy(g[:], line[k:])
			for _, v := range []byte{g[0] >> 2, g[0]<<4&63 | g[1]>>4, g[1]<<2&63 | g[2]>>6, g[2] & 63} {
				if v == 0 {
					v = 64
				}
				b.WriteByte(' ' + v)
			}
		}
		b.WriteByte('\n')
	}
	return b.String() + "`\nend"
}

const (
	alphabet85  = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
	alphabetZ85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
)

func base85(t, alphabet string) string {
	var out []byte
	for rest := []byte(t); len(rest) > 0; rest = rest[min(4, len(rest)):] {
		var g [4]byte
		n := copy(g[:], rest)
		v := uint32(g[0])<<24 | uint32(g[1])<<16 | uint32(g[2])<<8 | uint32(g[3])
		var d [5]byte
		for k := range d {
			d[4-k] = alphabet[v%85]
			v /= 85
		}
		out = append(out, d[:n+1]...)
	}
	return string(out)
}

// listed writes the characters of a value one by one in quotation marks.
func listed(gap string) func(string) string {
	return func(v string) string { return `["` + strings.Join(strings.Split(v, ""), gap) + `"]` }
}

// oneByOne tells the values that can be so listed.
func oneByOne(v string) bool {
	return isASCII(v) && len(v) >= 7 && len(v) <= 200 && !strings.ContainsAny(v, "\"\\\n\t")
}

func onlyDigits(v string) string { return strings.NewReplacer(" ", "", "-", "").Replace(v) }

// manyDigits tells numbers that programs write as literals.
func manyDigits(v string) bool {
	v = onlyDigits(v)
	return len(v) >= 12 && v[0] != '0' && strings.Trim(v, "0123456789") == ""
}

// thousands writes a number with a mark between groups of three digits.
func thousands(mark string) func(string) string {
	return func(v string) string {
		v = onlyDigits(v)
		for i := len(v) - 3; i > 0; i -= 3 {
			v = v[:i] + mark + v[i:]
		}
		return v
	}
}

// codes writes characters as numbers of a form with gap between them.
func codes(form, gap string) func(string) string {
	return func(v string) string {
		var out []string
		for _, b := range []byte(v) {
			out = append(out, fmt.Sprintf(form, b))
		}
		return strings.Join(out, gap)
	}
}

// letters sets all characters of a text apart.
func letters(gap string) func(string) string {
	return func(t string) string { return strings.Join(strings.Split(t, ""), gap) }
}

// dump writes a text as xxd does (": "), or hexdump (" ", words with the lower byte
// first, in rows whose offsets have seven digits).
func dump(behindOffset string, swapped bool) func(string) string {
	return func(t string) string {
		var b strings.Builder
		for i := 0; i < len(t); i += 16 {
			row := []byte(t[i:min(len(t), i+16)])
			if swapped && len(row)%2 > 0 {
				row = append(row, '\n')
			}
			digits := 8
			if swapped {
				digits = 7
			}
			fmt.Fprintf(&b, "%0*x%s", digits, i, behindOffset)
			for k := 0; k < len(row); k += 2 {
				word := slices.Clone(row[k:min(len(row), k+2)])
				if swapped {
					slices.Reverse(word)
				}
				fmt.Fprintf(&b, "%x ", word)
			}
			if !swapped {
				fmt.Fprintf(&b, " %s", strings.ReplaceAll(string(row), "\n", "."))
			}
			b.WriteString("\n")
		}
		return b.String()
	}
}

func isAlnum(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' }

func isASCII(v string) bool {
	return !strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r > '~' })
}

func deflated(t string) string {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, 9)
	w.Write([]byte(t))
	w.Close()
	return b.String()
}

func jsonEscaped(v string) string {
	var b strings.Builder
	for _, r := range v {
		fmt.Fprintf(&b, `\u%04x`, r)
	}
	return b.String()
}

func selectors(v string) string {
	var b strings.Builder
	b.WriteString("\U0001f600")
	for _, c := range []byte(v) {
		if c < 16 {
			b.WriteRune(0xfe00 + rune(c))
		} else {
			b.WriteRune(0xe0100 + rune(c) - 16)
		}
	}
	return b.String()
}

func circled(v string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '0':
			return '⓪'
		case '1' <= r && r <= '9':
			return '①' + r - '1'
		}
		return r
	}, v)
}

func rot13(t string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return 'a' + (r-'a'+13)%26
		case 'A' <= r && r <= 'Z':
			return 'A' + (r-'A'+13)%26
		}
		return r
	}, t)
}

// said writes digits as words.
func said(list string) func(string) string {
	words := strings.Fields(list)
	return func(v string) string {
		var out []string
		for _, c := range v {
			if '0' <= c && c <= '9' {
				out = append(out, words[c-'0'])
			}
		}
		return strings.Join(out, " ")
	}
}

var (
	spoken     = said("zero one two three four five six seven eight nine")
	gesprochen = said("null eins zwei drei vier fünf sechs sieben acht neun")
	morse      = said("----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----.")
)

func percent(v string) string {
	return "%" + strings.ReplaceAll(strings.ToUpper(fmt.Sprintf("% x", v)), " ", "%")
}

// percentSome encodes what browsers encode, and every fourth character.
func percentSome(v string) string {
	var b strings.Builder
	for i := range len(v) {
		if c := v[i]; i%4 == 3 || strings.IndexByte(" @:/+=&\"\n", c) >= 0 || c >= 0x80 {
			b.WriteString(percent(v[i : i+1]))
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func fullWidth(r rune) string {
	if '!' <= r && r <= '~' {
		return string(r + 0xfee0)
	}
	return string(r)
}

func mathematical(r rune) string {
	switch {
	case 'A' <= r && r <= 'Z':
		return string(0x1d400 + r - 'A')
	case 'a' <= r && r <= 'z':
		return string(0x1d41a + r - 'a')
	case '0' <= r && r <= '9':
		return string(0x1d7ce + r - '0')
	}
	return string(r)
}

func reverse(t string) string {
	b := []byte(t)
	slices.Reverse(b)
	return string(b)
}

// family is one file of detectors and an example of it.
type family struct {
	name, text, value string
	start             int
	detector          string
	class             traffic.Class
}

// families returns the first example of each file of detectors that all of them together find
// with enough confidence, but for the tagger, which may find more of the sentence.
func families(t testing.TB, s *dlp.Scanner) (out []family) {
	seen, alone := make(map[string]bool), newListScanner(t)
	for _, d := range detectors() {
		name := strings.TrimSuffix(filepath.Base(d.Source.File), ".yaml")
		if seen[name] || d.Anchor == rules.AnchorAssign {
			continue
		}
		for _, text := range d.Match {
			by := alone
			if d.Anchor == rules.AnchorTagged {
				by = s
			}
			hits := by.ScanText([]byte(text), nil)
			if len(hits) != 1 || hits[0].Detector != d.Name {
				continue
			}
			seen[name] = true
			out = append(out, family{name, text, text[hits[0].Start:hits[0].End], hits[0].Start, d.Name, d.Class})
			break
		}
	}
	if len(out) < 10 {
		t.Fatalf("only %d families", len(out))
	}
	return out
}

// TestDisguises tries every disguise on an example of every family: it is
// found, or README.md says that it is not.
func TestDisguises(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	known := notFound(t)
	tried, missed := 0, 0
	for _, f := range families(t, s) {
		for _, d := range disguises() {
			if d.fits != nil && !d.fits(f.value) {
				continue
			}
			tried++
			text, from, to := d.apply(f)
			fault := d.try(s, text, from, to, f)
			at := d.name + " / " + f.name
			switch why, ok := known[at]; {
			case fault != "" && !ok:
				t.Errorf("%s: %s\n\tin %.300q", at, fault, text)
			case fault == "" && ok:
				t.Errorf("%s is found; README.md says that it is not: %s", at, why)
			case fault != "":
				missed++
			}
			delete(known, at)
		}
	}
	for at := range known {
		t.Errorf("README.md lists %s, which is not tried", at)
	}
	t.Logf("%d of %d found", tried-missed, tried)
}

// apply returns the text with the example in disguise, and the place that must
// not be left as it is.
func (d *disguise) apply(f family) (text string, from, to int) {
	if d.text != nil {
		hidden := d.text(f.text)
		if strings.HasPrefix(d.name, "UTF-") && !strings.Contains(d.name, "in base64") {
			return hidden, 0, len(hidden)
		}
		before := "Please have a look at this:\n"
		return before + hidden + "\nThank you.", len(before), len(before) + len(hidden)
	}
	hidden := d.value(f.value)
	before := "Please have a look at this:\n" + f.text[:f.start]
	if d.name == "code comment" {
		before = "/* " + before
	}
	return before + hidden + f.text[f.start+len(f.value):] + "\nThank you.", len(before), len(before) + len(hidden)
}

func (d *disguise) try(s *dlp.Scanner, text string, from, to int, f family) string {
	hits := s.ScanText([]byte(text), nil)
	for i := range hits {
		h := &hits[i]
		inside, most := from <= h.Start && h.End <= to, min(h.End, to)-max(h.Start, from) >= (to-from)*9/10
		tagged := h.Class == f.class && strings.HasSuffix(h.Detector, "_tagged")
		if h.Detector != f.detector && !tagged || !inside && !most {
			continue
		}
		if d.via != "" && !tagged && h.Via() != nil && !slices.Contains(h.Via(), d.via) {
			return fmt.Sprintf("found via %q", h.Via())
		}
		if d.exact && (h.Start > from+12 || h.End < to-12) {
			return fmt.Sprintf("found at %d to %d, not %d to %d", h.Start, h.End, from, to)
		}
		return ""
	}
	return fmt.Sprintf("%s not found, nor anything of the tagger, but %+v", f.detector, hits)
}

// notFound reads the table of README.md.
func notFound(t testing.TB) map[string]string {
	data, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(data), "<!-- not found: begin -->")
	table, _, _ = strings.Cut(table, "<!-- not found: end -->")
	out := make(map[string]string)
	for _, line := range strings.Split(table, "\n") {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || strings.HasPrefix(cells[1], "-") {
			continue
		}
		for _, f := range strings.Split(cells[2], ",") {
			if f = strings.TrimSpace(f); f != "" && f != "family" {
				out[strings.TrimSpace(cells[1])+" / "+f] = strings.TrimSpace(cells[3])
			}
		}
	}
	return out
}

// TestSplit finds a value whose halves are in two parts.
func TestSplit(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	parts := func(texts ...string) *traffic.Prompt {
		p := new(traffic.Prompt)
		for _, x := range texts {
			p.Parts = append(p.Parts, traffic.Part{Kind: traffic.PartText, Text: []byte(x)})
		}
		return p
	}
	whole := s.Scan(parts("the card is 4111 1111 1111 1111 now"))
	got := s.Scan(parts("hello", "the card is 4111 1111", "1111 1111 now", "bye"))
	if len(whole) != 1 || len(got) != 2 || got[0].Part != 1 || got[1].Part != 2 || got[0].Print != whole[0].Print || !slices.Equal(got[1].Via, []string{"split"}) {
		t.Errorf("Scan = %+v, want the two halves of %+v", got, whole)
	}
	got = s.Scan(parts("the card is 4111 1111", "1111", "1111 now"))
	if len(got) != 3 || got[1].Part != 1 || got[1].Start != 0 || got[1].End != 4 || got[2].Print != whole[0].Print {
		t.Errorf("Scan = %+v, want three pieces of %+v", got, whole)
	}
	got = s.Scan(parts("key AKIAZ7Q4", "MNPLK3", "WXR2TJ", "thanks"))
	if len(got) != 3 || got[0].Detector != "aws_access_key_id" || got[2].Part != 2 || got[0].Print != got[2].Print {
		t.Errorf("Scan = %+v, want three pieces of a key", got)
	}
	got = s.Scan(parts("key AKIAZ", "7Q4MN", "PLK3WXR2TJ")) // no digit before the first seam
	if len(got) != 3 || got[0].Detector != "aws_access_key_id" || got[0].Print != got[2].Print {
		t.Errorf("Scan = %+v, want three pieces of a key", got)
	}
	if got := s.Scan(parts("the year was 2019", "1111 people came")); len(got) != 0 {
		t.Errorf("Scan = %+v, want nothing", got)
	}
}

// TestDisguisedRedaction holds what is left of a text: exactly the value is
// replaced where bytes map to bytes, else all that it was encoded in.
func TestDisguisedRedaction(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	b64 := base64.StdEncoding.EncodeToString([]byte("my card 4111 1111 1111 1111 and mail jane@firma.example.de"))
	for _, tt := range []struct{ text, want string }{
		{"a%20b 4111%201111%201111%201111%20c", "a%20b [REDACTED:payment_card]%20c"},
		{"é “4\u200b111 1111 1111 1111” ü", "é “[REDACTED:payment_card]” ü"},
		{"x " + b64 + " y", "x [REDACTED:payment_card] y"},
		{"x =41 \nq 4111 11=\n11 1111 1111 =C3=BC", "x =41 \nq [REDACTED:payment_card] =C3=BC"},
		{`k = "AKIAIOSF" + "ODNN7EXAMPLE"; x`, `k = "[REDACTED:secret]"; x`},
	} {
		if got := dlp.Redact([]byte(tt.text), s.ScanText([]byte(tt.text), nil)); string(got) != tt.want {
			t.Errorf("Redact(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
	got := s.Scan(&traffic.Prompt{Parts: []traffic.Part{{Kind: traffic.PartText, Text: []byte("x " + b64 + " y")}}})
	if len(got) != 2 || got[0].Start != got[1].Start || got[0].Print == got[1].Print {
		t.Errorf("Scan = %+v, want the card and the mail in one place", got)
	}
}

// TestBombs must end within the bounds on what views may hold.
func TestBombs(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(make([]byte, 64<<20))
	w.Write([]byte("card 4111 1111 1111 1111"))
	w.Close()
	bomb := base64.StdEncoding.EncodeToString(b.Bytes())
	if hits := s.ScanText([]byte(bomb), nil); len(hits) != 0 {
		t.Errorf("read to the end of a bomb: %+v", hits)
	}
	text := strings.Repeat(" and so on", 500)
	for range 9 { // deeper than is looked
		text = base64.StdEncoding.EncodeToString([]byte(text))
	}
	s.ScanText([]byte(text), nil)
}
