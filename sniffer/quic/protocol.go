package quic

// protocol is what differs between the versions of QUIC: the salt and labels of
// the first keys, and the numbers of two packet types.
type protocol struct {
	salt                    string
	keyInfo, ivInfo, hpInfo string
	initial, retry          byte
}

// The protocols that are read. Drafts differ from version 1 in the salt.
var (
	version1 = protocol{ // RFC 9001, section 5.2
		salt:    "\x38\x76\x2c\xf7\xf5\x59\x34\xb3\x4d\x17\x9a\xe6\xa4\xc8\x0c\xad\xcc\xbb\x7f\x0a",
		keyInfo: info(16, "quic key"), ivInfo: info(12, "quic iv"), hpInfo: info(16, "quic hp"),
		initial: 0, retry: 3,
	}
	draft29 = protocol{ // drafts 29 to 32
		salt:    "\xaf\xbf\xec\x28\x99\x93\xd2\x4c\x9e\x97\x86\xf1\x9c\x61\x11\xe0\x43\x90\xa8\x99",
		keyInfo: version1.keyInfo, ivInfo: version1.ivInfo, hpInfo: version1.hpInfo,
		initial: 0, retry: 3,
	}
	draft23 = protocol{ // drafts 23 to 28
		salt:    "\xc3\xee\xf7\x12\xc7\x2e\xbb\x5a\x11\xa7\xd2\x43\x2b\xb4\x63\x65\xbe\xf9\xf5\x02",
		keyInfo: version1.keyInfo, ivInfo: version1.ivInfo, hpInfo: version1.hpInfo,
		initial: 0, retry: 3,
	}
	version2 = protocol{ // RFC 9369, section 3.3
		salt:    "\x0d\xed\xe3\xde\xf7\x00\xa6\xdb\x81\x93\x81\xbe\x6e\x26\x9d\xcb\xf9\xbd\x2e\xd9",
		keyInfo: info(16, "quicv2 key"), ivInfo: info(12, "quicv2 iv"), hpInfo: info(16, "quicv2 hp"),
		initial: 1, retry: 0,
	}
)

// protocols returns how to read packets with the given version field, or nil.
//
// A client may use one of the reserved versions 0x?a?a?a?a to see whether the
// server negotiates (RFC 9000, section 15). No server can read such a packet;
// clients protect it as they would the version they really speak.
func protocols(version uint32) []*protocol {
	switch {
	case version == 1:
		return v1
	case version == 0x6b3343cf:
		return v2
	case version >= 0xff000021 && version <= 0xff000022:
		return v1
	case version >= 0xff00001d && version <= 0xff000020:
		return d29
	case version >= 0xff000017 && version <= 0xff00001c:
		return d23
	case version == 0xfaceb002: // mvfst's name for draft 27
		return d23
	case version&0x0f0f0f0f == 0x0a0a0a0a:
		return reserved
	}
	return nil
}

var (
	v1       = []*protocol{&version1}
	v2       = []*protocol{&version2}
	d29      = []*protocol{&draft29}
	d23      = []*protocol{&draft23}
	reserved = []*protocol{&version1, &draft29}
)
