package document

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"time"
)

// numberFormat is what a style does to a number, as far as it matters here.
type numberFormat struct {
	date    bool
	clock   bool
	pattern string // digits to fill from the right: 000-00-0000
}

// Days from day 0 of a workbook to 1970-01-01.
const (
	epoch1900 = 25569
	epoch1904 = 24107
)

// readStyles reads which cell styles make dates or patterns of numbers.
func (b *workbook) readStyles(name string) {
	x := newXML(b.w, b.part(name))
	codes := map[string]string{}
	inCells := false
	for {
		switch x.next() {
		case xmlOpen:
			switch string(x.name) {
			case "numFmt":
				codes[x.attr("numFmtId")] = x.attr("formatCode")
			case "cellXfs":
				inCells = true
			case "xf":
				if inCells {
					b.formats = append(b.formats, newFormat(x.attr("numFmtId"), codes))
				}
			}
		case xmlClose:
			if string(x.name) == "cellXfs" {
				inCells = false
			}
		case xmlEnd:
			return
		}
	}
}

// newFormat reads a format code; ids below 164 are built in (ECMA-376 part 1,
// section 18.8.30).
func newFormat(id string, codes map[string]string) numberFormat {
	code, own := codes[id]
	if !own {
		switch id {
		case "14", "15", "16", "17", "27", "30", "36", "50", "57":
			return numberFormat{date: true}
		case "22":
			return numberFormat{date: true, clock: true}
		}
		return numberFormat{}
	}
	code, _, _ = strings.Cut(code, ";")
	plain := plainCode(code)
	lower := strings.ToLower(plain)
	if strings.Contains(lower, "yy") || strings.Contains(lower, "d") && strings.Contains(lower, "m") {
		return numberFormat{date: true, clock: strings.Contains(lower, "h")}
	}
	if strings.Count(plain, "0") > 1 && strings.Trim(plain, "0-/ ()+") == "" && !strings.Contains(plain, "/") {
		return numberFormat{pattern: plain}
	}
	return numberFormat{}
}

// plainCode leaves out quotes, backslashes and [conditions].
func plainCode(code string) string {
	var out strings.Builder
	for i := 0; i < len(code); i++ {
		switch code[i] {
		case '"', '\\', '_':
		case '[':
			if n := strings.IndexByte(code[i:], ']'); n > 0 {
				i += n
			}
		default:
			out.WriteByte(code[i])
		}
	}
	return out.String()
}

// number returns a number as it is shown, where that is simple: dates in ISO form,
// whole numbers with all digits.
func (b *workbook) number(value []byte, style string) []byte {
	value = bytes.TrimSpace(value)
	var f numberFormat
	if i, err := strconv.Atoi(style); err == nil && i >= 0 && i < len(b.formats) {
		f = b.formats[i]
	}
	exponent := bytes.ContainsAny(value, "eE")
	if !exponent && f == (numberFormat{}) {
		return value
	}
	n, err := strconv.ParseFloat(string(value), 64)
	if err != nil {
		return value
	}
	whole := n == math.Trunc(n) && math.Abs(n) < 1e18
	switch {
	case f.date && n > 0 && n < 3e6:
		return b.date(n, f.clock)
	case f.pattern != "" && whole && n >= 0:
		return fill(f.pattern, strconv.FormatInt(int64(n), 10))
	case exponent && whole:
		return strconv.AppendInt(nil, int64(n), 10)
	}
	return value
}

func (b *workbook) date(n float64, clock bool) []byte {
	days := math.Floor(n)
	if b.epoch == epoch1900 && days < 60 {
		days++ // Excel counts a 29 February 1900
	}
	t := time.Unix(int64(days-float64(b.epoch))*86400+int64(math.Round((n-math.Floor(n))*86400)), 0).UTC()
	if clock {
		return t.AppendFormat(nil, "2006-01-02 15:04:05")
	}
	return t.AppendFormat(nil, time.DateOnly)
}

// fill puts digits into a pattern from the right, zeros where they run out.
func fill(pattern, digits string) []byte {
	out := []byte(pattern)
	for i := len(out) - 1; i >= 0; i-- {
		if out[i] != '0' {
			continue
		}
		if n := len(digits); n > 0 {
			out[i], digits = digits[n-1], digits[:n-1]
		}
	}
	return append([]byte(digits), out...)
}
