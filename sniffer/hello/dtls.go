package hello

import "encoding/binary"

// A DTLS record has epoch and sequence number between version and length, and a
// DTLS handshake message a sequence number and the place of its fragment behind
// its length (RFC 6347, sections 4.1 and 4.2.2).
const (
	dtlsRecordHeader  = 13
	dtlsMessageHeader = 12
)

// DTLS returns the ClientHello in a UDP datagram, for Parse, or nil. It lies in
// scratch, which grows to the size of the datagram at most. Fragments must be in
// order and in this datagram.
func DTLS(datagram []byte, scratch *[]byte) []byte {
	whole, got := 0, 0
	out := (*scratch)[:0]
	for b := datagram; isDTLSRecord(b); {
		end := dtlsRecordHeader + int(binary.BigEndian.Uint16(b[11:]))
		if end > len(b) {
			return nil
		}
		m := b[dtlsRecordHeader:end]
		b = b[end:]
		if len(m) < dtlsMessageHeader || m[0] != typeClientHello {
			return nil
		}
		total, at, n := u24(m[1:]), u24(m[6:]), u24(m[9:])
		m = m[dtlsMessageHeader:]
		if n == 0 || n != len(m) || at+n > total || total > len(datagram) {
			return nil
		}
		if got == 0 {
			whole = total
			out = append(out, typeClientHello, byte(total>>16), byte(total>>8), byte(total))
		}
		if at != got || total != whole {
			return nil
		}
		got += n
		out = append(out, m...)
		*scratch = out[:0]
		if got == whole {
			return checked(out)
		}
	}
	return nil
}

// isDTLSRecord tells an unencrypted handshake record; nearly every other
// datagram ends here at its first byte.
func isDTLSRecord(b []byte) bool {
	return len(b) > dtlsRecordHeader && b[0] == recordHandshake &&
		(b[1] == 0xfe && b[2] >= 0xfc || b[1] == 1 && b[2] == 0) && b[3] == 0 && b[4] == 0
}

func u24(b []byte) int { return int(b[0])<<16 | int(b[1])<<8 | int(b[2]) }

func checked(msg []byte) []byte {
	var h Hello
	if err := Parse(msg, &h); err != nil && err != ErrExtension || !h.DTLS {
		return nil
	}
	return msg
}
