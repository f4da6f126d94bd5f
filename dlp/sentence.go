package dlp

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gnomon-proxy/gnomon/rules"
)

// A sentenceModel tells by the kinds of words in a sentence whether it is one of the
// sort that it knows: which kinds it has, with which it starts, which of them it has
// together, how long it is, and by its words themselves. What each of these is worth
// was learned from sentences (TestTrainSentences); the words of the kinds are lists in
// all languages, so what was learned from one holds for the others.
type sentenceModel struct {
	threes [1 << threeBits / 64]uint64 // bits of hashes: is there a word with these first three bytes
	heads  headSet                     // and with this head
	opens  [256]bool                   // first bytes of words
	starts [1<<modelBits + 1]uint16    // where the words of a hash of their heads begin
	words  []modelWord
	kinds  []string

	bias   int32 // this and all weights are in hundredths
	has    [maxKinds]int32
	first  [maxKinds]int32 // the sentence starts with it
	both   [maxKinds][maxKinds]int32
	length [maxLength]int32
	worth  *wordWeights // of words, whatever their kinds
	scores *sentenceMemory
}

const (
	maxKinds    = 64
	threeBits   = 15
	modelBits   = 13
	maxLength   = 16  // steps
	lengthStep  = 25  // of so many bytes
	maxSentence = 300 // bytes of a sentence that are read
	firstWords  = 2   // of a sentence are its start
)

// modelWord is what words of a kind start with, in small letters. One that ends in a
// blank is a whole word, one with a capital is met in this letter case only.
type modelWord struct {
	first uint64 // bytes, at most eight, in small letters
	mask  uint64
	text  string
	head  uint32
	kind  uint8
	exact bool
	whole bool
}

// newSentenceModel reads the words of kinds, a line each of a kind and words with
// low lines for blanks, the weights, a line each, and those of words, a byte each.
func newSentenceModel(words, weights, worth string) *sentenceModel {
	m := &sentenceModel{worth: newWordWeights(worth), scores: newSentenceMemory()}
	ids := make(map[string]uint8)
	for line := range strings.Lines(words) {
		kind, rest, _ := strings.Cut(line, " ")
		if kind == "#" || rest == "" {
			continue
		}
		id, ok := ids[kind]
		if !ok {
			id = uint8(len(m.kinds))
			ids[kind] = id
			m.kinds = append(m.kinds, kind)
		}
		for word := range strings.FieldsSeq(rest) {
			m.add(strings.ReplaceAll(word, "_", " "), id)
		}
	}
	for line := range strings.Lines(weights) {
		m.weigh(strings.Fields(line), ids)
	}
	m.sort()
	return m
}

func (m *sentenceModel) add(word string, kind uint8) {
	w := modelWord{text: word, kind: kind}
	w.exact = strings.ToLower(word) != word
	w.text, w.whole = strings.CutSuffix(word, " ")
	small := []byte(strings.ToLower(w.text))
	w.head = headOf(small)
	w.first, w.mask = window(small, 0), 1<<(8*min(8, len(small)))-1
	if len(small) == 2 {
		for _, end := range behindWords {
			m.note(append(small[:2:2], end))
		}
	} else {
		m.note(small)
	}
	m.heads.add(w.head)
	m.opens[small[0]] = true
	m.words = append(m.words, w)
}

// sort puts the words in the order of the hashes of their heads.
func (m *sentenceModel) sort() {
	slices.SortStableFunc(m.words, func(a, b modelWord) int { return cmp.Compare(modelHash(a.head), modelHash(b.head)) })
	at := 0
	for h := range 1 << modelBits {
		for at < len(m.words) && modelHash(m.words[at].head) == uint32(h) {
			at++
		}
		m.starts[h+1] = uint16(at)
	}
}

// behindWords is what may stand behind a word.
var behindWords = []byte(" ,.:;!?)'\"\n-")

func (m *sentenceModel) note(small []byte) {
	three := threeHash(small)
	m.threes[three>>6] |= 1 << (three & 63)
}

