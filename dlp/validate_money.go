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
	case d[0] == 1: // UATP
		return n == 15
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

// countries are the codes of ISO 3166-1, one behind the other, and XK.
const countries = "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZDEDJDKDMDODZ" +
	"ECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZ" +
	"LALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURW" +
	"SASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSXKYEYTZAZMZW"

func isCountry(a, b byte) bool {
	for i := 0; i < len(countries); i += 2 {
		if countries[i] == a && countries[i+1] == b {
			return true
		}
	}
	return false
}

// bic checks ISO 9362: the fifth and sixth letters are a country. A word in small
// letters is none.
func bic(value []byte) bool {
	if len(value) != 8 && len(value) != 11 {
		return false
	}
	for _, c := range value {
		if isLower(c) != isLower(value[0]) && isAlpha(c) {
			return false
		}
	}
	var buf [12]byte
	v := plain(buf[:0], value)
	return isCountry(v[4], v[5]) && (isUpper(value[0]) || len(value) == 11)
}

// luhnLetters checks a Luhn sum over the digits of letters and digits, A being
// 10 (ISO 6166).
func luhnLetters(v []byte) bool {
	var buf [40]byte
	d := buf[:0]
	for _, c := range v {
		x := c - '0'
		if isAlpha(c) {
			x = c - 'A' + 10
			d = append(d, x/10)
		}
		d = append(d, x%10)
	}
	return luhn(d)
}

// isin checks ISO 6166: a country, Luhn.
func isin(value []byte) bool {
	var buf [16]byte
	v := plain(buf[:0], value)
	return len(v) == 12 && (isCountry(v[0], v[1]) || v[0] == 'X' || v[0] == 'E' && v[1] == 'U') && luhnLetters(v)
}

// alternate checks a sum in which every second character, A being 10, counts
// double by the sum of its digits: CUSIP and FIGI.
func alternate(value []byte, length int) bool {
	var buf [16]byte
	v := plain(buf[:0], value)
	if len(v) != length {
		return false
	}
	sum := 0
	for i, c := range v[:length-1] {
		x := int(c - '0')
		if isAlpha(c) {
			x = int(c-'A') + 10
		}
		x *= 1 + i%2
		sum += x/10 + x%10
	}
	return isDigit(v[length-1]) && (10-sum%10)%10 == int(v[length-1]-'0')
}

func cusip(value []byte) bool { return alternate(value, 9) }
func figi(value []byte) bool  { return alternate(value, 12) }

// mod97Head checks mod 97-10 with the first four characters at the end (ISO
// 11649, as IBAN).
func mod97Head(value []byte) bool {
	var buf [40]byte
	v := plain(buf[:0], value)
	return len(v) > 4 && remainder97(remainder97(0, v[4:]), v[:4]) == 1
}

// frRIB checks a French bank account: bank, branch and account, modulo 97.
func frRIB(value []byte) bool {
	const letters = "12345678912345678923456789" // A is 1 ... I is 9, J is 1, S is 2
	var buf [24]byte
	v := plain(buf[:0], value)
	if len(v) != 23 {
		return false
	}
	n := 0
	for _, c := range v {
		if isAlpha(c) {
			c = letters[c-'A']
		}
		n = (n*10 + int(c-'0')) % 97
	}
	return n == 0
}

// esCCC checks both check digits of a Spanish bank account modulo 11.
func esCCC(d []byte) bool {
	if len(d) != 20 {
		return false
	}
	check := func(sum int) byte { return "01987654321"[sum%11] - '0' }
	return d[8] == check(weigh(d, 4, 8, 5, 10, 9, 7, 3, 6)) && d[9] == check(weigh(d[10:], 1, 2, 4, 8, 5, 10, 9, 7, 3, 6))
}

// chESR checks a Swiss payment reference: modulo 10, recursive.
func chESR(d []byte) bool {
	table := [10]int{0, 9, 4, 6, 8, 2, 7, 1, 3, 5}
	c := 0
	for _, x := range d[:len(d)-1] {
		c = table[(c+int(x))%10]
	}
	return len(d) > 10 && !same(d) && (10-c)%10 == int(d[len(d)-1])
}

// mostGrouped is how many digits an account in groups has at most: what has more
// is the rest of an IBAN.
const mostGrouped = 16

// leastGrouped is how many it has at least: "01-15" is the end of a date.
const leastGrouped = 5

// accountNumber checks that the groups of digits near a word for an account are no
// date ("account opened 2024-01-15") and no part of an IBAN.
func accountNumber(value []byte) bool {
	var part, digits [3]int
	k := 0
	if n := countDigits(value); n < leastGrouped || separators(value) && n > mostGrouped {
		return false
	}
	for i, c := range value {
		switch {
		case !isDigit(c):
		case k < len(part):
			part[k] = part[k]*10 + int(c-'0')%10
			digits[k]++
		default:
			return true // more groups than a date has
		}
		if isDigit(c) && i+1 < len(value) && !isDigit(value[i+1]) {
			k++
		}
	}
	if digits[2] == 0 {
		return digits[0] > 0
	}
	if digits[0] == 4 {
		return !date(part[1], part[2]) || digits[1] != 2 || digits[2] != 2
	}
	return digits[2] != 4 || !date(part[1], part[0]) && !date(part[0], part[1])
}

func countDigits(s []byte) (n int) {
	for _, c := range s {
		if isDigit(c) {
			n++
		}
	}
	return n
}
