package dlp

import "sort"

// mapping leads from the bytes of a view (a text with a disguise taken off) back
// to those of the text.
type mapping struct {
	places  []place
	end     int // of the part of the text that the view shows
	whole   bool
	rotated bool // its letters stand for others
	back    bool // the view is text[places[0].orig:end] backwards
	ways    waySet
}

// place says where the bytes of a view come from up to the next place.
type place struct {
	view, orig uint32
	scale      uint8 // bytes of the text for each of the view; 0: all for all
	way        Way   // 0: as it stands
}

// wholly returns the mapping of a view that can only be replaced as a whole.
func wholly(from, to int) mapping {
	return mapping{places: []place{{orig: uint32(from)}}, end: to, whole: true}
}

// add notes that what follows view in the view was made from orig onwards.
func (m *mapping) add(view, orig int, scale uint8, way Way) {
	m.ways |= way.set() &^ 1
	if n := len(m.places); n > 0 {
		last := &m.places[n-1]
		if int(last.view) == view && last.scale != 0 && last.way == 0 {
			m.places = m.places[:n-1] // nothing was made from it
		} else if scale != 0 && last.scale == scale && last.way == way && (view-int(last.view))*int(scale) == orig-int(last.orig) {
			return
		}
	}
	m.places = append(m.places, place{uint32(view), uint32(orig), scale, way})
}

// span returns the bytes of the text that view[i:j] was made from, and the ways
// that it was disguised in.
func (m *mapping) span(i, j int) (from, to int, set waySet) {
	if m.whole {
		return int(m.places[0].orig), m.end, m.ways
	}
	if m.back {
		return m.end - j, m.end - i, wayReversed.set()
	}
	a, b := m.at(i), m.at(j-1)
	for k := a; k <= b; k++ {
		if w := m.places[k].way; w != 0 {
			set |= w.set()
		}
	}
	p := m.places[a]
	from = int(p.orig) + (i-int(p.view))*int(p.scale)
	q := m.places[b]
	to = int(q.orig) + (j-int(q.view))*int(q.scale)
	if q.scale == 0 {
		to = m.end
		for k := b + 1; k < len(m.places); k++ { // what was left out behind it stays
			if to = int(m.places[k].orig); to > int(q.orig) {
				break
			}
		}
	}
	return from, to, set
}

// copied reports whether text[i:j] of a view stands in the text that the view was made
// of as it stands here: what it disguises was looked at there.
func (c *scan) copied(i, j int) bool {
	if len(c.shown) == 0 {
		return false
	}
	k := c.shownAt
	for k > 0 && int(c.shown[k].view) > i {
		k--
	}
	for k+1 < len(c.shown) && int(c.shown[k+1].view) <= i {
		k++
	}
	c.shownAt = k
	p := &c.shown[k]
	return p.scale == 1 && p.way == 0 && (k+1 == len(c.shown) || int(c.shown[k+1].view) >= j)
}

// at returns the index of the place that byte i of the view belongs to.
func (m *mapping) at(i int) int {
	return max(0, sort.Search(len(m.places), func(k int) bool { return int(m.places[k].view) > i })-1)
}
