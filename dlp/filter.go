package dlp

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"
)

// filter finds the keywords of all detectors in one pass. It looks at the groups
// of four bytes that start on even places, and at the byte before each. A keyword
// of six bytes or more is entered by two neighbouring groups, its rarest, one of
// which lies on an even place wherever the keyword starts; a shorter one by three
// bytes, which are either the first or the last of such a group.
//
// Letters are folded by setting bit 5 of every byte. That also maps some other
// bytes on each other ('@' on '`', '_' on DEL), which the pattern sorts out.
type filter struct {
	long   [3][1 << 14]uint8 // of each group of four with the byte before: one bit, the same one in all three
	middle [1 << 11]uint64   // of each group of three, by the two bytes that lie in the middle of a group of four:
	first  [256]uint64       // a bit in the lower half for the byte before them,
	last   [256]uint64       // or one in the upper half for the byte behind

	byLong  index // the entries of groups of four, by hashFive
	byShort index // and of those of three, by hash
	words   []word
}

// index is a table of entries by hash.
type index struct {
	shift uint8
	start []uint32 // where the entries begin whose hashes have the same upper bits
	entry []entry
	hash  []uint64 // of each entry, until they are sorted
}

func (x *index) add(hash uint64, e entry) {
	x.hash, x.entry = append(x.hash, hash), append(x.entry, e)
}

// sort makes the entries ready to be asked for.
func (x *index) sort() {
	size := max(8, bits.Len(uint(len(x.entry))))
	x.shift = uint8(64 - size)
	x.start = make([]uint32, 1<<size+1)
	for _, h := range x.hash {
		x.start[h>>x.shift+1]++
	}
	for h := range 1 << size {
		x.start[h+1] += x.start[h]
	}
	sorted, next := make([]entry, len(x.entry)), slices.Clone(x.start)
	for k, h := range x.hash {
		at := &next[h>>x.shift]
		sorted[*at] = x.entry[k]
		*at++
	}
	x.entry, x.hash = sorted, nil
}

// at returns the entries of a hash, and maybe others.
func (x *index) at(hash uint64) []entry {
	h := hash >> x.shift
	return x.entry[x.start[h]:x.start[h+1]]
}

// entry says where a group of bytes occurs in a word. It holds eight folded bytes of the
// word around the group, or all of a shorter one, so that hardly a word is looked at
// that does not stand in the text.
type entry struct {
	key    uint64
	word   uint32
	offset uint8 // of the group in the word
	back   uint8 // from the group to the first byte of key
	length uint8 // of key
}

// is reports whether the bytes of the entry stand in text, where its group stands at i.
func (e *entry) is(text []byte, i int) bool {
	i -= int(e.back)
	return i >= 0 && (window(text, i)^e.key)&keyMasks[e.length&15] == 0
}

// keyMasks has the lower bytes of a word, but for the bit that folds a letter.
var keyMasks = func() (m [16]uint64) {
	for n := range m {
		m[n] = (1<<(8*n) - 1) &^ folded
	}
	return m
}()

// word is a keyword with those whom its occurrence concerns.
type word struct {
	text  string // in lower case
	head  uint64 // its first bytes, at most 8, folded
	mask  uint64
	tries []try
	sign  signs
}

const (
	folded = 0x2020202020202020
	five   = 1<<40 - 1 // the lower bytes of a word
)

// hash spreads a group over its upper bits.
func hash(group uint32) uint32 { return group * headFactor }

// shortHash is hash for the index of groups of three.
func shortHash(group uint32) uint64 { return uint64(hash(group)) << 32 }

// inLong is not 0 if the filter may have the group of four behind a byte, both in
// the five bytes of group.
func (f *filter) inLong(group uint64) uint64 {
	h := hashFive(group)
	return uint64(f.long[0][h>>50] & f.long[1][h>>37&0x3fff] & f.long[2][h>>24&0x3fff])
}

// hashFive spreads a group with the byte before it over its upper bits.
func hashFive(group uint64) uint64 { return group * 0x9e3779b97f4a7c15 }

// inShort is not 0 if the filter may have the first or the last three of the four
// bytes of group behind the lowest.
func (f *filter) inShort(group uint64) uint64 {
	return f.middle[hash(uint32(group>>16)&0xffff)>>21] & (f.first[uint8(group>>8)] | f.last[uint8(group>>32)])
}

