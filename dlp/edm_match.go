package dlp

import "github.com/gnomon-proxy/gnomon/traffic"

const (
	edmAlone    = 0.8  // confidence of a cell that needs no other near it
	edmTogether = 0.95 // and of one that has
	ownOrder    = 1 << 20
)

// tables looks for the records of all tables.
func (c *scan) tables() {
	for k, e := range c.s.edm {
		var ends [maxCellWords]int
		var room [256]byte
		for w := (wordReader{text: c.text}); w.next(); {
			n := e.runs(c.text, w.from, &ends)
			plain, at := room[:0], w.from
			for i := range n {
				plain = appendWords(plain, c.text[at:ends[i]])
				at = ends[i]
				if len(plain) > len(room)-64 {
					break
				}
				if e.counts>>(i+1)&1 == 0 || len(plain) < minCell {
					continue
				}
				if h := e.hash(0, plain); e.maybe(h) {
					if cells := e.find(h, 0); len(cells) > 0 && !c.spent(w.from) {
						c.record(e, k, cells, w.from, ends[i])
					}
				}
			}
		}
	}
}

// runs fills ends with where the runs of one, two, ... words end that start at i.
func (e *EDM) runs(text []byte, i int, ends *[maxCellWords]int) (n int) {
	w := wordReader{text: text[:min(len(text), i+200)], to: i}
	for n < min(e.words, maxCellWords) && w.next() {
		if n > 0 && w.from-ends[n-1] > 3 {
			break
		}
		ends[n] = w.to
		n++
	}
	return n
}

func appendWords(dst, text []byte) []byte {
	for w := (wordReader{text: text}); w.next(); {
		dst = appendWord(dst, text[w.from:w.to])
	}
	return dst
}

// record notes the primary cell text[i:j] of one of the records of cells, and the
// cells of the same record near it.
func (c *scan) record(e *EDM, table int, cells []edmCell, i, j int) {
	if e.Supporting == 0 {
		c.own(e.Name, table, traffic.ClassCustom, i, j, edmAlone)
		return
	}
	from, to := max(0, i-edmNear), min(len(c.text), j+edmNear)
	var best, found []Hit
	for _, cell := range cells {
		found = found[:0]
		columns := 0
		for column := 1; column < len(e.Columns); column++ {
			if at, end, ok := e.near(c.text, from, to, i, j, uint8(column), cell.record); ok {
				columns++
				found = append(found, Hit{Start: at, End: end})
			}
		}
		c.work += 4 * (to - from)
		if columns >= e.Supporting && len(found) > len(best) {
			best = append(best[:0], found...)
		}
	}
	if len(best) == 0 {
		return
	}
	c.own(e.Name, table, traffic.ClassCustom, i, j, edmTogether)
	for _, h := range best {
		c.own(e.Name, table, traffic.ClassCustom, h.Start, h.End, edmTogether)
	}
}

// near returns where in text[from:to], but not in text[i:j], a cell of the
// record and column stands.
func (e *EDM) near(text []byte, from, to, i, j int, column uint8, record uint32) (at, end int, ok bool) {
	var ends [maxCellWords]int
	var room [256]byte
	for from > 0 && cellByte(text[from]) && cellByte(text[from-1]) {
		from-- // not in the middle of a word
	}
	for w := (wordReader{text: text[:to], to: from}); w.next(); {
		n := e.runs(text, w.from, &ends)
		plain, start := room[:0], w.from
		for k := range n {
			plain = appendWords(plain, text[start:ends[k]])
			if start = ends[k]; len(plain) > len(room)-64 {
				break
			}
			if len(plain) < minCell || w.from < j && i < ends[k] {
				continue
			}
			for _, cell := range e.find(e.hash(column, plain), column) {
				if cell.record == record {
					return w.from, ends[k], true
				}
			}
		}
	}
	return 0, 0, false
}

// own notes a value of the customer's own data.
func (c *scan) own(name string, order int, class traffic.Class, i, j int, confidence float64) {
	if confidence >= c.s.min {
		c.hits = append(c.hits, Hit{Detector: name, Class: class, Start: i, End: j, Confidence: confidence, order: ownOrder + order})
	}
}
