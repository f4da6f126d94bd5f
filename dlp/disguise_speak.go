package dlp

import (
	_ "embed"
	"strings"
	"sync"
)

// spoken.txt lists the words for digits by language.
//
//go:embed spoken.txt
var spokenFile string

// spoken is the words for digits, and those of them that are looked for: without
// one of these no number of nine digits is likely.
var spoken = sync.OnceValue(func() (s struct {
	digit map[string]byte
	signs []string
}) {
	s.digit = make(map[string]byte)
	for line := range strings.Lines(spokenFile) {
		f := strings.Fields(line)
		if len(f) < 2 || f[0] == "#" {
			continue
		}
		for _, w := range f[1:] {
			s.digit[w] = f[0][0]
			if strings.Contains(spokenSigns, f[0]) && len(w) > 3 {
				s.signs = append(s.signs, w+" ")
			}
		}
	}
	return s
})

const (
	spokenSigns = "3478"
	minSpoken   = 7 // digits in a row, said one by one, that may be a value
	maxSpoken   = 64
	longestWord = 8
)

// isSpoken reports whether two words for digits stand side by side at i.
func isSpoken(text []byte, i int) bool {
	if i > 0 && isWord[text[i-1]] {
		return false
	}
	_, to := spokenAt(text, i)
	if to == 0 {
		return false
	}
	next := pastSpoken(text, to)
	_, end := spokenAt(text, next)
	if end == 0 { // the last of them
		k := i
		for k > 0 && i-k < 3 && !isWord[text[k-1]] {
			k--
		}
		from := k
		for from > 0 && k-from < longestWord && (isAlpha(text[from-1]) || text[from-1] >= 0x80) {
			from--
		}
		_, end = spokenAt(text, from)
	}
	return end > 0
}

// spokenAt returns the digit whose word stands at i, and the end of the word; 0 if
// none does.
func spokenAt(text []byte, i int) (digit byte, end int) {
	var word [longestWord]byte
	n := 0
	for n < len(word) && i+n < len(text) && (isAlpha(text[i+n]) || text[i+n] >= 0x80) {
		word[n] = fold(text[i+n])
		n++
	}
	if n < 2 || i+n < len(text) && isWord[text[i+n]] {
		return 0, 0
	}
	if digit = spoken().digit[string(word[:n])]; digit == 0 {
		return 0, 0
	}
	return digit, i + n
}

// pastSpoken returns where the next word stands: behind a blank, a comma, a dash.
func pastSpoken(text []byte, i int) int {
	k := i
	for k < len(text) && k < i+3 && (text[k] == ' ' || text[k] == ',' || text[k] == '-' || text[k] == '\n' || text[k] == '.') {
		k++
	}
	if k == i {
		return len(text)
	}
	return k
}

// spokenDigits looks at digits that are said in words ("four one one one").
func (c *scan) spokenDigits() {
	w := c.workspace()
	defer c.release(w)
	var b batch
	text := c.text
	for i := 0; i < len(text) && c.room > 0; i++ {
		if i > 0 && (isAlnum(text[i-1]) || text[i-1] >= 0x80) || !isAlpha(text[i]) {
			continue
		}
		from := i
		m := mapping{places: w.places[:0]}
		w.in = w.in[:0]
		for at := i; len(w.in) < maxSpoken; {
			digit, end := spokenAt(text, at)
			if end == 0 {
				break
			}
			m.add(len(w.in), at, 0, wayWords)
			w.in = append(w.in, digit)
			i = end
			at = pastSpoken(text, end)
		}
		w.places = m.places
		if len(w.in) >= minSpoken && c.open(&b, from, around/2, afterWithin) {
			b.show(w.in, m.places)
			c.shut(&b, i)
		}
	}
	c.flush(&b)
}

// rotated looks at the text with each letter moved by thirteen.
func (c *scan) rotated() {
	w := c.workspace()
	defer c.release(w)
	for from := 0; from < len(c.text) && c.room > 0; from += maxIsland - maxIsland/8 {
		end := min(len(c.text), from+maxIsland)
		w.out = w.out[:0]
		for _, b := range c.text[from:end] {
			if isAlpha(b) {
				b = 'a' + (b|0x20-'a'+13)%26 - (^b & 0x20)
			}
			w.out = append(w.out, b)
		}
		m := mapping{places: w.places[:0], end: end, rotated: true}
		m.add(0, from, 1, wayRot13)
		w.places = m.places
		c.look(w.out, &m, 0)
		if end == len(c.text) {
			return
		}
	}
}

// morseCode is the signs of Morse's code.
var morseCode = func() map[string]byte {
	m := make(map[string]byte)
	const letters = "a.- b-... c-.-. d-.. e. f..-. g--. h.... i.. j.--- k-.- l.-.. m-- n-. o--- p.--. q--.- r.-. s... t- u..- v...- w.-- x-..- y-.-- z--.. " +
		"0----- 1.---- 2..--- 3...-- 4....- 5..... 6-.... 7--... 8---.. 9----. @.--.-. --....- ..-.-.- _..--.- /-..-. +.-.-."
	for f := range strings.FieldsSeq(letters) {
		m[f[1:]] = f[0]
	}
	return m
}()

const minMorse = 7 // signs in a row that may be a value

// morse looks at the text with runs of Morse's code read.
func (c *scan) morse() {
	w := c.workspace()
	defer c.release(w)
	var b batch
	text := c.text
	for i := 0; i < len(text) && c.room > 0; i++ {
		if text[i] != '.' && text[i] != '-' || i > 0 && isAlnum(text[i-1]) {
			continue
		}
		from := i
		m := mapping{places: w.places[:0]}
		out := w.in[:0]
		at := i
		for len(out) < maxApart {
			end := at
			for end < len(text) && end-at < 7 && (text[end] == '.' || text[end] == '-') {
				end++
			}
			b := morseCode[string(text[at:end])]
			if b == 0 {
				break
			}
			m.add(len(out), at, 0, wayMorse)
			out = append(out, b)
			i = end
			at = end
			for at < len(text) && at < end+3 && (text[at] == ' ' || text[at] == '/' || text[at] == '\n') {
				at++
			}
			if at-end > 1 && at < len(text) && (text[at] == '.' || text[at] == '-') {
				m.add(len(out), end, 0, wayMorse)
				out = append(out, ' ')
			}
			if at == end {
				break
			}
		}
		if len(out) >= minMorse && c.open(&b, from, around/2, afterWithin) {
			b.show(out, m.places)
			c.shut(&b, i)
		}
		w.in, w.places = out, m.places
	}
	c.flush(&b)
}