// next returns the first window of text from i on that may have a part of a
// keyword, and which of its groups that is, or a window that is not within the text.
func (f *filter) next(text []byte, i int) (at, k int) {
	last := uint64(0)
	if i > 0 && i <= len(text) {
		last = uint64(text[i-1] | 0x20)
	}
	for ; i <= len(text)-8; i += stride {
		x := binary.LittleEndian.Uint64(text[i:]) | folded
		y := x<<8 | last
		if g := y & five; f.inLong(g)|f.inShort(g) != 0 {
			return i, 0
		}
		if g := y >> 16 & five; f.inLong(g)|f.inShort(g) != 0 {
			return i, 1
		}
		if g := x >> 24; f.inLong(g)|f.inShort(g) != 0 {
			return i, 2
		}
		last = x >> 40 & 0xff
	}
	return i, 0
}

// keyword is what a filter looks for.
type keyword struct {
	tries []try
	sign  signs // what it says of the text
}

// newFilter returns a filter for keywords of at least three bytes.
func newFilter(keywords map[string]*keyword) *filter {
	f := &filter{}
	for b := range 256 {
		f.first[b], f.last[b] = 1<<(b&31), 1<<(32+b&31)
	}
	texts := make([]string, 0, len(keywords))
	for text := range keywords {
		texts = append(texts, text)
	}
	slices.Sort(texts)
	for _, text := range texts {
		f.add(text, keywords[text])
	}
	f.byLong.sort()
	f.byShort.sort()
	f.pack()
	return f
}

// pack puts what is asked of words together in memory: a text of nothing but keywords leads to
// all of them.
func (f *filter) pack() {
	var texts strings.Builder
	n := 0
	for k := range f.words {
		texts.WriteString(f.words[k].text)
		n += len(f.words[k].tries)
	}
	all, tries := texts.String(), make([]try, 0, n)
	for k := range f.words {
		w := &f.words[k]
		w.text, all = all[:len(w.text)], all[len(w.text):]
		from := len(tries)
		tries = append(tries, w.tries...)
		w.tries = tries[from:len(tries):len(tries)]
	}
}

func (f *filter) add(text string, k *keyword) {
	w := word{text: text, tries: k.tries, sign: k.sign}
	b := []byte(text)
	for i := range b {
		b[i] |= 0x20
	}
	for i := range min(8, len(b)) {
		w.head |= uint64(b[i]) << (8 * i)
		w.mask |= 0xff << (8 * i)
	}
	f.words = append(f.words, w)
	if len(b) < 6 {
		f.addShort(b)
		return
	}
	least, offset := 0, -1
	for o := 1; o < min(len(b)-4, 250); o++ {
		n := min(common().of(b[o-1:]), common().of(b[o:])) + min(common().of(b[o:]), common().of(b[o+1:]))
		if n < least || offset < 0 {
			least, offset = n, o
		}
	}
	f.addLong(b, offset)
	f.addLong(b, offset+1)
}

// addLong enters the latest word b by the four bytes at offset and the one before
// them.
func (f *filter) addLong(b []byte, offset int) {
	g, before := four(b[offset:]), b[offset-1]
	h := hashFive(uint64(g)<<8 | uint64(before))
	bit := uint8(1) << (h >> 20 & 7)
	f.long[0][h>>50] |= bit
	f.long[1][h>>37&0x3fff] |= bit
	f.long[2][h>>24&0x3fff] |= bit
	f.byLong.add(h, f.entry(b, offset))
}

// addShort enters the latest word b by its rarest three bytes.
func (f *filter) addShort(b []byte) {
	offset := 0
	for o := 1; o+3 <= len(b); o++ {
		if common().ofThree(b[o:]) < common().ofThree(b[offset:]) {
			offset = o
		}
	}
	g := tri(b[offset:])
	f.middle[hash(g>>8)>>21] |= f.first[g&0xff]
	f.middle[hash(g&0xffff)>>21] |= f.last[g>>16]
	f.byShort.add(shortHash(g), f.entry(b, offset))
}

// entry returns the entry of the latest word b for a group at offset.
func (f *filter) entry(b []byte, offset int) entry {
	from := max(0, min(offset-1, len(b)-8))
	e := entry{word: uint32(len(f.words) - 1), offset: uint8(offset), back: uint8(offset - from), length: uint8(min(8, len(b)))}
	for k, c := range b[from : from+int(e.length)] {
		e.key |= uint64(c) << (8 * k)
	}
	return e
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
		if (text[i+k]^w.text[k])&^0x20 != 0 {
			return false
		}
	}
	return true
}
