package document

import (
	"encoding/binary"
	"unicode/utf16"
)

// Sector numbers with a meaning ([MS-CFB], section 2.1).
const (
	maxSector  = 0xfffffffa
	noStream   = 0xffffffff
	miniCutoff = 4096
)

// compound is an OLE2 compound file ([MS-CFB]): a small file system.
type compound struct {
	data    []byte
	shift   uint // of sectors: 9 or 12
	fat     []uint32
	minifat []uint32
	mini    []byte // the stream of small sectors
	entries []cfbEntry
}

// cfbEntry is a storage (folder) or stream.
type cfbEntry struct {
	name               string
	kind               byte // 1 storage, 2 stream, 5 root
	left, right, child uint32
	start              uint32
	size               uint64
}

// openCompound reads the tables. No chain is followed beyond the number of sectors
// that the file can have, so loops end.
func openCompound(data []byte) (*compound, error) {
	if len(data) < 512 {
		return nil, Damaged
	}
	c := &compound{data: data, shift: uint(binary.LittleEndian.Uint16(data[30:]))}
	if c.shift != 9 && c.shift != 12 {
		return nil, Damaged
	}
	c.readFAT()
	dir := c.chain(binary.LittleEndian.Uint32(data[48:]), c.fat, noStream)
	for ; len(dir) >= 128; dir = dir[128:] {
		c.entries = append(c.entries, parseEntry(dir[:128]))
	}
	if len(c.entries) == 0 {
		return nil, Damaged
	}
	for b := c.chain(binary.LittleEndian.Uint32(data[60:]), c.fat, noStream); len(b) >= 4; b = b[4:] {
		c.minifat = append(c.minifat, binary.LittleEndian.Uint32(b))
	}
	c.mini = c.chain(c.entries[0].start, c.fat, c.entries[0].size)
	return c, nil
}

// readFAT follows the list of sectors that hold the allocation table.
func (c *compound) readFAT() {
	add := func(n uint32) {
		for b := c.sector(n); len(b) >= 4; b = b[4:] {
			c.fat = append(c.fat, binary.LittleEndian.Uint32(b))
		}
	}
	sectors := len(c.data)>>c.shift + 1
	seen := 0
	for i := 76; i < 512; i += 4 {
		if n := binary.LittleEndian.Uint32(c.data[i:]); n < maxSector && seen < sectors {
			add(n)
			seen++
		}
	}
	next := binary.LittleEndian.Uint32(c.data[68:])
	for hops := 0; next < maxSector && hops < sectors; hops++ {
		b := c.sector(next)
		if len(b) < 8 || len(b)%4 != 0 { // cut off
			return
		}
		for ; len(b) > 4; b = b[4:] {
			if n := binary.LittleEndian.Uint32(b); n < maxSector && seen < sectors {
				add(n)
				seen++
			}
		}
		next = binary.LittleEndian.Uint32(b)
	}
}

// sector returns a sector, shortened where the file ends.
func (c *compound) sector(n uint32) []byte {
	start := (int64(n) + 1) << c.shift
	if start >= int64(len(c.data)) {
		return nil
	}
	return c.data[start:min(int64(len(c.data)), start+1<<c.shift)]
}

// chain joins the sectors of a stream, up to size bytes.
func (c *compound) chain(n uint32, fat []uint32, size uint64) []byte {
	var out []byte
	for hops := 0; n < maxSector && int(n) < len(fat) && hops <= len(c.data)>>c.shift && uint64(len(out)) < size; hops++ {
		b := c.sector(n)
		if len(b) == 0 {
			break
		}
		out = append(out, b...)
		n = fat[n]
	}
	return out[:min(uint64(len(out)), size)]
}

// stream returns the content of a stream.
func (c *compound) stream(e cfbEntry) []byte {
	if e.size >= miniCutoff {
		return c.chain(e.start, c.fat, e.size)
	}
	var out []byte
	n := e.start
	for hops := 0; int64(n) < int64(len(c.minifat)) && hops <= len(c.minifat) && uint64(len(out)) < e.size; hops++ {
		at := int(n) << 6
		if at >= len(c.mini) {
			break
		}
		out = append(out, c.mini[at:min(len(c.mini), at+64)]...)
		n = c.minifat[n]
	}
	return out[:min(uint64(len(out)), e.size)]
}

func parseEntry(b []byte) cfbEntry {
	n := min(int(binary.LittleEndian.Uint16(b[64:])), 64)
	var name []uint16
	for i := 0; i+3 < n; i += 2 { // without the zero at its end
		name = append(name, binary.LittleEndian.Uint16(b[i:]))
	}
	return cfbEntry{
		name: string(utf16.Decode(name)), kind: b[66],
		left: binary.LittleEndian.Uint32(b[68:]), right: binary.LittleEndian.Uint32(b[72:]), child: binary.LittleEndian.Uint32(b[76:]),
		start: binary.LittleEndian.Uint32(b[116:]), size: binary.LittleEndian.Uint64(b[120:]) & 0xffffffff,
	}
}

// children returns the entries of a storage. Each entry is visited once, whatever
// the tree looks like.
func (c *compound) children(of int) []int {
	var out []int
	seen := map[uint32]bool{}
	stack := []uint32{c.entries[of].child}
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if n == 0 || int64(n) >= int64(len(c.entries)) || seen[n] {
			continue
		}
		seen[n] = true
		out = append(out, int(n))
		stack = append(stack, c.entries[n].right, c.entries[n].left)
	}
	return out
}
