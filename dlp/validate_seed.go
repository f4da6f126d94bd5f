package dlp

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"strings"
	"sync"
)

// bip39List is the English word list of BIP 39, which its authors publish under
// the MIT licence (https://github.com/bitcoin/bips/blob/master/bip-0039.mediawiki).
//
//go:embed bip39.txt
var bip39List string

// bip39Index gives the number of each word. It is built when the first phrase is
// met: most texts have none.
var bip39Index = sync.OnceValue(func() map[string]int {
	index := make(map[string]int, 2048)
	for w := range strings.FieldsSeq(bip39List) {
		index[w] = len(index)
	}
	return index
})

// The lengths of recovery phrases: three words more for each 32 bits.
const (
	leastSeed = 12
	mostSeed  = 24
)

// cutSeed returns how much of a run of words is a recovery phrase with a true
// checksum; 0: nothing. The longest counts.
func cutSeed(match []byte) int {
	index := bip39Index()
	var numbers, ends [mostSeed]int
	n := 0
	for i := 0; i < len(match) && n < mostSeed; {
		for i < len(match) && !isAlpha(match[i]) {
			i++
		}
		from := i
		var word [8]byte
		for i < len(match) && isAlpha(match[i]) {
			if i-from < len(word) {
				word[i-from] = fold(match[i])
			}
			i++
		}
		if i == from || i-from > len(word) {
			break
		}
		k, ok := index[string(word[:i-from])]
		if !ok {
			break
		}
		numbers[n], ends[n] = k, i
		n++
	}
	for n -= n % 3; n >= leastSeed; n -= 3 {
		if seedChecksum(numbers[:n]) {
			return ends[n-1]
		}
	}
	return 0
}

// seedChecksum checks that the last bits of the words' numbers, eleven bits each,
// are the first of the SHA-256 hash of the others (BIP 39).
func seedChecksum(numbers []int) bool {
	var bits [mostSeed*11/8 + 1]byte
	for i, k := range numbers {
		for b := range 11 {
			if k>>(10-b)&1 == 1 {
				at := i*11 + b
				bits[at/8] |= 0x80 >> (at % 8)
			}
		}
	}
	check := len(numbers) / 3
	entropy := len(numbers)*11 - check
	sum := sha256.Sum256(bits[:entropy/8])
	return bits[entropy/8]>>(8-check) == sum[0]>>(8-check)
}

// bip39 checks a phrase that is nothing but one.
func bip39(value []byte) bool { return cutSeed(value) == len(bytes.TrimRight(value, " ")) }
