package dlp

import (
	"strings"
	"testing"
)

func TestFormula(t *testing.T) {
	for _, tt := range []struct {
		name, formula string
		good, bad     []string
	}{
		{"no remainder", "sum 9 8 7 6 5 4 3 2 -1 mod 11", []string{"111222333"}, []string{"111222334", "1112223", "111111111"}},
		{"picked", "sum 1 1 mod 11 of 0123456789X", []string{"123", "46X", "465 or 46X"[:2] + "X"}, []string{"124", "46"}},
		{"none", "sum 1 1 mod 11 of 0123456789-", []string{"123"}, []string{"46X", "46-"}},
		{"second weights", "sum 1 2 3 4 5 6 7 8 9 1 else 3 4 5 6 7 8 9 1 2 3 mod 11 of 0123456789?", []string{"37605030299"}, []string{"37605030298"}},
		{"at", "sum 0 1 1 mod 10 of 0123456789 at 0", []string{"523"}, []string{"623"}},
		{"digits", "sum 2 mod 10 of 0123456789 digits", []string{"91"[:1] + "9"}[:0], []string{"91"}},
		{"values", "sum 1 1 mod 3 values ABC", []string{"BC", "ba2"[:0] + "cb"}, []string{"BB", "BZ"}},
		{"base 36", "sum 1 mod 7 of 0123456", []string{"A3"}, []string{"A4"}},
		{"date", "date ddmmyyyy from 1", []string{"X31122024"}, []string{"X31112024", "X32122024", "X3112", "X3112202X", "X31121024"}},
		{"steps", "len 4; luhn", []string{"1230", "12-30"}, []string{"1231", "18"}},
		{"ways", "len 4 ; luhn | len 2", []string{"1230", "99"}, []string{"1231", "123"}},
		{"right", "sum 4 3 2 mod 11 of 0K987654321 right", []string{"19", "124"}, []string{"18", "1", "12345"}},
		{"plus", "sum 1 1 plus 3 mod 7", []string{"31"}, []string{"34"}},
		{"in", "in 345 from 1", []string{"X3", "X5"}, []string{"X6", "X"}},
		{"starts", "starts DE; luhn from 2 | starts X", []string{"de 1230", "X1"}, []string{"DE1231", "D", "1230"}},
		{"starts inside", "starts 12 from 1; starts X", []string{"X12", "x-123"}, []string{"X21", "12X", "X1"}},
		{"starts and length", "starts DE; len 4; starts D", []string{"DE12"}, []string{"DE1", "EE12", "DD12"}},
		{"part", "luhn from 1 to 5", []string{"91230", "912309"}, []string{"9123", "912319"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := newValidator(tt.formula)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range tt.good {
				if !f([]byte(v)) {
					t.Errorf("%q is refused", v)
				}
			}
			for _, v := range tt.bad {
				if f([]byte(v)) {
					t.Errorf("%q is accepted", v)
				}
			}
		})
	}
}

func TestFormulaErrors(t *testing.T) {
	for _, tt := range []struct{ formula, want string }{
		{"lunh", "unknown validator"},
		{"luhn;", "empty step"},
		{"sum 1 2 3", "modulus"},
		{"sum 1 2 mod 11 of 012", "as many characters"},
		{"sum 1 2 mod", "nothing follows"},
		{"sum 1 2 mod x", "no number"},
		{"sum 1 modulo 3", "unknown word"},
		{"luhn from -1", "no number"},
		{"date", "yymmdd"},
		{"date 2024", "yymmdd"},
	} {
		if _, err := newValidator(tt.formula); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("newValidator(%q): %v, want an error with %q", tt.formula, err, tt.want)
		}
	}
}

// FuzzFormula holds that no value breaks a formula, and no formula the reader.
func FuzzFormula(f *testing.F) {
	f.Add("sum 1 2 else 3 4 mod 11 of 0123456789? at 3 digits from 2 to 7 values 0123; date yymmdd | luhn", "123456")
	f.Add("mod97 from 3", "")
	f.Fuzz(func(t *testing.T, formula, value string) {
		if check, err := newValidator(formula); err == nil && check != nil {
			check([]byte(value))
		}
	})
}
