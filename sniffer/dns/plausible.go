package dns

import "encoding/binary"

// Plausible reports whether b, found where nobody expects DNS, is a DNS message
// all the same. It is strict, because whatever travels over UDP is asked: a
// standard query or its reply, one question of class IN about a clean name,
// counts that fit, and not a byte too few or too many.
func Plausible(b []byte) bool {
	if len(b) < headerSize+5 || len(b) > maxMessage || !plausibleHeader(b) {
		return false
	}
	off := cleanName(b, headerSize)
	if off == 0 || len(b)-off < 4 {
		return false
	}
	kind, class := binary.BigEndian.Uint16(b[off:]), binary.BigEndian.Uint16(b[off+2:])
	if class != ClassIN || !plausibleType(kind) || isNetBIOS(b, kind) {
		return false
	}
	off += 4
	records := int(binary.BigEndian.Uint16(b[6:])) + int(binary.BigEndian.Uint16(b[8:])) + int(binary.BigEndian.Uint16(b[10:]))
	for range records {
		end := skipName(b, off)
		if end == 0 || end == off || len(b)-end < 10 {
			return false
		}
		off = end + 10 + int(binary.BigEndian.Uint16(b[end+8:]))
		if off > len(b) {
			return false
		}
	}
	return off == len(b)
}

// plausibleHeader looks at flags and counts.
func plausibleHeader(b []byte) bool {
	const (
		opcode, aa, tc    = 0x78, 0x04, 0x02
		ra, zero, rcodeAt = 0x80, 0x40, 0x0f
	)
	questions, answers := binary.BigEndian.Uint16(b[4:]), binary.BigEndian.Uint16(b[6:])
	authority, additional := binary.BigEndian.Uint16(b[8:]), binary.BigEndian.Uint16(b[10:])
	if questions != 1 || b[2]&opcode != 0 || b[3]&zero != 0 {
		return false
	}
	if b[2]&0x80 != 0 {
		return answers <= 512 && authority <= 64 && additional <= 64 && b[3]&rcodeAt <= 10
	}
	// A query carries no answers; beside EDNS it may be signed (RFC 8945).
	return b[2]&(aa|tc) == 0 && b[3]&(ra|rcodeAt) == 0 && answers == 0 && authority == 0 && additional <= 2
}

// plausibleType knows the types that people's programs ask for: those of the
// registry below 128, ANY, and the few between.
func plausibleType(kind uint16) bool {
	return kind > 0 && kind < 128 && kind != TypeOPT || kind >= 251 && kind <= 261
}

// cleanName returns where the uncompressed name at off ends, 0 when it is not
// labels of letters, digits, hyphens and underscores.
func cleanName(b []byte, off int) int {
	for start := off; off < len(b) && off-start < maxName; {
		n := int(b[off])
		if off++; n == 0 {
			if off-start == 1 {
				return 0 // the root: too little to go by
			}
			return off
		}
		if n > 63 || n > len(b)-off {
			return 0
		}
		for _, c := range b[off : off+n] {
			if c = lower(c); !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_') {
				return 0
			}
		}
		off += n
	}
	return 0
}

// isNetBIOS tells NetBIOS name service (RFC 1002), which borrows the format:
// its names are 32 letters from A to P.
func isNetBIOS(b []byte, kind uint16) bool {
	if kind != 0x20 && kind != 0x21 || b[headerSize] != 32 {
		return false
	}
	for _, c := range b[headerSize+1 : headerSize+33] {
		if c < 'A' || c > 'P' {
			return false
		}
	}
	return true
}
