package dlp

import (
	"bytes"
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// dialwords.txt says where people use a word for a telephone.
//
//go:embed dialwords.txt
var dialWordFile string

// dialWords maps a word to the plans of its regions, of which those with the same
// trunk prefix are one.
var dialWords = sync.OnceValue(func() map[string][]*dialPlan {
	m := make(map[string][]*dialPlan)
	for line := range strings.Lines(dialWordFile) {
		line = strings.TrimSpace(line)
		end := strings.LastIndex(line, ": ") // "тел:" is a word
		if end < 0 || strings.HasPrefix(line, "#") {
			continue
		}
		list := together(strings.Fields(line[end+2:]))
		for w := range strings.FieldsSeq(line[:end]) {
			m[w] = append(m[w], list...)
		}
	}
	return m
})

// together returns the plans of regions by trunk prefix.
func together(regions []string) (list []*dialPlan) {
	all := plans()
	for _, r := range regions {
		r, bare := strings.CutPrefix(r, "*")
		p := all.byRegion[r]
		if p == nil {
			continue
		}
		k := slices.IndexFunc(list, func(x *dialPlan) bool { return slices.Equal(x.trunk, p.trunk) && x.bare == bare })
		if k < 0 {
			list = append(list, &dialPlan{trunk: p.trunk, bare: bare})
			k = len(list) - 1
		}
		list[k].join(p.sizes, p.pattern)
	}
	return list
}

// checkNear is the check that needs the words around a number: whether it is one
// of a region that they speak for.
const checkNear = "dialled_near"

// checkPhone is the check for numbers of a plan that nothing names.
const checkPhone = "phone"

// leastPhone is how many digits a telephone number has at least: shorter ones are
// those of a village, a service or an extension.
const leastPhone = 7

// dialled reports whether text[i:j] is a number as it is dialled in a region that
// the words around it speak for. The words have been read by then.
func (c *scan) dialled(d *detector, i, j int) bool {
	var buf [maxDialled + 1]byte
	digits := appendDialled(buf[:0], c.text[i:j])
	if len(digits) < leastPhone || len(digits) > maxDialled || same(digits[1:]) {
		return false
	}
	if bytes.Count(c.text[i:j], []byte{'.'}) == 3 && len(digits) <= 12 && isQuad(c.text[i:j]) {
		return false
	}
	if j-i > 1 && c.text[j-2] == '.' { // "20240115.1": of a build
		return false
	}
	if digits[0] == '0' && digits[1] == '0' { // as one dials abroad
		return dialledDigits(digits[2:])
	}
	grouped := separators(c.text[i:j])
	var tried [4]uint16 // words, by number: the nearest say enough
	for k, n := c.near.n-1, 0; k >= 0 && n < len(tried); k-- {
		w := &c.near.seen[k]
		if int(w.start) < i-d.within {
			break
		}
		if int(w.start) >= j+afterWithin || slices.Contains(tried[:n], w.word) || !c.s.context.words[w.word].raises.has(d.order) {
			continue
		}
		tried[n] = w.word
		n++
		word := c.s.context.words[w.word].text
		if end := strings.IndexByte(word, ' '); end > 0 { // "numéro de portable"
			word = word[:end]
		}
		if c.ofRegions(dialWords()[word], digits, grouped) {
			return true
		}
	}
	return false
}

// ofRegions reports whether digits are a number of one of the regions of list.
func (c *scan) ofRegions(list []*dialPlan, digits []byte, grouped bool) bool {
	for _, p := range list {
		c.work += len(digits) + workTry
		if p.has(digits, grouped) {
			return true
		}
	}
	return false
}

// isQuad reports whether value is four groups of up to three digits parted by
// dots: an address of the network, a version.
func isQuad(value []byte) bool {
	group := 0
	for _, c := range value {
		switch {
		case isDigit(c):
			group++
		case c != '.' || group == 0:
			return false
		default:
			group = 0
		}
		if group > 3 {
			return false
		}
	}
	return true
}
