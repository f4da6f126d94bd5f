package dlp

// taggedSpan are the bytes from to to of a sentence, whose words have one tag.
type taggedSpan struct {
	from, to int
	as       wordTag
	lone     bool // one word was tagged
}

// packedSpans are spans of a sentence, the first in the lowest bits: none is 0.
type packedSpans uint64

const (
	placeBits = 9 // of a byte of a sentence
	spanBits  = 2*placeBits + 3
	mostSpans = 64 / spanBits
)

// Neither place of a span, nor the tags but none, may have more bits than there are for them.
const (
	_ = uint(1<<placeBits - 1 - maxSentence)
	_ = uint(4 - (allTags - 1))
)

// packed returns spans packed, if there are not too many.
func packed(spans []taggedSpan) (p packedSpans, ok bool) {
	if len(spans) > mostSpans {
		return 0, false
	}
	for n, span := range spans {
		bits := packedSpans(span.from) | packedSpans(span.to)<<placeBits | packedSpans(span.as-1)<<(2*placeBits)
		if span.lone {
			bits |= 1 << (spanBits - 1)
		}
		p |= bits << (n * spanBits)
	}
	return p, true
}

// next returns the first span, and those behind it. No span is empty.
func (p packedSpans) next() (first taggedSpan, rest packedSpans) {
	const place = 1<<placeBits - 1
	return taggedSpan{
		from: int(p & place),
		to:   int(p >> placeBits & place),
		as:   wordTag(p>>(2*placeBits)&3) + 1,
		lone: p>>(spanBits-1)&1 != 0,
	}, p >> spanBits
}
