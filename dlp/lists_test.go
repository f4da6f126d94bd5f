package dlp_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// foundOnce are detectors of which a list is no list of values: one finding says
// what it is.
var foundOnce = map[traffic.Class]bool{"source_code": true, "injection": true}

// notToTheEnd are detectors whose lists use up the work a text may cause, by what others
// look for in them: what was not read is said.
var notToTheEnd = map[string]bool{"answer_file_password": true, "address_words": true, "jdbc_password": true}

// TestListsOfValues holds that texts of nothing but values are read to their end, of each
// detector some that differ: 128 KB of one detector in eight and of the first of
// each file, or 1 MB of all with DENSE=1.
func TestListsOfValues(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	all, every, size := os.Getenv("DENSE") != "", 8, 128<<10
	if all {
		every, size = 1, 1<<20
	}
	if raceEnabled {
		every = 64
	}
	file := ""
	for i, d := range detectors() {
		first := d.Source.File != file && !raceEnabled
		if file = d.Source.File; i%every != 0 && !first {
			continue
		}
		units := alike(t, d, 200)
		if len(units) == 0 || foundOnce[d.Class] || d.Anchor == rules.AnchorColumn { // see TestLongTable
			continue
		}
		// One in a hundred may be no value where it stands: the next line speaks against it.
		places, n, skipped := missing(s, units, size)
		if len(places)*100 > n && !(notToTheEnd[d.Name] && skipped.Places > 0) {
			t.Errorf("%s: %d of %d values are not found, at %d ...; skipped: %s", d.Name, len(places), n, places[:min(len(places), 3)], skipped)
		}
		if skipped.Places > 0 {
			t.Logf("%s: %s", d.Name, skipped) // views of base64, which is no value of its own
		}
	}
}

// TestLongTable holds that each row of a long table is read, however weak the
// passwords in it are. Of thousands of tables of two rows some are not: their heads are
// work of their own.
func TestLongTable(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	words := []string{"sunshine", "kitchen", "flower", "orange", "dragon", "summer", "coffee"}
	for _, tt := range []struct{ name, head, row string }{
		{"commas", "user,password,city\n", "user%d,%s%d,Berlin\n"},
		{"bars", "| user | password |\n|---|---|\n", "| user%d | %s%d |\n"},
		{"tabs", "Benutzer\tKennwort\n", "user%d\t%s%d\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			const rows = 5000
			var text bytes.Buffer
			text.WriteString(tt.head)
			for i := range rows {
				fmt.Fprintf(&text, tt.row, i, words[i%len(words)], i%90+10)
			}
			hits, skipped := s.ScanAll(text.Bytes(), nil)
			found := make(map[int]bool)
			for _, h := range hits {
				found[bytes.Count(text.Bytes()[:h.Start], []byte("\n"))] = true
			}
			if len(found) < rows || skipped.Places > 0 {
				t.Errorf("passwords in %d of %d rows; skipped: %s", len(found), rows, skipped)
			}
		})
	}
}

// missing scans a text of so many bytes of units, line by line, and returns the
// places of those in which nothing is found, and how many there are.
func missing(s *dlp.Scanner, units []string, size int) (places []int, n int, skipped dlp.Skipped) {
	var text []byte
	var starts []int
	for len(text) < size {
		starts = append(starts, len(text))
		text = append(append(text, units[n%len(units)]...), '\n')
		n++
	}
	hits, skipped := s.ScanAll(text, nil)
	for i, from := range starts {
		for len(hits) > 0 && hits[0].End <= from {
			hits = hits[1:]
		}
		end := len(text)
		if i+1 < n {
			end = starts[i+1]
		}
		if len(hits) == 0 || hits[0].Start >= end {
			places = append(places, from)
		}
	}
	return places, n, skipped
}

// alike returns up to n values like the examples of d, in their sentences: other
// letters and digits that d finds as well, or where there are few (a checksum of
// a key can't be met by chance) the example itself.
func alike(t *testing.T, d rules.Detector, n int) (out []string) {
	own, err := dlp.New([]rules.Detector{d}, traffic.Key{}, dlp.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, uint64(len(d.Name))))
	for _, m := range d.Match {
		hits := own.ScanText([]byte(m), nil)
		if len(hits) == 0 || len(m) > 2000 {
			continue
		}
		want := hits[0]
		out = append(out, m)
		for tries := 0; len(out) < n && tries < 40*n && (tries < 400 || len(out) > 1); tries++ {
			// the whole value or its end, letters too or digits only
			from := want.Start + (want.End-want.Start)*(tries%4)/4
			text := []byte(m[:from] + other(r, m[from:want.End], tries&4 == 0) + m[want.End:])
			hits = own.ScanText(text, hits[:0])
			if len(hits) > 0 && hits[0].Start == want.Start && hits[0].End == want.End && hits[0].Confidence == want.Confidence {
				out = append(out, string(text))
			}
		}
		if len(out) >= n/2 {
			break
		}
	}
	return out
}

// other returns s with other digits, and other letters too.
func other(r *rand.Rand, s string, letters bool) string {
	return strings.Map(func(c rune) rune {
		switch {
		case '0' <= c && c <= '9':
			return '0' + rune(r.IntN(10))
		case letters && 'a' <= c && c <= 'z':
			return 'a' + rune(r.IntN(26))
		case letters && 'A' <= c && c <= 'Z':
			return 'A' + rune(r.IntN(26))
		}
		return c
	}, s)
}

// TestSkippedIsSaid holds that what the bound on work cuts is not passed over in
// silence, and that ordinary text is not cut.
func TestSkippedIsSaid(t *testing.T) {
	slow := rules.Detector{Name: "slow", Class: "custom", Confidence: 0.9, Pattern: `key[^;]+;`, Keywords: []string{"key"}}
	s, err := dlp.New([]rules.Detector{slow}, traffic.Key{}, dlp.Options{})
	if err != nil {
		t.Fatal(err)
	}
	text := append(repeat("key ", 128<<10), "key 12345;"...)
	_, skipped := s.ScanAll(text, nil)
	if skipped.Places == 0 || skipped.To < len(text)*3/4 || skipped.From > len(text)/2 {
		t.Errorf("ScanAll skipped %+v of %d bytes", skipped, len(text))
	}
	p := &traffic.Prompt{Parts: []traffic.Part{{Kind: traffic.PartText, Text: []byte("a key")}, {Kind: traffic.PartText, Text: text}}}
	s.Scan(p)
	if len(p.Unread) != 1 || p.Unread[0] != traffic.ReasonScanWork || len(p.Gaps) != 1 || p.Gaps[0].Part != 1 {
		t.Errorf("Scan noted %q, %+v", p.Unread, p.Gaps)
	}
	st := s.Stream(0, func(traffic.Finding) {})
	st.Write(text)
	st.Close()
	if got := st.Skipped(); got.Places == 0 || got.To < len(text)*3/4 {
		t.Errorf("the stream skipped %+v", got)
	}
	if _, skipped := s.ScanAll(clean(256<<10), nil); skipped.Places != 0 {
		t.Errorf("of clean text: %+v", skipped)
	}
}
