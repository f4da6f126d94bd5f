package prompt

import (
	"bytes"
	"cmp"
	"slices"
	"unicode/utf8"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// splice puts with in the place of a text's bytes from start to end.
type splice struct {
	start, end int
	with       []byte
}

// errInDocument keeps a document whole: nothing can be written into it.
var errInDocument = &traffic.UnreadError{Reason: traffic.ReasonDocument}

var errUnwritable = &traffic.UnreadError{Reason: traffic.ReasonFormat}

// Rewrite returns a new body with the edits made in x.Prompt's parts and every
// other byte of x.Body as it was. Edits are ordered by part and place and don't
// overlap; one that begins or ends inside a character takes all of it. A text
// that can't be written back gives an *traffic.UnreadError.
func (c *Codec) Rewrite(x *traffic.Exchange, edits []traffic.Edit) ([]byte, error) {
	all := len(edits)
	edits, err := rewriteQuery(x, edits)
	if err != nil || len(edits) == 0 && all > 0 {
		return nil, err
	}
	splices := make([]splice, 0, len(edits))
	for len(edits) > 0 {
		n := 1
		for n < len(edits) && edits[n].Part == edits[0].Part {
			n++
		}
		if edits[0].Part < 0 || edits[0].Part >= len(x.Prompt.Parts) {
			return nil, errUnwritable
		}
		s, err := splicesOf(x, &x.Prompt.Parts[edits[0].Part], edits[:n])
		if err != nil {
			return nil, err
		}
		splices, edits = append(splices, s...), edits[n:]
	}
	byStart := func(a, b splice) int { return cmp.Compare(a.start, b.start) }
	if !slices.IsSortedFunc(splices, byStart) {
		slices.SortFunc(splices, byStart)
	}
	splices, err = withEnvelopes(x, splices)
	if err != nil {
		return nil, err
	}
	return apply(x.Body, splices)
}

// splicesOf translates the edits of one part into places of the body.
func splicesOf(x *traffic.Exchange, p *traffic.Part, edits []traffic.Edit) ([]splice, error) {
	if p.Query || p.Start < 0 || p.Start > p.End || p.End > len(x.Body) {
		return nil, errUnwritable
	}
	if p.Place != nil {
		return nil, errInDocument
	}
	if x.Cut && p.End == len(x.Body) && slices.Contains(p.Layers, traffic.LayerBase64) {
		return nil, errUnwritable // what follows would no longer fit
	}
	splices := make([]splice, 0, len(edits))
	last := 0
	var with []byte
	for i, e := range edits {
		if i == 0 || e.With != edits[i-1].With { // most edits of a part put the same in
			with = []byte(e.With)
		}
		if e.Start < 0 || e.Start > e.End || e.End > len(p.Text) {
			return nil, errUnwritable
		}
		start, end := runes(p.Text, e.Start, e.End)
		start = max(start, last)
		last = max(start, end)
		splices = append(splices, splice{start, last, with})
	}
	splices, err := outward(x.Body[p.Start:p.End], p.Layers, splices)
	for i := range splices {
		splices[i].start += p.Start
		splices[i].end += p.Start
	}
	return splices, err
}

// runes widens a range of text so that it cuts no character.
func runes(text []byte, start, end int) (int, int) {
	for n := 0; n < utf8.UTFMax-1 && start > 0 && start < len(text) && !utf8.RuneStart(text[start]); n++ {
		start--
	}
	for n := 0; n < utf8.UTFMax-1 && end < len(text) && !utf8.RuneStart(text[end]); n++ {
		end++
	}
	return start, end
}

// outward translates splices of the text that raw carries under layers into
// splices of raw.
func outward(raw []byte, layers []traffic.Layer, splices []splice) ([]splice, error) {
	if len(layers) == 0 {
		return splices, nil
	}
	layer := layers[0]
	if layer == traffic.LayerNumber { // a placeholder is no number: the value becomes a string
		text, err := apply(raw, splices)
		if bytes.Equal(text, raw) {
			return []splice{{0, len(raw), raw}}, err
		}
		return []splice{{0, len(raw), append(encode([]byte{'"'}, text, jsonLayer), '"')}}, err
	}
	if layer == traffic.LayerBase64 {
		return reencode(raw, layers[1:], splices)
	}
	inner := raw
	if len(layers) > 1 {
		inner = decode(raw, layer)
	}
	splices, err := outward(inner, layers[1:], splices)
	if err != nil {
		return nil, err
	}
	c, last := cursor{raw: raw, layer: layer}, 0
	var before, with []byte // the text that was encoded latest
	for i, s := range splices {
		if i == 0 || !bytes.Equal(s.with, before) {
			before, with = s.with, encode(nil, s.with, layer)
		}
		start := max(c.start(s.start), last)
		last = max(c.end(s.end), start)
		splices[i] = splice{start, last, with}
	}
	return splices, nil
}

// reencode makes the splices in base64 data, which is replaced as a whole.
func reencode(raw []byte, layers []traffic.Layer, splices []splice) ([]splice, error) {
	text, enc, err := decodeBase64(raw)
	if err != nil {
		return nil, errUnwritable
	}
	if splices, err = outward(text, layers, splices); err != nil {
		return nil, err
	}
	text, err = apply(text, splices)
	data := enc.AppendEncode(nil, text)
	if i := bytes.IndexByte(raw, '\n'); i >= 0 { // in lines, as mail has it
		data = lines(data, raw[:i+1])
	}
	return []splice{{0, len(raw), data}}, err
}

// lines breaks data into lines like first, which ends with its line break.
func lines(data, first []byte) []byte {
	ends := first[len(bytes.TrimRight(first, "\r\n")):]
	n := max(4, len(first)-len(ends))
	out := make([]byte, 0, len(data)+(len(data)/n+1)*len(ends))
	for ; len(data) > n; data = data[n:] {
		out = append(append(out, data[:n]...), ends...)
	}
	return append(out, data...)
}

// apply makes the splices, which are ordered, in text.
func apply(text []byte, splices []splice) ([]byte, error) {
	size, last := len(text), 0
	for _, s := range splices {
		if s.start < last || s.end > len(text) { // two parts in one place
			return nil, errUnwritable
		}
		size += len(s.with) - (s.end - s.start)
		last = s.end
	}
	out := make([]byte, 0, size)
	last = 0
	for _, s := range splices {
		out = append(append(out, text[last:s.start]...), s.with...)
		last = s.end
	}
	return append(out, text[last:]...), nil
}