// weigh reads a line of weights.
func (m *sentenceModel) weigh(f []string, ids map[string]uint8) {
	if len(f) < 2 || f[0] == "#" {
		return
	}
	n, _ := strconv.Atoi(f[len(f)-1])
	weight := int32(n)
	switch f[0] {
	case "bias":
		m.bias = weight
	case "has":
		m.has[ids[f[1]]] = weight
	case "first":
		m.first[ids[f[1]]] = weight
	case "both":
		a, b := ids[f[1]], ids[f[2]]
		m.both[min(a, b)][max(a, b)] = weight
	case "length":
		k, _ := strconv.Atoi(f[1])
		m.length[k] = weight
	}
}

// threeHash returns a hash of the first three bytes of text.
func threeHash(text []byte) uint32 {
	return (uint32(text[0]) | uint32(text[1])<<8 | uint32(text[2])<<16) * headFactor >> (32 - threeBits)
}

func modelHash(head uint32) uint32 { return head * headFactor >> (32 - modelBits) }

// sentenceKinds are the kinds of words in a sentence, as bits.
type sentenceKinds struct {
	has, first uint64
	length     int // in bytes
}

// read returns the kinds of the words in a sentence.
func (m *sentenceModel) read(s *tagged) (k sentenceKinds) {
	sentence, small := s.text, s.small[:len(s.text)]
	k.length = len(sentence)
	joined := false // to a word, by what stands before
	for i, words := 0, 0; i+3 <= len(small); {
		c := small[i]
		if c < utf8.RuneSelf {
			letter := isLower(c)
			if letter && !joined {
				words++
			}
			if m.opens[c] && (!joined || !letter) {
				m.meet(&k, sentence, small, i, words)
			}
			joined = letter || joins[c]
			i++
			continue
		}
		r, size := utf8.DecodeRune(small[i:])
		letter := r != '’' && (unicode.IsLetter(r) || unicode.IsMark(r))
		if !joined || !letter || isAnywhere(r) {
			if letter {
				words++
			}
			m.meet(&k, sentence, small, i, words)
		}
		joined = letter || r == '’'
		i += size
	}
	return k
}

// joins are what a word goes on behind.
var joins = table("0123456789'_/.")

// meet notes the kinds of the words that start at place i of a sentence, behind so
// many others.
func (m *sentenceModel) meet(k *sentenceKinds, sentence, small []byte, i, words int) {
	if three := threeHash(small[i:]); m.threes[three>>6]>>(three&63)&1 == 0 {
		return
	}
	kinds := m.at(sentence[i:], small[i:])
	if kinds == 0 {
		return
	}
	k.has |= kinds
	if words <= firstWords {
		k.first |= kinds
	}
}

// isAnywhere reports whether words of the script of r stand without blanks between
// them.
func isAnywhere(r rune) bool {
	return r >= 0xe00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai)
}

// at returns the kinds of the words that a text starts with, given as it is and in
// small letters.
func (m *sentenceModel) at(text, small []byte) (kinds uint64) {
	first := window(small, 0)
	if len(small) >= 4 {
		kinds = m.withHead(uint32(first), first, text, small)
	}
	if !isAlpha(small[2]) {
		kinds |= m.withHead(uint32(first&0xffff), first, text, small)
	}
	return kinds | m.withHead(uint32(first&0xffffff), first, text, small)
}

// withHead returns the kinds of the words with a head that a text starts with, whose
// first eight bytes are given, too.
func (m *sentenceModel) withHead(head uint32, first uint64, text, small []byte) (kinds uint64) {
	if !m.heads.has(head) {
		return 0
	}
	h := modelHash(head)
	words := m.words[m.starts[h]:m.starts[h+1]]
	for k := range words {
		w := &words[k]
		if (first^w.first)&w.mask != 0 || w.head != head {
			continue
		}
		s := small
		if w.exact {
			s = text
		}
		if n := len(w.text); len(s) >= n && string(s[:n]) == w.text && (!w.whole || n == len(s) || s[n] < utf8.RuneSelf && !isAlpha(s[n]) && s[n] != '_') {
			kinds |= 1 << w.kind
		}
	}
	return kinds
}

