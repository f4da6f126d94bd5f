package quic

// The frames that an Initial packet may hold (RFC 9000, section 12.4).
const (
	framePadding = 0x00
	framePing    = 0x01
	frameAck     = 0x02
	frameAckECN  = 0x03
	frameCrypto  = 0x06
	frameClose   = 0x1c
	frameCloseQ  = 0x1d // an application's, which has no place here
)

// readFrames gives the CRYPTO frames in b to s. It stops at a frame that it
// can't read, for nothing tells where the next one starts.
func readFrames(b []byte, s *stream) (Reason, bool) {
	for at := 0; at < len(b); {
		kind := b[at]
		at++
		ok := true
		switch kind {
		case framePing:
		case framePadding: // most of a packet
			for at < len(b) && b[at] == framePadding {
				at++
			}
		case frameAck, frameAckECN:
			at, ok = skipAck(b, at, kind == frameAckECN)
		case frameCrypto:
			var data []byte
			var offset uint64
			if offset, data, at, ok = cryptoFrame(b, at); ok && !s.add(offset, data) {
				return ReasonCryptoOverflow, false
			}
		case frameClose, frameCloseQ:
			at, ok = skipClose(b, at, kind == frameClose)
		default:
			ok = false
		}
		if !ok {
			return ReasonFrame, false
		}
	}
	return 0, true
}

func cryptoFrame(b []byte, at int) (offset uint64, data []byte, next int, ok bool) {
	if offset, at, ok = varint(b, at); !ok {
		return 0, nil, 0, false
	}
	n, at, ok := varint(b, at)
	if !ok || n > uint64(len(b)-at) {
		return 0, nil, 0, false
	}
	next = at + int(n)
	return offset, b[at:next], next, true
}

// skipAck skips largest, delay, the number of ranges and the first one, then the
// ranges (RFC 9000, section 19.3). Each number takes a byte at least, so the
// packet bounds the loop.
func skipAck(b []byte, at int, ecn bool) (int, bool) {
	var ranges uint64
	for i := range 4 {
		v, next, ok := varint(b, at)
		if !ok {
			return 0, false
		}
		if at = next; i == 2 {
			ranges = v
		}
	}
	if ranges > uint64(len(b)) {
		return 0, false
	}
	numbers := 2 * ranges
	if ecn {
		numbers += 3
	}
	for range numbers {
		_, next, ok := varint(b, at)
		if !ok {
			return 0, false
		}
		at = next
	}
	return at, true
}

// skipClose skips the error, the type of the frame at fault, and the reason.
func skipClose(b []byte, at int, withType bool) (int, bool) {
	_, at, ok := varint(b, at)
	if ok && withType {
		_, at, ok = varint(b, at)
	}
	if !ok {
		return 0, false
	}
	n, at, ok := varint(b, at)
	if !ok || n > uint64(len(b)-at) {
		return 0, false
	}
	return at + int(n), true
}
