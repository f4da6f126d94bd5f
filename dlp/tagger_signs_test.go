package dlp

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// markedText is a text with the places and tags of its values.
type markedText struct {
	text  string
	spans [][3]int
}

// scannerAlone returns a scanner with all detectors but those of the tagger.
func scannerAlone(t *testing.T) *Scanner {
	set, err := rules.Load("")
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(slices.DeleteFunc(set.Detectors, func(d rules.Detector) bool { return d.Anchor == rules.AnchorTagged }), traffic.Key{1}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// sentencesMarked parts texts into the sentences with values that the other detectors miss,
// and those without any.
func sentencesMarked(t *testing.T, list []markedText) (with, without [][]byte) {
	alone := scannerAlone(t)
	for _, m := range list {
		text := []byte(m.text)
		hits := alone.ScanText(text, nil)
		for i := 0; i < len(text); {
			from, to := sentenceAround(text, i)
			if to > from {
				has, missed := false, false
				for _, s := range m.spans {
					if s[0] >= to || s[1] <= from || s[2] == 0 {
						continue
					}
					has = true
					covered := 0
					for _, h := range hits {
						covered += max(0, min(h.End, s[1])-max(h.Start, s[0]))
					}
					missed = missed || covered*5 < (s[1]-s[0])*3
				}
				if missed {
					with = append(with, text[from:to])
				} else if !has {
					without = append(without, text[from:to])
				}
			}
			i = max(i+1, to)
		}
	}
	return with, without
}

// chooseTagSigns returns the words by which most sentences are looked at with a value that no
// other detector finds, and few others.
func chooseTagSigns(t *testing.T, marked []markedText, texts [][]byte) []string {
	with, without := sentencesMarked(t, marked)
	count := make(map[string]int)
	for _, s := range with {
		for w := range signCandidates(s) {
			count[w]++
		}
	}
	all := &signSet{words: make(map[string]*signWord), least: leastTagGain, free: func(w *signWord) bool {
		return w.texts <= freeTexts && len(w.others)*freeTagOthers <= len(w.orders)
	}}
	for w, n := range count {
		if n > 1 {
			all.words[w] = &signWord{text: w}
		}
	}
	all.count(with, without, texts)
	chosen := all.choose(len(with), len(without))
	share := func(list [][]byte) float64 {
		n := 0
		for _, s := range list {
			if chosen.in(s) {
				n++
			}
		}
		return float64(n) / float64(len(list))
	}
	t.Logf("signs stand in %.3f of %d sentences with a value, %.3f of %d others", share(with), len(with), share(without), len(without))
	return slices.Sorted(maps.Keys(chosen.words))
}

// What a sign of the tagger may cost.
const (
	leastTagGain  = 0.25 // sentences that no other sign finds, for each that is looked at in vain
	freeTagOthers = 4    // times as many sentences with a value as others have a word that is a sign whatever it finds
)

// signCandidates returns the words of a sentence, and what they start with; of scripts
// without blanks, letters that stand together.
func signCandidates(sentence []byte) map[string]bool {
	var g tagged
	g.read(sentence)
	out := make(map[string]bool)
	small := g.small[:min(len(sentence), maxSentence)]
	for k := range g.n {
		w := &g.words[k]
		switch w.shape & formMask {
		case formLone:
			if k+1 < g.n && g.words[k+1].shape&formMask == formLone && g.words[k+1].from == w.to {
				out[string(small[w.from:g.words[k+1].to])] = true
			}
			continue
		case formSmall, formCapital, formUpper:
		default:
			continue
		}
		word := string(small[w.from:w.to])
		if strings.ContainsAny(word, "_ ") || len(word) < 3 {
			continue
		}
		out[word+" "] = true
		letters := 0
		for i := range word {
			if letters >= 5 && letters <= 8 && i >= 5 {
				out[word[:i]] = true
			}
			letters++
		}
		if letters >= 5 && letters <= 8 {
			out[word] = true
		}
	}
	return out
}
