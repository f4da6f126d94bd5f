package dlp

import (
	"unicode"
	"unicode/utf8"
)

// tagWord is a word, or a mark, of a sentence.
type tagWord struct {
	from, to int32
	whole    uint32 // hashes of all of it, in small letters and with digits alike,
	stem     uint32 // of how it begins
	end      uint32 // and of how it ends
	shape    uint32
	lists    uint32 // of names that have it
	tells    uint32 // of other words
	sense    sense
	known    bool // by itself: what it is worth is noted
}

// Lists of names, and of what stands beside them, that have a word.
const (
	listGiven = 1 << iota
	listSurname
	listPlain
	listTwofold
	listRole
	listSign
	listGreet
)

// What lists of other words say of it. Those for whole words come first (listed).
const (
	tellWho    = 1 << iota // somebody
	tellSays               // is or has something
	tellKey                // passwords and PINs,
	tellCoded              // codes,
	tellDoor               // what they open
	tellNamed              // and whose they are
	tellValue              // what joins them to a value
	tellHealth             // a matter of health
	tellSoft               // the same, if others say so
	tellFrame              // what stands before such a thing
)

// The forms of words. A shape is a form, how long the word is and whether it has marks inside.
const (
	formMark = iota // no word but a mark
	formSmall
	formCapital
	formUpper
	formInner // a capital inside
	formDigits
	formMixed // letters and digits
	formSigns // with marks inside
	formLone  // a letter of a script without blanks

	formMask = 15
)

// tagged is a sentence as a tagger reads it.
type tagged struct {
	words [mostTagged]tagWord
	text  []byte
	n     int
	all   uint32 // what its words tell
	means uint64 // their senses, a bit for each,
	gist  uint32 // and of which groups they are
	small [maxSentence]byte
	best  [mostTagged][allTags]wordTag
	sums  [mostTagged]tagSums // what words are worth by themselves
	worth [mostTagged][allTags]int32
	tags  [mostTagged]wordTag
	memo  wordMemo
}

