package dlp

import (
	_ "embed"
	"strings"
	"sync"
)

// commonFile lists the groups of four bytes that ordinary texts are full of.
//
//go:embed common.txt
var commonFile string

// frequency tells how often groups of four folded bytes, and groups of three,
// occur in ordinary text.
type frequency struct {
	four  map[uint32]uint8  // the logarithm
	three map[uint32]uint32 // the sum over the groups of four that hold them
}

// common is read from its file once.
var common = sync.OnceValue(func() *frequency {
	f := &frequency{make(map[uint32]uint8), make(map[uint32]uint32)}
	for line := range strings.Lines(commonFile) {
		line = strings.TrimSuffix(line, ".\n")
		if len(line) < 5 || unhex[line[0]] > 15 {
			continue
		}
		level := unhex[line[0]]
		for groups := line[1:]; len(groups) >= 4; groups = groups[4:] {
			g := four([]byte(groups))
			f.four[g] = level
			f.three[g&0xffffff] += 1 << level
			f.three[g>>8] += 1 << level
		}
	}
	return f
})

// of returns how often the first four bytes of b occur: the logarithm of what
// is listed, else less the rarer their letters are.
func (f *frequency) of(b []byte) int {
	const listed = 256
	if n := f.four[four(b)]; n > 0 {
		return listed << n
	}
	return max(0, listed-rarity(b[:4]))
}

// ofThree is of for three bytes.
func (f *frequency) ofThree(b []byte) int {
	return int(f.three[tri(b)])<<8 + max(0, 256-rarity(b[:3]))
}

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
