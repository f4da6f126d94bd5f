package dlp

import (
	"cmp"
	"slices"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// block reports whether h says what a stretch of text is, source code or a part of
// a marked or protected document: the values in it are findings of their own.
func (h *Hit) block() bool {
	return (h.Class == traffic.ClassSourceCode || h.Class == traffic.ClassConfidential) && !h.whole && !h.literal
}

// settle is resolve for the hits of a text, of which some may be blocks or orders to a
// model. Values, orders and blocks are weighed apart, then an order is what lies between
// the values in it and a block what lies between both: a password in a program is one,
// however sure it is that this is a program.
func settle(text []byte, hits []Hit) []Hit { return (&scan{text: text}).settle(hits) }

// settle is the function of that name for the hits of c, in whose statements of SQL only
// literals are replaced.
func (c *scan) settle(hits []Hit) []Hit {
	text := c.text
	hits = slices.DeleteFunc(hits, func(h Hit) bool { return isReplaced(text, h.Start, h.End) || c.isRead(&h) })
	n := 0
	for i := range hits {
		if hits[i].block() || hits[i].isOrder() {
			n++
		}
	}
	if n == 0 {
		return c.intoLiterals(resolve(hits))
	}
	values, orders, blocks := make([]Hit, 0, len(hits)-n), make([]Hit, 0, n), make([]Hit, 0, n)
	for _, h := range hits {
		switch {
		case h.block():
			blocks = append(blocks, h)
		case h.isOrder():
			orders = append(orders, h)
		default:
			values = append(values, h)
		}
	}
	orders = joined(orders)
	values = between(text, orders, c.intoLiterals(resolve(outside(values, orders))))
	return append(hits[:0], between(text, c.withoutDumps(resolve(c.withDumps(blocks))), values)...)
}

// isOrder reports whether h is an order to a model that stands in the open.
func (h *Hit) isOrder() bool { return h.Class == traffic.ClassInjection && h.via == 0 }

// outside leaves out of values what is an order in a view, too: it was found in the
// open already, and the view may begin or end elsewhere in a stream.
func outside(values, orders []Hit) []Hit {
	if len(orders) == 0 {
		return values
	}
	return slices.DeleteFunc(values, func(v Hit) bool {
		if v.Class != traffic.ClassInjection {
			return false
		}
		i, _ := slices.BinarySearchFunc(orders, v.End, func(o Hit, end int) int { return cmp.Compare(o.End, end) })
		return i < len(orders) && orders[i].Start <= v.Start
	})
}

// joined is resolve for orders: of those that overlap, the best stands for all of what
// they take, as each was cut at a bound.
func joined(hits []Hit) []Hit {
	slices.SortFunc(hits, func(a, b Hit) int { return byPlace(&a, &b) })
	out := hits[:0]
	for _, h := range hits {
		if len(out) == 0 || h.Start >= out[len(out)-1].End {
			out = append(out, h)
			continue
		}
		last := &out[len(out)-1]
		from, to := last.Start, max(last.End, h.End)
		if better(&h, last) < 0 {
			*last = h
		}
		last.Start, last.End = from, to
	}
	return out
}

// between returns values and what blocks are between them, both in order.
func between(text []byte, blocks, values []Hit) []Hit {
	if len(blocks) == 0 {
		return values
	}
	out := make([]Hit, 0, len(blocks)+len(values))
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
