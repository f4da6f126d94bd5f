package dlp

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
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

	cells   []byte    // records of edmCell, by hash, as in the file: a table takes as much memory as it takes on disk
	first   bloom     // the first words of the cells of the first column,
	primary bloom     // and these cells: in ordinary text the first one lets hardly a word pass
	others  bloom     // the cells of the other columns
	counts  uint8     // bit n: some cell of the first column has n words, or is a number (numberCell)
	words   int       // words that the longest cell has
	sums    [2]uint64 // what the key comes to
}

// edmCell is one cell of the table. It has no text. Cells of one text have one
// hash in all columns, so that a run of words is hashed once.
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

// compare orders cells by hash, column and record.
func (c *edmCell) compare(d *edmCell) int {
	return cmp.Or(cmp.Compare(c.hash, d.hash), cmp.Compare(c.column, d.column), cmp.Compare(c.record, d.record))
}

func (e *EDM) hashOf(i int) uint64 { return binary.LittleEndian.Uint64(e.cells[i*cellSize:]) }

const (
	maxCellWords = 5       // longer cells are no names or numbers
	minCell      = 4       // letters and digits of a cell; shorter ones are everywhere
	edmNear      = 300     // bytes around a primary cell in which the others must stand
	maxRecords   = 1 << 24 // of a table
	maxColumns   = 16
	maxSame      = 64 // records of one cell that are looked at
	edmMagic     = "gnomon-edm-3\n"
)

// hash returns the hash of a normalised cell. SipHash would be enough against
// collisions; that nobody without the key can try names is what the key is for.
func (e *EDM) hash(text []byte) uint64 { return sipHash(e.sums[0], e.sums[1], text) }

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
		number := isNumberCell(plain)
		if len(plain) < minCell || words > maxCellWords && (!number || words > maxGroups) {
			b.skipped++
			continue
		}
		if number {
			words = numberCell
			if head := letterHead(plain); i == 0 && len(head) > 0 {
				b.first = append(b.first, b.edm.hash(head))
			}
		}
		b.add([]byte(text), i, words)
		if other := turned([]byte(text), words); other != nil {
			b.add(other, i, words)
		}
	}
	b.records++
	return nil
}

// add adds a cell of the latest record, in one way to write it.
func (b *EDMBuilder) add(text []byte, column, words int) {
	if words != numberCell {
		b.edm.words = max(b.edm.words, words)
	}
	if column == 0 {
		w := wordReader{text: text}
		w.next()
		b.first = append(b.first, b.edm.hash(appendWord(nil, text[w.from:w.to])))
	}
	plain, _ := normalCell(nil, text)
	b.cells = append(b.cells, edmCell{b.edm.hash(plain), b.records, uint8(column), uint8(words)})
}

// Build returns the table, how many records it has and how many cells were left
// out.
func (b *EDMBuilder) Build() (e *EDM, records, skipped int) {
	slices.SortFunc(b.cells, func(x, y edmCell) int { return x.compare(&y) })
	b.edm.cells = make([]byte, 0, len(b.cells)*cellSize)
	for i := range b.cells {
		b.edm.cells = b.cells[i].append(b.edm.cells)
	}
	b.edm.first = bloomOf(b.first)
	b.cells, b.first = nil, nil
	b.edm.index()
	return b.edm, int(b.records), b.skipped
}

// index makes the filters of the cells.
func (e *EDM) index() {
	n := 0
	for i := range e.Cells() {
		if e.cell(i).column == 0 {
			n++
		}
	}
	e.primary, e.others = newBloom(n), newBloom(e.Cells()-n)
	for i := range e.Cells() {
		if c := e.cell(i); c.column == 0 {
			e.primary.add(c.hash)
			e.counts |= 1 << min(c.words, numberCell)
		} else {
			e.others.add(c.hash)
		}
	}
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
		if word[0] < utf8.RuneSelf {
			dst = append(dst, fold(word[0]))
			word = word[1:]
			continue
		}
		r, size := utf8.DecodeRune(word)
		dst = utf8.AppendRune(dst, lowerRune(r))
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
		return nil, errors.New("no table of hashes, or one of an earlier version: make one with gnomon rules edm build")
	}
	e := &EDM{Name: string(lines[1]), Columns: strings.Split(string(lines[2]), "\t"), sums: derive(key, "edm")}
	var n, first int
	if _, err := fmt.Sscanf(string(lines[3]), "%d %d %d %d", &e.Supporting, &e.words, &n, &first); err != nil {
		return nil, fmt.Errorf("the table of hashes is damaged: %w", err)
	}
	body := lines[4]
	if n < 0 || n > maxRecords*maxColumns || !bloomSize(first, body) || len(body) != 8*first+n*cellSize || e.words < 0 || e.words > maxCellWords ||
		e.Supporting < 0 || e.Supporting >= len(e.Columns) || len(e.Columns) > maxColumns {
		return nil, errors.New("the table of hashes is damaged: build it again")
	}
	e.first, e.cells = readBloom(body, first)
	var last edmCell
	for i := range n {
		c := e.cell(i)
		if c.compare(&last) < 0 {
			return nil, errors.New("the table of hashes is not in order: build it again")
		}
		if int(c.column) >= len(e.Columns) {
			return nil, errors.New("the table of hashes is damaged, a cell is of no column: build it again")
		}
		last = c
	}
	e.index()
	return e, nil
}

// Cells returns how many cells the table has.
func (e *EDM) Cells() int { return len(e.cells) / cellSize }

// Size returns about how many bytes the table has, in memory and written.
func (e *EDM) Size() int { return len(e.cells) + 8*len(e.first) + 1024 }
