package dlp

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// EDM finds the records of a table (exact data match) without holding them: it
// knows of each cell a keyed 64-bit hash only, and which record it is of. It is
// immutable.
type EDM struct {
	Name       string
	Columns    []string // the first is the primary one: a match begins with it
	Supporting int      // cells of the same record that must stand near it; 0: none

	first  bloom     // the first words of the cells of the primary column,
	filter bloom     // and these cells: in ordinary text the first one lets hardly a word pass
	cells  []byte    // records of edmCell, by hash, as in the file: a table takes as much memory as it takes on disk
	words  int       // words that the longest cell has
	others bloom     // the cells of the other columns
	counts uint8     // bit n: some primary cell has n words
	sums   [2]uint64 // what the key comes to
}

// edmCell is one cell of the table. It has no text.
type edmCell struct {
	hash   uint64
	record uint32
	column uint8
	words  uint8
}

// cellSize is the length of a cell in a file and in memory.
const cellSize = 14

func (c *edmCell) append(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, c.hash)
	dst = binary.LittleEndian.AppendUint32(dst, c.record)
	return append(dst, c.column, c.words)
}

// cell returns the i-th cell.
func (e *EDM) cell(i int) edmCell {
	b := e.cells[i*cellSize : (i+1)*cellSize]
	return edmCell{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint32(b[8:]), b[12], b[13]}
}

func (e *EDM) hashOf(i int) uint64 { return binary.LittleEndian.Uint64(e.cells[i*cellSize:]) }

const (
	maxCellWords = 5       // longer cells are no names or numbers
	minCell      = 4       // letters and digits of a cell; shorter ones are everywhere
	edmNear      = 300     // bytes around a primary cell in which the others must stand
	maxRecords   = 1 << 24 // of a table
	maxColumns   = 16
	maxSame      = 64 // records of one cell that are looked at
	edmMagic     = "gnomon-edm-2\n"
	firstWord    = 255 // takes the place of a column in hashes of first words
)

// hash returns the hash of a normalised cell. SipHash would be enough against
// collisions; that nobody without the key can try names is what the key is for.
func (e *EDM) hash(column uint8, text []byte) uint64 {
	return sipHash(e.sums[0], e.sums[1]^uint64(column), text)
}

// derive returns the key of hashes of one kind.
func derive(key traffic.Key, kind string) (k [2]uint64) {
	m := hmac.New(sha256.New, key[:])
	m.Write([]byte(kind))
	sum := m.Sum(nil)
	return [2]uint64{binary.LittleEndian.Uint64(sum), binary.LittleEndian.Uint64(sum[8:])}
}

// EDMBuilder collects the records of a table.
type EDMBuilder struct {
	edm     *EDM
	cells   []edmCell
	first   []uint64 // hashes of the first words of the primary column
	records uint32
	skipped int
}

// NewEDM starts a table of the named columns, the primary one first.
func NewEDM(name string, columns []string, supporting int, key traffic.Key) (*EDMBuilder, error) {
	switch {
	case len(columns) == 0 || len(columns) > maxColumns:
		return nil, errors.New("name one to 16 columns, the primary one first")
	case supporting < 0 || supporting >= len(columns):
		return nil, fmt.Errorf("%d supporting cells can't be near: there are %d other columns", supporting, len(columns)-1)
	}
	return &EDMBuilder{edm: &EDM{Name: name, Columns: columns, Supporting: supporting, sums: derive(key, "edm")}}, nil
}

// Add adds a record. Cells that are too short or too long to be told from prose
// are left out.
func (b *EDMBuilder) Add(cells []string) error {
	if b.records >= maxRecords {
		return fmt.Errorf("more than %d records: split the table", maxRecords)
	}
	for i, text := range cells[:min(len(cells), len(b.edm.Columns))] {
		plain, words := normalCell(nil, []byte(text))
		if len(plain) < minCell || words > maxCellWords {
			b.skipped++
			continue
		}
		b.edm.words = max(b.edm.words, words)
		if i == 0 {
			w := wordReader{text: []byte(text)}
			w.next()
			b.first = append(b.first, b.edm.hash(firstWord, appendWord(nil, w.text[w.from:w.to])))
		}
		b.cells = append(b.cells, edmCell{b.edm.hash(uint8(i), plain), b.records, uint8(i), uint8(words)})
	}
	b.records++
	return nil
}

// Build returns the table, how many records it has and how many cells were left
// out.
func (b *EDMBuilder) Build() (e *EDM, records, skipped int) {
	slices.SortFunc(b.cells, func(x, y edmCell) int {
		if x.hash != y.hash {
			if x.hash < y.hash {
				return -1
			}
			return 1
		}
		return int(x.record) - int(y.record)
	})
	b.edm.cells = make([]byte, 0, len(b.cells)*cellSize)
	for i := range b.cells {
		b.edm.cells = b.cells[i].append(b.edm.cells)
	}
	b.edm.first = newBloom(len(b.first))
	for _, h := range b.first {
		b.edm.first.add(h)
	}
	b.cells, b.first = nil, nil
	b.edm.index()
	return b.edm, int(b.records), b.skipped
}

// index makes the filters of the cells.
func (e *EDM) index() {
	n := 0
	for i := range e.Cells() {
		if c := e.cell(i); c.column == 0 {
			n++
			e.counts |= 1 << min(c.words, 7)
		}
	}
	e.filter, e.others = newBloom(n), newBloom(e.Cells()-n)
	for i := range e.Cells() {
		if c := e.cell(i); c.column == 0 {
			e.filter.add(c.hash)
		} else {
			e.others.add(c.hash)
		}
	}
}

// bloom is a Bloom filter of hashes: about ten bits each, one in a hundred others
// passes by chance. Its length is a power of two.
type bloom []uint64

