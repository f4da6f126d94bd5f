package dlp

import (
	"bytes"
	"net/netip"
)

// address parses an IP address; its zero value is none.
func address(value []byte) netip.Addr {
	if colons := bytes.Count(value, []byte{':'}); colons > 0 && colons != 7 && (colons != 6 || bytes.IndexByte(value, '.') < 0) && !bytes.Contains(value, []byte("::")) {
		return netip.Addr{} // times and other numbers with colons: what says why they are none would be allocated
	}
	a, err := netip.ParseAddr(string(value))
	if err != nil {
		return netip.Addr{}
	}
	return a
}

// documentation are the ranges for examples (RFC 5737, RFC 3849) and for shared
// address space.
var documentation = []netip.Prefix{
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("198.18.0.0/15"),
}

// publicIP checks an address of the public internet that is no well-known one.
func publicIP(value []byte) bool { return isPublic(address(value)) }

func isPublic(a netip.Addr) bool {
	if !a.IsValid() || !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range documentation {
		if p.Contains(a) {
			return false
		}
	}
	if a.Is4() {
		b := a.As4()
		return b[0] != 0 && b[0] < 224 && !(b[1] == 0 && b[2] == 0) // "120.0.0.0" is a version
	}
	return true
}

// privateIP checks an address of a private network.
func privateIP(value []byte) bool {
	a := address(value)
	return a.IsValid() && a.IsPrivate()
}

func ip6(value []byte) bool {
	a := address(value)
	return a.Is6() && isPublic(a)
}

// mac checks a hardware address: one kind of separator, neither all ones nor all
// zeros.
func mac(value []byte) bool {
	var buf [16]byte
	return !same(plain(buf[:0], value)) && (len(value) != 17 || value[2] == value[5] && value[5] == value[8] && value[8] == value[11] && value[11] == value[14])
}

// coordinates checks two decimal numbers, with points or commas: a latitude and a
// longitude.
func coordinates(value []byte) bool {
	degrees, k := [2]int{}, 0
	for i := 0; i < len(value); i++ {
		if !isDigit(value[i]) {
			continue
		}
		if k > 1 {
			return false
		}
		for ; i < len(value) && isDigit(value[i]) && degrees[k] < 1000; i++ {
			degrees[k] = degrees[k]*10 + int(value[i]-'0')
		}
		for i++; i < len(value) && isDigit(value[i]); i++ { // the decimals
		}
		k++
	}
	return k == 2 && degrees[0] < 90 && degrees[1] < 180
}

// birthDate checks that a date is a day on which a living person may be born:
// the parts are in any order, the year has four digits or two. Eight digits in a row
// start with the year.
func birthDate(value []byte) bool {
	var n [3]int
	k, digits, month := 0, 0, false
	for i, c := range value {
		switch {
		case isDigit(c):
			if digits == 0 {
				if k++; k > 3 {
					return false
				}
			}
			n[k-1] = n[k-1]*10 + int(c-'0')
			digits++
		default:
			month = month || i+2 < len(value) && isLetter(c) && isLetter(value[i+1]) && isLetter(value[i+2])
			digits = 0
		}
	}
	if month {
		n[2], k = n[1], k+1
		if n[0] > 31 { // the year stands first
			n[0], n[2] = n[2], n[0]
		}
		return k == 3 && 1 <= n[0] && n[0] <= 31 && isBirthYear(n[2])
	}
	if k == 1 && digits == 8 { // 19830515
		return isBirthYear(n[0]/10000) && date(n[0]/100%100, n[0]%100)
	}
	if k != 3 {
		return false
	}
	if n[0] > 31 {
		return isBirthYear(n[0]) && date(n[1], n[2])
	}
	return isBirthYear(n[2]) && (date(n[1], n[0]) || date(n[0], n[1]))
}

// isLetter counts every byte of another script as a letter: "März".
func isLetter(c byte) bool { return isAlpha(c) || c >= 0x80 }

func isBirthYear(y int) bool { return y < 100 || 1900 <= y && y <= 2030 }
