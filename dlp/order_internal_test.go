package dlp

import (
	"strings"
	"testing"
)

// TestOrderWords holds that each word of orders.txt is met where it stands, whatever
// its length and script.
func TestOrderWords(t *testing.T) {
	v := wordsOfOrders()
	words := 0
	for line := range strings.Lines(orderFile) {
		kind, rest, _ := strings.Cut(line, " ")
		if kind == "#" {
			continue
		}
		for _, word := range strings.Fields(rest) {
			words++
			word = strings.ReplaceAll(word, "_", " ")
			sentence := appendLower(nil, []byte("x "+word+" x"))
			if v.in(sentence)&v.kinds[kind] == 0 {
				t.Errorf("%q is no word of kind %s", word, kind)
			}
			if len(sentence) > maxOrderRead {
				t.Errorf("%q is longer than what is read of a sentence", word)
			}
		}
	}
	if words < 900 {
		t.Errorf("%d words of orders read, want those of 25 languages", words)
	}
}
