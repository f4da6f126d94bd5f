package dlp

import (
	"encoding/binary"
	"slices"
)

// filter finds the keywords of all detectors in one pass. It looks at every
// second group of three bytes only: each keyword is entered by two neighbouring
// groups, its rarest, so that one of them lies on an even place wherever the
// keyword starts.
//
// Letters are folded by setting bit 5 of every byte. That also maps some other
// bytes on each other ('@' on '`', '_' on DEL), which the pattern sorts out.
type filter struct {
	bits  [1 << 10]uint64   // is there an entry with this hash
	first [1<<16 + 1]uint16 // where the entries of a hash begin
	entry []entry
	words []word
}

// entry says that the group of three folded bytes tri occurs in word at offset.
// Its highest byte is the one that follows in word, which spares most looks at the
// word; 0 where the word ends.
type entry struct {
	tri    uint32
	word   uint16
	offset uint8
}

// word is a keyword with those whom its occurrence concerns.
type word struct {
	text      string // folded by bit 5
	head      uint64 // its first bytes, at most 8, folded
	mask      uint64
	detectors []uint16
	sign      signs
}

const folded = 0x2020202020202020

func hash(tri uint32) uint32 { return tri * 0x9e3779b1 >> 16 }

// keyword is what a filter looks for.
type keyword struct {
	detectors []uint16
	follow    [256]bool // the bytes that may stand behind it
	sign      signs     // what it says of the text
}

// newFilter returns a filter for keywords of at least three bytes.
func newFilter(keywords map[string]*keyword) *filter {
	f := &filter{}
	texts := make([]string, 0, len(keywords))
	for text := range keywords {
		texts = append(texts, text)
	}
	slices.Sort(texts)
	for _, text := range texts {
		f.add(text, keywords[text])
	}
	slices.SortFunc(f.entry, func(a, b entry) int { return int(a.hash()) - int(b.hash()) })
	at := 0
	for h := range 1 << 16 {
		f.first[h] = uint16(at)
		for at < len(f.entry) && f.entry[at].hash() == uint32(h) {
			f.bits[h>>6] |= 1 << (h & 63)
			at++
		}
	}
	f.first[1<<16] = uint16(at)
	return f
}

func (f *filter) add(text string, k *keyword) {
	w := word{detectors: k.detectors, sign: k.sign}
	b := []byte(text)
	for i := range b {
		b[i] |= 0x20
	}
	w.text = string(b)
	for i := range min(8, len(b)) {
		w.head |= uint64(b[i]) << (8 * i)
		w.mask |= 0xff << (8 * i)
	}
	id := uint16(len(f.words))
	f.words = append(f.words, w)
	if len(b) == 3 { // its second group takes in the byte behind it
		f.entry = append(f.entry, entry{tri(b), id, 0})
		for x := range 256 {
			if x&0x20 != 0 && (k.follow[x] || x >= 0x40 && k.follow[x&^0x20]) {
				f.entry = append(f.entry, entry{tri([]byte{b[1], b[2], byte(x)}), id, 1})
			}
		}
		return
	}
	best, offset := -1, 0
	for o := range min(len(b)-3, 250) {
		if r := rarity(b[o:o+3]) + rarity(b[o+1:o+4]); r > best {
			best, offset = r, o
		}
	}
	f.entry = append(f.entry, entry{four(b[offset:]), id, uint8(offset)}, entry{four(b[offset+1:]), id, uint8(offset + 1)})
}

func (e *entry) hash() uint32 { return hash(e.tri & 0xffffff) }

// is reports whether e may be what the four folded bytes of group begin.
func (e *entry) is(group uint32) bool {
	d := e.tri ^ group
	return d == 0 || d<<8 == 0 && e.tri>>24 == 0
}

// four is tri with the byte that follows.
func four(b []byte) uint32 {
	if len(b) < 4 {
		return tri(b)
	}
	return tri(b) | uint32(b[3])<<24
}

func tri(b []byte) uint32 { return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 }

// rarity guesses how rare a group of bytes is in prose and code; only the order
// matters. Per letter: minus the logarithm of its share, roughly, in bits.
func rarity(group []byte) (sum int) {
	const letters = "eeetttaaoonniissrrhhllddccuummppffggyybbwwvvkkxxjjzzqq"
	for _, c := range group {
		switch {
		case isLower(c):
			sum += 3 + indexByte(letters, c)/6
		case isDigit(c):
			sum += 8
		case c == ' ':
			sum += 1
		default:
			sum += 7
		}
	}
	return sum
}

func indexByte(s string, c byte) int {
	for i := range len(s) {
		if s[i] == c {
			return i
		}
	}
	return len(s)
}

// is reports whether the word stands at i of text.
func (w *word) is(text []byte, i int) bool {
	if i < 0 || i+len(w.text) > len(text) {
		return false
	}
	if i+8 <= len(text) {
		if (binary.LittleEndian.Uint64(text[i:])|folded)&w.mask != w.head {
			return false
		}
		if len(w.text) <= 8 {
			return true
		}
	}
	for k := range len(w.text) {
		if text[i+k]|0x20 != w.text[k] {
			return false
		}
	}
	return true
}
