package dlp

import "strings"

// Numbers of persons whose rule is no weighted sum. Each check says by what rule.

// lvPK checks a Latvian personal code: a date and weights modulo 11, or the form
// without a date that starts with 32.
func lvPK(d []byte) bool {
	if len(d) != 11 {
		return false
	}
	if d[0] == 3 && d[1] >= 2 {
		return true
	}
	return date(number(d[2:4]), number(d[:2])) && (1101-weigh(d, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2))%11 == int(d[10])
}

// deSVNR checks a German pension insurance number: the letter counts as two
// digits, the digits of the products modulo 10.
func deSVNR(value []byte) bool {
	var buf [16]byte
	v := plain(buf[:0], value)
	if len(v) != 12 || !isAlpha(v[8]) {
		return false
	}
	weights := [12]int{2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1}
	letter := int(v[8]-'A') + 1
	digits := append(append([]byte{}, v[:8]...), byte('0'+letter/10), byte('0'+letter%10), v[9], v[10])
	sum := 0
	for i, c := range digits {
		if !isDigit(c) {
			return false
		}
		p := int(c-'0') * weights[i]
		sum += p/10 + p%10
	}
	day, month := int(v[2]-'0')*10+int(v[3]-'0'), int(v[4]-'0')*10+int(v[5]-'0')
	return isDigit(v[11]) && sum%10 == int(v[11]-'0') && date(month, (day-1)%50+1)
}

// deKVNR checks a German health insurance number: the letter counts as two
// digits, weights 1 and 2.
func deKVNR(value []byte) bool {
	var buf [12]byte
	v := plain(buf[:0], value)
	if len(v) != 10 || !isAlpha(v[0]) {
		return false
	}
	letter := int(v[0]-'A') + 1
	p := letter % 10 * 2
	sum := letter/10 + p/10 + p%10
	for i, c := range v[1:9] {
		if !isDigit(c) {
			return false
		}
		p := int(c-'0') * (1 + i%2)
		sum += p/10 + p%10
	}
	return isDigit(v[9]) && sum%10 == int(v[9]-'0')
}

// deLANR checks a German physician number: weights 4 and 9 modulo 10 over the
// first six digits.
func deLANR(d []byte) bool {
	if len(d) != 7 && len(d) != 9 || same(d) {
		return false
	}
	return (10-weigh(d, 4, 9, 4, 9, 4, 9)%10)%10 == int(d[6])
}

// esNSS checks a Spanish social security number: the first ten digits modulo 97,
// without the zeros behind the province.
func esNSS(d []byte) bool {
	if len(d) != 12 || number(d[:2]) == 0 || number(d[:2]) > 66 {
		return false
	}
	n := number(d[2:10])
	if n < 10_000_000 {
		n += number(d[:2]) * 10_000_000
	} else {
		n += number(d[:2]) * 100_000_000
	}
	return n%97 == number(d[10:])
}

// ptCC checks a Portuguese citizen card: a Luhn sum in base 36.
func ptCC(value []byte) bool {
	var buf [16]byte
	v := plain(buf[:0], value)
	if len(v) != 12 {
		return false
	}
	sum := 0
	for i, c := range v {
		x := int(c - '0')
		if isAlpha(c) {
			x = int(c-'A') + 10
		}
		if i%2 == 0 {
			if x *= 2; x > 9 {
				x -= 9
			}
		}
		sum += x
	}
	return sum%10 == 0
}

// nlDocument checks that a Dutch document number has a digit among its letters: a
// word has none.
func nlDocument(value []byte) bool {
	digits := 0
	for _, c := range value {
		if isDigit(c) {
			digits++
		}
	}
	return digits >= 2
}

// nzNHI checks a New Zealand health number: letters by their place without I and
// O, weights 7 to 2 modulo 11.
func nzNHI(value []byte) bool {
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
	var buf [8]byte
	v := plain(buf[:0], value)
	if len(v) != 7 {
		return false
	}
	sum := 0
	for i, c := range v[:6] {
		x := int(c - '0')
		if i < 3 {
			if x = strings.IndexByte(letters, c) + 1; x == 0 {
				return false
			}
		}
		sum += x * (7 - i)
	}
	r := sum % 11
	return r != 0 && (11-r)%10 == int(v[6]-'0')
}

// ukDriving checks the date in a British driving licence; women add 5 to the
// first digit of the month.
func ukDriving(value []byte) bool {
	var buf [20]byte
	v := plain(buf[:0], value)
	if len(v) < 16 || !isAlpha(v[0]) {
		return false
	}
	for _, c := range v[5:11] {
		if !isDigit(c) {
			return false
		}
	}
	return date(int(v[6]-'0')%5*10+int(v[7]-'0'), int(v[8]-'0')*10+int(v[9]-'0'))
}

// vin checks a vehicle number: the ninth character checks the others in North
// America; elsewhere digits at its end and letters in it must do.
func vin(value []byte) bool {
	values := [26]int{1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4, 5, 0, 7, 0, 9, 2, 3, 4, 5, 6, 7, 8, 9}
	weights := [17]int{8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2}
	var buf [20]byte
	v := plain(buf[:0], value)
	if len(v) != 17 {
		return false
	}
	sum, letters := 0, 0
	for i, c := range v {
		x := int(c - '0')
		if isAlpha(c) {
			x = values[c-'A']
			letters++
		}
		sum += x * weights[i]
	}
	for _, c := range v[13:] {
		if !isDigit(c) {
			return false
		}
	}
	return letters >= 3 && (v[8] == "0123456789X"[sum%11] || !isDigit(v[0]) || v[0] > '5')
}
