package dlp

import "bytes"

// tagChecks are the checks of what the tagger finds.
var tagChecks = map[string]wordTag{"tagged_name": tagName, "tagged_health": tagHealth, "tagged_secret": tagSecret, "tagged_device": tagDevice}

// tagWork is what it costs to tag a byte of a sentence. A sentence is tagged once, so this is
// bounded by itself and takes no work from other detectors.
const tagWork = 5

// tagged looks what the words of the sentence text[from:to] are parts of.
func (c *scan) tagged(from, to int) {
	c.sentenceSpent += tagWork * (to - from)
	hash := c.s.tags.hash(c.text[from:to])
	if told, ok := c.s.tags.of(hash); ok {
		if told == 0 {
			return
		}
		in := sentenceKindOf(c.text, from, to)
		for known := packedSpans(told); known != 0; {
			var span taggedSpan
			span, known = known.next()
			c.judgeTagged(span, from, in)
		}
		return
	}
	s, t := c.taken(from, to), theTagger()
	s.look(t)
	t.tag(s)
	spans := s.spans(c.spans[:0])
	if known, ok := packed(spans); ok {
		c.s.tags.add(hash, uint64(known))
	}
	if len(spans) == 0 {
		return
	}
	in := sentenceKindOf(c.text, from, to)
	for _, span := range spans {
		c.judgeTagged(span, from, in)
	}
	c.spans = spans
}

// spans appends to spans what is tagged in a sentence, wherever it stands.
func (s *tagged) spans(spans []taggedSpan) []taggedSpan {
	for k := 0; k < s.n; {
		j, as := s.span(k), s.tags[k]
		if as != tagNone && !s.isBorder(k) && !s.isNone(k, j) {
			first, last := k, j-1
			if as == tagName {
				first, last = s.wholeName(first, last)
			}
			spans = append(spans, taggedSpan{int(s.words[first].from), int(s.words[last].to), as, j == k+1})
		}
		k = j
	}
	return spans
}

// span returns the end of the words from k on that have one tag and no border between them.
func (s *tagged) span(k int) int {
	j := k + 1
	if s.isBorder(k) {
		return j
	}
	for j < s.n && s.tags[j] == s.tags[k] && !s.isBorder(j) && !bytes.ContainsAny(s.text[s.words[j-1].to:s.words[j].from], "\t\n\r\\") {
		j++
	}
	for j > k+1 && s.words[j-1].shape&formMask == formMark {
		j--
	}
	return j
}

// isBorder reports whether word k is a mark that parts fields or strings: it stands in no value.
func (s *tagged) isBorder(k int) bool {
	w := &s.words[k]
	if w.shape&formMask != formMark {
		return false
	}
	switch c := s.text[w.from]; c {
	case ',':
		return int(w.to) == len(s.text) || s.text[w.to] != ' '
	default:
		return borders[c]
	}
}

var borders = table("|;\"'<>{}[]()=%*\\_~`")

// isInitial reports whether word k is a letter with a full stop behind it and a word with a
// capital behind that.
func (s *tagged) isInitial(k int) bool {
	w := &s.words[k]
	return k+2 < s.n && w.to-w.from == 1 && w.shape&formMask == formCapital && s.text[w.to] == '.' && s.words[k+2].shape&formMask == formCapital &&
		string(s.text[w.to+1:s.words[k+2].from]) == " "
}

// wholeName returns the first and the last of the words k to j, which were taken for a name, with
// those that belong to it: initials, particles and words with capitals that are known as names.
func (s *tagged) wholeName(k, j int) (first, last int) {
	apart := func(a, b int) bool { // more than a blank
		return string(s.text[s.words[a].to:s.words[b].from]) != " "
	}
	known := func(i int) bool {
		w := &s.words[i]
		if w.shape&formMask != formCapital || w.lists&listPlain != 0 {
			return false
		}
		return w.lists&(listGiven|listSurname) != 0 || isDouble(s.text[w.from:w.to])
	}
	for j > k+1 && known(k) && known(j-1) && s.words[j].sense != senseNone && s.words[j].lists&(listGiven|listSurname) == 0 {
		j-- // the noun behind it: "Hat Jonas Brandt Urlaub?"
	}
	for k > 1 && !apart(k-1, k) && known(k-1) {
		k--
	}
	if s.isInitial(j) {
		j += 2
	}
	for j+1 < s.n && !apart(j, j+1) {
		next := &s.words[j+1]
		switch {
		case known(j + 1):
			j++
			continue
		case s.isInitial(j + 1):
			j += 3
			continue
		case j+2 < s.n && !apart(j+1, j+2) && s.words[j+2].shape&formMask == formCapital && particle(s.word(next)):
			j += 2
			continue
		}
		break
	}
	return k, j
}

// isDouble reports whether a word is two with capitals that a hyphen joins, as double surnames are.
func isDouble(word []byte) bool {
	_, second, ok := bytes.Cut(word, []byte("-"))
	return ok && startsCapital(second)
}

// taken returns the sentence text[from:to] taken apart. The latest is kept: several ask for it.
func (c *scan) taken(from, to int) *tagged {
	if c.tagging == nil {
		if c.tagging, _ = c.s.taggings.Get().(*tagged); c.tagging == nil {
			c.tagging = new(tagged)
		}
		c.takenTo = -1
	}
	if c.takenFrom != from || c.takenTo != to {
		c.tagging.read(c.text[from:to])
		c.takenFrom, c.takenTo = from, to
	}
	return c.tagging
}

// judgeTagged judges a span of the sentence that starts at text[from], which is of a kind.
func (c *scan) judgeTagged(span taggedSpan, from int, in sentenceKind) {
	as, i, j := span.as, from+span.from, from+span.to
	d := c.s.tagged[as]
	if d == nil || in.isNone(span) {
		return
	}
	if as == tagSecret {
		for j < len(c.text) && isPasswordEnd[c.text[j]] {
			j++
		}
	}
	if len(bytes.TrimSpace(c.text[i:j])) < 2 {
		return
	}
	if (as == tagDevice || as == tagSecret) && c.failsCheck(c.text[i:j]) || isReplaced(c.text, i, j) {
		return
	}
	words := false // of a name, which are surer together than one of them
	if as == tagName {
		j = c.pastInitial(j)
		words = bytes.IndexByte(c.text[i:j], ' ') > 0
	}
	work := c.work
	c.judge(d, i, j, words)
	c.sentenceSpent += c.work - work
	c.work = work
}

// pastInitial returns where a name ends that goes on at j behind an initial, with whose full stop
// the sentence seems to end.
func (c *scan) pastInitial(j int) int {
	rest := c.text[j:]
	if j < 2 || !isUpper(c.text[j-1]) || c.text[j-2] != ' ' || len(rest) < 4 || rest[0] != '.' || rest[1] != ' ' || !startsCapital(rest[2:]) {
		return j
	}
	n := 2
	for n < min(len(rest), mostGiven) && inName(rest[n]) {
		n++
	}
	return j + n
}

// isPasswordEnd are the marks that a password ends with and a sentence does not.
var isPasswordEnd = table("!#$&+@^~")
