package dlp

import "testing"

// TestPersonName tells names from titles of things.
func TestPersonName(t *testing.T) {
	for _, tt := range []struct {
		value         string
		person, given bool
	}{
		{"Anna Becker", true, true},
		{"ANNA BECKER", true, true},
		{"Mei-Ling Chou", true, false},
		{"Ruth van der Berg", true, true},
		{"Émile Gauthier", true, true},
		{"Data Platform", false, false},
		{"Anna Platform", true, true},
		{"Blue Harbor", false, false},
		{"Siemens Energy", false, false},
		{"", false, false},
		{"J. R.", false, false},
	} {
		value := []byte(tt.value)
		if got := personName(value); got != tt.person {
			t.Errorf("personName(%q) = %v", tt.value, got)
		}
		if got := personGiven(value); got != tt.given {
			t.Errorf("personGiven(%q) = %v", tt.value, got)
		}
		if n := testing.AllocsPerRun(10, func() { personGiven(value) }); n > 0 {
			t.Errorf("personGiven(%q) takes %v allocations", tt.value, n)
		}
	}
}

// TestNoPassword holds that code, types, dates of names and of accounts are what
// they are.
func TestNoPassword(t *testing.T) {
	for _, text := range []string{"base64.b64decode(x1", "self.rules[stack1", "ed25519.Ed25519PrivateKey", "gpt-4o-2024-08-06"} {
		if password([]byte(text)) {
			t.Errorf("password(%q) holds", text)
		}
	}
	for _, text := range []string{"Gr8!Falke92", "aB3.x9Kd72Lm", "h7Kq29xLmW"} {
		if !password([]byte(text)) {
			t.Errorf("password(%q) does not hold", text)
		}
	}
	for text, want := range map[string]bool{"2024-01-15": false, "15-01-2024": false, "20-44-51 73190264": true, "40817756": true, "2166 5667 5542 8864 2351 618": false} {
		if accountNumber([]byte(text)) != want {
			t.Errorf("accountNumber(%q) = %v", text, !want)
		}
	}
}
