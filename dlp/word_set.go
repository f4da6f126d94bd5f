package dlp

// wordSet is a text of one word a line, to look words up in.
type wordSet struct {
	lines string
	slots []uint32 // by the hash of a word or the next free one: where its line starts, plus one
}

func newWordSet(lines string) *wordSet {
	n := 0
	for i := range len(lines) {
		if lines[i] == '\n' {
			n++
		}
	}
	size := 2
	for size < 2*(n+1) {
		size *= 2
	}
	s := &wordSet{lines: lines, slots: make([]uint32, size)}
	for from := 0; from < len(lines); {
		line := s.line(from)
		h := wordHash(line)
		for ; s.slots[h&uint32(size-1)] != 0; h++ {
		}
		s.slots[h&uint32(size-1)] = uint32(from + 1)
		from += len(line) + 1
	}
	return s
}

// has reports whether word is a line.
func (s *wordSet) has(word []byte) bool {
	mask := uint32(len(s.slots) - 1)
	for h := wordHash(word); ; h++ {
		at := s.slots[h&mask]
		if at == 0 {
			return false
		}
		if s.line(int(at)-1) == string(word) {
			return true
		}
	}
}

// line returns the line that starts at i.
func (s *wordSet) line(i int) string {
	end := i
	for end < len(s.lines) && s.lines[end] != '\n' {
		end++
	}
	return s.lines[i:end]
}

// wordHash is FNV-1a with its bits spread.
func wordHash[T string | []byte](word T) uint32 {
	h := uint32(2166136261)
	for i := range len(word) {
		h = (h ^ uint32(word[i])) * hashPrime
	}
	return h ^ h>>15
}
