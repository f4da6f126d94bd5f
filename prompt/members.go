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
	blank := &node{}
	blank.any = blank
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

// nobody takes no notice of what a walker meets.
type nobody struct{}

func (nobody) enter(*node) frame       { return frame{} }
func (nobody) leave(*node, frame)      {}
func (nobody) key(*node, int, int)     {}
func (nobody) text(*node, int, int)    {}
func (nobody) literal(*node, int, int) {}
