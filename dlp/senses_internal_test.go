package dlp

import (
	"strings"
	"testing"
	"unicode"
)

// TestSenses: a word has the sense of its entry, else that of the longest start or the longest end
// that has one; phrases go before their words.
func TestSenses(t *testing.T) {
	l := newSenseList("# words\n[body]\nknee*, knees up, 心臓\n[illness]\ndiabet*, entzündung, sick, 心臓病\n[leave]\nsick leave*, signed off sick\n[thing]\ndiabetic cake\n[figure]\nkneel*, diabetes\n")
	for text, want := range map[string]string{
		"Diabetiker":           "illness",
		"diabetes":             "figure", // all of it
		"kneeling":             "figure", // the longer start
		"his kneecap":          "- body",
		"Gelenkentzündung":     "illness", // the end of a compound
		"entzündungen":         "-",
		"sick leaves":          "leave leave",
		"sick leaf":            "illness -",
		"signed off sick.":     "leave leave leave -",
		"signed off":           "- -",
		"a diabetic cake":      "- thing thing",
		"心臓病の心臓":               "illness illness illness - body body",
		"knee4":                "body",
		"diabet":               "illness",
		"diabe":                "-",
		"":                     "",
		"sick":                 "illness",
		"knees":                "body",
		"knees\tup":            "body body",
		"1 2 3 sick, knees up": "- - - illness - body body",
	} {
		var s tagged
		s.read([]byte(text))
		s.noteSenses(l)
		var got []string
		for _, w := range s.words[:s.n] {
			got = append(got, senseName(w.sense))
			if w.sense != senseNone && s.means>>w.sense&1 == 0 {
				t.Errorf("%q: the sentence has not the sense of its word", text)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func senseName(as sense) string {
	for name, s := range senseNames {
		if s == as {
			return name
		}
	}
	return "-"
}

// TestSenseFile: every line of senses.txt is read as it is meant.
func TestSenseFile(t *testing.T) {
	if len(senseNames) != int(allSenses)-1 {
		t.Errorf("%d names of %d senses", len(senseNames), allSenses-1)
	}
	entries, listed, in := map[string]bool{}, map[string]bool{}, ""
	for line := range strings.Lines(senseFile) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") || line == "" {
			continue
		}
		if name, ok := strings.CutPrefix(line, "["); ok {
			if in = strings.TrimSuffix(name, "]"); senseNames[in] == senseNone || listed[in] {
				t.Errorf("%s: no sense, or one that was listed", line)
			}
			listed[in] = true
			continue
		}
		for entry := range strings.SplitSeq(strings.TrimSuffix(line, ","), ",") {
			entry = strings.TrimPrefix(entry, " ")
			stem := strings.TrimSuffix(entry, "*")
			var wrong string
			switch {
			case entry == "" || strings.TrimSpace(entry) != entry || strings.Contains(entry, "  ") || strings.Contains(stem, "*"):
				wrong = "is no entry"
			case entries[entry]:
				wrong = "is listed twice"
			case strings.ContainsFunc(entry, unicode.IsUpper):
				wrong = "has a capital"
			}
			if entries[entry] = true; wrong != "" {
				t.Errorf("%s: %q %s", in, entry, wrong)
			}
		}
	}
	if len(listed) != len(senseNames) {
		t.Errorf("%d senses are listed, want %d", len(listed), len(senseNames))
	}
}
