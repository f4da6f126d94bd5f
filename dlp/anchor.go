package dlp

import (
	"fmt"

	"github.com/gnomon-proxy/gnomon/rules"
)

// try is one detector at one keyword: how to get from the keyword to where the
// pattern starts.
type try struct {
	d       *detector
	keyword string
	assign  bool
	label   bool
	fixed   bool
	back    int       // bytes before the keyword: exactly if fixed, else at most
	over    [256]bool // the bytes that may stand there
	follow  [256]bool // the bytes that may stand behind the keyword
}

const maxBack = 64

// newTry finds out at which offsets of d's matches the keyword may stand.
func newTry(d *detector, keyword string) (*try, error) {
	t := &try{d: d, keyword: keyword}
	if d.anchor == rules.AnchorLabel {
		t.label = true
		for x := range 256 {
			// a short label is a word of its own: "in?" in the filter, of "vin", would be everywhere
			t.follow[x] = len(keyword) > 3 || !isAlpha(byte(x))
		}
		return t, nil
	}
	if d.anchor == rules.AnchorAssign {
		t.assign = true
		for x := range 256 {
			t.follow[x] = nameByte[x] || closer[x] || blank[x] || operator[x]
		}
		return t, nil
	}
	if d.at > 0 {
		if d.at > maxMatch {
			return nil, fmt.Errorf("keyword_at must be between 1 and %d", maxMatch)
		}
		t.fixed, t.back = true, d.at
		for x := range 256 {
			t.follow[x] = true
		}
		return t, nil
	}
	least, most := -1, -1
	var way [256]bool // by class
	set := []uint16{d.auto.start()}
	for n := 0; n <= maxBack && len(set) > 0; n++ {
		if behind := d.auto.read(set, keyword); len(behind) > 0 {
			d.auto.mayFollow(behind, &t.follow)
			if most = n; least < 0 {
				least = n
			}
			if least == 0 {
				break // further occurrences are inside a token that starts with it
			}
		}
		for _, s := range set { // what the way to the keyword may be made of
			for class := range d.auto.width - 1 {
				way[class] = way[class] || d.auto.next[int(s)+class] != 0
			}
		}
		set = d.auto.step(set, func(x byte) bool { return fold(x) != keyword[0] })
	}
	if least < 0 {
		return nil, fmt.Errorf("the keyword %q does not occur in the first %d bytes of what the pattern matches", keyword, maxBack)
	}
	for x := range 256 {
		first := fold(byte(x)) == keyword[0] && !(len(keyword) > 3 && isAlpha(keyword[0]))
		t.over[x] = way[d.auto.class[x]] && !first
	}
	t.back, t.fixed = most, least == most
	return t, nil
}

// read returns the states that set reaches by keyword in any letter case.
func (a *automaton) read(set []uint16, keyword string) []uint16 {
	for i := range len(keyword) {
		set = a.step(set, func(x byte) bool { return fold(x) == keyword[i] })
	}
	return set
}

// mayFollow adds to follow the bytes that may stand behind a text that led to
// set.
func (a *automaton) mayFollow(set []uint16, follow *[256]bool) {
	var may [256]bool // by class
	for _, s := range set {
		for class := range a.width - 1 {
			may[class] = may[class] || a.accepts(s) || a.next[int(s)+class] != 0
		}
	}
	for x := range 256 {
		follow[x] = follow[x] || may[a.class[x]]
	}
}

// origin returns where the pattern must start for the keyword at i, or -1.
func (t *try) origin(text []byte, i int) int {
	if t.fixed {
		if i < t.back {
			return -1
		}
		return i - t.back
	}
	j := i
	for j > 0 && i-j < t.back && t.over[text[j-1]] {
		j--
	}
	a := t.d.auto
	for j < i && a.next[a.width+int(a.class[text[j]])] == 0 {
		j++ // a dot or dash in front that no match starts with
	}
	return j
}
