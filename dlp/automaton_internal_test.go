package dlp

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"regexp/syntax"
	"testing"
)

// longest is the oracle: the longest match at the start of text whose end is no
// place inside a word (before a low line it may be one if glued), by trying every
// length.
func longest(re *regexp.Regexp, text []byte, glued bool) int {
	for n := len(text); n > 0; n-- {
		if n < len(text) && isWord[text[n-1]] && isWord[text[n]] && !(glued && text[n] == '_') {
			continue
		}
		if re.Match(text[:n]) {
			return n
		}
	}
	return -1
}

// TestAutomaton compares automata with the standard library's engine.
func TestAutomaton(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, pattern := range []string{
		`ab`, `a{2,4}b?`, `(?:a|ab)(?:c|bcd)?`, `(?i)aB[c-d]+`, `a[^b]*b`, `[ab]+-[cd]{2}`, `(a+|b+)c`, `a(?:-?b){0,3}`, `ab?c{1,3}|abd`, `\w+-\d*`, `[ \x{a0}-]{1,2}a`, `ab?[^d]*`, `a{2}[^\x00]*`, `b[^c]*c`,
	} {
		parsed, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		a, err := compile(parsed)
		if err != nil {
			t.Fatalf("%s: %v", pattern, err)
		}
		re := regexp.MustCompile(`\A(?:` + pattern + `)\z`)
		found := 0
		for range 3000 {
			text := make([]byte, r.IntN(12))
			for i := range text {
				text[i] = "aabbcdABC-_ 1"[r.IntN(13)]
			}
			got, _ := a.match(text, 0)
			want := longest(re, text, false)
			if got != want {
				t.Fatalf("%s on %q ends at %d, want %d", pattern, text, got, want)
			}
			if got > 0 {
				found++
			}
		}
		if found == 0 {
			t.Errorf("%s never matched: the test proves nothing", pattern)
		}
	}
}

// TestFilter holds that a keyword is found at every place and in every letter
// case.
func TestFilter(t *testing.T) {
	words := make(map[string]*keyword)
	for i, text := range []string{"sk-", "mr ", "akia", "password", "token", "hooks.slack", "-----begin"} {
		words[text] = &keyword{tries: []try{{back: int16(i)}}}
	}
	f := newFilter(words)
	for text := range words {
		for at := range 16 {
			for _, upper := range []bool{false, true} {
				b := make([]byte, at, 40)
				for i := range b {
					b[i] = '.'
				}
				for i := range len(text) {
					c := text[i]
					if upper && isLower(c) {
						c &^= 0x20
					}
					b = append(b, c)
				}
				b = append(b, "........"...)
				found := 0
				look := func(entries []entry, i int) {
					for _, e := range entries {
						if w := &f.words[e.word]; e.is(b, i) && w.is(b, i-int(e.offset)) && w.tries[0].back == words[text].tries[0].back {
							found++
						}
					}
				}
				for i := 0; i+4 <= len(b); i += 2 {
					group := four(b[i:]) | 0x20202020
					view := uint64(group) << 8
					if i > 0 {
						view |= uint64(b[i-1] | 0x20)
					}
					if f.inLong(view) != 0 {
						look(f.byLong.at(hashFive(view)), i)
					}
					if f.inShort(view) != 0 {
						for k, g := range [...]uint32{group & 0xffffff, group >> 8} {
							look(f.byShort.at(shortHash(g)), i+k)
						}
					}
				}
				if found != 1 {
					t.Errorf("%q at %d (upper %v) found %d times, want once", text, at, upper, found)
				}
			}
		}
	}
}

// TestFilterOfMany holds that the keywords of a large organisation's own terms are all
// found: more than two bytes can count.
func TestFilterOfMany(t *testing.T) {
	words := make(map[string]*keyword)
	for n := range 70_000 {
		words[fmt.Sprintf("project %05d", n)] = &keyword{}
	}
	f := newFilter(words)
	for text := range words {
		found := 0
		for i := 0; i+4 <= len(text); i += 2 {
			view := uint64(four([]byte(text[i:]))|0x20202020) << 8
			if i > 0 {
				view |= uint64(text[i-1] | 0x20)
			}
			if f.inLong(view) == 0 {
				continue
			}
			for _, e := range f.byLong.at(hashFive(view)) {
				if e.is([]byte(text), i) && f.words[e.word].is([]byte(text), i-int(e.offset)) {
					found++
				}
			}
		}
		if found != 1 {
			t.Fatalf("%q found %d times, want once", text, found)
		}
	}
}

func TestDigitPairs(t *testing.T) {
	for _, tt := range []struct {
		text string
		want uint64
	}{
		{"abcdefgh", 0}, {"1a2b3c4d", 0}, {"12345678", 0x0080808080808080}, {"ab12cd34", 0x0080000000800000}, {"//::\x0011", 0x80 << 40},
	} {
		b := append([]byte(tt.text), make([]byte, 8)...)
		x := uint64(0)
		for i := range 8 {
			x |= uint64(b[i]) << (8 * i)
		}
		if got := digitPairs(x); got != tt.want {
			t.Errorf("digitPairs(%q) = %#x, want %#x", tt.text, got, tt.want)
		}
	}
}
