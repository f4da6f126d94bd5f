package dlp

import (
	"bytes"
	"encoding/ascii85"
	"slices"
)

// speak85 speak of base85, which has no mark of its own: three tools write it in
// three alphabets.
var speak85 = []string{"b85decode", "a85decode", "b85encode", "a85encode", "base85", "ascii85", "base-85", "z85"}

const (
	reach85     = 256 // bytes behind a word of speak85 that are looked at
	maxSpeaks85 = 64  // such words of a text whose surroundings are looked at
	leastRun85  = 10
)

const (
	alphabet85  = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~" // RFC 1924, of Python and git
	alphabetZ85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#" // ZeroMQ RFC 32
)

var value85, valueZ85 = values(alphabet85), values(alphabetZ85)

// values returns the value of each character of an alphabet, 255 for others.
func values(alphabet string) (t [256]uint8) {
	for i := range t {
		t[i] = 255
	}
	for i := range len(alphabet) {
		t[alphabet[i]] = uint8(i)
	}
	return t
}

// meet85 looks at the runs behind the word that ends at j as base85.
func (c *scan) meet85(j int) {
	if c.spoke85++; c.spoke85 > maxSpeaks85 || c.depth >= maxDepth || c.room <= 0 {
		return
	}
	w := c.workspace()
	defer c.release(w)
	text, end := c.text, min(len(c.text), j+reach85)
	for i := max(j, c.done85); i < end; {
		if text[i] <= ' ' || text[i] == '"' || text[i] == '\'' {
			i++
			continue
		}
		k := i // where a quotation mark ends it, which only ascii85 has among its digits
		for k < len(text) && k-i < maxIsland && text[k] > ' ' && text[k] != '"' && text[k] != '\'' {
			k++
		}
		blank := k
		for blank < len(text) && blank-i < maxIsland && text[blank] > ' ' {
			blank++
		}
		code := i + len(bytes.Trim(text[i:k], "`")) + 1 // in Markdown
		c.seen += blank - i
		switch {
		case c.base85Run(w, i, k, &value85), c.base85Run(w, i, k, &valueZ85), text[i] == '`' && (c.base85Run(w, i+1, code, &value85) || c.base85Run(w, i+1, code, &valueZ85)):
			c.done85, i = k, k
		case c.ascii85Run(w, i, blank), c.ascii85Run(w, i, k):
			c.done85, i = blank, blank
		default:
			i = k
		}
	}
}

// base85Run decodes text[i:j] by an alphabet and tells whether that gives text.
func (c *scan) base85Run(w *workspace, i, j int, alphabet *[256]uint8) bool {
	raw := c.text[i:j]
	if len(raw) < leastRun85 || len(raw)%5 == 1 {
		return false
	}
	out := w.out[:0]
	for ; len(raw) > 0; raw = raw[min(5, len(raw)):] {
		var v uint64
		for k := range 5 {
			x := uint8(84) // what is missing of the last group
			if k < len(raw) {
				if x = alphabet[raw[k]]; x > 84 {
					return false
				}
			}
			v = v*85 + uint64(x)
		}
		if v > 1<<32-1 {
			return false
		}
		n := min(5, len(raw)) - 1
		group := [4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}
		out = append(out, group[:n]...)
	}
	w.out = out
	return c.decoded85(out, i, j)
}

// ascii85Run is base85Run for ascii85.
func (c *scan) ascii85Run(w *workspace, i, j int) bool {
	raw := bytes.TrimRight(c.text[i:j], `"')`)
	if len(raw) < leastRun85 {
		return false
	}
	w.out = slices.Grow(w.out[:0], 4*len(raw))
	out := w.out[:4*len(raw)]
	n, _, err := ascii85.Decode(out, raw, true)
	w.out = out[:n]
	return err == nil && c.decoded85(out[:n], i, i+len(raw))
}

// decoded85 looks at what text[i:j] was decoded to, if it is text.
func (c *scan) decoded85(out []byte, i, j int) bool {
	if len(out) < leastBase85 || !isText(out) && container(out) == 0 {
		return false
	}
	m := wholly(i, j)
	c.decoded(out, &m, ways(wayBase85))
	return true
}
