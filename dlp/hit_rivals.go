package dlp

import (
	"math/bits"
	"slices"
	"strings"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// appendWinners appends to out those of a chain of overlapping hits, best first, that
// fit beside the ones already picked. The chain is ordered by place; out may end
// where it begins.
func appendWinners(out, chain []Hit) []Hit {
	best := bestOf(chain)
	if areNames(chain) {
		return append(out, wholeName(chain, best))
	}
	if overlapsAll(chain, best) {
		return append(out, chain[best])
	}
	var few [64]int32
	byRank := few[:0]
	for i := range chain {
		byRank = append(byRank, int32(i))
	}
	slices.SortFunc(byRank, func(i, j int32) int { return better(&chain[i], &chain[j]) })
	var one [2]uint64 // most chains are short
	won := picks{all: one[:1:1], any: one[1:]}
	if n := (len(chain) + 63) >> 6; n > 1 {
		won = picks{all: make([]uint64, n), any: make([]uint64, (n+63)>>6)}
	}
	for _, i := range byRank {
		h, before, behind := &chain[i], won.before(int(i)), won.behind(int(i))
		if before >= 0 && chain[before].End > h.Start && !h.beside(&chain[before]) || behind >= 0 && chain[behind].Start < h.End && !h.beside(&chain[behind]) {
			continue
		}
		won.pick(int(i))
	}
	for i := won.behind(-1); i >= 0; i = won.behind(i) {
		out = append(out, chain[i])
	}
	return out
}

// areNames reports whether all of a chain are names of persons, in the text as it stands: parts of
// one name, or more of it than another detector knows.
func areNames(chain []Hit) bool {
	for i := range chain {
		if h := &chain[i]; h.Class != traffic.ClassPersonal || h.via != 0 || !strings.HasPrefix(h.Detector, "person_") {
			return false
		}
	}
	return true
}

// wholeName returns the best of a chain, which stands for all that they take: no half of a name is
// left.
func wholeName(chain []Hit, best int) Hit {
	h := chain[best]
	for i := range chain {
		h.Start, h.End = min(h.Start, chain[i].Start), max(h.End, chain[i].End)
	}
	return h
}

func bestOf(chain []Hit) (best int) {
	for i := range chain {
		if better(&chain[i], &chain[best]) < 0 {
			best = i
		}
	}
	return best
}

// overlapsAll reports whether no hit of the chain fits beside the best.
func overlapsAll(chain []Hit, best int) bool {
	b := &chain[best]
	for i := range chain {
		if h := &chain[i]; i != best && (h.Start >= b.End || h.End <= b.Start || h.whole && h.beside(b)) {
			return false
		}
	}
	return true
}

// picks is a set of places in a chain, of which there may be very many.
type picks struct {
	all []uint64 // a bit for each place
	any []uint64 // and one for each word of these
}

func (p *picks) pick(i int) {
	p.all[i>>6] |= 1 << (i & 63)
	p.any[i>>12] |= 1 << (i >> 6 & 63)
}

// before returns the last place before i that is picked, or -1.
func (p *picks) before(i int) int {
	if at := last(p.all[i>>6] & (1<<(i&63) - 1)); at >= 0 {
		return i&^63 + at
	}
	word := i >> 6
	at := last(p.any[word>>6] & (1<<(word&63) - 1))
	for k := word >> 6; ; at = last(p.any[k]) {
		if at >= 0 {
			word = k<<6 + at
			return word<<6 + last(p.all[word])
		}
		if k--; k < 0 {
			return -1
		}
	}
}

// behind returns the first place behind i that is picked, or -1.
func (p *picks) behind(i int) int {
	i++
	if i>>6 == len(p.all) {
		return -1
	}
	if rest := p.all[i>>6] >> (i & 63); rest != 0 {
		return i + bits.TrailingZeros64(rest)
	}
	word := i>>6 + 1
	for k := word >> 6; k < len(p.any); k++ {
		some := p.any[k]
		if k == word>>6 {
			some &= ^uint64(0) << (word & 63)
		}
		if some != 0 {
			word = k<<6 + bits.TrailingZeros64(some)
			return word<<6 + bits.TrailingZeros64(p.all[word])
		}
	}
	return -1
}

// last returns the highest bit of x, or -1.
func last(x uint64) int { return bits.Len64(x) - 1 }
