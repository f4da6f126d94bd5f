package dlp

import "strings"

// Tax and company numbers whose rule is no weighted sum. Each check says by what
// rule.

// cyVAT checks a Cypriot VAT number: the digits on odd places by a table, the
// sum modulo 26 picks the letter.
func cyVAT(value []byte) bool {
	odd := [10]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21}
	var buf [16]byte
	v := plain(buf[:0], value)
	if len(v) == 11 {
		v = v[2:]
	}
	if len(v) != 9 {
		return false
	}
	sum := 0
	for i, c := range v[:8] {
		if !isDigit(c) {
			return false
		}
		if x := int(c - '0'); i%2 == 0 {
			sum += odd[x]
		} else {
			sum += x
		}
	}
	return v[8] == 'A'+byte(sum%26)
}

// esCIF checks a Spanish company number: the digits on odd places doubled, modulo
// 10; the check is a digit or the letter of it, by the kind of company.
func esCIF(value []byte) bool {
	var buf [12]byte
	v := plain(buf[:0], value)
	if len(v) != 9 || isDigit(v[0]) {
		return false
	}
	sum := 0
	for i, c := range v[1:8] {
		if !isDigit(c) {
			return false
		}
		x := int(c - '0')
		if i%2 == 0 {
			x = x*2/10 + x*2%10
		}
		sum += x
	}
	check := (10 - sum%10) % 10
	switch {
	case strings.IndexByte("PQRSNW", v[0]) >= 0:
		return v[8] == "JABCDEFGHI"[check]
	case strings.IndexByte("ABEH", v[0]) >= 0:
		return v[8] == '0'+byte(check)
	}
	return v[8] == '0'+byte(check) || v[8] == "JABCDEFGHI"[check]
}

// esCatastral checks the two letters at the end of a Spanish cadastral reference:
// each over seven of its characters and the number of the unit, modulo 23.
func esCatastral(value []byte) bool {
	weights := [11]int{13, 15, 12, 5, 4, 17, 9, 21, 3, 7, 1}
	var buf [24]byte
	v := plain(buf[:0], value)
	if len(v) != 20 {
		return false
	}
	for half := range 2 {
		sum := 0
		for i, w := range weights {
			c := v[half*7+i%7]
			if i >= 7 {
				c = v[14+i-7]
			}
			x := int(c - '0')
			if isAlpha(c) {
				if x = int(c-'A') + 1; c > 'N' {
					x++ // Ñ stands between N and O
				}
			}
			sum += w * x
		}
		if v[18+half] != "MQWERTYUIOPASDFGHJKLBZX"[sum%23] {
			return false
		}
	}
	return true
}

// frNIF checks a French tax number: the first ten digits modulo 511.
func frNIF(d []byte) bool {
	return len(d) == 13 && d[0] <= 3 && number(d[:10])%511 == number(d[10:])
}

// ieVAT checks an Irish VAT number of the old form: 7A12345B is 0123457B.
func ieVAT(value []byte) bool {
	var buf [12]byte
	v := plain(buf[:0], value)
	if len(v) != 8 {
		return false
	}
	return iePPS([]byte{'0', v[2], v[3], v[4], v[5], v[6], v[0], v[7]})
}

