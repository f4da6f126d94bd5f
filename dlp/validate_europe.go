package dlp

// National numbers of Europe. Each check says by what rule.

const dniLetters = "TRWAGMYFPDXBNJZSQVHLCKE"

// esDNI checks a Spanish DNI or NIE: the letter is the number modulo 23; X, Y, Z
// in front of a NIE stand for 0, 1, 2.
func esDNI(value []byte) bool {
	var buf [12]byte
	v := plain(buf[:0], value)
	if len(v) != 9 {
		return false
	}
	n, zero := 0, true
	for i, c := range v[:8] {
		if i == 0 && 'X' <= c && c <= 'Z' {
			c -= 'X' - '0'
		}
		if !isDigit(c) {
			return false
		}
		zero = zero && c == '0'
		n = n*10 + int(c-'0')
	}
	return !zero && dniLetters[n%23] == v[8]
}

// itCF checks an Italian codice fiscale: odd places by a table, even ones by
// value, modulo 26 (DM 23 December 1976).
func itCF(value []byte) bool {
	odd := [26]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}
	var buf [20]byte
	v := plain(buf[:0], value)
	if len(v) != 16 {
		return false
	}
	sum := 0
	for i, c := range v[:15] {
		x := int(c - 'A')
		if isDigit(c) {
			x = int(c - '0') // digits weigh as A to J
		}
		if i%2 == 0 {
			x = odd[x]
		}
		sum += x
	}
	return v[15] == 'A'+byte(sum%26)
}

// frNIR checks a French social security number: 97 minus the number modulo 97;
// 2A and 2B (Corsica) count as 19 and 18.
func frNIR(value []byte) bool {
	var buf [20]byte
	v := plain(buf[:0], value)
	if len(v) != 15 {
		return false
	}
	if v[5] == '2' && (v[6] == 'A' || v[6] == 'B') {
		v[6], v[5] = '9'-(v[6]-'A'), '1'
	}
	n := 0
	for _, c := range v {
		if !isDigit(c) {
			return false
		}
	}
	for _, c := range v[:13] {
		n = n*10 + int(c-'0')
	}
	month := int(v[3]-'0')*10 + int(v[4]-'0')
	return 97-n%97 == int(v[13]-'0')*10+int(v[14]-'0') && (1 <= month && month <= 12 || 20 <= month && month <= 42 || month >= 50)
}

// deSteuerID checks a German tax id: ISO 7064 MOD 11,10; of the first ten digits
// one occurs twice or three times and no other more than once.
func deSteuerID(d []byte) bool {
	if len(d) != 11 || d[0] == 0 || !iso7064Mod1110(d) {
		return false
	}
	var count [10]int
	for _, x := range d[:10] {
		count[x]++
	}
	repeated := 0
	for _, n := range count {
		if n > 3 {
			return false
		}
		if n > 1 {
			repeated++
		}
	}
	return repeated == 1
}

// nlBSN checks the Dutch eleven-test, whose last weight is -1.
func nlBSN(d []byte) bool {
	return len(d) == 9 && number(d) > 0 && !same(d) && weigh(d, 9, 8, 7, 6, 5, 4, 3, 2, -1)%11 == 0
}

// beNN checks a Belgian national number: 97 minus the first nine digits modulo
// 97, with a 2 in front of them for those born from 2000 on.
func beNN(d []byte) bool {
	if len(d) != 11 {
		return false
	}
	n, check := number(d[:9]), number(d[9:])
	month := number(d[2:4]) % 20 // a BIS number adds 20 or 40
	if month > 12 || number(d[4:6]) > 31 || n == 0 {
		return false
	}
	return 97-n%97 == check || 97-(2_000_000_000+n)%97 == check
}

// plPESEL checks a Polish number: weights 1, 3, 7, 9; the month carries the
// century.
func plPESEL(d []byte) bool {
	return len(d) == 11 && date(number(d[2:4])%20, number(d[4:6])) &&
		weigh(d, 1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)%10 == 0
}

// sePNR checks a Swedish personal number: Luhn over the last ten digits; a
// coordination number adds 60 to the day.
func sePNR(d []byte) bool {
	if len(d) == 12 {
		if c := number(d[:2]); c < 18 || c > 20 {
			return false
		}
		d = d[2:]
	}
	return len(d) == 10 && date(number(d[2:4]), number(d[4:6])%60) && luhn(d)
}

// dkCPR checks the date of a Danish number; its checksum is given up since 2007.
// The seventh digit tells the century, and nobody is born in the future.
func dkCPR(d []byte) bool {
	if len(d) != 10 || !date(number(d[2:4]), number(d[:2])) {
		return false
	}
	year := number(d[4:6])
	return d[6] < 5 || d[6] == 9 || year <= 36 || year > 57
}

