package hello

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
)

// maxListed bounds the lists that go into a fingerprint. Real clients offer at
// most some two hundred cipher suites.
const maxListed = 256

// AppendJA4 appends the JA4 fingerprint of the client, as FoxIO's technical
// details define it (JA4 for TLS clients only, which is under the BSD licence):
// "t13d1516h2_8daaf6152771_e5627efa2ab1". It tells clients of one make from
// others, never who or what uses them. It appends nothing for a hello with more
// than 256 suites, extensions or algorithms, or one that was cut.
func (h *Hello) AppendJA4(dst []byte, quic bool) []byte {
	var listed [3][maxListed]uint16
	suites, ok1 := words(listed[0][:0], h.ciphers)
	extensions, ok2 := h.extensionIDs(listed[1][:0])
	algorithms, ok3 := words(listed[2][:0], h.sigAlgs)
	if !ok1 || !ok2 || !ok3 || h.Truncated {
		return dst
	}
	transport, name := byte('t'), byte('i')
	switch {
	case quic:
		transport = 'q'
	case h.DTLS:
		transport = 'd'
	}
	if h.HasServerName {
		name = 'd'
	}
	dst = append(dst, transport)
	dst = append(append(dst, versionCode(h.Version())...), name)
	dst = appendCount(appendCount(dst, len(suites)), len(extensions))
	dst = append(h.appendProtocolCode(dst), '_')

	slices.Sort(suites)
	dst = append(appendHash(dst, suites, nil), '_')
	extensions = slices.DeleteFunc(extensions, func(id uint16) bool { return id == extServerName || id == extALPN })
	slices.Sort(extensions)
	return appendHash(dst, extensions, algorithms)
}

// JA4 returns what AppendJA4 appends.
func (h *Hello) JA4(quic bool) string {
	var b [64]byte
	return string(h.AppendJA4(b[:0], quic))
}

// words appends the words of b that are not GREASE.
func words(dst []uint16, b []byte) ([]uint16, bool) {
	for ; len(b) >= 2; b = b[2:] {
		v := binary.BigEndian.Uint16(b)
		if isGrease(v) {
			continue
		}
		if len(dst) == maxListed {
			return dst, false
		}
		dst = append(dst, v)
	}
	return dst, true
}

// extensionIDs appends the numbers of the extensions, without GREASE. It is for
// a hello that parse has walked to its end.
func (h *Hello) extensionIDs(dst []uint16) ([]uint16, bool) {
	for b := h.extensions; len(b) >= 4; {
		id, n := binary.BigEndian.Uint16(b), int(binary.BigEndian.Uint16(b[2:]))
		b = b[min(4+n, len(b)):]
		if isGrease(id) {
			continue
		}
		if len(dst) == maxListed {
			return dst, false
		}
		dst = append(dst, id)
	}
	return dst, true
}

func versionCode(v uint16) string {
	switch v {
	case 0x0304:
		return "13"
	case 0x0303:
		return "12"
	case 0x0302:
		return "11"
	case 0x0301:
		return "10"
	case 0x0300:
		return "s3"
	case 0xfeff:
		return "d1"
	case 0xfefd:
		return "d2"
	case 0xfefc:
		return "d3"
	}
	return "00"
}

func appendCount(dst []byte, n int) []byte {
	n = min(n, 99)
	return append(dst, '0'+byte(n/10), '0'+byte(n%10))
}

// appendProtocolCode appends the first and last character of the first protocol,
// or those of its hexadecimal form where one is not alphanumeric.
func (h *Hello) appendProtocolCode(dst []byte) []byte {
	if len(h.protocols) == 0 {
		return append(dst, "00"...)
	}
	p := h.protocols[1 : 1+int(h.protocols[0])]
	first, last := p[0], p[len(p)-1]
	if !alphanumeric(first) || !alphanumeric(last) {
		const digits = "0123456789abcdef"
		first, last = digits[first>>4], digits[last&15]
	}
	return append(dst, first, last)
}

func alphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// appendHash appends the first twelve digits of the hash of a list, with a
// second list behind it.
func appendHash(dst []byte, list, more []uint16) []byte {
	if len(list) == 0 {
		return append(dst, "000000000000"...)
	}
	var text [2 * 5 * maxListed]byte
	b := appendList(text[:0], list)
	if len(more) > 0 {
		b = appendList(append(b, '_'), more)
	}
	sum := sha256.Sum256(b)
	return hex.AppendEncode(dst, sum[:6])
}

func appendList(b []byte, list []uint16) []byte {
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = hex.AppendEncode(b, []byte{byte(v >> 8), byte(v)})
	}
	return b
}

// Browser says whether the hello looks like one of today's browsers, or of an
// application made of one: it offers the protocols of the web, and either what
// only Chromium sends, or reserved values and compressed certificates as Safari
// does too (neither uses reserved values over QUIC), or the pair of extensions
// that only Firefox sends. Whoever imitates a browser looks like one, so this
// says how a name was asked for, never what is asked and never that it is AI.
func (h *Hello) Browser(quic bool) bool {
	web := h.Offers("h2") && h.Offers("http/1.1")
	if quic {
		web = h.Offers("h3")
	}
	reserved := h.has(seenGrease) && hasGrease(h.ciphers)
	chromium := h.has(seenApplication) && (quic || reserved)
	safari := h.has(seenCompressCert) && reserved
	firefox := h.has(seenDelegatedCreds) && h.has(seenRecordSize)
	return web && (chromium || safari || firefox)
}

func (h *Hello) has(s seen) bool { return h.seen&s != 0 }
