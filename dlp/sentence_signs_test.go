package dlp

import (
	"bytes"
	"container/heap"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A signSet is words by which sentences are looked at, as orders.txt has them but for
// the low lines.
type signSet struct {
	words map[string]*signWord
	free  func(w *signWord) bool // is a sign whatever it finds, as hardly any text has it
	least float64                // orders that no other sign finds, for each sentence that is looked at in vain
	sizes []int
	heads map[string]bool // their first three bytes, in small letters
}

// signWord is a word that may be a sign, and the sentences that have it.
type signWord struct {
	text   string
	orders []int
	others []int
	texts  int
	worth  float64
}

// What a sign may cost. A sentence of ordinary texts counts as a part of one that was
// written to learn from: these are much more like chats.
const (
	textCost  = 0.06
	freeTexts = 20 // of mostTexts: a word that hardly any text has is a sign whatever it finds
	freeOther = 2
	leastGain = 0.07 // orders that no other sign finds, for each sentence that is looked at in vain
)

// commonWords are rare in the texts and common in chats.
var commonWords = strings.Fields("adresse alle_ article_ asistente assistant assistant, assistent assistente assistenten audit become_ beste bestand bullet can't_ character " +
	"conversation copia datei do_you_ e-mail_ engineer everything exactly game_ give_me how_does imagine immediately lecture lecture_ limits maintenance official_ operator " +
	"orders_ owner permission polic post_ presentation refund resum reviewer scrivi secret sentence skal_ step_by_step story_ summari supervisor tell_me traduc training " +
	"translate vendor which_one you're_ you_are_ your_")

// chooseSigns returns the words by which most orders are looked at and few others.
func chooseSigns(words string, orders, others, texts [][]byte) *signSet {
	all := &signSet{words: make(map[string]*signWord), free: func(w *signWord) bool { return w.texts <= freeTexts && len(w.others) <= freeOther }, least: leastGain}
	for line := range strings.Lines(words) {
		kind, rest, _ := strings.Cut(line, " ")
		if kind == "#" {
			continue
		}
		for w := range strings.FieldsSeq(rest) {
			if text := strings.ReplaceAll(w, "_", " "); maySign(text) && !slices.Contains(commonWords, w) {
				all.words[text] = &signWord{text: text}
			}
		}
	}
	all.count(orders, others, texts)
	return all.choose(len(orders), len(others))
}

// count notes for each word in which sentences it stands.
func (s *signSet) count(orders, others, texts [][]byte) {
	s.measure()
	for i, sentence := range orders {
		s.each(sentence, func(w *signWord) { w.orders = append(w.orders, i) })
	}
	for i, sentence := range others {
		s.each(sentence, func(w *signWord) { w.others = append(w.others, i) })
	}
	for _, sentence := range texts {
		s.each(sentence, func(w *signWord) { w.texts++ })
	}
}

// choose takes the words that are as good as free, then those that gain most.
func (s *signSet) choose(orders, others int) *signSet {
	out := &signSet{words: make(map[string]*signWord)}
	found, vain := make([]bool, orders), make([]bool, others)
	take := func(w *signWord) {
		out.words[w.text] = w
		for _, i := range w.orders {
			found[i] = true
		}
		for _, i := range w.others {
			vain[i] = true
		}
	}
	fresh := func(list []int, seen []bool) (n int) {
		for k, i := range list {
			if !seen[i] && (k == 0 || list[k-1] != i) {
				n++
			}
		}
		return n
	}
	gain := func(w *signWord) float64 {
		return float64(fresh(w.orders, found)) / (float64(w.texts)*textCost + float64(fresh(w.others, vain)) + 0.5)
	}
	var rest signHeap
	for _, text := range slices.Sorted(maps.Keys(s.words)) {
		if w := s.words[text]; s.free(w) {
			take(w)
		} else {
			rest = append(rest, w)
		}
	}
	for _, w := range rest {
		w.worth = gain(w)
	}
	heap.Init(&rest)
	for len(rest) > 0 {
		w := rest[0]
		if w.worth < s.least {
			break
		}
		if now := gain(w); now < w.worth { // others have found some of its orders since
			w.worth = now
			heap.Fix(&rest, 0)
			continue
		}
		take(heap.Pop(&rest).(*signWord))
	}
	out.measure()
	return out
}

// measure notes how long the words are.
func (s *signSet) measure() {
	s.heads = make(map[string]bool)
	for w := range s.words {
		s.sizes = append(s.sizes, len(w))
		s.heads[lower(w)[:3]] = true
	}
	slices.Sort(s.sizes)
	s.sizes = slices.Compact(s.sizes)
}

// in reports whether a sentence has a sign.
func (s *signSet) in(sentence []byte) (found bool) {
	s.each(sentence, func(*signWord) { found = true })
	return found
}

// each calls meet with the words in a sentence.
func (s *signSet) each(sentence []byte, meet func(*signWord)) {
	text := append(bytes.Clone(sentence), ' ')
	small := lowerInPlace(bytes.Clone(text))
	last := ' '
	for i := 0; i < len(small); {
		r, size := utf8.DecodeRune(small[i:])
		if (!isWordRune(last) || !unicode.IsLetter(r) || isAnywhere(r)) && i+3 <= len(small) && s.heads[string(small[i:i+3])] {
			for _, n := range s.sizes {
				if i+n > len(small) {
					break
				}
				w := s.words[string(small[i:i+n])]
				if w == nil {
					w = s.words[string(text[i:i+n])]
				}
				if w != nil {
					meet(w)
				}
			}
		}
		last = r
		i += size
	}
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// write writes the signs, the words of a line of orders.txt in a line.
func (s *signSet) write(b *bytes.Buffer, words string) {
	done := make(map[string]bool)
	for line := range strings.Lines(words) {
		kind, rest, _ := strings.Cut(line, " ")
		var list []string
		for w := range strings.FieldsSeq(rest) {
			if text := strings.ReplaceAll(w, "_", " "); kind != "#" && s.words[text] != nil && !done[text] {
				done[text] = true
				list = append(list, w)
			}
		}
		slices.Sort(list)
		if len(list) > 0 {
			fmt.Fprintf(b, "sign %s\n", strings.Join(list, " "))
		}
	}
}

// maySign reports whether a word is long enough, or written as no other, to look for it.
func maySign(word string) bool {
	switch {
	case strings.ToLower(word) != word:
		return len(word) >= 3
	case word[0] >= utf8.RuneSelf:
		return len(word) >= 6
	}
	return len(word) >= 5 && isAlpha(word[0])
}

// signHeap has the word that gains most on top.
type signHeap []*signWord

func (h signHeap) Len() int { return len(h) }
func (h signHeap) Less(i, j int) bool {
	if h[i].worth != h[j].worth {
		return h[i].worth > h[j].worth
	}
	return h[i].text < h[j].text
}
func (h signHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *signHeap) Push(x any)   { *h = append(*h, x.(*signWord)) }
func (h *signHeap) Pop() any {
	old := *h
	w := old[len(old)-1]
	*h = old[:len(old)-1]
	return w
}
