package dlp

// card checks a payment card number: the issuer's range, its length, Luhn.
func card(d []byte) bool { return issued(d) && luhn(d) }

// issued reports whether an issuer of ISO/IEC 7812 cards has numbers of this
// range and length.
func issued(d []byte) bool {
	if len(d) < 12 {
		return false
	}
	n := len(d)
	two, three, four, six := number(d[:2]), number(d[:3]), number(d[:4]), number(d[:6])
	switch {
	case d[0] == 4: // Visa
		return n == 13 || n == 16 || n == 19
	case 51 <= two && two <= 55, 2221 <= four && four <= 2720: // Mastercard
		return n == 16
	case two == 34, two == 37: // American Express
		return n == 15
	case three == 644, three == 645, three == 646, three == 647, three == 648, three == 649, two == 65, four == 6011: // Discover, RuPay
		return n == 16 || n == 19
	case 300 <= three && three <= 305, two == 36, two == 38, two == 39: // Diners
		return n == 14 || n == 16
	case 3528 <= four && four <= 3589: // JCB
		return 16 <= n && n <= 19
	case two == 62, two == 81, six == 508227: // UnionPay
		return 16 <= n && n <= 19
	case two == 60, two == 50, 56 <= two && two <= 58, two == 63, two == 67: // Maestro, RuPay
		return 16 <= n && n <= 19
	case 2200 <= four && four <= 2204: // Mir
		return 16 <= n && n <= 19
	}
	return false
}

// iban checks ISO 13616: the country's length and mod 97-10 over the number with
// its head at the end.
func iban(value []byte) bool {
	var buf [40]byte
	v := plain(buf[:0], value)
	if len(v) < 15 || !isAlpha(v[0]) || !isAlpha(v[1]) {
		return false
	}
	return ibanLength[string(v[:2])] == len(v) && remainder97(remainder97(0, v[4:]), v[:4]) == 1
}

// cutIBAN returns how much of a text that starts like an IBAN is one, by its
// country's length: people write them in groups of any size, and words follow.
func cutIBAN(value []byte) int {
	if len(value) < 2 {
		return 0
	}
	var country [2]byte
	plain(country[:0], value[:2])
	n := ibanLength[string(country[:])]
	for i, c := range value {
		if !isAlnum(c) {
			continue
		}
		if n--; n == 0 {
			return i + 1
		}
	}
	return 0
}

// ibanLength is the length of an IBAN by country (SWIFT IBAN registry).
var ibanLength = map[string]int{
	"AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29, "BY": 28, "CH": 21,
	"CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FK": 18, "FO": 18,
	"FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HN": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23,
	"IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27,
	"MD": 24, "ME": 22, "MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28,
	"PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27,
	"SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}

// aba checks a routing number of the American Bankers Association: weights 3, 7,
// 1 modulo 10.
func aba(d []byte) bool {
	return len(d) == 9 && !same(d) && weigh(d, 3, 7, 1, 3, 7, 1, 3, 7, 1)%10 == 0
}
