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

	"github.com/gnomon-proxy/gnomon/traffic"
)

// EDM finds the records of a table (exact data match) without holding them: it
// knows of each cell a keyed 64-bit hash only, and which record it is of. It is
// immutable.
type EDM struct {
	Name       string
	Columns    []string // the first is the primary one: a match begins with it
	Supporting int      // cells of the same record that must stand near it; 0: none

	filter []uint64 // a Bloom filter over the cells of the primary column
	mask   uint64
	cells  []edmCell // by hash
	words  int       // words that the longest cell has
	counts uint8     // bit n: some primary cell has n words
	sums   [2]uint64 // what the key comes to
}

// edmCell is one cell of the table. 16 bytes, no text.
type edmCell struct {
	hash   uint64
	record uint32
	column uint8
	words  uint8
}

const (
	maxCellWords = 5       // longer cells are no names or numbers
	minCell      = 4       // letters and digits of a cell; shorter ones are everywhere
	edmNear      = 300     // bytes around a primary cell in which the others must stand
	maxRecords   = 1 << 24 // of a table
	maxSame      = 64      // records of one cell that are looked at
	edmMagic     = "gnomon-edm-1\n"
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
	records uint32
	skipped int
}

// NewEDM starts a table of the named columns, the primary one first.
func NewEDM(name string, columns []string, supporting int, key traffic.Key) (*EDMBuilder, error) {
	switch {
	case len(columns) == 0 || len(columns) > 16:
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
		b.edm.cells = append(b.edm.cells, edmCell{b.edm.hash(uint8(i), plain), b.records, uint8(i), uint8(words)})
	}
	b.records++
	return nil
}

// Build returns the table, how many records it has and how many cells were left
// out.
func (b *EDMBuilder) Build() (e *EDM, records, skipped int) {
	slices.SortFunc(b.edm.cells, func(x, y edmCell) int {
		if x.hash != y.hash {
			if x.hash < y.hash {
				return -1
			}
			return 1
		}
		return int(x.record) - int(y.record)
	})
	b.edm.index()
	return b.edm, int(b.records), b.skipped
}

// index makes the filter: about ten bits a primary cell, one in a hundred words
// passes it by chance.
func (e *EDM) index() {
	n := 0
	for i := range e.cells {
		if e.cells[i].column == 0 {
			n++
			e.counts |= 1 << min(e.cells[i].words, 7)
		}
	}
	size := uint64(1) << bits.Len64(uint64(max(n*10, 64))-1)
	e.filter, e.mask = make([]uint64, size/64), size-1
	for i := range e.cells {
		if e.cells[i].column == 0 {
			h := e.cells[i].hash
			for range 4 {
				e.filter[(h&e.mask)>>6] |= 1 << (h & 63)
				h = bits.RotateLeft64(h, 21) * 0x9e3779b97f4a7c15
			}
		}
	}
}

func (e *EDM) maybe(h uint64) bool {
	for range 4 {
		if e.filter[(h&e.mask)>>6]>>(h&63)&1 == 0 {
			return false
		}
		h = bits.RotateLeft64(h, 21) * 0x9e3779b97f4a7c15
	}
	return true
}

// find returns the cells of column that have hash h.
func (e *EDM) find(h uint64, column uint8) []edmCell {
	i := sort.Search(len(e.cells), func(k int) bool { return e.cells[k].hash >= h })
	j := i
	for j < len(e.cells) && e.cells[j].hash == h && e.cells[j].column == column && j-i < maxSame {
		j++
	}
	return e.cells[i:j]
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
			return append(dst[:n], bytes.ToLower(word)...)
		}
		dst = append(dst, fold(c))
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
	head += fmt.Sprintf("%d %d %d\n", e.Supporting, e.words, len(e.cells))
	if _, err := io.WriteString(w, head); err != nil {
		return err
	}
	buf := make([]byte, 0, 16<<10)
	for i := range e.cells {
		c := &e.cells[i]
		buf = binary.LittleEndian.AppendUint64(buf, c.hash)
		buf = binary.LittleEndian.AppendUint32(buf, c.record)
		buf = append(buf, c.column, c.words)
		if len(buf)+16 > cap(buf) || i == len(e.cells)-1 {
			if _, err := w.Write(buf); err != nil {
				return err
			}
			buf = buf[:0]
		}
	}
	return nil
}

// ReadEDM reads a table that Write wrote. Key is that of the deployment which
// built it: under another one nothing is found.
func ReadEDM(data []byte, key traffic.Key) (*EDM, error) {
	lines := bytes.SplitN(data, []byte("\n"), 5)
	if len(lines) < 5 || string(lines[0])+"\n" != edmMagic {
		return nil, errors.New("no table of hashes: make one with gnomon rules edm build")
	}
	e := &EDM{Name: string(lines[1]), Columns: strings.Split(string(lines[2]), "\t"), sums: derive(key, "edm")}
	var n int
	if _, err := fmt.Sscanf(string(lines[3]), "%d %d %d", &e.Supporting, &e.words, &n); err != nil {
		return nil, fmt.Errorf("the table of hashes is damaged: %w", err)
	}
	const size = 14
	if body := lines[4]; n < 0 || n > math.MaxInt/size || len(body) != n*size || e.words < 0 || e.words > maxCellWords ||
		e.Supporting < 0 || e.Supporting >= len(e.Columns) || len(e.Columns) > 16 {
		return nil, errors.New("the table of hashes is damaged: build it again")
	}
	e.cells = make([]edmCell, n)
	for i := range e.cells {
		b := lines[4][i*size:]
		e.cells[i] = edmCell{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint32(b[8:]), b[12], b[13]}
		if i > 0 && e.cells[i].hash < e.cells[i-1].hash {
			return nil, errors.New("the table of hashes is not in order: build it again")
		}
	}
	e.index()
	return e, nil
}

// Cells returns how many cells the table has.
func (e *EDM) Cells() int { return len(e.cells) }
