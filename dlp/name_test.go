package dlp_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestNamesInText holds what tells a name in running text from the names of
// streets, books and the famous.
func TestNamesInText(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for _, tt := range []struct{ name, text, want string }{
		{"word before it", "Yesterday the parcel of Ellen Marsh came back", "Ellen Marsh"},
		{"word behind it", "Why did Ellen Marsh not get her refund?", "Ellen Marsh"},
		{"no word", "Ellen Marsh", ""},
		{"word too far away", "Ellen Marsh" + strings.Repeat(" la", 60) + " refund", ""},
		{"nearer word against it", "The refund is for the novel by Ellen Marsh", ""},
		{"word against it farther away", "Our employee Ellen Marsh wants to read a novel", "Ellen Marsh"},
		{"role in brackets", "Jonas Brandt (Einkauf)", "Jonas Brandt"},
		{"years in brackets", "Jonas Brandt (1871-1910)", ""},
		{"chat", "[12:03] Jonas Brandt: see you", "Jonas Brandt"},
		{"address of mail", "Jonas Brandt <jb@example.org>", "Jonas Brandt"},
		{"rights to a program", "// Copyright (c) 2002 Jonas Brandt <jb@example.org>", ""},
		{"known to all", "Our customer asked about Albert Einstein today", ""},
		{"beside one known to all", "Today: Agatha Christie, Ellen Marsh", ""},
		{"list", "Minutes: Ellen Marsh, Jonas Brandt", "Ellen Marsh, Jonas Brandt"},
		{"street", "the parcel went to Ellen Marsh Street", ""},
		{"place that is a first name", "our office in Florence Nordend moved today", ""},
		{"noun behind it", "Hat Jonas Brandt Urlaub beantragt?", "Jonas Brandt"},
		{"particle", "gisteren belde Daan van der Berg", "Daan van der Berg"},
		{"surname first", "A számlát Nagy Eszter kérte", "Nagy Eszter"},
		{"unknown first name", "Xanthippa Kowalczyk signed the lease", "Xanthippa Kowalczyk"},
		{"Cyrillic", "вчера Мария Соколова просила счёт", "Мария Соколова"},
		{"Greek", "Ο πελάτης Γιώργος Παπαδόπουλος τηλεφώνησε", "Γιώργος Παπαδόπουλος"},
		{"patronymic", "Соколова Марина Викторовна", "Соколова Марина Викторовна"},
		{"in the last bytes", "refund Ellen Marsh", "Ellen Marsh"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := []byte(tt.text)
			if got := people(text, s.ScanText(text, nil)); got != tt.want {
				t.Errorf("%q: found %q, want %q", tt.text, got, tt.want)
			}
		})
	}
}

// people returns the names of persons among hits that lists and signs tell. What the tagger
// makes of a sentence changes with what it has learned.
func people(text []byte, hits []dlp.Hit) string {
	var out []string
	for _, h := range hits {
		if strings.HasPrefix(h.Detector, "person_") && h.Detector != "person_tagged" {
			out = append(out, string(text[h.Start:h.End]))
		}
	}
	return strings.Join(out, ", ")
}

// TestNamesInTextEverywhere holds that names are found at each offset of a window,
// in a disguise and in a stream.
func TestNamesInTextEverywhere(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	const name = "Why did Ellen Marsh not get her refund?"
	for n := range 13 {
		text := []byte(strings.Repeat(".", n) + " " + name)
		if got := people(text, s.ScanText(text, nil)); got != "Ellen Marsh" {
			t.Errorf("behind %d bytes: found %q", n, got)
		}
	}
	hidden := base64.StdEncoding.EncodeToString([]byte(name))
	if hits := s.ScanText([]byte(hidden), nil); len(hits) != 1 || hits[0].Detector != "person_in_text" {
		t.Errorf("in base64: found %v", hits)
	}
	found := 0
	st := s.Stream(0, func(f traffic.Finding) {
		if f.Detector == "person_in_text" {
			found++
		}
	})
	for range 8 {
		st.Write(append(repeat("a line of nothing much. ", 20<<10), name...))
	}
	st.Close()
	if found != 8 {
		t.Errorf("in a stream: found %d of 8", found)
	}
}

// TestNamesAllocs holds that names that are none cost no allocation.
func TestNamesAllocs(t *testing.T) {
	s := newListScanner(t)
	text := repeat("The refund is for the novel by Ellen Marsh, and Albert Einstein is in Florence Nordend. ", 4<<10)
	s.ScanText(text, nil)
	if n := testing.AllocsPerRun(20, func() { s.ScanText(text, nil) }); n > 0 && !raceEnabled {
		t.Errorf("ScanText allocates %v times", n)
	}
}
