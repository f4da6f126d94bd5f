package document

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// pdfCMap maps codes to text, and says how long codes are (Adobe technical note
// 5014). Ranges stay ranges: a small file can't make a big table.
type pdfCMap struct {
	spaces []codeSpace
	ranges []codeRange // ordered by lo
}

type codeSpace struct {
	bytes  int
	lo, hi uint32
}

type codeRange struct {
	lo, hi uint32
	text   []byte   // UTF-16 of lo; for others the last character is counted up
	list   [][]byte // or the text of each
}

// maxRanges bounds the entries of a map.
const maxRanges = 1 << 17

// parseCMap reads the operators of a CMap that matter.
func parseCMap(w *walk, data []byte) *pdfCMap {
	m := &pdfCMap{}
	l := pdfLex{data: data}
	var args []any
	for w.more() && len(m.ranges) < maxRanges {
		o, ok := l.next(false)
		if !ok {
			break
		}
		word, isWord := o.(pdfWord)
		if !isWord {
			if len(args) < 3*maxOperands {
				args = append(args, o)
			}
			continue
		}
		switch word {
		case "endcodespacerange":
			m.addSpaces(args)
		case "endbfchar":
			for i := 0; i+1 < len(args); i += 2 {
				m.add(args[i], args[i], args[i+1])
			}
		case "endbfrange":
			for i := 0; i+2 < len(args); i += 3 {
				m.add(args[i], args[i+1], args[i+2])
			}
		}
		args = args[:0]
	}
	slices.SortStableFunc(m.ranges, func(a, b codeRange) int { return cmp.Compare(a.lo, b.lo) })
	return m
}

func (m *pdfCMap) addSpaces(args []any) {
	for i := 0; i+1 < len(args) && len(m.spaces) < 100; i += 2 {
		lo, ok1 := args[i].(pdfString)
		hi, ok2 := args[i+1].(pdfString)
		if ok1 && ok2 && len(lo) > 0 && len(lo) <= 4 {
			m.spaces = append(m.spaces, codeSpace{len(lo), codeOf(lo), codeOf(hi)})
		}
	}
}

func codeOf(s pdfString) (n uint32) {
	for _, c := range s[:min(len(s), 4)] {
		n = n<<8 | uint32(c)
	}
	return n
}

func (m *pdfCMap) add(lo, hi, to any) {
	l, ok1 := lo.(pdfString)
	h, ok2 := hi.(pdfString)
	if !ok1 || !ok2 {
		return
	}
	r := codeRange{lo: codeOf(l), hi: codeOf(h)}
	switch to := to.(type) {
	case pdfString:
		r.text = to
	case pdfArray:
		for _, o := range to {
			s, _ := o.(pdfString)
			r.list = append(r.list, s)
		}
	case pdfName:
		r.text = appendAsUTF16(glyphText(string(to)))
	default:
		return
	}
	m.ranges = append(m.ranges, r)
}

func appendAsUTF16(s string) (out []byte) {
	for _, r := range s {
		if r < 0x10000 {
			out = binary.BigEndian.AppendUint16(out, uint16(r))
		}
	}
	return out
}

// appendText appends the text of a code.
func (m *pdfCMap) appendText(dst []byte, code uint32, _ int) []byte {
	i, exact := slices.BinarySearchFunc(m.ranges, code, func(r codeRange, c uint32) int { return cmp.Compare(r.lo, c) })
	if !exact {
		i--
	}
	if i < 0 || code > m.ranges[i].hi {
		return dst
	}
	r := m.ranges[i]
	if r.list != nil {
		if n := code - r.lo; int64(n) < int64(len(r.list)) {
			return appendUTF16(dst, r.list[n], binary.BigEndian)
		}
		return dst
	}
	if len(r.text) == 1 { // some producers write a byte
		return append(dst, string(rune(uint32(r.text[0])+code-r.lo))...)
	}
	start := len(dst)
	dst = appendUTF16(dst, r.text, binary.BigEndian)
	if code == r.lo || len(dst) == start {
		return dst
	}
	runes := []rune(string(dst[start:]))
	runes[len(runes)-1] += rune(code - r.lo)
	return append(dst[:start], string(runes)...)
}

// length returns how many bytes the first code of s has.
func (m *pdfCMap) length(s []byte) int {
	code := uint32(0)
	for n := 1; n <= min(4, len(s)); n++ {
		code = code<<8 | uint32(s[n-1])
		for _, sp := range m.spaces {
			if sp.bytes == n && code >= sp.lo && code <= sp.hi {
				return n
			}
		}
	}
	return m.spaces[0].bytes
}
