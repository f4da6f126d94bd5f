package prompt

// members calls do with the name and the raw value of each member of the first
// object in body, until do returns false.
func members(body []byte, do func(key, value []byte) bool) {
	w := walker{src: body, to: nobody{}}
	for w.space(); w.pos < len(body) && body[w.pos] == '['; w.space() {
		w.pos++
	}
	if w.pos == len(body) || body[w.pos] != '{' {
		return
	}
	w.pos++
	blank := blankNode()
	for {
		for w.space(); w.pos < len(body) && body[w.pos] == ','; w.space() {
			w.pos++
		}
		if w.pos == len(body) || body[w.pos] != '"' {
			return
		}
		start, end, p := w.quoted()
		if w.space(); p != whole || w.pos == len(body) || body[w.pos] != ':' {
			return
		}
		w.pos++
		w.space()
		at := w.pos
		p = w.value(blank)
		if !do(body[start:end], body[at:w.pos]) || p != whole {
			return
		}
	}
}

// isJSON reports whether text is JSON from its beginning to its end, in the wide
// sense of the walker.
func isJSON(text []byte) bool {
	w := walker{src: text, to: nobody{}}
	return w.values(blankNode()) == whole
}

// blankNode returns the node of a body of which nothing is known.
func blankNode() *node {
	n := &node{}
	n.any = n
	return n
}

// nobody takes no notice of what a walker meets.
type nobody struct{}

func (nobody) enter(*node) frame       { return frame{} }
func (nobody) leave(*node, frame)      {}
func (nobody) key(*node, int, int)     {}
func (nobody) text(*node, int, int)    {}
func (nobody) literal(*node, int, int) {}