func newBloom(n int) bloom { return make(bloom, 1<<bits.Len64(uint64(max(n*10, 64))-1)/64) }

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

// cellRange are cells that are equal: of one column and hash, ordered by record.
type cellRange struct{ from, to int }

// find returns the cells of column that have hash h.
func (e *EDM) find(h uint64, column uint8) cellRange {
	i := e.search(h)
	if i == e.Cells() {
		return cellRange{}
	}
	if c := e.cell(i); c.hash != h || c.column != column {
		return cellRange{}
	}
	j := e.Cells()
	if h < math.MaxUint64 {
		j = e.search(h + 1)
	}
	return cellRange{i, j}
}

// holds reports whether one of the cells of r is of record.
func (e *EDM) holds(r cellRange, record uint32) bool {
	n := r.to - r.from
	k := sort.Search(n, func(k int) bool { return e.cell(r.from+k).record >= record })
	return k < n && e.cell(r.from+k).record == record
}

// searchReach is how far from where even hashes would put it a hash is looked
// for first.
const searchReach = 2048

// search returns the first cell whose hash is not below h. Hashes are spread
// evenly: of millions, a few thousand that lie together are looked at.
func (e *EDM) search(h uint64) int {
	n := e.Cells()
	at, _ := bits.Mul64(h, uint64(n))
	from, to := int(at), int(at)
	for reach := searchReach; from > 0 && e.hashOf(from) >= h; reach *= 4 {
		from = max(0, int(at)-reach)
	}
	for reach := searchReach; to < n && e.hashOf(to) < h; reach *= 4 {
		to = min(n, int(at)+reach)
	}
	return from + sort.Search(to-from, func(k int) bool { return e.hashOf(from+k) >= h })
}

// normalCell appends to dst what of a cell counts: letters in lower case and
// digits. It returns how many words it has.
func normalCell(dst, text []byte) ([]byte, int) {
	words := 0
	for w := (wordReader{text: text}); w.next(); {
		dst = appendWord(dst, text[w.from:w.to])
		words++
	}
	return dst, words
}

func appendWord(dst, word []byte) []byte {
	n := len(dst)
	for _, c := range word {
		if c >= 0x80 {
			return appendLower(dst[:n], word)
		}
		dst = append(dst, fold(c))
	}
	return dst
}

// appendLower is bytes.ToLower without allocating.
func appendLower(dst, word []byte) []byte {
	for len(word) > 0 {
		r, size := utf8.DecodeRune(word)
		dst = utf8.AppendRune(dst, unicode.ToLower(r))
		word = word[size:]
	}
	return dst
}

// wordReader reads the words of a text: letters, digits and all beyond ASCII.
type wordReader struct {
	text     []byte
	from, to int
}

func (w *wordReader) next() bool {
	i := w.to
	for i < len(w.text) && !cellByte(w.text[i]) {
		i++
	}
	w.from = i
	for i < len(w.text) && cellByte(w.text[i]) {
		i++
	}
	w.to = i
	return w.from < w.to
}

func cellByte(c byte) bool { return isAlnum(c) || c >= 0x80 }

// Write writes the table without its key. The columns' names and the hashes are
// all there is in it.
func (e *EDM) Write(w io.Writer) error {
	head := edmMagic + e.Name + "\n" + strings.Join(e.Columns, "\t") + "\n"
	head += fmt.Sprintf("%d %d %d %d\n", e.Supporting, e.words, e.Cells(), len(e.first))
	if _, err := io.WriteString(w, head); err != nil {
		return err
	}
	if err := binary.Write(w, binary.LittleEndian, []uint64(e.first)); err != nil {
		return err
	}
	_, err := w.Write(e.cells)
	return err
}

// ReadEDM reads a table that Write wrote. Key is that of the deployment which
// built it: under another one nothing is found. The table keeps data, which must
// not change.
func ReadEDM(data []byte, key traffic.Key) (*EDM, error) {
	lines := bytes.SplitN(data, []byte("\n"), 5)
	if len(lines) < 5 || string(lines[0])+"\n" != edmMagic {
		return nil, errors.New("no table of hashes: make one with gnomon rules edm build")
	}
	e := &EDM{Name: string(lines[1]), Columns: strings.Split(string(lines[2]), "\t"), sums: derive(key, "edm")}
	var n, first int
	if _, err := fmt.Sscanf(string(lines[3]), "%d %d %d %d", &e.Supporting, &e.words, &n, &first); err != nil {
		return nil, fmt.Errorf("the table of hashes is damaged: %w", err)
	}
	body := lines[4]
	if n < 0 || n > maxRecords*maxColumns || first < 1 || first > len(body)/8 || first&(first-1) != 0 || len(body) != 8*first+n*cellSize || e.words < 0 || e.words > maxCellWords ||
		e.Supporting < 0 || e.Supporting >= len(e.Columns) || len(e.Columns) > maxColumns {
		return nil, errors.New("the table of hashes is damaged: build it again")
	}
	e.first = make(bloom, first)
	for i := range e.first {
		e.first[i] = binary.LittleEndian.Uint64(body[8*i:])
	}
	e.cells = body[8*first:]
	for i := range n {
		if i > 0 && e.hashOf(i) < e.hashOf(i-1) {
			return nil, errors.New("the table of hashes is not in order: build it again")
		}
		if int(e.cell(i).column) >= len(e.Columns) {
			return nil, errors.New("the table of hashes is damaged, a cell is of no column: build it again")
		}
	}
	e.index()
	return e, nil
}

// Cells returns how many cells the table has.
func (e *EDM) Cells() int { return len(e.cells) / cellSize }

// Size returns about how many bytes the table has, in memory and written.
func (e *EDM) Size() int { return len(e.cells) + 8*len(e.first) + 1024 }