// fiHETU checks a Finnish personal identity code: the number modulo 31 picks the
// last character.
func fiHETU(value []byte) bool {
	const letters = "0123456789ABCDEFHJKLMNPRSTUVWXY"
	if len(value) != 11 {
		return false
	}
	n := 0
	for i, c := range value[:10] {
		if i == 6 {
			continue
		}
		if !isDigit(c) {
			return false
		}
		n = n*10 + int(c-'0')
	}
	day, month := n/10_000_000, n/100_000%100
	return date(month, day) && letters[n%31] == value[10]&^(value[10]&0x40>>1)
}

// noFNR checks both check digits of a Norwegian number; a D number adds 40 to
// the day.
func noFNR(d []byte) bool {
	if len(d) != 11 || !date(number(d[2:4])%40, number(d[:2])%40) {
		return false
	}
	return weigh(d, 3, 7, 6, 1, 8, 9, 4, 5, 2, 1)%11 == 0 && weigh(d, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0
}

// ptNIF checks a Portuguese tax number: weights 9 to 2 modulo 11.
func ptNIF(d []byte) bool {
	if len(d) != 9 || same(d) || d[0] == 0 || d[0] == 4 && d[1] != 5 {
		return false
	}
	check := 11 - weigh(d, 9, 8, 7, 6, 5, 4, 3, 2)%11
	if check > 9 {
		check = 0
	}
	return int(d[8]) == check
}

// chAHV checks a Swiss social insurance number: country 756, EAN-13.
func chAHV(d []byte) bool {
	return len(d) == 13 && number(d[:3]) == 756 && weigh(d, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1)%10 == 0
}

// atSVNR checks an Austrian social insurance number: the fourth digit checks the
// others.
func atSVNR(d []byte) bool {
	if len(d) != 10 || d[0] == 0 || number(d[6:8]) > 15 || number(d[4:6]) > 31 {
		return false
	}
	return weigh(d, 3, 7, 9, 0, 5, 8, 4, 2, 1, 6)%11 == int(d[3])
}

// ukNHS checks a British health service number: weights 10 to 2 modulo 11.
func ukNHS(d []byte) bool {
	return len(d) == 10 && !same(d) && d[0] != 0 && weigh(d, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1)%11 == 0
}

// ukNINO checks the prefix of a British insurance number (HMRC, NIM39110).
func ukNINO(value []byte) bool {
	var buf [12]byte
	v := plain(buf[:0], value)
	if len(v) < 8 || len(v) > 9 {
		return false
	}
	for _, c := range v[:2] {
		switch c {
		case 'D', 'F', 'I', 'Q', 'U', 'V':
			return false
		}
	}
	switch string(v[:2]) {
	case "BG", "GB", "KN", "NK", "NT", "TN", "ZZ":
		return false
	}
	return v[1] != 'O'
}

// iePPS checks an Irish number: weights 8 to 2, the ninth letter by 9, modulo 23.
func iePPS(value []byte) bool {
	var buf [12]byte
	v := plain(buf[:0], value)
	if len(v) != 8 && len(v) != 9 {
		return false
	}
	sum := 0
	for i, c := range v[:7] {
		if !isDigit(c) {
			return false
		}
		sum += int(c-'0') * (8 - i)
	}
	if len(v) == 9 && v[8] != 'W' {
		sum += 9 * int(v[8]-'A'+1)
	}
	return "WABCDEFGHIJKLMNOPQRSTUV"[sum%23] == v[7]
}

// roCNP checks a Romanian number by its constant.
func roCNP(d []byte) bool {
	if len(d) != 13 || d[0] == 0 || !date(number(d[3:5]), number(d[5:7])) {
		return false
	}
	check := weigh(d, 2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9) % 11
	if check == 10 {
		check = 1
	}
	return int(d[12]) == check
}

// grAMKA checks a Greek social security number: a date, then Luhn.
func grAMKA(d []byte) bool {
	return len(d) == 11 && date(number(d[2:4]), number(d[:2])) && luhn(d)
}

// czRC checks a Czech or Slovak birth number of ten digits: divisible by 11;
// women add 50 to the month, later series 20.
func czRC(d []byte) bool {
	if len(d) != 10 {
		return false
	}
	month := number(d[2:4])
	if month > 50 {
		month -= 50
	}
	if month > 20 {
		month -= 20
	}
	return date(month, number(d[4:6])) && number(d)%11 == 0
}

// eeIK checks an Estonian or Lithuanian code: two rounds of weights modulo 11.
func eeIK(d []byte) bool {
	if len(d) != 11 || d[0] == 0 || d[0] > 6 || !date(number(d[3:5]), number(d[5:7])) {
		return false
	}
	check := weigh(d, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1) % 11
	if check == 10 {
		check = weigh(d, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3) % 11 % 10
	}
	return int(d[10]) == check
}

// bgEGN checks a Bulgarian number: powers of two modulo 11; the month carries
// the century.
func bgEGN(d []byte) bool {
	return len(d) == 10 && date(number(d[2:4])%20, number(d[4:6])) &&
		weigh(d, 2, 4, 8, 5, 10, 9, 7, 3, 6)%11%10 == int(d[9])
}
