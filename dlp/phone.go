package dlp

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// dialplans.txt is what each country dials: made from the metadata of a library
// of telephone numbers (TestDialPlans), whose own checks take twenty microseconds
// a number and ten milliseconds at the start of every command.
//
//go:embed dialplans.txt
var dialPlanFile string

// dialPlan is the numbers of one region, or of all that share a country code.
type dialPlan struct {
	trunk   []string
	bare    bool   // whether long numbers are written in one run without the trunk prefix
	sizes   uint32 // bits: how many digits there may be behind the code
	pattern string
	auto    func() *automaton // built when it is first asked for; nil: it can't be built
}

// dialPlans is all plans. Reading them takes a fraction of a millisecond, which
// nobody pays who scans no telephone number.
type dialPlans struct {
	byCode   [1000]*dialPlan
	byRegion map[string]*dialPlan
}

var plans = sync.OnceValue(func() *dialPlans {
	all := &dialPlans{byRegion: make(map[string]*dialPlan)}
	for line := range strings.Lines(dialPlanFile) {
		f := strings.Fields(line)
		if len(f) != 5 || f[0] == "#" {
			continue
		}
		code, err := strconv.Atoi(f[1])
		if err != nil || code < 1 || code > 999 {
			continue
		}
		if all.byRegion[f[0]] == nil {
			all.byRegion[f[0]] = new(dialPlan)
		}
		if all.byCode[code] == nil {
			all.byCode[code] = new(dialPlan)
		}
		all.byRegion[f[0]].add(f[2], f[3], f[4])
		all.byCode[code].add(f[2], f[3], f[4])
	}
	return all
})

// add adds a region.
func (p *dialPlan) add(trunks, sizes, pattern string) {
	for t := range strings.SplitSeq(trunks, "|") {
		if t != "-" && !slices.Contains(p.trunk, t) {
			p.trunk = append(p.trunk, t)
		}
	}
	bits := uint32(0)
	for n := range strings.SplitSeq(sizes, ",") {
		if n, err := strconv.Atoi(n); err == nil {
			bits |= 1 << (n & 31)
		}
	}
	p.join(bits, pattern)
}

// join adds numbers of these sizes and patterns.
func (p *dialPlan) join(sizes uint32, pattern string) {
	p.sizes |= sizes
	if p.pattern != "" {
		pattern = p.pattern + "|" + pattern
	}
	p.pattern = pattern
	p.auto = sync.OnceValue(func() *automaton {
		a, err := compilePattern(pattern)
		if err != nil {
			return nil // a test holds that all compile
		}
		return a
	})
}

// bareDigits is how many digits a number has at least that is written without the
// trunk prefix of its region: with fewer, dates and amounts pass.
const bareDigits = 9

// has reports whether d is a number of the region, as it is dialled there: with
// the trunk prefix; or without, where there is none, or the number is long and, but
// for trunks such as 1, in groups: counters and times are not.
func (p *dialPlan) has(d []byte, grouped bool) bool {
	if p.withTrunk(d) {
		return true
	}
	zero := len(p.trunk) > 0 && p.trunk[0] == "0"
	return (len(p.trunk) == 0 || len(d) >= bareDigits && (grouped || !zero || p.bare)) && p.given(d)
}

// withTrunk reports whether d is the trunk prefix and a number of the region.
func (p *dialPlan) withTrunk(d []byte) bool {
	for _, t := range p.trunk {
		if len(d) > len(t) && string(d[:len(t)]) == t && p.given(d[len(t):]) {
			return true
		}
	}
	return false
}

func (p *dialPlan) given(d []byte) bool {
	if p.sizes>>(len(d)&31)&1 == 0 {
		return false
	}
	a := p.auto()
	return a != nil && a.whole(d)
}

// dialled checks a number with its country code against the plans of that code:
// given out, not only as long as such numbers are.
func dialled(value []byte) bool {
	var buf [maxDialled + 1]byte
	return dialledDigits(appendDialled(buf[:0], value))
}

// maxDialled is how many digits a number may have (ITU-T E.164).
const maxDialled = 15

// appendDialled appends the digits of value, one more than a number may have at
// most. What stands behind letters is an extension.
func appendDialled(dst, value []byte) []byte {
	for _, c := range value {
		if isAlpha(c) {
			break
		}
		if isDigit(c) && len(dst) <= maxDialled {
			dst = append(dst, c)
		}
	}
	return dst
}

func dialledDigits(d []byte) bool {
	if len(d) < leastPhone || len(d) > maxDialled || same(d[1:]) {
		return false
	}
	all, code := plans(), 0
	for n := range 3 {
		code = 10*code + int(d[n]-'0')
		if p := all.byCode[code]; p != nil { // no code is the beginning of another one
			return p.given(d[n+1:]) || p.withTrunk(d[n+1:]) // "+44 (0)20"
		}
	}
	return false
}

// dialledInNorthAmerica checks a number of ten digits, or eleven with the 1 in
// front.
func dialledInNorthAmerica(value []byte) bool {
	buf := [maxDialled + 2]byte{'1'}
	d := appendDialled(buf[:1], value)
	if len(d) == 12 && d[1] == '1' {
		d = d[1:]
	}
	return len(d) == 11 && dialledDigits(d)
}
