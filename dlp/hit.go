package dlp

import (
	"cmp"
	"slices"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// Hit is one piece of sensitive data in a text. It has no field for the value.
type Hit struct {
	Detector   string
	Class      traffic.Class
	Start, End int // bytes of the text
	Confidence float64

	order   int // of the detector, as given to New
	via     ways
	literal bool      // it is a part of a statement of SQL, or the beginning of one about people,
	quote   quoteMark // and what takes its place stands in such
	keep    bool      // it stays as it is
	whole   bool      // Start and End are those of what the value was encoded in, with others
	print   string    // fingerprint of a value that was found through via
}

// Via returns the disguises that were undone to find the value, the outermost
// first; nil when it stands in the open.
func (h *Hit) Via() []string { return h.via.names() }

// Redact returns a copy of text with each hit replaced by "[REDACTED:class]", in
// the form that traffic.Style keeps. Hits must be as ScanText returns them.
func Redact(text []byte, hits []Hit) []byte {
	return redact(text, hits, "", func(*Hit) string { return "" })
}

// Redact is the function of that name in the given style.
func (s *Scanner) Redact(text []byte, hits []Hit, style traffic.Style) []byte {
	if style == traffic.StyleHash && slices.ContainsFunc(hits, func(h Hit) bool { return h.via != 0 && h.print == "" }) {
		type place struct {
			detector   string
			start, end int
		}
		given := make(map[place]bool, len(hits))
		for _, h := range hits {
			given[place{h.Detector, h.Start, h.End}] = true
		}
		hits = s.scanNamed("", text, nil, true, nil, nil) // the values that were disguised are known while they are scanned
		hits = slices.DeleteFunc(hits, func(h Hit) bool { return !given[place{h.Detector, h.Start, h.End}] })
	}
	return redact(text, hits, style, func(h *Hit) string {
		if h.print != "" {
			return h.print
		}
		return s.Print(h.Class, text[h.Start:h.End])
	})
}

func redact(text []byte, hits []Hit, style traffic.Style, print func(*Hit) string) []byte {
	out := make([]byte, 0, len(text)+16*len(hits))
	last := 0
	for _, h := range hits {
		if h.Start < last {
			continue // of one encoded run
		}
		out = append(out, text[last:h.Start]...)
		f := traffic.Finding{Class: h.Class, Start: h.Start, End: h.End, Via: h.Via(), Quote: h.quote.String(), Keep: h.keep}
		if style == traffic.StyleHash {
			f.Print = print(&h)
		}
		out = append(out, style.Replace(&f, text)...)
		last = h.End
	}
	return append(out, text[last:]...)
}

// better orders rivals for the same bytes: the higher confidence wins, then the
// longer, then the class that comes first in traffic.Classes, then the earlier,
// then the detector that comes first in the rules, then the less disguised.
func better(a, b *Hit) int {
	if a.Confidence != b.Confidence {
		return cmp.Compare(b.Confidence, a.Confidence)
	}
	if n := cmp.Compare(b.End-b.Start, a.End-a.Start); n != 0 {
		return n
	}
	return cmp.Or(
		rank(a.Class, b.Class),
		cmp.Compare(a.Start, b.Start),
		cmp.Compare(a.order, b.order),
		cmp.Compare(a.via.count(), b.via.count()),
	)
}

// rank compares the places of classes in traffic.Classes.
func rank(a, b traffic.Class) int {
	if a == b {
		return 0 // the rivals for a number often are of one class
	}
	return cmp.Compare(slices.Index(traffic.Classes(), a), slices.Index(traffic.Classes(), b))
}

// resolve orders hits by place and leaves of those that overlap the best. It
// works in place.
func resolve(hits []Hit) []Hit {
	if len(hits) < 2 {
		return hits
	}
	sortByPlace(hits)
	hits = withoutDetours(hits)
	out := hits[:0]
	for i := 0; i < len(hits); {
		j, end := i+1, hits[i].End
		for ; j < len(hits) && hits[j].Start < end; j++ {
			end = max(end, hits[j].End)
		}
		switch {
		case j > i+1:
			out = appendWinners(out, hits[i:j])
		case len(out) == i: // it stays where it is
			out = hits[:i+1]
		default:
			out = append(out, hits[i])
		}
		i = j
	}
	return out
}

// sortByPlace orders hits by place. The pass over a text and what looks at it after
// that add theirs in order, nearly: what each has added is merged with what is there.
func sortByPlace(hits []Hit) {
	const mostRuns = 8
	var scratch []Hit
	for from, runs := 0, 0; from < len(hits); runs++ {
		if runs == mostRuns {
			slices.SortFunc(hits, func(a, b Hit) int { return byPlace(&a, &b) })
			return
		}
		end := from + nearlySort(hits[from:])
		if from > 0 {
			scratch = append(scratch[:0], hits[from:end]...)
			mergeByPlace(hits[:end], scratch)
		}
		from = end
	}
}

// nearlySort orders hits by place as far as each is at most a few places from where
// it belongs, and returns how many that are.
func nearlySort(hits []Hit) int {
	const most = 16
	for i := 1; i < len(hits); i++ {
		k := i
		for k > 0 && i-k < most && hits[k-1].Start >= hits[i].Start && byPlace(&hits[k-1], &hits[i]) > 0 {
			k--
		}
		if i-k == most {
			return i
		}
		if k < i {
			h := hits[i]
			copy(hits[k+1:i+1], hits[k:i])
			hits[k] = h
		}
	}
	return len(hits)
}

// mergeByPlace merges late into the hits in front of the room for them at the end of
// hits; both are in order.
func mergeByPlace(hits, late []Hit) {
	early := hits[:len(hits)-len(late)]
	for at := len(hits) - 1; len(late) > 0; at-- {
		if k := len(early) - 1; k >= 0 && byPlace(&early[k], &late[len(late)-1]) > 0 {
			hits[at], early = early[k], early[:k]
		} else {
			hits[at], late = late[len(late)-1], late[:len(late)-1]
		}
	}
}

// byPlace orders hits by place, the longest first. Most differ in their start, and
// a prompt may have very many.
func byPlace(a, b *Hit) int {
	if a.Start != b.Start {
		return cmp.Compare(a.Start, b.Start)
	}
	if a.End != b.End {
		return cmp.Compare(b.End, a.End)
	}
	return better(a, b)
}

// withoutDetours drops from hits, which are ordered by place, values that were
// undone in a roundabout way as well.
func withoutDetours(hits []Hit) []Hit {
	out := hits[:0]
	for i := 0; i < len(hits); {
		j := i + 1
		for j < len(hits) && j-i < 64 && hits[j].Start == hits[i].Start {
			j++
		}
		for k := i; k < j; k++ {
			switch h := &hits[k]; {
			case h.via != 0 && slices.ContainsFunc(hits[i:j], func(g Hit) bool { return g.directer(h) }):
			case len(out) == k: // nothing is gone yet
				out = hits[:k+1]
			default:
				out = append(out, *h)
			}
		}
		i = j
	}
	return out
}

// directer reports whether h is the same value as g with fewer disguises undone.
func (h *Hit) directer(g *Hit) bool {
	return h.via != 0 && h.via.count() < g.via.count() && h.Detector == g.Detector && h.Confidence >= g.Confidence
}

// beside reports whether h and g are of one encoded run: they can only be
// replaced together, but are told apart, as a policy may ask for one of them.
func (h *Hit) beside(g *Hit) bool {
	return h.whole && g.whole && h.Start == g.Start && h.End == g.End && h.via == g.via
}

// few keeps of hits, which all have one place, so many of each detector.
func few(hits []Hit, most int) []Hit {
	count := make(map[int]int)
	return slices.DeleteFunc(hits, func(h Hit) bool {
		count[h.order]++
		return count[h.order] > most
	})
}