// read takes a sentence apart.
func (s *tagged) read(text []byte) {
	s.text = text[:min(len(text), maxSentence)]
	text = s.text
	small := lowerInPlace(s.small[:copy(s.small[:], text)])
	s.n = 0
	for i := 0; i < len(text) && s.n < mostTagged; {
		w := &s.words[s.n]
		if c := text[i]; c < utf8.RuneSelf {
			switch tagBytes[c] {
			case tagBlank:
				i++
				continue
			case tagOther:
				if c == '\\' && i+1 < len(text) && isEscape[text[i+1]] {
					w.mark(text, i, i+2, formMark)
					break
				}
				w.mark(text, i, i+1, formMark)
			default:
				w.read(text, small, i)
			}
			i = int(w.to)
			s.n++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		switch {
		case r == 0xa0 || r == 0x3000:
			i += size
			continue
		case isUnspaced(r):
			w.mark(text, i, i+size, formLone)
		case r == utf8.RuneError || !isTagLetter(r):
			w.mark(text, i, i+size, formMark)
		default:
			w.describe(text, small, i, tagWordEnd(text, i+size))
		}
		i = int(w.to)
		s.n++
	}
}

// word returns a word in small letters.
func (s *tagged) word(w *tagWord) []byte { return s.small[w.from:w.to] }

// mark notes text[i:j] as a word of a form of its own.
func (w *tagWord) mark(text []byte, i, j int, form uint32) {
	h := hashMore(hashStart, text[i:j])
	*w = tagWord{from: int32(i), to: int32(j), shape: form, whole: h, stem: h, end: h}
}

// isEscape are letters that stand for another character behind a backslash.
var isEscape = table("ntrbf")

// The kinds of bytes that words are made of.
const (
	tagOther = iota
	tagBlank
	tagLower
	tagUpper
	tagDigit
)

var tagBytes = func() (kinds [utf8.RuneSelf]uint8) {
	for c := range byte(utf8.RuneSelf) {
		switch {
		case space[c]:
			kinds[c] = tagBlank
		case isLower(c):
			kinds[c] = tagLower
		case isUpper(c):
			kinds[c] = tagUpper
		case isDigit(c):
			kinds[c] = tagDigit
		}
	}
	return kinds
}()

// read describes the word that starts with a letter or digit of ASCII at text[i].
func (w *tagWord) read(text, small []byte, i int) {
	h, stem := uint32(hashStart), uint32(0)
	upper, lower, digits, inner := 0, 0, 0, false
	j := i
scan:
	for ; j < len(text) && text[j] < utf8.RuneSelf; j++ {
		b := text[j]
		switch tagBytes[b] {
		case tagLower:
			lower++
		case tagUpper:
			upper++
			inner = inner || lower > 0
			b |= 0x20
		case tagDigit:
			digits++
			b = '0'
		default:
			break scan
		}
		h = (h ^ uint32(b)) * hashPrime
		if j == i+tagStem-1 {
			stem = h
		}
	}
	if j < len(text) && (text[j] >= utf8.RuneSelf || isTagMark[text[j]]) {
		if end := tagWordEnd(text, j); end > j {
			w.describe(text, small, i, end)
			return
		}
	}
	if stem == 0 {
		stem = h
	}
	*w = tagWord{from: int32(i), to: int32(j), whole: h, stem: stem, end: hashMore(hashStart, small[max(i, j-tagEnd):j])}
	w.shape = tagShape(j-i, upper, lower, digits, 0, inner)
}

// What words are known by beside all of them.
const (
	tagStem = 4 // letters at their start
	tagEnd  = 3 // bytes at their end
)

// isTagLetter reports whether r is part of words.
func isTagLetter(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// tagWordEnd returns where the word ends that goes on at i: marks that stand between
// letters or digits belong to it, but those that part fields.
func tagWordEnd(text []byte, i int) int {
	for i < len(text) {
		r, size := utf8.DecodeRune(text[i:])
		switch {
		case isUnspaced(r):
			return i
		case isTagLetter(r):
			i += size
			continue
		}
		switch r {
		case '"', '=', ',', ';', '|', '(', ')', '[', ']', '{', '}', '<', '>', ' ', '\t', '\n', '\r', '\\', utf8.RuneError:
			return i
		case ':':
			if !isHexDigit(text[i-1]) || i+1 >= len(text) || !isHexDigit(text[i+1]) && text[i+1] != ':' {
				return i
			}
		default:
			if unicode.IsSpace(r) || r > 0x2fff {
				return i
			}
		}
		j := i + size // one or more marks and a letter again
		for j < len(text) && j < i+3 && text[j] < utf8.RuneSelf && isTagMark[text[j]] {
			j++
		}
		if j >= len(text) {
			return i
		}
		if r, _ := utf8.DecodeRune(text[j:]); !isTagLetter(r) || isUnspaced(r) {
			return i
		}
		i = j
	}
	return i
}

var isTagMark = table("!#$%&*+-./?@^_~'`:")

// describe notes the shape and the hashes of the word text[i:j].
func (w *tagWord) describe(text, small []byte, i, j int) {
	upper, lower, digits, marks, inner, letters := 0, 0, 0, 0, false, 0
	h, stem := uint32(hashStart), uint32(0)
	for k := i; k < j; {
		r, size := rune(text[k]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(text[k:j])
		}
		switch {
		case r < utf8.RuneSelf && isDigit(byte(r)):
			digits++
			h = (h ^ '0') * hashPrime
		case unicode.IsLetter(r) || unicode.IsMark(r):
			if unicode.IsUpper(r) {
				upper++
				inner = inner || lower > 0 && marks == 0
			} else {
				lower++
			}
			h = hashMore(h, small[k:k+size])
		default:
			marks++
			h = hashMore(h, small[k:k+size])
		}
		if letters++; letters == tagStem {
			stem = h
		}
		k += size
	}
	if letters < tagStem {
		stem = h
	}
	*w = tagWord{from: int32(i), to: int32(j), whole: h, stem: stem, end: hashMore(hashStart, small[max(i, j-tagEnd):j])}
	w.shape = tagShape(letters, upper, lower, digits, marks, inner)
}

// tagShape returns the shape of a word: its form, how long it is, and whether it has marks
// inside.
func tagShape(letters, upper, lower, digits, marks int, inner bool) (shape uint32) {
	switch {
	case digits > 0 && upper+lower == 0:
		shape = formDigits
	case digits > 0:
		shape = formMixed
	case marks > 0 && lower+upper < letters-1:
		shape = formSigns
	case inner:
		shape = formInner
	case upper > 0 && lower == 0 && letters > 1:
		shape = formUpper
	case upper > 0:
		shape = formCapital
	default:
		shape = formSmall
	}
	switch {
	case letters > 9:
		shape |= 3 << 4
	case letters > 5:
		shape |= 2 << 4
	case letters > 3:
		shape |= 1 << 4
	}
	if marks > 0 {
		shape |= 4 << 4
	}
	return shape
}

// forget leaves nothing of a text but the memo of words, which are hashes there.
func (s *tagged) forget() {
	s.text, s.n = nil, 0
	clear(s.small[:])
	clear(s.words[:])
}

// look notes for all words which lists have them, what they mean and what they are worth to t by
// themselves.
func (s *tagged) look(t *tagger) {
	if s.memo.tagger != t {
		s.memo = wordMemo{tagger: t}
	}
	s.all = 0
	small := s.small[:len(s.text):len(s.text)]
	for i := range s.n {
		s.lookAt(i, small)
	}
	for i := range s.n {
		s.all |= s.words[i].tells
	}
	s.noteSenses(senses())
}

// lookAt notes which lists have a word, or a phrase that starts with it.
func (s *tagged) lookAt(i int, small []byte) {
	w := &s.words[i]
	switch w.shape & formMask {
	case formMark, formDigits, formMixed:
		return
	case formLone:
	default:
		k := s.memo.of(s, i)
		w.known, w.sense, s.sums[i] = true, k.sense, k.own
		w.lists, w.tells = uint32(k.lists), w.tells|uint32(k.tells)
		if !k.opens {
			return
		}
	}
	if size, as := healthWords().at(small[w.from:]); size > 0 && as < roleMore {
		tell := uint32(tellHealth)
		if as == roleSoft {
			tell = tellSoft
		}
		s.spread(i, size, tell)
	}
	if size, _ := healthFrames().at(small[w.from:]); size > 0 {
		s.spread(i, size, tellFrame)
	}
}

// spread notes what the words tell that start in so many bytes from word i on.
func (s *tagged) spread(i, size int, tell uint32) {
	end := int(s.words[i].from) + size
	for ; i < s.n && int(s.words[i].from) < end; i++ {
		s.words[i].tells |= tell
	}
}

// toldTells returns what a word of the sentences that tell secrets tells here.
func toldTells(kind toldKind) (tells uint32) {
	for _, k := range toldAs {
		if kind&k.kind != 0 {
			tells |= k.tells
		}
	}
	return tells
}

var toldAs = [...]struct {
	kind  toldKind
	tells uint32
}{
	{tellPassword | tellPin, tellKey},
	{tellCode, tellCoded},
	{tellLock | tellAccount | tellOpen | tellNetwork, tellDoor},
	{tellUser | tellNaming, tellNamed},
	{tellIs | tellWith, tellValue},
}

func isHexDigit(b byte) bool { return isDigit(b) || 'a' <= b|0x20 && b|0x20 <= 'f' }
