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

	order int // of the detector, as given to New
}

// Redact returns a copy of text with each hit replaced by "[REDACTED:class]".
// Hits must be ordered and not overlap, as ScanText returns them.
func Redact(text []byte, hits []Hit) []byte {
	out := make([]byte, 0, len(text)+16*len(hits))
	last := 0
	for _, h := range hits {
		out = append(out, text[last:h.Start]...)
		out = append(out, traffic.Placeholder(h.Class)...)
		last = h.End
	}
	return append(out, text[last:]...)
}

// better orders rivals for the same bytes: the higher confidence wins, then the
// longer, then the class that comes first in traffic.Classes, then the earlier,
// then the detector that comes first in the rules.
func better(a, b Hit) int {
	return cmp.Or(
		cmp.Compare(b.Confidence, a.Confidence),
		cmp.Compare(b.End-b.Start, a.End-a.Start),
		cmp.Compare(rank(a.Class), rank(b.Class)),
		cmp.Compare(a.Start, b.Start),
		cmp.Compare(a.order, b.order),
	)
}

func rank(c traffic.Class) int { return slices.Index(traffic.Classes(), c) }

// resolve orders hits by place and leaves of those that overlap the best. It
// works in place.
func resolve(hits []Hit) []Hit {
	if len(hits) < 2 {
		return hits
	}
	if !slices.IsSortedFunc(hits, byPlace) {
		slices.SortFunc(hits, byPlace)
	}
	out := hits[:0]
	for i := 0; i < len(hits); {
		j, end := i+1, hits[i].End
		for ; j < len(hits) && hits[j].Start < end; j++ {
			end = max(end, hits[j].End)
		}
		if j == i+1 {
			out = append(out, hits[i])
		} else {
			out = append(out, winners(hits[i:j])...)
		}
		i = j
	}
	return out
}

// byPlace orders hits by place, the longest first. Most differ in their start, and
// a prompt may have very many.
func byPlace(a, b Hit) int {
	if a.Start != b.Start {
		return cmp.Compare(a.Start, b.Start)
	}
	if a.End != b.End {
		return cmp.Compare(b.End, a.End)
	}
	return better(a, b)
}

// winners picks from a chain of overlapping hits, best first, those that fit
// beside the ones already picked.
func winners(chain []Hit) []Hit {
	slices.SortFunc(chain, better)
	var won []Hit
	for _, h := range chain {
		at, _ := slices.BinarySearchFunc(won, h, func(a, b Hit) int { return cmp.Compare(a.Start, b.Start) })
		if at > 0 && won[at-1].End > h.Start || at < len(won) && won[at].Start < h.End {
			continue
		}
		won = slices.Insert(won, at, h)
	}
	return won
}
