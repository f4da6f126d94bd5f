package dlp_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
)

// TestLongTables holds that all values of a long table are found, and one behind ten
// thousand numbers that are none: what a text may cost must not end before it does.
func TestLongTables(t *testing.T) {
	const rows = 10_000
	s := newScanner(t, dlp.Options{})
	r := rand.New(rand.NewPCG(1, 2))
	card := func(form string) string { return withCheck(form, r, luhnSum) }
	for _, tt := range []struct {
		name  string
		write func(k int) string
	}{
		{"cards", func(int) string { return card("4###############") }},
		{"cards in groups", func(int) string { return card("52## #### #### ####") }},
		{"cards by dashes", func(int) string { return card("4###-####-####-####") }},
		{"cards with holders", func(k int) string { return fmt.Sprint(k, ",active,", card("4###############"), ",2027-04") }},
		{"social security", func(k int) string { return fmt.Sprintf("SSN %03d-%02d-%04d", 200+k%300, 1+k%99, 1+k%9999) }},
		{"burgerservicenummers", func(int) string { return "BSN " + withCheck("1########", r, elevenSum) }},
		{"telephones", func(k int) string { return fmt.Sprintf("+44 20 7946 %04d", k) }},
		{"telephones at home", func(k int) string { return fmt.Sprintf("tel 030 %07d", 2_300_000+k) }},
		{"addresses of mail", func(k int) string { return fmt.Sprintf("user%d@example.com", k) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var text []byte
			ends := make([]int, rows)
			for k := range rows {
				text = append(append(text, tt.write(k)...), '\n')
				ends[k] = len(text)
			}
			if got := rowsWithout(s.ScanText(text, nil), ends); got > 0 {
				t.Errorf("%d of %d rows have no hit", got, rows)
			}
		})
	}
	t.Run("behind numbers", func(t *testing.T) {
		var text bytes.Buffer
		for k := range rows {
			fmt.Fprintf(&text, "order %d of %d pieces, %d.%02d kg, batch %06d\n", 10_000+k, k%90, k%40, k%100, r.IntN(1e6))
		}
		from := text.Len()
		text.WriteString("paid with 4111 1111 1111 1111\n")
		hits := s.ScanText(text.Bytes(), nil)
		if n := len(hits); n == 0 || hits[n-1].Start < from {
			t.Errorf("the card is not found: %v", hits)
		}
	})
}

// rowsWithout returns how many rows, which end there, have no hit.
func rowsWithout(hits []dlp.Hit, ends []int) (n int) {
	from := 0
	for _, end := range ends {
		for len(hits) > 0 && hits[0].End <= from {
			hits = hits[1:]
		}
		if len(hits) == 0 || hits[0].Start >= end {
			n++
		}
		from = end
	}
	return n
}

// withCheck writes random digits for the "#" of a form, and as the last one that with
// which sum is nothing.
func withCheck(form string, r *rand.Rand, sum func(digits []byte) int) string {
	for {
		out, digits := []byte(form), []byte(nil)
		for i, c := range out {
			if c == '#' {
				out[i] = '0' + byte(r.IntN(10))
			}
			if '0' <= out[i] && out[i] <= '9' {
				digits = append(digits, out[i]-'0')
			}
		}
		if sum(digits) == 0 {
			return string(out)
		}
	}
}

// luhnSum is what the checksum of a card leaves (ISO 7812).
func luhnSum(digits []byte) (sum int) {
	for i := range digits {
		d := int(digits[len(digits)-1-i])
		if i%2 == 1 {
			d = d*2%10 + d/5
		}
		sum += d
	}
	return sum % 10
}

// elevenSum is what that of a burgerservicenummer leaves.
func elevenSum(digits []byte) (sum int) {
	for i, d := range digits[:8] {
		sum += (9 - i) * int(d)
	}
	return (sum - int(digits[8])) % 11
}
