package dlp

import "bytes"

// National numbers outside Europe. Each check says by what rule.

// usSSN checks the areas and groups that the Social Security Administration
// never gives out.
func usSSN(d []byte) bool {
	if len(d) != 9 || same(d) {
		return false
	}
	area, group, serial := number(d[:3]), number(d[3:5]), number(d[5:])
	if n := number(d); n == 123456789 || n == 78051120 || n == 219099999 { // printed on forms and sample cards
		return false
	}
	return area != 0 && area != 666 && area < 900 && group != 0 && serial != 0
}

// usITIN checks the groups of a tax payer number of the IRS.
func usITIN(d []byte) bool {
	if len(d) != 9 || d[0] != 9 {
		return false
	}
	g := number(d[3:5])
	return 50 <= g && g <= 65 || 70 <= g && g <= 88 || 90 <= g && g <= 92 || 94 <= g && g <= 99
}

// usEIN checks the prefix of an employer number against those that the IRS has
// given to no campus.
func usEIN(d []byte) bool {
	if len(d) != 9 || same(d) {
		return false
	}
	switch number(d[:2]) {
	case 0, 7, 8, 9, 17, 18, 19, 28, 29, 49, 69, 70, 78, 79, 89, 96, 97:
		return false
	}
	return true
}

// caSIN checks a Canadian insurance number: Luhn, and no 8 in front.
func caSIN(d []byte) bool { return len(d) == 9 && d[0] != 8 && luhn(d) }

// brCPF checks both check digits of a Brazilian person's number.
func brCPF(d []byte) bool {
	return len(d) == 11 && !same(d) &&
		upTo9(weigh(d, 10, 9, 8, 7, 6, 5, 4, 3, 2)) == int(d[9]) && upTo9(weigh(d, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2)) == int(d[10])
}

// brCNPJ checks both check digits of a Brazilian company's number.
func brCNPJ(d []byte) bool {
	return len(d) == 14 && !same(d) && upTo9(weigh(d, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)) == int(d[12]) &&
		upTo9(weigh(d, 6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)) == int(d[13])
}

// upTo9 returns 11 minus sum modulo 11, and 0 where that has two digits.
func upTo9(sum int) int {
	if c := 11 - sum%11; c < 10 {
		return c
	}
	return 0
}

