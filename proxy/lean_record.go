package proxy

// recordMark follows the records of a TLS connection (RFC 8446, section 5.1),
// read in any pieces. crypto/tls reads ahead: the start of a record that nobody
// asked for may lie in its buffer, where only this tells of it.
type recordMark struct {
	head [5]byte
	n    int // of head
	left int // of the record
}

// pass takes note of what was read.
func (m *recordMark) pass(p []byte) {
	for len(p) > 0 {
		if m.left > 0 {
			k := min(m.left, len(p))
			m.left, p = m.left-k, p[k:]
			continue
		}
		k := copy(m.head[m.n:], p)
		m.n, p = m.n+k, p[k:]
		if m.n == len(m.head) {
			m.n, m.left = 0, int(m.head[3])<<8|int(m.head[4])
		}
	}
}

// whole reports whether no record has been read in part.
func (m *recordMark) whole() bool { return m.n == 0 && m.left == 0 }
