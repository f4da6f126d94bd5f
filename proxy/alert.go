package proxy

const recordAlert = 21 // RFC 8446, section 5.1

// alertWatch looks for an alert that a client sends in the clear. OpenSSL does
// so in TLS 1.3 when it refuses a certificate, as it has no keys set up for
// sending yet; crypto/tls expects a sealed record there and sees but a damaged
// one.
type alertWatch struct {
	head [7]byte // of a record, and the two bytes of an alert
	n    int     // bytes of head
	left int     // of the record, behind head
	off  bool    // the handshake is over
	code byte    // of the alert, 0: none
}

// see takes what the client sends, in any pieces.
func (a *alertWatch) see(p []byte) {
	for len(p) > 0 && !a.off {
		if a.left > 0 {
			k := min(a.left, len(p))
			a.left, p = a.left-k, p[k:]
			continue
		}
		a.head[a.n] = p[0]
		a.n, p = a.n+1, p[1:]
		size := int(a.head[3])<<8 | int(a.head[4])
		alert := a.head[0] == recordAlert && size == 2
		switch {
		case a.n < 5, a.n < 7 && alert:
		case alert:
			a.code, a.off = a.head[6], true
		default:
			a.n, a.left = 0, size
		}
	}
}

// refusal names the alerts with which clients refuse a certificate (RFC 8446,
// section 6.2), "" for others.
func (a *alertWatch) refusal() string {
	switch a.code {
	case 42:
		return "bad_certificate"
	case 46:
		return "certificate_unknown"
	case 48:
		return "unknown_ca"
	}
	return ""
}
