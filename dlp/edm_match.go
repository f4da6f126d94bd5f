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
		var near neighbours
		var r runs
		c.work = 0
		for w := (wordReader{text: c.text}); w.next(); {
			for i := range r.read(e, true, c.text, w.from, w.to) {
				if r.plain[i] < minCell || !e.mayBe(i+1, r.room[:r.plain[i]]) || !e.primary.maybe(r.hashes[i]) {
					continue
				}
				if same, column := e.find(r.hashes[i], 0); same.to > same.from && column == 0 && !c.spent(w.from) {
					c.record(e, k, same, &near, w.from, r.ends[i])
				}
			}
		}
	}
}

// runs are the runs of one, two, ... words that start at one place of a text, and
// their hashes.
type runs struct {
	ends   [maxGroups]int // places in the text,
	plain  [maxGroups]int // and in room
	hashes [maxGroups]uint64
	room   [maxRun + 64]byte
}

// maxRun bounds the letters and digits of a run: longer ones are no cells.
const maxRun = 192

// mayBe reports whether a primary cell may have so many words, or be a number as plain
// is one.
func (e *EDM) mayBe(words int, plain []byte) bool {
	return words <= maxCellWords && e.counts>>words&1 != 0 || e.counts>>numberCell != 0 && isNumberCell(plain)
}

// read reads the runs whose first word is text[i:j] and returns how many there
// are: of primary cells none unless that may be the first word of one.
func (r *runs) read(e *EDM, primary bool, text []byte, i, j int) int {
	if j-i > maxRun/2 {
		return 0
	}
	plain := appendWord(r.room[:0], text[i:j])
	r.ends[0], r.plain[0] = j, len(plain)
	if primary {
		r.hashes[0] = e.hash(plain)
		if !e.first.maybe(r.hashes[0]) && (e.counts>>numberCell == 0 || !hasDigit(plain)) {
			return 0
		}
	}
	n, most, groups := 1, min(e.words, maxCellWords), mayGroup(plain)
	for w := (wordReader{text: text[:min(len(text), i+maxRun)], to: j}); n < maxGroups && w.next() && w.from-r.ends[n-1] <= 3; n++ {
		if groups = groups && mayGroup(text[w.from:w.to]); n >= most && !groups {
			break
		}
		if plain = appendWord(plain, text[w.from:w.to]); len(plain) > maxRun {
			break
		}
		r.ends[n], r.plain[n] = w.to, len(plain)
	}
	sipHashes(e.sums[0], e.sums[1], plain, r.plain[:n], r.hashes[:n])
	return n
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
			if x.at < j && x.end > i || !near.holds(e, x.cells, record) {
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
	list  []neighbour
	done  int // words before this place have been looked at
	known [32]held
	met   [16]met
}

// met remembers what find said of a hash: a text may be full of one value.
type met struct {
	hash   uint64
	cells  cellRange
	column uint8
}

// find is e.find for the other columns.
func (n *neighbours) find(e *EDM, h uint64) (cellRange, uint8) {
	m := &n.met[h%uint64(len(n.met))]
	if m.hash != h || m.cells.to == 0 {
		cells, column := e.find(h, 1)
		*m = met{h, cells, column}
	}
	return m.cells, m.column
}

// held remembers what holds said: some cells stand near very many others.
type held struct {
	cells  cellRange
	record uint32
	is     bool
}

// holds is e.holds, which is asked the same over and over where one value of a
// column, such as a town, stands near all others.
func (n *neighbours) holds(e *EDM, cells cellRange, record uint32) bool {
	k := &n.known[(uint32(cells.from)^record)%uint32(len(n.known))]
	if k.cells != cells || k.record != record {
		*k = held{cells, record, e.holds(cells, record)}
	}
	return k.is
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
	var r runs
	for w := (wordReader{text: text, to: n.done}); w.to < to && w.next() && w.from < to; n.done = w.to {
		for k := range r.read(e, false, text, w.from, w.to) {
			if r.plain[k] < minCell || !e.others.maybe(r.hashes[k]) {
				continue
			}
			for cells, column := n.find(e, r.hashes[k]); cells.to > cells.from; cells, column = e.next(r.hashes[k], cells.to) {
				n.list = append(n.list, neighbour{w.from, r.ends[k], column, cells})
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
