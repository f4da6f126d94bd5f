package prompt

import "bytes"

// longJSON restores the strings of a piece of JSON that is too long to be held:
// byte for byte, knowing no more of it than where strings are.
type longJSON struct {
	m       *matcher
	inside  bool // a string
	escaped bool // the next byte is a part of an escape
	text    lane
}

// append appends to dst what can go on of JSON.
func (j *longJSON) append(dst, p []byte) []byte {
	j.text.form = formJSON
	for len(p) > 0 {
		if !j.inside {
			i := bytes.IndexByte(p, '"')
			if i < 0 {
				return append(dst, p...)
			}
			dst, p = append(dst, p[:i+1]...), p[i+1:]
			j.inside, j.text = true, lane{form: formJSON}
			continue
		}
		n := 0
		for ; n < len(p); n++ {
			if j.escaped {
				j.escaped = false
			} else if p[n] == '\\' {
				j.escaped = true
			} else if p[n] == '"' {
				break
			}
		}
		j.inside = n == len(p)
		dst, _ = j.m.restore(dst, &j.text, p[:n], !j.inside)
		p = p[n:]
		if !j.inside {
			dst, p = append(dst, '"'), p[1:]
		}
	}
	return dst
}

// end appends what is held back.
func (j *longJSON) end(dst []byte) []byte {
	dst, _ = j.m.restore(dst, &j.text, nil, true)
	return dst
}
