package hello

import "iter"

// maxName bounds what is printed of a name. No host name is longer (RFC 1035,
// section 3.1), but a vector may hold 64 KiB.
const maxName = 255

// AppendName appends the server name as observations show names: lower case, no
// final dot, bytes that are no plain text as \DDD. It appends nothing if there is
// none.
func (h *Hello) AppendName(dst []byte) []byte {
	name := h.ServerName
	if n := len(name); n > 0 && name[n-1] == '.' {
		name = name[:n-1]
	}
	for _, c := range name[:min(len(name), maxName)] {
		switch {
		case 'A' <= c && c <= 'Z':
			dst = append(dst, c+'a'-'A')
		case c <= ' ' || c > '~' || c == '\\':
			dst = append(dst, '\\', '0'+c/100, '0'+c/10%10, '0'+c%10)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// Name returns what AppendName appends.
func (h *Hello) Name() string {
	var b [4 * maxName]byte
	return string(h.AppendName(b[:0]))
}

// Protocols returns the protocols that the client offers (ALPN), best first.
func (h *Hello) Protocols() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for b := h.protocols; len(b) > 0; b = b[1+int(b[0]):] {
			if !yield(b[1 : 1+int(b[0])]) {
				return
			}
		}
	}
}

// Offers says whether the client offers the protocol, such as "h2" or "dot".
func (h *Hello) Offers(protocol string) bool {
	for b := h.protocols; len(b) > 0; b = b[1+int(b[0]):] {
		if string(b[1:1+int(b[0])]) == protocol {
			return true
		}
	}
	return false
}

// Version returns the newest version that the client offers, as its number on
// the wire: 0x0304 is TLS 1.3, 0xfefd DTLS 1.2. Reserved values don't count.
func (h *Hello) Version() uint16 {
	var best uint16
	for b := h.versions; len(b) >= 2; b = b[2:] {
		v := uint16(b[0])<<8 | uint16(b[1])
		switch {
		case isGrease(v):
		case best == 0, v > best != h.DTLS: // DTLS counts down
			best = v
		}
	}
	if best == 0 {
		return h.Legacy
	}
	return best
}
