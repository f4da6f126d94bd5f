package dlp

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"sort"
)

// bloom is a Bloom filter of hashes: about ten bits each, one in a hundred others
// passes by chance. Its length is a power of two.
type bloom []uint64

func newBloom(n int) bloom { return make(bloom, 1<<bits.Len64(uint64(max(n*10, 64))-1)/64) }

// bloomOf returns a filter of hashes, which it puts in order.
func bloomOf(hashes []uint64) bloom {
	slices.Sort(hashes)
	hashes = slices.Compact(hashes)
	b := newBloom(len(hashes))
	for _, h := range hashes {
		b.add(h)
	}
	return b
}

// bloomSize reports whether data may begin with a filter of n words.
func bloomSize(n int, data []byte) bool { return 0 < n && n <= len(data)/8 && n&(n-1) == 0 }

// readBloom returns the filter of n words at the start of data, and the rest.
func readBloom(data []byte, n int) (bloom, []byte) {
	b := make(bloom, n)
	for i := range b {
		b[i] = binary.LittleEndian.Uint64(data[8*i:])
	}
	return b, data[8*n:]
}

func (b bloom) add(h uint64) {
	mask := uint64(len(b))*64 - 1
	for range 4 {
		b[(h&mask)>>6] |= 1 << (h & 63)
		h = bits.RotateLeft64(h, 21) * 0x9e3779b97f4a7c15
	}
}

func (b bloom) maybe(h uint64) bool {
	mask := uint64(len(b))*64 - 1
	for range 4 {
		if b[(h&mask)>>6]>>(h&63)&1 == 0 {
			return false
		}
		h = bits.RotateLeft64(h, 21) * 0x9e3779b97f4a7c15
	}
	return true
}

// cellRange are cells of one hash and column, ordered by record.
type cellRange struct{ from, to int }

// find returns the cells of the first column from column on that has some of hash
// h, and that column.
func (e *EDM) find(h uint64, column uint8) (cellRange, uint8) {
	from := e.search(h)
	if from < e.Cells() && column > 0 && e.before(from, h, column) { // its text is in columns before, too
		from = e.until(from, h, column)
	}
	return e.next(h, from)
}

// next returns the cells from the i-th on that have hash h and one column.
func (e *EDM) next(h uint64, i int) (cellRange, uint8) {
	if i == e.Cells() || e.hashOf(i) != h {
		return cellRange{}, 0
	}
	column := e.cell(i).column
	return cellRange{i, e.until(i, h, column+1)}, column
}

// until returns the first cell behind i that is not before those of hash h and
// column: mostly the next one.
func (e *EDM) until(i int, h uint64, column uint8) int {
	from, to := i+1, i+1
	for step := 1; to < e.Cells() && e.before(to, h, column); step *= 2 {
		from, to = to+1, min(e.Cells(), to+step)
	}
	return from + sort.Search(to-from, func(k int) bool { return !e.before(from+k, h, column) })
}

// before reports whether cell i stands before those of hash h and column.
func (e *EDM) before(i int, h uint64, column uint8) bool {
	c := e.hashOf(i)
	return c < h || c == h && e.cells[i*cellSize+12] < column
}

// holds reports whether one of the cells of r is of record.
func (e *EDM) holds(r cellRange, record uint32) bool {
	n := r.to - r.from
	k := sort.Search(n, func(k int) bool { return e.cell(r.from+k).record >= record })
	return k < n && e.cell(r.from+k).record == record
}

// searchReach is how far from where even hashes would put it a hash is looked
// for first.
const searchReach = 16

// search returns the first cell whose hash is not below h. Hashes are spread
// evenly but for those of many cells: some steps by how far they are from h lead
// near it, and a few more cells are looked at, of millions.
func (e *EDM) search(h uint64) int {
	n := e.Cells()
	if n == 0 {
		return 0
	}
	at, _ := bits.Mul64(h, uint64(n))
	for far := uint64(n); far > searchReach/2; {
		last := far
		if x := e.hashOf(int(at)); x > h {
			far, _ = bits.Mul64(x-h, uint64(n))
			at -= min(at, far)
		} else {
			far, _ = bits.Mul64(h-x, uint64(n))
			at = min(at+far, uint64(n-1))
		}
		if far > last/2 { // it leads no nearer
			break
		}
	}
	from, to := int(at), int(at)
	for reach := searchReach; from > 0 && e.hashOf(from) >= h; reach *= 4 {
		from = max(0, int(at)-reach)
	}
	for reach := searchReach; to < n && e.hashOf(to) < h; reach *= 4 {
		to = min(n, int(at)+reach)
	}
	return from + sort.Search(to-from, func(k int) bool { return e.hashOf(from+k) >= h })
}
