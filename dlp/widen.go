package dlp

import (
	"bytes"
	"unicode/utf8"

	"github.com/gnomon-proxy/gnomon/traffic"
)

const (
	maxOrder      = 300 // bytes of a line that an order to a model takes
	maxOrderFront = 160 // and of those in front of the words that gave it away
)

// widen returns what text[i:j], a match of d, stands for. Without three of its words an
// attack still is one, so an order to a model is the sentence from its start and what
// follows in its line: that is what the model is to do instead. A banner is its line.
func (c *scan) widen(d *detector, i, j int) (from, to int) {
	switch {
	case d.health:
		from, to = healthStart(c.text, i), j
	case d.class == traffic.ClassInjection:
		from, to = sentenceStart(c.text, i), orderEnd(c.text, j)
	case d.banner:
		from, to = bannerStart(c.text, i), j+len(bytes.TrimRight(lineAfter(c.text, j), " \t\r*_=#|\""))
	default:
		return i, j
	}
	c.work += to - from
	return from, to
}

// sentenceStart returns where the sentence of i starts, or i if that is too far off.
func sentenceStart(text []byte, i int) int {
	for k := i; i-k <= maxOrderFront; k-- {
		if k == 0 || endsSentence(text, k) {
			return k + len(text[k:i]) - len(bytes.TrimLeft(text[k:i], " \t\r-*#"))
		}
	}
	return i
}

// endsSentence reports whether what stands before k ends a sentence or sets off the
// next: a dot inside a word does not.
func endsSentence(text []byte, k int) bool {
	switch text[k-1] {
	case '\n', '<', '>', '"', '(', '[', '{', '|', '`':
		return true
	case '.', '!', '?', ':', ';':
		return k == len(text) || space[text[k]]
	case 'n':
		return k > 1 && text[k-2] == '\\'
	}
	if utf8.RuneStart(text[k-1]) {
		return false
	}
	r, _ := utf8.DecodeLastRune(text[:k])
	return bytes.ContainsRune([]byte("。！？：«“„「『…"), r)
}

// orderEnd returns where the line of an order that goes on at j ends, or the element
// or the string that it stands in.
func orderEnd(text []byte, j int) int {
	k, end := j, min(len(text), j+maxOrder)
	for ; k < end; k++ {
		switch text[k] {
		case '\n', '<', '>':
			end = k
		case '\\':
			if k+1 < len(text) && text[k+1] == 'n' {
				end = k
			}
		case '"':
			if rest := bytes.TrimLeft(text[k+1:min(len(text), k+4)], " "); len(rest) > 0 && bytes.IndexByte([]byte(",}]:\n"), rest[0]) >= 0 {
				end = k
			}
		}
	}
	for end < len(text) && end > j && !utf8.RuneStart(text[end]) {
		end--
	}
	return j + len(bytes.TrimRight(text[j:end], " \t\r-*#"))
}

// bannerStart returns where the banner starts that i is in: behind the word that says
// where it stands, if there is one.
func bannerStart(text []byte, i int) int {
	before := lineBefore(text, i)
	if k := bytes.LastIndex(before, []byte(": ")); k >= 0 {
		before = before[k+1:]
	}
	return i - len(bytes.TrimLeft(before, " \t\r*_=#|\"-"))
}