// tell returns how much a sentence that was taken apart is of the sort of m: more than 0
// that it is.
func (m *sentenceModel) tell(s *tagged) int32 { return m.score(m.read(s)) + m.worth.score(s) }

// score returns how much the kinds of words in a sentence tell that it is of the
// sort of m.
func (m *sentenceModel) score(k sentenceKinds) int32 {
	s := m.bias
	for n := range min(k.length/lengthStep+1, maxLength) {
		s += m.length[n]
	}
	for first := k.first; first != 0; first &= first - 1 {
		s += m.first[bits.TrailingZeros64(first)]
	}
	for has := k.has; has != 0; has &= has - 1 {
		a := bits.TrailingZeros64(has)
		s += m.has[a]
		for with := has & (has - 1); with != 0; with &= with - 1 {
			s += m.both[a][bits.TrailingZeros64(with)]
		}
	}
	return s
}

// lowerInPlace turns letters into small ones where these take as many bytes.
func lowerInPlace(text []byte) []byte {
	for i := 0; i < len(text); {
		if i+8 <= len(text) {
			if x := binary.LittleEndian.Uint64(text[i:]); x&high == 0 {
				binary.LittleEndian.PutUint64(text[i:], x|upperBits(x)>>2)
				i += 8
				continue
			}
		}
		c := text[i]
		if c < utf8.RuneSelf {
			text[i] = fold(c)
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		if small := unicode.ToLower(r); small != r && utf8.RuneLen(small) == size {
			utf8.EncodeRune(text[i:], small)
		}
		i += size
	}
	return text
}

// upperBits returns a word with the high bit of each byte set that is a capital, of a
// word of bytes of ASCII.
func upperBits(x uint64) uint64 {
	const each = 0x0101010101010101
	return (x + (0x80-'A')*each) &^ (x + (0x7f-'Z')*each) & high
}

// sentence looks whether a model takes the sentence text[from:to] for one of its sort, alone
// or with the one before it: all of it is the match.
func (c *scan) sentence(d *detector, from, to int) {
	c.sentenceSpent += to - from
	need := int32(sure)
	if inCode(c.text, from, to) {
		need = sureInCode
	}
	score := c.scoreOf(d.model, from, to)
	if score <= need && score > unsure {
		if before, _ := sentenceAround(c.text, max(0, from-2)); before < from && to-before <= maxSentence {
			c.sentenceSpent += to - before
			score = c.scoreOf(d.model, before, to)
		}
	}
	if score <= need {
		c.note(d, from, to, false, 0, "the kinds of words in the sentence do not tell of such a thing")
		return
	}
	c.judge(d, c.startOfOrder(d, from), to, false)
}

// scoreOf returns what m tells of the sentence text[from:to].
func (c *scan) scoreOf(m *sentenceModel, from, to int) int32 {
	hash := m.scores.hash(c.text[from:to])
	if score, ok := m.scores.of(hash); ok {
		return int32(uint32(score))
	}
	score := m.tell(c.taken(from, to))
	m.scores.add(hash, uint64(uint32(score)))
	return score
}

// What belongs to a sentence that is a match: how many before it at most, of how many bytes at
// least.
const (
	mostBeforeOrder = 2
	leastJoined     = 12
)

// startOfOrder returns where what d matches starts, which goes on at from: sentences before
// that, on the same line, belong to it if they are not unlike it.
func (c *scan) startOfOrder(d *detector, from int) int {
	for range mostBeforeOrder {
		if from < 2 || c.text[from-1] == '\n' {
			return from
		}
		before, end := sentenceAround(c.text, from-2)
		if end = min(end, from); before >= end || bytes.IndexByte(c.text[end:from], '\n') >= 0 {
			return from
		}
		c.sentenceSpent += from - before
		if end-before < leastJoined || c.scoreOf(d.model, before, end) <= joining {
			return from
		}
		from = before
	}
	return from
}

// A score above sure is a match; with one below unsure the sentence before is not
// asked. Code, markup and lists of changes speak of commands, rules and systems all day.
const (
	sure       = 95
	sureInCode = 500
	unsure     = -300
	joining    = -100 // of a sentence right before a match that belongs to it
)

// inCode reports whether the sentence text[from:to] is a comment, or has signs of code.
func inCode(text []byte, from, to int) bool {
	line := lineBefore(text, from)
	s := text[from:to]
	if bytes.Contains(line, []byte("//")) || bytes.HasPrefix(bytes.TrimLeft(line, " \t"), []byte("#")) || bytes.HasPrefix(s, []byte("//")) || bytes.HasPrefix(s, []byte("*")) || bytes.HasPrefix(s, []byte("#")) || bytes.HasPrefix(s, []byte("- ")) {
		return true
	}
	for i, b := range s {
		switch b {
		case '`', '=', '{', '}', '\\':
			return true
		case '_':
			return i > 0 && isAlnum(s[i-1])
		case '(':
			if i > 0 && isAlnum(s[i-1]) {
				return true
			}
		case '<':
			if i+1 < len(s) && (s[i+1] == '/' || isAlpha(s[i+1])) {
				return true
			}
		}
	}
	return false
}

// sentenceAround returns where the sentence of place i starts and ends, but for
// blanks. It is cut where it is longer than two thirds of maxSentence before i.
func sentenceAround(text []byte, i int) (from, to int) {
	const reach = maxSentence * 2 / 3
	for from = i; from > 0 && i-from < reach; from-- {
		if mayEnd[text[from-1]] && endsAt(text, from-1, i) {
			break
		}
	}
	for from < i && !utf8.RuneStart(text[from]) {
		from++
	}
	for to = i; to < len(text) && to-from < maxSentence; to++ {
		if mayEnd[text[to]] && endsAt(text, to, len(text)) {
			to++
			break
		}
	}
	for to < len(text) && to > i+1 && !utf8.RuneStart(text[to]) {
		to--
	}
	s := text[from:to]
	from += len(s) - len(bytes.TrimLeft(s, betweenSentences))
	return from, max(from, from+len(bytes.TrimSpace(text[from:to])))
}

// betweenSentences is what may stand between two, beside the mark of the first.
const betweenSentences = " \t\r\n\"')]*"

// mayEnd are the last bytes of what may end a sentence: a mark with a blank behind
// it, a full stop of a script without blanks, or a line.
var mayEnd = table(".!?\n\x81\x82\x9f\xa4n")

// mostClosing is how many bytes a mark takes with those that close what the sentence
// stands in: `?")`.
const mostClosing = 8

// endsAt reports whether text[k] ends a sentence and another begins before most.
func endsAt(text []byte, k, most int) bool {
	switch text[k] {
	case '\n':
		return true
	case 'n':
		return k > 0 && text[k-1] == '\\'
	case '.', '!', '?':
		most = min(most, k+mostClosing)
		for k++; k < most && k < len(text) && (text[k] == '"' || text[k] == '\'' || text[k] == ')' || text[k] == ']' || text[k] == '*'); k++ {
		}
		return k < len(text) && (text[k] == ' ' || text[k] == '\t')
	}
	r, _ := utf8.DecodeLastRune(text[:k+1])
	return strings.ContainsRune("。！？।؟", r)
}

// sentenceModelOf returns the model that tells what a detector of sentences matches, or
// nil for another.
func sentenceModelOf(r *rules.Detector) (*sentenceModel, error) {
	if r.Anchor != rules.AnchorSentence {
		return nil, nil
	}
	model := sentenceModels[r.Validator]
	if model == nil {
		return nil, fmt.Errorf("detector %s: the anchor sentence goes with a validator that knows sentences: %s", r.Name, checkOrder)
	}
	return model(), nil
}
