package dlp

import "strings"

// wordKinds reads lines of the name of a kind and the words that are of it; those that start
// with "# " are comments. A word may be of several kinds, which are bits.
func wordKinds[K ~uint8 | ~uint16](lines string, kinds map[string]K) map[string]K {
	words := make(map[string]K)
	for line := range strings.Lines(lines) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		for _, w := range f[1:] {
			words[w] |= kinds[f[0]]
		}
	}
	return words
}
