package dns

import "encoding/binary"

// versionECH is the only version of a configuration that is understood (RFC
// 9849, section 4).
const versionECH = 0xfe0d

// PublicName returns the public name of the first configuration in an
// ECHConfigList (RFC 9849, section 4) that is of a known version, nil when none
// is. ok is false when the list is damaged. The name is a part of list, of
// letters, digits, hyphens and dots.
func PublicName(list []byte) (name []byte, ok bool) {
	if len(list) < 2 || int(binary.BigEndian.Uint16(list)) != len(list)-2 || len(list) == 2 {
		return nil, false
	}
	for list = list[2:]; len(list) > 0; {
		if len(list) < 4 {
			return nil, false
		}
		version, size := binary.BigEndian.Uint16(list), int(binary.BigEndian.Uint16(list[2:]))
		if size > len(list)-4 {
			return nil, false
		}
		if version == versionECH && name == nil {
			if name, ok = publicName(list[4 : 4+size]); !ok {
				return nil, false
			}
		}
		list = list[4+size:]
	}
	return name, true
}

// publicName reads the contents of one configuration. A public name that is no
// host name makes clients ignore the configuration: nil.
func publicName(b []byte) (name []byte, ok bool) {
	if len(b) < 3 {
		return nil, false
	}
	b = b[3:]                // the identifier and the KEM
	b, ok = skipVector(b, 1) // public key
	if ok {
		b, ok = skipVector(b, 4) // cipher suites
	}
	if !ok || len(b) < 2 { // maximum length of names, length of the public one
		return nil, false
	}
	size := int(b[1])
	if b = b[2:]; size == 0 || size > len(b) {
		return nil, false
	}
	name = b[:size]
	if rest, ok := skipVector(b[size:], 0); !ok || len(rest) > 0 { // extensions
		return nil, false
	}
	if !isHostName(name) {
		return nil, true
	}
	return name, true
}

// skipVector skips a vector of at least least bytes with a length of two bytes.
func skipVector(b []byte, least int) (rest []byte, ok bool) {
	if len(b) < 2 {
		return nil, false
	}
	n := int(binary.BigEndian.Uint16(b))
	if n < least || n > len(b)-2 {
		return nil, false
	}
	return b[2+n:], true
}

// isHostName reports whether name is labels of letters, digits and hyphens.
func isHostName(name []byte) bool {
	start := 0
	for i := 0; i <= len(name); i++ {
		if i == len(name) || name[i] == '.' {
			if n := i - start; n == 0 || n > 63 {
				return false
			}
			start = i + 1
			continue
		}
		if c := lower(name[i]); !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-') {
			return false
		}
	}
	return true
}
