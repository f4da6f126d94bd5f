package classifier

import (
	"strings"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// likeness judges flows of which hardly more is known than a name and a path,
// as logs tell them. It holds the path and name signals by words, so that most
// flows cost a few lookups.
type likeness struct {
	tails, inner, names words
	agents              []signal
}

// words holds signals by a word: the last of a path, the longest segment of a
// value, a label of a host or a part of it.
type words struct {
	signals map[string][]wordSignal
	first   [32]uint64 // by length, the least 6 bits of the first letters there are: most words end here
}

func (w *words) add(word string, s wordSignal) {
	if w.signals == nil {
		w.signals = make(map[string][]wordSignal)
	}
	w.signals[word] = append(w.signals[word], s)
	if n := len(word); n > 0 && n < len(w.first) {
		w.first[n] |= 1 << (word[0] & 63)
	}
}

func (w *words) of(word string) []wordSignal {
	if n := len(word); n == 0 || n < len(w.first) && w.first[n]&(1<<(word[0]&63)) == 0 {
		return nil
	}
	return w.signals[word]
}

// wordSignal is a value of a signal; the first signal in the files counts.
type wordSignal struct {
	value  string
	name   string
	weight int
	order  int
}

func newLikeness(s *shapes) *likeness {
	l := &likeness{agents: s.agents}
	for i, g := range s.paths {
		for _, v := range g.values {
			w := wordSignal{v, g.name, g.weight, i}
			l.tails.add(lastWord(v), w)
			if strings.HasSuffix(v, "/") {
				l.inner.add(longest(v), w)
			}
		}
	}
	for i, g := range s.names {
		for _, v := range g.values {
			l.names.add(v, wordSignal{v, g.name, g.weight, i})
		}
	}
	return l
}

// Resemblance says how much a flow to a host that the catalogue does not know
// looks like AI, by its name, path and user agent (0 to 1), and what speaks for
// it. It is meant for a list that a person reads, not for decisions: 0.3 is a
// hint. Nothing is allocated where nothing speaks for it.
func (c *Classifier) Resemblance(f *traffic.Flow) (confidence float64, features []string) {
	var s score
	c.likeness.path(f.Path, &s)
	c.likeness.host(f.Host, &s)
	for i := range c.likeness.agents {
		if c.likeness.agents[i].within(f.UserAgent) {
			s.add(c.likeness.agents[i].name, c.likeness.agents[i].weight)
			break
		}
	}
	if s.sum == 0 {
		return 0, nil
	}
	return float64(min(s.sum, mostSure)) / 100, append([]string(nil), s.features[:s.n]...)
}

func (l *likeness) path(path string, s *score) {
	if len(path) < 2 {
		return
	}
	best := wordSignal{order: -1}
	better := func(w *wordSignal) {
		if best.order < 0 || w.order < best.order {
			best = *w
		}
	}
	for i, list := 0, l.tails.of(lastWord(path)); i < len(list); i++ {
		if strings.HasSuffix(path, list[i].value) {
			better(&list[i])
		}
	}
	for from, i := 0, 0; i < len(path); i++ { // a value of this kind ends in "/", so the last segment is none
		if path[i] != '/' {
			continue
		}
		for j, list := 0, l.inner.of(path[from:i]); j < len(list); j++ {
			if strings.Contains(path, list[j].value) {
				better(&list[j])
			}
		}
		from = i + 1
	}
	if best.order >= 0 {
		s.add(best.name, best.weight)
	}
}

func (l *likeness) host(host string, s *score) {
	best := wordSignal{order: -1}
	for rest := host; rest != ""; {
		var label string
		label, rest, _ = strings.Cut(rest, ".")
		for whole := true; ; whole = false {
			part := label
			if !whole {
				part, label, _ = strings.Cut(label, "-")
			}
			if w := l.names.of(part); len(w) > 0 && (best.order < 0 || w[0].order < best.order) {
				best = w[0]
			}
			if whole && strings.IndexByte(label, '-') < 0 || label == "" {
				break
			}
		}
	}
	if best.order >= 0 {
		s.add(best.name, best.weight)
	}
}

// lastWord returns what stands after the last "/" or ":" of a path; of one that
// ends in "/" the segment before it.
func lastWord(path string) string {
	path = strings.TrimSuffix(path, "/")
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '/' || path[i] == ':' {
			return path[i+1:]
		}
	}
	return path
}

// longest returns the longest segment of a path.
func longest(path string) (word string) {
	for seg := range strings.SplitSeq(path, "/") {
		if len(seg) > len(word) {
			word = seg
		}
	}
	return word
}
