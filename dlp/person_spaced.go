package dlp

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// wordsAfter appends to dst the places of the words of the script at the start of
// text[j:], up to most, which nothing but single blanks parts.
func wordsAfter(dst [][2]int, text []byte, j, most int, script *unicode.RangeTable) [][2]int {
	for len(dst) < most {
		end := j
		for end < len(text) && end-j < mostGiven*2 {
			r, n := utf8.DecodeRune(text[end:])
			if !unicode.Is(script, r) && !unicode.IsMark(r) {
				break
			}
			end += n
		}
		if end == j {
			break
		}
		dst = append(dst, [2]int{j, end})
		if end+1 >= len(text) || text[end] != ' ' {
			break
		}
		j = end + 1
	}
	return dst
}

// pastMarks returns where the name may start behind a label that ends at j.
func pastMarks(text []byte, j int) int {
	for n := 0; n < 3 && j < len(text); n++ {
		r, size := utf8.DecodeRune(text[j:])
		if !strings.ContainsRune(betweenNames+"/،,", r) {
			break
		}
		j += size
	}
	return j
}

// arabicPerson reads the two to five words of a name behind a title or a role: the first
// is a first name, and those behind the second are parts of names.
func arabicPerson(text []byte, i, j int) (from, to int) {
	var buf [6][2]int
	e := personEntries()
	words := wordsAfter(buf[:0], text, pastMarks(text, j), len(buf), unicode.Arabic)
	if len(words) == 0 {
		return 0, 0
	}
	word := func(k int) string { return string(text[words[k][0]:words[k][1]]) }
	if !e["ar-given"].has(word(0)) && !e["ar-joins"].has(word(0)) {
		return 0, 0
	}
	n := 1
	for n < len(words) {
		w := word(n)
		switch {
		case e["ar-joins"].has(w) && n+1 < len(words):
			n += 2
			continue
		case e["ar-given"].has(w), strings.HasPrefix(w, "ال") && !e["ar-none"].has(w), n == 1 && !e["ar-none"].has(w) && !arabicVerb(w):
			n++
			continue
		}
		break
	}
	if e["ar-joins"].has(word(0)) {
		n = max(n, 2)
	}
	if n < 2 && (!e["ar-given"].has(word(0)) || len(words) > 1 && !e["ar-none"].has(word(1)) && !arabicVerb(word(1))) {
		return 0, 0
	}
	return words[0][0], words[min(n, len(words))-1][1]
}

// arabicVerb reports whether w looks like what somebody does now.
func arabicVerb(w string) bool {
	return strings.HasPrefix(w, "ي") || strings.HasPrefix(w, "ت") && strings.HasSuffix(w, "ت")
}

// devanagariPerson reads the one to three words between a title or a role and the
// particle that nouns have behind them.
func devanagariPerson(text []byte, i, j int) (from, to int) {
	var buf [5][2]int
	e := personEntries()
	words := wordsAfter(buf[:0], text, pastMarks(text, j), len(buf), unicode.Devanagari)
	ends := slices.IndexFunc(words, func(w [2]int) bool { return e["hi-after"].has(string(text[w[0]:w[1]])) })
	if ends < 0 {
		ends = len(words)
	}
	if ends == 0 || ends > 4 {
		return 0, 0
	}
	known := false
	for _, w := range words[:ends] {
		s := string(text[w[0]:w[1]])
		if e["hi-none"].has(s) {
			return 0, 0
		}
		known = known || e["hi-name"].has(s)
	}
	if !known && (ends != 2 || ends == len(words)) {
		return 0, 0
	}
	return words[0][0], words[min(ends, 3)-1][1]
}

// thaiPerson reads a first name and a surname, which a blank parts, behind a title or
// a role.
func thaiPerson(text []byte, i, j int) (from, to int) {
	var buf [3][2]int
	e := personEntries()
	at := pastMarks(text, j)
	words := wordsAfter(buf[:0], text, at, 2, unicode.Thai)
	if len(words) < 2 {
		return 0, 0
	}
	for k, w := range words {
		if n := utf8.RuneCount(text[w[0]:w[1]]); n < 3 || n > 16 {
			return 0, 0
		}
		s := string(text[w[0]:w[1]])
		for none := range e["th-none"] {
			if strings.HasPrefix(s, none) {
				return 0, 0
			}
		}
		_ = k
	}
	return words[0][0], words[1][1]
}
