package dlp_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/traffic"
)

func customers(t testing.TB, n int) *dlp.EDM {
	b, err := dlp.NewEDM("customers", []string{"name", "number", "city"}, 1, traffic.Key{1})
	if err != nil {
		t.Fatal(err)
	}
	rows := [][]string{{"Anna-Lena Müller", "K 4711-0815", "Bad Homburg"}, {"Tom Smith", "K 9999-1234", "Leeds"}}
	for i := range n {
		rows = append(rows, []string{fmt.Sprintf("Given%d Family%d", i, i*7), fmt.Sprintf("K%08d", i), "Springfield"})
	}
	for _, r := range rows {
		if err := b.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	e, _, _ := b.Build()
	var file bytes.Buffer
	if err := e.Write(&file); err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"Anna", "ller", "4711", "47110815", "Springfield"} {
		if bytes.Contains(file.Bytes(), []byte(word)) {
			t.Errorf("%q stands in the file", word)
		}
	}
	if e, err = dlp.ReadEDM(file.Bytes(), traffic.Key{1}); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestEDM(t *testing.T) {
	s := newScanner(t, dlp.Options{EDM: []*dlp.EDM{customers(t, 1000)}})
	for _, tt := range []struct {
		text string
		want []string
	}{
		{"Please write to Anna-Lena Müller (K 4711-0815).", []string{"Anna-Lena Müller", "K 4711-0815"}},
		{"K47110815: anna lena müller, Bad  Homburg", []string{"K47110815", "anna lena müller", "Bad  Homburg"}},
		{"Please write to Anna-Lena Müller.", nil},
		{"Anna-Lena Müller (K 9999-1234)", nil}, // of two records
		{"Given12 Family84 of Springfield", []string{"Given12 Family84", "Springfield"}},
		{"Tom Smith" + strings.Repeat(" and so on", 40) + " K 9999-1234", nil}, // too far
	} {
		var got []string
		for _, h := range s.ScanText([]byte(tt.text), nil) {
			if h.Detector == "customers" {
				got = append(got, tt.text[h.Start:h.End])
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
	}
	text := "x " + base64.StdEncoding.EncodeToString([]byte("Tom Smith, K 9999-1234"))
	if hits := s.ScanText([]byte(text), nil); len(hits) == 0 || !slices.Contains(hits[0].Via(), "base64") {
		t.Errorf("in base64: %+v", hits)
	}
}

// TestEDMForms finds records whose cells are written in another way than in the table.
func TestEDMForms(t *testing.T) {
	b, err := dlp.NewEDM("customers", []string{"number", "name", "phone"}, 1, traffic.Key{1})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range [][]string{
		{"DE88 3704 0044 0532 0130 09", "Eva Pagamo", "4915112345678"},
		{"K47110815", "Weber, Anna Maria", "0151 / 234 56-78"},
		{"88 1234-567", "Jo Li", "+44 20 7946 0958"},
	} {
		if err := b.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	e, _, _ := b.Build()
	var file bytes.Buffer
	if err := e.Write(&file); err != nil {
		t.Fatal(err)
	}
	if e, err = dlp.ReadEDM(file.Bytes(), traffic.Key{1}); err != nil {
		t.Fatal(err)
	}
	s := newScanner(t, dlp.Options{EDM: []*dlp.EDM{e}})
	for _, tt := range []struct {
		text string
		want []string
	}{
		{"DE88370400440532013009 of Pagamo, Eva", []string{"DE88370400440532013009", "Pagamo, Eva"}},
		{"DE 8837 0400 4405 3201 3009: +49 151 12 34 56 78", []string{"DE 8837 0400 4405 3201 3009", "49 151 12 34 56 78"}},
		{"K-4711-0815 is Anna Maria Weber", []string{"K-4711-0815", "Anna Maria Weber"}},
		{"ask 881234567 (Li, Jo)", []string{"881234567", "Li, Jo"}},
		{"k 47 11 08 15 / 01512345678", []string{"k 47 11 08 15", "01512345678"}},
		{"K4711081 of Weber, Anna Maria", nil},
		{"K47110815 of Pagamo, Eva", nil},
		{"K47110815 is Maria Weber Anna", nil},
	} {
		var got []string
		for _, h := range s.ScanText([]byte(tt.text), nil) {
			if h.Detector == "customers" {
				got = append(got, tt.text[h.Start:h.End])
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestEDMKey(t *testing.T) {
	e := customers(t, 10)
	var file bytes.Buffer
	e.Write(&file)
	other, err := dlp.ReadEDM(file.Bytes(), traffic.Key{2})
	if err != nil {
		t.Fatal(err)
	}
	s := newScanner(t, dlp.Options{EDM: []*dlp.EDM{other}})
	for _, h := range s.ScanText([]byte("Tom Smith, K 9999-1234"), nil) {
		if h.Detector == "customers" {
			t.Errorf("found under another key: %+v", h)
		}
	}
}

// TestEDMColumn shows that a cell of a column that the table has not is refused.
func TestEDMColumn(t *testing.T) {
	var file bytes.Buffer
	customers(t, 3).Write(&file)
	data := file.Bytes()
	data[len(data)-2] = 3 // of the last cell: the byte before its number of words
	if _, err := dlp.ReadEDM(data, traffic.Key{1}); err == nil || !strings.Contains(err.Error(), "of no column") {
		t.Error(err)
	}
}

func FuzzReadEDM(f *testing.F) {
	var file bytes.Buffer
	customers(f, 3).Write(&file)
	f.Add(file.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		if e, err := dlp.ReadEDM(data, traffic.Key{1}); err == nil && e.Cells() > len(data) {
			t.Error("more cells than bytes")
		}
	})
}

func FuzzReadFingerprints(f *testing.F) {
	var file bytes.Buffer
	dlp.NewFingerprints([]string{"a"}, [][]byte{prose(1, 300)}, traffic.Key{1}).Write(&file)
	f.Add(file.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) { dlp.ReadFingerprints(data, traffic.Key{1}) })
}

// prose returns n made-up words.
func prose(seed uint64, n int) []byte {
	r := rand.New(rand.NewPCG(seed, 7))
	var b bytes.Buffer
	for range n {
		for range 2 + r.IntN(7) {
			b.WriteByte(byte('a' + r.IntN(26)))
		}
		b.WriteByte(' ')
	}
	return b.Bytes()
}

func TestFingerprints(t *testing.T) {
	plan, other, boiler := prose(1, 600), prose(2, 600), prose(9, 100)
	texts := [][]byte{plan, other, slices.Concat(prose(3, 300), boiler), slices.Concat(prose(4, 300), boiler), slices.Concat(prose(5, 300), boiler), slices.Concat(prose(6, 300), boiler)}
	f := dlp.NewFingerprints([]string{"plan", "other", "c", "d", "e", "f"}, texts, traffic.Key{1})
	var file bytes.Buffer
	if err := f.Write(&file); err != nil {
		t.Fatal(err)
	}
	f, err := dlp.ReadFingerprints(file.Bytes(), traffic.Key{1})
	if err != nil {
		t.Fatal(err)
	}
	s := newScanner(t, dlp.Options{Fingerprints: []*dlp.Fingerprints{f}})
	scan := func(text []byte) (out []string) {
		for _, h := range s.ScanText(text, nil) {
			if strings.HasSuffix(h.Detector, "_tagged") {
				continue // words of no language may be anything
			}
			out = append(out, fmt.Sprintf("%s %.2f", h.Detector, h.Confidence))
		}
		return out
	}
	paragraph := bytes.ToUpper(bytes.ReplaceAll(plan[1000:1500], []byte(" "), []byte("\n- ")))
	for _, tt := range []struct {
		name string
		text []byte
		want []string
	}{
		{"a paragraph, written otherwise", slices.Concat(prose(20, 50), paragraph, prose(21, 50)), []string{"plan 0.75"}},
		{"all of it", plan, []string{"plan 0.95"}},
		{"another text", prose(30, 2000), nil},
		{"boilerplate", boiler, nil},
		{"two of them", slices.Concat(plan[:2500], prose(22, 200), other), []string{"plan 0.90", "other 0.95"}},
	} {
		got := scan(tt.text)
		if tt.name == "two of them" && len(got) == 2 {
			got[0] = tt.want[0] // the share depends on where words end
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestSharedRun holds what winnowing promises: any 64 letters and digits in
// common are noticed. It takes the parts of a long text at every place.
func TestSharedRun(t *testing.T) {
	plan := prose(1, 600)
	f := dlp.NewFingerprints([]string{"plan"}, [][]byte{plan}, traffic.Key{1})
	s := newScanner(t, dlp.Options{Fingerprints: []*dlp.Fingerprints{f}})
	for i := 0; i+400 < len(plan); i += 37 {
		if hits := s.ScanText(slices.Concat(prose(50, 9), plan[i:i+400], prose(51, 9)), nil); len(hits) == 0 {
			t.Errorf("400 bytes at %d are not found", i)
		}
	}
}

func BenchmarkEDM(b *testing.B) {
	s := newScanner(b, dlp.Options{EDM: []*dlp.EDM{customers(b, 300_000)}})
	text := clean(64 << 10)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		s.ScanText(text, nil)
	}
}

// BenchmarkEDMName reads a name of the table over and over, alone and with a cell
// of its record.
func BenchmarkEDMName(b *testing.B) {
	s := newScanner(b, dlp.Options{EDM: []*dlp.EDM{customers(b, 300_000)}})
	for name, part := range map[string]string{"alone": "Given12 Family84 ", "with": "Given12 Family84 Springfield "} {
		text := []byte(strings.Repeat(part, 64<<10/len(part)))
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				s.ScanText(text, nil)
			}
		})
	}
}

func BenchmarkFingerprints(b *testing.B) {
	f := dlp.NewFingerprints([]string{"plan"}, [][]byte{prose(1, 100_000)}, traffic.Key{1})
	s := newScanner(b, dlp.Options{Fingerprints: []*dlp.Fingerprints{f}})
	text := clean(64 << 10)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		s.ScanText(text, nil)
	}
}

// TestEDMLarge looks up records of a table of a size at which places are guessed;
// in memory it takes little more than on disk, and clean text costs no allocation.
func TestEDMLarge(t *testing.T) {
	b, err := dlp.NewEDM("customers", []string{"name", "number", "city"}, 1, traffic.Key{1})
	if err != nil {
		t.Fatal(err)
	}
	const n = 50_000
	row := func(i int) []string {
		return []string{fmt.Sprintf("Given%d Family%d", i%1000, i), fmt.Sprintf("K%08d", i), fmt.Sprintf("Stadt%d", i%100)}
	}
	for i := range n {
		if err := b.Add(row(i)); err != nil {
			t.Fatal(err)
		}
	}
	e, _, _ := b.Build()
	var file bytes.Buffer
	if err := e.Write(&file); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if e, err = dlp.ReadEDM(file.Bytes(), traffic.Key{1}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if more := after.TotalAlloc - before.TotalAlloc; more > uint64(file.Len())/5 {
		t.Errorf("a table of %d bytes takes %d more in memory", file.Len(), more)
	}
	s := newScanner(t, dlp.Options{EDM: []*dlp.EDM{e}})
	for i := 0; i < n; i += 997 {
		text := strings.Join(row(i), ", ")
		if hits := s.ScanText([]byte(text), nil); len(hits) != 3 || hits[0].Detector != "customers" {
			t.Errorf("%s: %+v", text, hits)
		}
	}
	var dump strings.Builder
	for i := range 5000 {
		dump.WriteString(strings.Join(row(i*7), ",") + "\n")
	}
	found := 0
	for _, h := range s.ScanText([]byte(dump.String()), nil) {
		if h.Detector == "customers" {
			found++
		}
	}
	if found != 3*5000 {
		t.Errorf("%d cells found in a dump of 5000 records of three", found)
	}
	clean := []byte(strings.Repeat("Schöne Grüße aus der großen Fußgängerzone, nothing else. ", 50))
	if allocs := testing.AllocsPerRun(20, func() { s.ScanText(clean, nil) }); allocs != 0 && !raceEnabled {
		t.Errorf("%v allocations on clean text", allocs)
	}
}
