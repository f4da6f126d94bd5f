package dlp

import "github.com/gnomon-proxy/gnomon/traffic"

const (
	edmAlone    = 0.8  // confidence of a cell that needs no other near it
	edmTogether = 0.95 // and of one that has
	ownOrder    = 1 << 20
)

// tables looks for the records of all tables.
func (c *scan) tables() {
	work := c.work // what detectors have spent is no reason to miss records
	defer func() { c.work = max(c.work, work) }()
	for k, e := range c.s.edm {
		var ends [maxCellWords]int
		var room [256]byte
		var near neighbours
		c.work = 0
		for w := (wordReader{text: c.text}); w.next(); {
			if w.to-w.from > len(room)/2 || !e.first.maybe(e.hash(firstWord, appendWord(room[:0], c.text[w.from:w.to]))) {
				continue
			}
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
				if h := e.hash(0, plain); e.filter.maybe(h) {
					if same := e.find(h, 0); same.to > same.from && !c.spent(w.from) {
						c.record(e, k, same, &near, w.from, ends[i])
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

// record notes the primary cell text[i:j] of one of the records of same, and the
// cells of the same record near it.
func (c *scan) record(e *EDM, table int, same cellRange, near *neighbours, i, j int) {
	if e.Supporting == 0 {
		c.own(e.Name, table, traffic.ClassCustom, i, j, edmAlone)
		return
	}
	around := near.around(e, c.text, i, j)
	var best, found [maxColumns]*neighbour
	most := 0
	for k := same.from; k < same.to && k < same.from+maxSame && most < len(e.Columns)-1; k++ {
		record := e.cell(k).record
		columns := 0
		clear(found[:])
		for n := range around {
			x := &around[n]
			if x.at < j && x.end > i || !e.holds(x.cells, record) {
				continue
			}
			if found[x.column] == nil {
				columns++
			} else if found[x.column].distance(i, j) <= x.distance(i, j) {
				continue
			}
			found[x.column] = x
		}
		c.work += 8 * len(around)
		if columns > most {
			most, best = columns, found
		}
	}
	if most < e.Supporting {
		return
	}
	c.work -= workPerHit
	c.own(e.Name, table, traffic.ClassCustom, i, j, edmTogether)
	for _, x := range best {
		if x != nil {
			c.own(e.Name, table, traffic.ClassCustom, x.at, x.end, edmTogether)
		}
	}
}

// neighbours are the cells of other columns in a part of a text, by place. Each
// place is looked at once, however many primary cells stand near it.
type neighbours struct {
	list []neighbour
	done int // words before this place have been looked at
}

// neighbour is a run of words that is a cell of some records.
type neighbour struct {
	at, end int
	column  uint8
	cells   cellRange
}

// distance returns how far it is from text[i:j].
func (n *neighbour) distance(i, j int) int { return max(i-n.end, n.at-j) }

// around returns the neighbours of text[i:j], which is not before the last one.
func (n *neighbours) around(e *EDM, text []byte, i, j int) []neighbour {
	from, to := max(0, i-edmNear), min(len(text), j+edmNear)
	for from > 0 && cellByte(text[from]) && cellByte(text[from-1]) {
		from-- // not in the middle of a word
	}
	gone := 0
	for gone < len(n.list) && n.list[gone].at < from {
		gone++
	}
	n.list = append(n.list[:0], n.list[gone:]...)
	n.done = max(n.done, from)
	var ends [maxCellWords]int
	var room [256]byte
	for w := (wordReader{text: text, to: n.done}); w.to < to && w.next() && w.from < to; n.done = w.to {
		plain, start := room[:0], w.from
		for k := range e.runs(text, w.from, &ends) {
			plain = appendWords(plain, text[start:ends[k]])
			if start = ends[k]; len(plain) > len(room)-64 {
				break
			}
			if len(plain) < minCell {
				continue
			}
			for column := 1; column < len(e.Columns); column++ {
				h := e.hash(uint8(column), plain)
				if !e.others.maybe(h) {
					continue
				}
				if cells := e.find(h, uint8(column)); cells.to > cells.from {
					n.list = append(n.list, neighbour{w.from, ends[k], uint8(column), cells})
				}
			}
		}
	}
	last := len(n.list)
	for last > 0 && n.list[last-1].at >= to {
		last--
	}
	return n.list[:last]
}

// own notes a value of the customer's own data.
func (c *scan) own(name string, order int, class traffic.Class, i, j int, confidence float64) {
	if confidence >= c.s.min {
		c.hits = append(c.hits, Hit{Detector: name, Class: class, Start: i, End: j, Confidence: confidence, order: ownOrder + order})
	}
}
