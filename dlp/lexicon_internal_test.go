package dlp

import "testing"

func TestCutHealth(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"word", "gout since May", "gout"},
		{"stem", "cukrzycę od roku", "cukrzycę"},
		{"what belongs to it", "diabetes type 2 since May", "diabetes type 2"},
		{"several", "asthma, hypertension and gout; stable", "asthma, hypertension and gout"},
		{"capitals", "ΔΙΑΒΉΤΗΣ", "ΔΙΑΒΉΤΗΣ"},
		{"apostrophe", "Crohn’s disease and a cold", "Crohn’s disease"},
		{"what it befalls", "fractura de tibia en la pierna", "fractura de tibia"},
		{"not the next clause", "operation and a walk", ""},
		{"script without blanks", "糖尿病と診断された", "糖尿病"},
		{"does not end in a preposition", "cancer of unknown origin", "cancer"},
		{"only a word that belongs", "disease of trees", ""},
		{"longer word", "ckdx", ""},
		{"begins as one", "eksempel", ""},
		{"none", "tea", ""},
		{"empty", "", ""},
		{"damaged", "\xff\xfe", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.in[:cutHealth([]byte(tt.in))]; got != tt.want {
				t.Errorf("cutHealth(%q) takes %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func FuzzCutHealth(f *testing.F) {
	f.Add([]byte("diabetes type 2, астма"))
	f.Add([]byte("gout\xff\xe2\x80"))
	f.Fuzz(func(t *testing.T, match []byte) {
		if n := cutHealth(match); n < 0 || n > len(match) {
			t.Errorf("cutHealth(%q) = %d", match, n)
		}
	})
}
