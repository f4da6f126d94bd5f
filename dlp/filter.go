package dlp

import (
	"encoding/binary"
	"slices"
)

// filter finds the keywords of all detectors in one pass. It looks at the groups
// of four bytes that start on even places. A keyword of five bytes or more is
// entered by two neighbouring groups, its rarest, one of which lies on an even
// place wherever the keyword starts; a shorter one by three bytes, which are
// either the first or the last of such a group.
//
// Letters are folded by setting bit 5 of every byte. That also maps some other
// bytes on each other ('@' on '`', '_' on DEL), which the pattern sorts out.
type filter struct {
	long  [1 << 10]uint64 // two bits for each group of four, in the word and at the places that its hash says
	short [1 << 10]uint64 // by the two bytes in the middle of a group, and in each half by the byte before or behind them

	first [1<<12 + 1]uint16 // where the entries of a hash begin
	entry []entry
	words []word
}

// entry says that a group of folded bytes occurs in word at offset. A group of
// three has no highest byte, which no folded one is.
type entry struct {
	group  uint32
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

// hash spreads a group over its upper bits.
func hash(group uint32) uint32 { return group * 0x9e3779b1 }

// inLong reports in its lowest bit whether the filter may have the group of four.
func (f *filter) inLong(group uint32) uint64 {
	h := hash(group)
	w := f.long[h>>22]
	return w >> (h >> 16 & 63) & (w >> (h >> 10 & 63)) & 1
}

// inShort reports in its lowest bit whether the filter may have the first or the
// last three bytes of the group of four.
func (f *filter) inShort(group uint32) uint64 {
	w := f.short[hash(group>>8&0xffff)>>22]
	return (w>>(group&31) | w>>(32+group>>24&31)) & 1
}

// keyword is what a filter looks for.
type keyword struct {
	detectors []uint16
	sign      signs // what it says of the text
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
	slices.SortStableFunc(f.entry, func(a, b entry) int { return int(a.bucket()) - int(b.bucket()) })
	at := 0
	for h := range len(f.first) - 1 {
		f.first[h] = uint16(at)
		for at < len(f.entry) && f.entry[at].bucket() == uint32(h) {
			at++
		}
	}
	f.first[len(f.first)-1] = uint16(at)
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
	f.words = append(f.words, w)
	if len(b) < 5 {
		f.addShort(b)
		return
	}
	least, offset := 0, -1
	for o := range min(len(b)-4, 250) {
		if n := common().of(b[o:]) + common().of(b[o+1:]); n < least || offset < 0 {
			least, offset = n, o
		}
	}
	f.addLong(b, offset)
	f.addLong(b, offset+1)
}

// addLong enters the latest word b by the four bytes at offset.
func (f *filter) addLong(b []byte, offset int) {
	g := four(b[offset:])
	h := hash(g)
	f.long[h>>22] |= 1<<(h>>16&63) | 1<<(h>>10&63)
	f.entry = append(f.entry, entry{g, uint16(len(f.words) - 1), uint8(offset)})
}

// addShort enters the latest word b by its rarest three bytes.
func (f *filter) addShort(b []byte) {
	offset := 0
	if len(b) == 4 && common().ofThree(b[1:]) < common().ofThree(b) {
		offset = 1
	}
	g := tri(b[offset:])
	f.short[hash(g>>8)>>22] |= 1 << (g & 31)
	f.short[hash(g&0xffff)>>22] |= 1 << (32 + g>>16&31)
	f.entry = append(f.entry, entry{g, uint16(len(f.words) - 1), uint8(offset)})
}

func (e *entry) bucket() uint32 { return hash(e.group) >> 20 }

// entries returns those that share a hash with group.
func (f *filter) entries(group uint32) []entry {
	h := hash(group) >> 20
	return f.entry[f.first[h]:f.first[h+1]]
}

func four(b []byte) uint32 { return tri(b) | uint32(b[3])<<24 }

func tri(b []byte) uint32 { return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 }

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
