package prompt

// valueRestorer restores JSON: one document, one a line (Ollama), or the
// elements of a list one after the other (Gemini). What stands between documents
// goes on at once, a document when it is whole.
type valueRestorer struct {
	m    *matcher
	docs *documents

	doc   []byte    // the beginning of a document
	long  *longJSON // of a document that is too long
	list  bool      // documents are the elements of a list
	comma bool      // one has gone on since the last document
	depth int       // inside the document
	text  bool      // inside a string of it
	esc   bool      // behind a backslash there
}

// Append implements traffic.Restorer.
func (r *valueRestorer) Append(dst, p []byte) []byte {
	for len(p) > 0 {
		if r.depth == 0 && !r.text {
			dst, p = r.between(dst, p)
			continue
		}
		n, whole := r.inside(p)
		dst = r.part(dst, p[:n])
		p = p[n:]
		if whole {
			dst = r.whole(dst)
		}
	}
	r.m.done()
	return dst
}

// between passes on what stands before the next document.
func (r *valueRestorer) between(dst, p []byte) (out, rest []byte) {
	for i, c := range p {
		switch {
		case c == '{', c == '"', c == '[' && r.list:
			return append(dst, p[:i]...), r.begin(p[i:])
		case c == ',':
			r.comma = true
		case c == '[':
			r.list, r.comma = true, true
		case c == ']' && r.list:
			dst = append(dst, p[:i]...)
			dst = r.extras(dst, r.docs.flush(""))
			r.list = false
			return append(dst, c), p[i+1:]
		}
	}
	return append(dst, p...), nil
}

// begin begins a document with the first byte of p, and leaves the rest.
func (r *valueRestorer) begin(p []byte) []byte {
	r.doc = append(r.doc[:0], p[0])
	if r.text = p[0] == '"'; !r.text {
		r.depth = 1
	}
	return p[1:]
}

// inside returns how much of p belongs to the document, and whether that ends
// there.
func (r *valueRestorer) inside(p []byte) (n int, whole bool) {
	for i, c := range p {
		switch {
		case r.esc:
			r.esc = false
		case r.text:
			r.esc = c == '\\'
			r.text = c != '"'
		case c == '"':
			r.text = true
		case c == '{', c == '[':
			r.depth++
		case c == '}', c == ']':
			r.depth--
		}
		if r.depth == 0 && !r.text {
			return i + 1, true
		}
	}
	return len(p), false
}

// part takes a part of a document.
func (r *valueRestorer) part(dst, p []byte) []byte {
	if r.long != nil {
		return r.long.append(dst, p)
	}
	if r.doc = append(r.doc, p...); len(r.doc) > maxHeld {
		r.long = &longJSON{m: r.m}
		dst = r.long.append(dst, r.doc)
		r.doc = nil
	}
	return dst
}

// whole takes the end of a document.
func (r *valueRestorer) whole(dst []byte) []byte {
	r.comma = false
	if r.long != nil {
		dst = r.long.end(dst)
		r.long = nil
		return dst
	}
	first, out, ok := r.docs.restore(r.doc, nil)
	if !ok {
		j := longJSON{m: r.m}
		out = j.end(j.append(nil, r.doc))
	}
	dst = append(r.extras(dst, first), out...)
	r.doc = r.doc[:0]
	return dst
}

// extras puts documents of ours before what is to come: in a list behind the
// comma that has gone on, and at its end before the bracket.
func (r *valueRestorer) extras(dst []byte, list []extra) []byte {
	for _, e := range list {
		switch {
		case !r.list:
			dst = append(append(dst, e.doc...), '\n')
		case len(r.doc) > 0:
			dst = append(append(dst, e.doc...), ',')
		case r.comma:
			dst, r.comma = append(dst, e.doc...), false
		default:
			dst = append(append(dst, ','), e.doc...)
		}
	}
	return dst
}

// End implements traffic.Restorer.
func (r *valueRestorer) End(dst []byte) []byte {
	if r.long != nil {
		dst = r.long.end(dst)
	}
	dst = r.extras(dst, r.docs.flush(""))
	if len(r.doc) > 0 { // it broke off
		j := longJSON{m: r.m}
		dst = j.end(j.append(dst, r.doc))
	}
	r.doc, r.long = nil, nil
	r.m.done()
	return dst
}