// noOrg checks a Norwegian organisation number: weights modulo 11.
func noOrg(d []byte) bool {
	return len(d) == 9 && weigh(d, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0
}

// roCUI checks a Romanian company number: ten times the sum modulo 11.
func roCUI(d []byte) bool {
	if len(d) < 4 || len(d) > 10 {
		return false
	}
	weights := [9]int{7, 5, 3, 2, 1, 7, 5, 3, 2}
	sum := 0
	for i, x := range d[:len(d)-1] {
		sum += int(x) * weights[len(weights)-(len(d)-1)+i]
	}
	return sum*10%11%10 == int(d[len(d)-1])
}

// sepaCreditor checks a SEPA creditor identifier: mod 97-10 without the code of
// the business in places five to seven.
func sepaCreditor(value []byte) bool {
	var buf [40]byte
	v := plain(buf[:0], value)
	if len(v) < 8 || ibanLength[string(v[:2])] == 0 || !isDigit(v[2]) || !isDigit(v[3]) {
		return false
	}
	return remainder97(remainder97(0, v[7:]), v[:4]) == 1
}

// ecRUC checks an Ecuadorian identity number (province, Luhn), with 001 behind it
// that of a tax payer, and the numbers of public bodies and companies (weights
// modulo 11).
func ecRUC(d []byte) bool {
	if len(d) != 10 && len(d) != 13 {
		return false
	}
	if p := number(d[:2]); p == 0 || p > 24 && p != 30 && p != 50 {
		return false
	}
	if len(d) == 13 && number(d[10:]) == 0 {
		return false
	}
	natural := d[2] < 6 || len(d) == 13
	switch {
	case natural && luhn(d[:10]):
		return true
	case len(d) == 13 && d[2] == 6:
		return weigh(d, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0
	case len(d) == 13 && d[2] == 9:
		return weigh(d, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0
	}
	return false
}

// mxRFC checks a Mexican tax number: a date behind the letters, and no inconvenient
// shape. Its last digit is computed by the authority and often differs.
func mxRFC(value []byte) bool {
	i := 0
	for i < len(value) && !isDigit(value[i]) {
		i++
	}
	if i+6 > len(value) {
		return false
	}
	for _, c := range value[i : i+6] {
		if !isDigit(c) {
			return false
		}
	}
	at := func(k int) int { return int(value[i+k]-'0')*10 + int(value[i+k+1]-'0') }
	return date(at(2), at(4))
}

// brTitulo checks a Brazilian voter number: two sums modulo 11, the state between
// them.
func brTitulo(d []byte) bool {
	if len(d) != 12 || number(d[8:10]) == 0 || number(d[8:10]) > 28 {
		return false
	}
	first := weigh(d, 2, 3, 4, 5, 6, 7, 8, 9) % 11 % 10
	second := (int(d[8])*7 + int(d[9])*8 + first*9) % 11 % 10
	return int(d[10]) == first && int(d[11]) == second
}

// brCNH checks a Brazilian driving licence: two sums modulo 11.
func brCNH(d []byte) bool {
	if len(d) != 11 || same(d) {
		return false
	}
	first := weigh(d, 9, 8, 7, 6, 5, 4, 3, 2, 1) % 11
	less := 0
	if first > 9 {
		first, less = 0, 2
	}
	second := weigh(d, 1, 2, 3, 4, 5, 6, 7, 8, 9) % 11
	if second > 9 {
		second = 0
	} else if second -= less; second < 0 {
		second = 0
	}
	return int(d[9]) == first && int(d[10]) == second
}

// idNIK checks the date in an Indonesian identity number; women add 40 to the
// day.
func idNIK(d []byte) bool {
	return len(d) == 16 && d[0] > 0 && date(number(d[8:10]), number(d[6:8])%40)
}

// inGSTIN checks an Indian tax number: a Luhn sum in base 36.
func inGSTIN(value []byte) bool {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	var buf [16]byte
	v := plain(buf[:0], value)
	if len(v) != 15 {
		return false
	}
	sum := 0
	for i, c := range v[:14] {
		x := strings.IndexByte(digits, c) * (1 + i%2)
		sum += x/36 + x%36
	}
	return digits[(36-sum%36)%36] == v[14]
}

// krBRN checks a South Korean business number: weights modulo 10, and the tens of
// the last product.
func krBRN(d []byte) bool {
	if len(d) != 10 || number(d[:3]) < 101 {
		return false
	}
	sum := weigh(d, 1, 3, 7, 1, 3, 7, 1, 3, 5) + int(d[8])*5/10
	return (10-sum%10)%10 == int(d[9])
}

// trVKN checks a Turkish tax number: each digit, moved on by its place, times a
// power of two modulo 9.
func trVKN(d []byte) bool {
	if len(d) != 10 || same(d) {
		return false
	}
	sum := 0
	for i, x := range d[:9] {
		c := (int(x) + 9 - i) % 10
		if c == 0 {
			continue
		}
		if p := (c << (9 - i)) % 9; p != 0 {
			sum += p
		} else {
			sum += 9
		}
	}
	return (10-sum%10)%10 == int(d[9])
}

// twID checks a Taiwanese identity number: the letter stands for two digits.
func twID(value []byte) bool {
	letters := [26]int{10, 11, 12, 13, 14, 15, 16, 17, 34, 18, 19, 20, 21, 22, 35, 23, 24, 25, 26, 27, 28, 29, 32, 30, 31, 33}
	var buf [12]byte
	v := plain(buf[:0], value)
	if len(v) != 10 || !isAlpha(v[0]) {
		return false
	}
	l := letters[v[0]-'A']
	sum := l/10 + l%10*9
	for i, c := range v[1:9] {
		if !isDigit(c) {
			return false
		}
		sum += int(c-'0') * (8 - i)
	}
	return isDigit(v[9]) && (sum+int(v[9]-'0'))%10 == 0
}

// usTIN checks any US taxpayer number: a social security or an individual one.
func usTIN(d []byte) bool {
	return usITIN(d) || len(d) == 9 && d[0] < 9 && number(d[:3]) != 666 && number(d[:3]) != 0 && number(d[3:5]) != 0 && number(d[5:]) != 0
}
