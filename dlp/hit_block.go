package dlp

import (
	"slices"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// block reports whether h says what a stretch of text is, source code or a part of
// a marked or protected document: the values in it are findings of their own.
func (h *Hit) block() bool {
	return (h.Class == traffic.ClassSourceCode || h.Class == traffic.ClassConfidential) && !h.whole
}

// settle is resolve for the hits of a text, of which some may be blocks. Values
// and blocks are weighed apart, then a block is what lies between the values in
// it: a password in a program is one, however sure it is that this is a program.
func settle(text []byte, hits []Hit) []Hit {
	n := len(hits)
	for i := range hits {
		if hits[i].block() {
			n--
		}
	}
	if n == 0 || n == len(hits) {
		return resolve(hits)
	}
	values, blocks := make([]Hit, 0, n), make([]Hit, 0, len(hits)-n)
	for _, h := range hits {
		if h.block() {
			blocks = append(blocks, h)
		} else {
			values = append(values, h)
		}
	}
	values, blocks = resolve(values), resolve(blocks)
	out := hits[:0]
	for _, b := range blocks {
		from := b.Start
		for len(values) > 0 && values[0].Start < b.End {
			v := values[0]
			out = append(appendPiece(out, text, b, from, v.Start), v)
			from = max(from, v.End)
			values = values[1:]
		}
		out = appendPiece(out, text, b, from, b.End)
	}
	return append(out, values...)
}

// appendPiece appends what text[from:to] has of the block b, without the blanks
// around it, if there is a word in it.
func appendPiece(out []Hit, text []byte, b Hit, from, to int) []Hit {
	if from == b.Start && to == b.End {
		return append(out, b)
	}
	for from < to && !isWord[text[from]] && text[from] < 0x80 {
		from++
	}
	for from < to && space[text[to-1]] {
		to--
	}
	if from >= to || !slices.ContainsFunc(text[from:to], isAlpha) {
		return out
	}
	b.Start, b.End = from, to
	return append(out, b)
}
