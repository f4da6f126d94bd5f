package dlp

// The checksums that many numbers share. Digits are values, not characters.

// luhn checks ISO/IEC 7812-1, annex B.
func luhn(digits []byte) bool {
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i])
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return len(digits) > 1 && sum%10 == 0 && !same(digits)
}

// verhoeff checks the dihedral scheme of J. Verhoeff (1969).
func verhoeff(digits []byte) bool {
	c := byte(0)
	for i := range digits {
		c = verhoeffD[c][verhoeffP[i%8][digits[len(digits)-1-i]]]
	}
	return len(digits) > 1 && c == 0
}

var verhoeffD = [10][10]byte{
	{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 2, 3, 4, 0, 6, 7, 8, 9, 5}, {2, 3, 4, 0, 1, 7, 8, 9, 5, 6},
	{3, 4, 0, 1, 2, 8, 9, 5, 6, 7}, {4, 0, 1, 2, 3, 9, 5, 6, 7, 8}, {5, 9, 8, 7, 6, 0, 4, 3, 2, 1},
	{6, 5, 9, 8, 7, 1, 0, 4, 3, 2}, {7, 6, 5, 9, 8, 2, 1, 0, 4, 3}, {8, 7, 6, 5, 9, 3, 2, 1, 0, 4},
	{9, 8, 7, 6, 5, 4, 3, 2, 1, 0},
}

var verhoeffP = [8][10]byte{
	{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 5, 7, 6, 2, 8, 3, 0, 9, 4}, {5, 8, 0, 3, 7, 9, 6, 1, 4, 2},
	{8, 9, 1, 6, 0, 4, 3, 5, 2, 7}, {9, 4, 5, 3, 1, 2, 6, 8, 7, 0}, {4, 2, 8, 6, 5, 7, 3, 9, 0, 1},
	{2, 7, 9, 3, 8, 0, 6, 4, 1, 5}, {7, 0, 4, 6, 9, 1, 3, 2, 5, 8},
}

// iso7064Mod1110 checks ISO/IEC 7064, MOD 11,10.
func iso7064Mod1110(digits []byte) bool {
	p := 10
	for _, d := range digits[:len(digits)-1] {
		if p = (p + int(d)) % 10; p == 0 {
			p = 10
		}
		p = p * 2 % 11
	}
	return (p+int(digits[len(digits)-1]))%10 == 1
}

// iso7064Mod112 checks ISO/IEC 7064, MOD 11-2, whose last character may be X.
func iso7064Mod112(value []byte) bool {
	var buf [24]byte
	v := plain(buf[:0], value)
	sum := 0
	for i, c := range v {
		switch {
		case isDigit(c):
			sum = (sum*2 + int(c-'0')) % 11
		case c == 'X' && i == len(v)-1:
			sum = (sum*2 + 10) % 11
		default:
			return false
		}
	}
	return len(v) > 1 && sum == 1
}

// mod97 checks ISO/IEC 7064, MOD 97-10, over letters and digits as they stand.
func mod97(value []byte) bool {
	var buf [40]byte
	v := plain(buf[:0], value)
	return len(v) > 2 && remainder97(0, v) == 1
}

// remainder97 goes on with a remainder modulo 97 over letters (A is 10) and
// digits.
func remainder97(r int, v []byte) int {
	for _, c := range v {
		if isDigit(c) {
			r = (r*10 + int(c-'0')) % 97
		} else {
			r = (r*100 + int(c-'A') + 10) % 97
		}
	}
	return r
}