// arCUIT checks an Argentine tax number: its kind, and weights modulo 11.
func arCUIT(d []byte) bool {
	if len(d) != 11 {
		return false
	}
	switch number(d[:2]) {
	case 20, 23, 24, 27, 30, 33, 34, 50, 51, 55:
	default:
		return false
	}
	check := "01234567899"[(11-weigh(d, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11)%11]
	return check-'0' == d[10]
}

// clRUT checks a Chilean number: weights 2 to 7 from the right, modulo 11, K for
// ten.
func clRUT(value []byte) bool {
	var buf [12]byte
	v := plain(buf[:0], value)
	if len(v) < 8 || len(v) > 9 || bytes.IndexByte(value, '.') < 0 && dated(v[:len(v)-1]) {
		return false
	}
	sum, w := 0, 2
	for i := len(v) - 2; i >= 0; i-- {
		if !isDigit(v[i]) {
			return false
		}
		sum += int(v[i]-'0') * w
		if w++; w > 7 {
			w = 2
		}
	}
	return "0K987654321"[sum%11] == v[len(v)-1]
}

// mxCURP checks a Mexican code: base 37 with Ñ, weights 18 to 2, modulo 10.
func mxCURP(value []byte) bool {
	var buf [20]byte
	v := plain(buf[:0], value)
	if len(v) != 18 || !isDigit(v[17]) {
		return false
	}
	for _, c := range v[4:10] {
		if !isDigit(c) {
			return false
		}
	}
	if !date(int(v[6]-'0')*10+int(v[7]-'0'), int(v[8]-'0')*10+int(v[9]-'0')) {
		return false
	}
	sum := 0
	for i, c := range v[:17] {
		x := int(c - '0')
		if isAlpha(c) {
			if x = int(c-'A') + 10; c > 'N' {
				x++ // Ñ stands between N and O
			}
		}
		sum += x * (18 - i)
	}
	return (10-sum%10)%10 == int(v[17]-'0')
}

// cnRIC checks a Chinese resident number: the date, and ISO 7064 MOD 11-2
// (GB 11643).
func cnRIC(value []byte) bool {
	var buf [24]byte
	v := plain(buf[:0], value)
	if len(v) != 18 || v[0] == '0' {
		return false
	}
	for _, c := range v[:17] {
		if !isDigit(c) {
			return false
		}
	}
	month, day := int(v[10]-'0')*10+int(v[11]-'0'), int(v[12]-'0')*10+int(v[13]-'0')
	return date(month, day) && (v[6] == '1' || v[6] == '2') && iso7064Mod112(v)
}

// inAadhaar checks an Indian number: Verhoeff; none starts with 0 or 1 or reads
// the same backwards.
func inAadhaar(d []byte) bool {
	if len(d) != 12 || d[0] < 2 || !verhoeff(d) {
		return false
	}
	for i := range 6 {
		if d[i] != d[11-i] {
			return true
		}
	}
	return false
}

// krRRN checks a South Korean number: the date, the century, weights modulo 11.
func krRRN(d []byte) bool {
	if len(d) != 13 || !date(number(d[2:4]), number(d[4:6])) {
		return false
	}
	return (11-weigh(d, 2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)%11)%10 == int(d[12])
}

// thPIN checks a Thai number: weights 13 to 2 modulo 11.
func thPIN(d []byte) bool {
	return len(d) == 13 && d[0] != 0 && d[0] != 9 && !same(d) &&
		(11-weigh(d, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2)%11)%10 == int(d[12])
}

// trTCKN checks both check digits of a Turkish number.
func trTCKN(d []byte) bool {
	if len(d) != 11 || d[0] == 0 {
		return false
	}
	odd, even := weigh(d, 1, 0, 1, 0, 1, 0, 1, 0, 1), weigh(d, 0, 1, 0, 1, 0, 1, 0, 1)
	tenth := ((odd*7-even)%10 + 10) % 10
	return int(d[9]) == tenth && (odd+even+tenth)%10 == int(d[10])
}

// zaID checks a South African number: date, citizenship, Luhn.
func zaID(d []byte) bool {
	return len(d) == 13 && date(number(d[2:4]), number(d[4:6])) && d[10] <= 2 && luhn(d)
}

// auTFN checks an Australian tax file number modulo 11.
func auTFN(d []byte) bool {
	if same(d) {
		return false
	}
	switch len(d) {
	case 8:
		return weigh(d, 10, 7, 8, 4, 6, 3, 5, 1)%11 == 0
	case 9:
		return weigh(d, 1, 4, 3, 7, 5, 8, 6, 9, 10)%11 == 0
	}
	return false
}

// auABN checks an Australian business number modulo 89, the first digit less
// one.
func auABN(d []byte) bool {
	return len(d) == 11 && d[0] > 0 && (weigh(d, 10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)-10)%89 == 0
}

// sgNRIC checks a Singapore number: weights 2, 7 to 2, an offset and a table by
// the first letter.
func sgNRIC(value []byte) bool {
	var buf [12]byte
	v := plain(buf[:0], value)
	if len(v) != 9 {
		return false
	}
	if string(v[4:8]) == "0000" && v[0] != 'S' {
		return false // '\U0000013F' backwards; the round numbers are of the series S
	}
	sum := 0
	for i, w := range [...]int{2, 7, 6, 5, 4, 3, 2} {
		if !isDigit(v[i+1]) {
			return false
		}
		sum += int(v[i+1]-'0') * w
	}
	switch v[0] {
	case 'S':
		return "JZIHGFEDCBA"[sum%11] == v[8]
	case 'T':
		return "JZIHGFEDCBA"[(sum+4)%11] == v[8]
	case 'F':
		return "XWUTRQPNMLK"[sum%11] == v[8]
	case 'G':
		return "XWUTRQPNMLK"[(sum+4)%11] == v[8]
	case 'M':
		return "XWUTRQPNJLK"[10-(sum+3)%11] == v[8]
	}
	return false
}

// sgUEN checks a Singapore entity number of a business (eight digits) or a local
// company (a year and five digits): weights modulo 11.
func sgUEN(value []byte) bool {
	var buf [12]byte
	v := plain(buf[:0], value)
	if len(v) < 9 || len(v) > 10 {
		return false
	}
	for i := range len(v) - 1 {
		if !isDigit(v[i]) {
			return false
		}
		v[i] -= '0'
	}
	if len(v) == 9 {
		return "XMKECAWLJDB"[weigh(v, 10, 4, 9, 3, 8, 2, 7, 1)%11] == v[8]
	}
	return "ZKCMDNERGWH"[weigh(v, 10, 8, 6, 4, 9, 7, 5, 3, 1)%11] == v[9]
}

// dated reports whether eight digits are a day of this age, as in the name of a
// file: no date of a file is a number of a person.
func dated(v []byte) bool {
	if len(v) != 8 || v[0] != '2' || v[1] != '0' {
		return false
	}
	month, day := int(v[4]-'0')*10+int(v[5]-'0'), int(v[6]-'0')*10+int(v[7]-'0')
	return v[2] < '4' && date(month, day)
}
