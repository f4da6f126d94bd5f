package hello

import "encoding/binary"

// The extensions that are read (IANA's registry of TLS ExtensionType values).
const (
	extServerName     = 0
	extGroups         = 10
	extSigAlgs        = 13
	extALPN           = 16
	extCompressCert   = 27
	extRecordSize     = 28
	extDelegatedCreds = 34
	extVersions       = 43
	extApplicationOld = 17513 // ALPS, Chromium's own, under its first number
	extApplication    = 17613
	extECHDraftFirst  = 0xfe08
	extECH            = 0xfe0d
	extESNI           = 0xffce
)

// Values inside them.
const (
	nameTypeHost = 0
	echTypeOuter = 0
	echTypeInner = 1
)

// seen is a set of those extensions.
type seen uint16

const (
	seenServerName seen = 1 << iota
	seenGroups
	seenSigAlgs
	seenALPN
	seenCompressCert
	seenRecordSize
	seenDelegatedCreds
	seenVersions
	seenApplication
	seenECH
	seenGrease
)

// parseExtensions reads on behind an extension that is broken inside: servers
// differ in what they forgive, and the name may be good.
func parseExtensions(c *cursor, h *Hello) Error {
	n, ok := c.u16()
	if !ok {
		return c.fault()
	}
	if int(n) != len(c.b)+c.missing {
		return ErrLength
	}
	h.extensions = c.b
	var broken Error
	b := c.b
	for len(b) >= 4 {
		id, n := binary.BigEndian.Uint16(b), int(binary.BigEndian.Uint16(b[2:]))
		if n > len(b)-4 {
			break
		}
		if !h.extension(id, b[4:4+n:4+n]) {
			broken = ErrExtension
		}
		b = b[4+n:]
	}
	switch {
	case len(b) == 0 && c.missing == 0:
		return broken
	case len(b) >= 4 && int(binary.BigEndian.Uint16(b[2:])) > len(b)-4+c.missing:
		return ErrLength
	}
	return c.fault()
}

// extension reads one extension and says whether it is sound. One that comes
// twice would let two readers see two names (RFC 8446, section 4.2, forbids it).
func (h *Hello) extension(id uint16, b []byte) bool {
	var mark seen
	ok := true
	switch {
	case id == extServerName:
		mark, ok = seenServerName, h.serverName(b)
	case id == extALPN:
		mark, ok = seenALPN, h.alpn(b)
	case id == extVersions:
		mark, ok = seenVersions, h.supportedVersions(b)
	case id == extSigAlgs:
		mark = seenSigAlgs
		h.sigAlgs, ok = list16(b)
	case id == extGroups:
		var groups []byte
		mark = seenGroups
		groups, ok = list16(b)
		h.Grease = h.Grease || hasGrease(groups)
	case id == extECH:
		mark, ok = seenECH, h.ech(b)
	case id >= extECHDraftFirst && id < extECH, id == extESNI:
		h.ECH = max(h.ECH, ECHDraft)
	case id == extCompressCert:
		mark = seenCompressCert
	case id == extRecordSize:
		mark = seenRecordSize
	case id == extDelegatedCreds:
		mark = seenDelegatedCreds
	case id == extApplication, id == extApplicationOld:
		h.seen |= seenApplication
	case isGrease(id):
		h.seen |= seenGrease
		h.Grease = true
	}
	ok = ok && h.seen&mark == 0
	h.seen |= mark
	return ok
}

// serverName reads a list of names (RFC 6066, section 3), of which the first
// host name counts. Some clients leave the list or the name empty.
func (h *Hello) serverName(b []byte) bool {
	h.HasServerName = true
	if len(b) == 0 {
		return true
	}
	c := cursor{b: b}
	list, ok := c.vector16()
	if !ok || len(c.b) > 0 {
		return false
	}
	for c.b = list; len(c.b) > 0; {
		kind, _ := c.take(1)
		name, ok := c.vector16()
		if !ok {
			return false
		}
		if kind[0] == nameTypeHost && h.ServerName == nil && len(name) > 0 {
			h.ServerName = name
		}
	}
	return true
}

// alpn checks a list of protocol names (RFC 7301, section 3.1).
func (h *Hello) alpn(b []byte) bool {
	c := cursor{b: b}
	list, ok := c.vector16()
	if !ok || len(c.b) > 0 || len(list) == 0 {
		return false
	}
	for c.b = list; len(c.b) > 0; {
		if p, ok := c.vector8(); !ok || len(p) == 0 {
			return false
		}
	}
	h.protocols = list
	return true
}

func (h *Hello) supportedVersions(b []byte) bool {
	c := cursor{b: b}
	list, ok := c.vector8()
	if !ok || len(c.b) > 0 || len(list) == 0 || len(list)%2 != 0 {
		return false
	}
	h.versions = list
	h.Grease = h.Grease || hasGrease(list)
	return true
}

// ech reads the extension of RFC 9849, section 5.
func (h *Hello) ech(b []byte) bool {
	if len(b) == 1 && b[0] == echTypeInner {
		h.ECH = ECHInner
		return true
	}
	c := cursor{b: b}
	head, ok := c.take(6) // type, KDF, AEAD, config_id
	if !ok || head[0] != echTypeOuter {
		return false
	}
	if _, ok = c.vector16(); !ok { // enc: empty in the second hello of a connection
		return false
	}
	if payload, ok := c.vector16(); !ok || len(payload) == 0 || len(c.b) > 0 {
		return false
	}
	h.ECH, h.ECHConfig = ECHOuter, head[5]
	return true
}

// list16 returns the words of a vector of words with two bytes of length.
func list16(b []byte) ([]byte, bool) {
	c := cursor{b: b}
	list, ok := c.vector16()
	return list, ok && len(c.b) == 0 && len(list)%2 == 0
}

// isGrease tells the sixteen reserved values of RFC 8701: 0x0a0a, 0x1a1a, ...
func isGrease(v uint16) bool { return v&0x0f0f == 0x0a0a && v>>8 == v&0xff }

func hasGrease(words []byte) bool {
	for ; len(words) >= 2; words = words[2:] {
		if words[0] == words[1] && words[0]&0x0f == 0x0a {
			return true
		}
	}
	return false
}
