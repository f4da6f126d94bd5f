package dlp

import (
	"strings"
	"testing"
)

// TestUU reads uuencode as other tools write it, and stops where it ends.
func TestUU(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"blanks", "begin 644 x\n>;7D@8V%R9\"!I<R T-3,Y,30X.# S-#,V-#8W(&]K\n \nend", "my card is 4539148803436467 ok"},
		{"not begun", "begin 6 months from now\n>;7D@8V%R9\"!I<R T\n", ""},
		{"cut", "begin 644 x\n>;7D@8V%R9\"!I<R T-3,Y", ""},
		{"garbage", "begin 644 x\n\x7f\xff\n", ""},
	} {
		text, got := []byte(tt.text), []byte(nil)
		if at := uuBody(text, 0); at > 0 {
			for ok := true; ok; {
				got, at, ok = uuAppend(got, text, at)
			}
		}
		if string(got) != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestLiterals tells numbers that programs write from amounts and lists of digits.
func TestLiterals(t *testing.T) {
	s := allDetectors()
	for _, tt := range []struct {
		text  string
		found string
	}{
		{"x = 4539148803436467L;", "4539148803436467L"},
		{"let x = 4_539_148_803_436_467_u64;", "4_539_148_803_436_467_u64"},
		{"auto x = 4539'1488'0343'6467;", "4539'1488'0343'6467"},
		{"x = 4539148803436467Lx", ""},
		{"x = 1_000_000_000_000_000", ""},
		{"a_4_539_148_803_436_467", ""},
		{"x = [4, 5, 3, 9, 1, 4, 8, 8, 0, 3, 4, 3, 6, 4, 6, 7]", "4, 5, 3, 9, 1, 4, 8, 8, 0, 3, 4, 3, 6, 4, 6, 7"},
		{"want = {2, 6, 2, 6, 6, 6, 6, 6, 3, 3, 3, 5, 5, 5, 5, 5}", ""},
		{"x = ['4','5','3','9','1','4','8','8','0','3','4','3','6','4','6','7']", "4','5','3','9','1','4','8','8','0','3','4','3','6','4','6','7"},
	} {
		got := ""
		for _, h := range s.ScanText([]byte(tt.text), nil) {
			got += tt.text[h.Start:h.End]
		}
		if got != tt.found {
			t.Errorf("found %q in %q, want %q", got, tt.text, tt.found)
		}
	}
	// the same list within a longer one of sentences is bounded
	long := strings.Repeat(`"4", `, 1<<16)
	if hits := s.ScanText([]byte(long), nil); len(hits) != 0 {
		t.Errorf("found %+v in a list of one digit", hits)
	}
}
