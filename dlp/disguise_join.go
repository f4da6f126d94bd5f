package dlp

import "bytes"

// joiners are beginnings of what joins two literals in code: a quotation mark,
// an operator or a line break, a quotation mark.
var joiners = []string{
	`" + "`, `' + '`, `"+"`, `'+'`, "` + `", "`+`", `" +`, `' +`, `" . "`, `' . '`, `"."`, `'.'`, `" .. "`, `" & "`, `"&"`, `" || "`, `' || '`, `"||"`, `'||'`,
	"\"\n ", "\"\n\t", "'\n ", "'\n\t", `" \`, `' \`, `" "`, `' '`, `" + \"`, `\" + \"`, `\"+\"`, `"\n"`,
}

// speakers speak of writing backwards.
var speakers = []string{"revers", "backwards", "[::-1]", "rückwärts", "umgekehrt", "al revés", "l'envers", "achterstevoren", "al contrario", "wspak", "\u202e"}

// joined looks at the text with the joints between literals taken out.
func (c *scan) joined() {
	w := c.workspace()
	defer c.release(w)
	text := c.text
	const reach = 2 * around
	for i := 0; i < len(text) && c.room > 0; {
		at, _ := nextJoint(text, i)
		if at < 0 {
			return
		}
		from := max(i-reach, at-reach, 0)
		m := mapping{places: w.places[:0]}
		out := w.out[:0]
		m.add(0, from, 1, 0)
		k := from
		for {
			next, end := nextJoint(text, max(k, at))
			if next < 0 || next > k+reach && next > at || next-from > maxIsland {
				break
			}
			out = append(out, text[k:next]...)
			m.add(len(out), next, 0, wayJoined)
			m.add(len(out), end, 1, 0)
			k = end
		}
		to := min(len(text), k+reach)
		out = append(out, text[k:to]...)
		m.end = to
		w.out, w.places = out, m.places
		c.look(out, &m, 0)
		i = to
	}
}

// nextJoint returns the next joint of two literals from i, or -1.
func nextJoint(text []byte, i int) (from, to int) {
	for ; i < len(text); i++ {
		q := text[i]
		if !quote[q] {
			continue
		}
		if end := jointAt(text, i, q); end > 0 {
			if i > 0 && text[i-1] == '\\' { // inside another literal
				return i - 1, end
			}
			return i, end
		}
	}
	return -1, 0
}

// jointAt returns the end of the joint whose first quotation mark is at i, or 0.
func jointAt(text []byte, i int, q byte) int {
	const most = 80
	limit := min(len(text), i+most)
	operators, k := 0, i+1
	for k < limit {
		switch x := text[k]; {
		case x == q:
			if k == i+1 {
				return 0 // an empty literal, or the end of a doubled mark
			}
			return k + 1
		case space[x]:
			k++
		case x == '\\' && k+1 < limit && (text[k+1] == '\n' || text[k+1] == 'n' || text[k+1] == '\r' || text[k+1] == q):
			if text[k+1] == q {
				k++
			} else {
				k += 2
			}
		case x == '/' && k+1 < limit && text[k+1] == '*':
			n := bytes.Index(text[k:limit], []byte("*/"))
			if n < 0 {
				return 0
			}
			k += n + 2
		case x == '/' && k+1 < limit && text[k+1] == '/', x == '#':
			n := bytes.IndexByte(text[k:limit], '\n')
			if n < 0 {
				return 0
			}
			k += n
		case x == '+' || x == '.' || x == '&' || x == '|':
			if operators++; operators > 2 {
				return 0
			}
			k++
		default:
			return 0
		}
	}
	return 0
}

// reversed looks at the text from its end to its beginning.
func (c *scan) reversed() {
	w := c.workspace()
	defer c.release(w)
	for end := len(c.text); end > 0 && c.room > 0; end -= maxIsland - maxIsland/8 {
		from := max(0, end-maxIsland)
		w.out = w.out[:0]
		for k := end - 1; k >= from; k-- {
			w.out = append(w.out, c.text[k])
			if n := len(w.out); c.text[k] == 0xe2 && n > 2 && w.out[n-2]&^1 == 0x80 { // a mark of direction is no letter
				w.out[n-3], w.out[n-2], w.out[n-1] = ' ', ' ', ' '
			}
		}
		m := mapping{end: end, back: true, ways: wayReversed.set()}
		c.look(w.out, &m, ways(wayReversed))
		if from == 0 {
			return
		}
	}
}
