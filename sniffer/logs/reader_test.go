package logs_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

const squidLine = "1772442904.250    231 192.0.2.10 TCP_MISS/200 20480 POST https://chatgpt.com/a alice HIER_NONE/- -\n"

func TestRefused(t *testing.T) {
	for _, tt := range []struct {
		name, text, format string
		want               []string
	}{
		{"prose", "It was a dark night.\nThe rain fell.\n", "", []string{"prose.log", "no known log format", "45 tried"}},
		{"a third is Squid", squidLine + "a\nb\n", "", []string{"closest: squid-native 33% (line 2: columns)"}},
		{"unknown name", squidLine, "squid", []string{`no log format is named "squid"`, "squid-native"}},
		{"damaged gzip", "\x1F\x8B\x08\x00\x00\x00\x00\x00\x00\x03zzz", "", []string{"prose.log"}},
		{"half a gzip header", "\x1F\x8B", "", []string{"reading gzip"}},
		{"a capture", "\xD4\xC3\xB2\xA1\x02\x00\x04\x00", "", []string{"capture"}},
		{"Pi-hole's database", "SQLite format 3\x00\x10\x00", "", []string{"prose.log", "SQLite", "pihole.log"}},
		{"zip", "PK\x03\x04....", "", []string{"zip"}},
		{"xz", "\xFD7zXZ\x00....", "", []string{"xz"}},
		{"event log", "ElfFile\x00....", "", []string{"event log"}},
		{"zstd asks for too much", "\x28\xB5\x2F\xFD\x00\xFF\x00\x00", "", []string{"window"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := logs.New(strings.NewReader(tt.text), "prose.log", logs.Options{Format: tt.format})
			if err == nil {
				t.Fatal("not refused")
			}
			for _, w := range tt.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q does not say %q", err, w)
				}
			}
		})
	}
	_, err := logs.New(strings.NewReader("secret words\n"), "x", logs.Options{})
	if u := new(logs.UnrecognisedError); !errors.As(err, &u) || len(u.Tried) != len(logs.Formats()) {
		t.Errorf("error %v is no UnrecognisedError with all formats", err)
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("error %q quotes the log", err)
	}
}

func TestEmpty(t *testing.T) {
	for _, text := range []string{"", "\n\n", "\r\n", "\xEF\xBB\xBF"} {
		r, err := logs.New(strings.NewReader(text), "empty.log", logs.Options{})
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if got := readAll(t, r); len(got) != 0 || r.Format() != "empty" {
			t.Errorf("%q: %d records as %s", text, len(got), r.Format())
		}
	}
}

// TestNamed reads a log that would not be recognised.
func TestNamed(t *testing.T) {
	text := strings.Repeat("noise\n", 60) + squidLine
	r, err := logs.New(strings.NewReader(text), "x", logs.Options{Format: "squid-native"})
	if err != nil {
		t.Fatal(err)
	}
	got := readAll(t, r)
	st := r.Stats()
	want := logs.Stats{Lines: 61, Records: 1, Skipped: map[logs.Reason]int64{logs.ReasonColumns: 60}}
	if len(got) != 1 || st.Lines != want.Lines || st.Records != want.Records || !reflect.DeepEqual(st.Skipped, want.Skipped) {
		t.Errorf("%d records, stats %+v", len(got), st)
	}
	if len(st.Examples) != 10 || st.Examples[9] != (logs.Example{Line: 10, Offset: 54, Reason: logs.ReasonColumns}) {
		t.Errorf("examples %+v, want the first ten", st.Examples)
	}
}

// TestPieces reads samples from readers that give little or fail late: what
// comes out must not depend on it.
func TestPieces(t *testing.T) {
	for format, file := range samples {
		text := endless(t, file, 5)
		whole, err := logs.New(bytes.NewReader(text), file, sampleOptions)
		if err != nil {
			t.Fatal(err)
		}
		want := readAll(t, whole)
		for name, r := range map[string]io.Reader{"one": iotest.OneByteReader(bytes.NewReader(text)), "half": iotest.HalfReader(bytes.NewReader(text)),
			"with end": iotest.DataErrReader(bytes.NewReader(text))} {
			pieces, err := logs.New(r, file, sampleOptions)
			if err != nil {
				t.Fatal(err)
			}
			if got := readAll(t, pieces); !slices.Equal(got, want) || !reflect.DeepEqual(pieces.Stats(), whole.Stats()) {
				t.Errorf("%s in pieces (%s): %d records, want %d; stats %+v", format, name, len(got), len(want), pieces.Stats())
			}
		}
	}
}

// TestLongLines puts lines around the limit between short ones.
func TestLongLines(t *testing.T) {
	long := func(n int) string {
		return strings.Replace(squidLine, "com/a", "com/"+strings.Repeat("a", n), 1)
	}
	text := squidLine + long(300<<10) + squidLine + long(1000<<10) + long(5<<20) + squidLine + long(3<<20) + squidLine + "x\n"
	r, err := logs.New(strings.NewReader(text), "x", logs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var lengths []int
	for _, rec := range readAll(t, r) {
		if rec.Host != "chatgpt.com" || rec.User != "alice" {
			t.Errorf("record %s of %s", rec.Host, rec.User)
		}
		lengths = append(lengths, len(rec.URL)>>10)
	}
	if want := []int{0, 300, 0, 1000, 0, 0}; !slices.Equal(lengths, want) {
		t.Errorf("lengths %v KiB, want %v", lengths, want)
	}
	st := r.Stats()
	if st.Lines != 9 || st.Skipped[logs.ReasonTooLong] != 2 {
		t.Errorf("stats %+v, want 9 lines, 2 too long", st)
	}
	if last := st.Examples[len(st.Examples)-1]; last.Line != 9 || last.Offset != int64(len(text)-2) {
		t.Errorf("the last line is %+v, want line 9 at %d", last, len(text)-2)
	}
}

// TestDamaged cuts compressed logs short: what stands before the damage is
// read, the error tells the line, and the last line, cut too, is not taken.
func TestDamaged(t *testing.T) {
	text := bytes.Repeat([]byte(squidLine), 5000)
	for name, packed := range map[string][]byte{"gzip": gzipped(text), "zstd": zstandard(text)} {
		r, err := logs.New(bytes.NewReader(packed[:len(packed)-12]), "x.log", logs.Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var rec logs.Record
		n := 0
		for err = r.Next(&rec); err == nil; err = r.Next(&rec) {
			n++
			if rec.Host != "chatgpt.com" {
				t.Fatalf("%s: record %+v", name, rec)
			}
		}
		if err == io.EOF || !strings.Contains(err.Error(), fmt.Sprintf("x.log:%d", n+1)) {
			t.Errorf("%s: %v after %d records", name, err, n)
		}
		if again := r.Next(&rec); again != err {
			t.Errorf("%s: then %v", name, again)
		}
		r.Close()
	}
}

// TestYear dates a log without years by when the file was written.
func TestYear(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dnsmasq.log")
	text := "Dec 31 23:59:59 dnsmasq[1]: query[A] chatgpt.com from 192.0.2.1\n" +
		"Jan  1 00:00:01 dnsmasq[1]: query[A] chatgpt.com from 192.0.2.1\n" +
		"Feb 29 00:00:01 dnsmasq[1]: query[A] chatgpt.com from 192.0.2.1\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	end := time.Date(2026, 1, 1, 0, 5, 0, 0, time.UTC)
	if err := os.Chtimes(path, end, end); err != nil {
		t.Fatal(err)
	}
	r, err := logs.Open(path, logs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	for _, rec := range readAll(t, r) {
		got = append(got, rec.Time.Year())
	}
	if want := []int{2025, 2026, 2024}; !slices.Equal(got, want) {
		t.Errorf("years %v, want %v", got, want)
	}
	notes := strings.Join(r.Stats().Notes, "\n")
	for _, w := range []string{"no year", "2025", "no zone"} {
		if !strings.Contains(notes, w) {
			t.Errorf("notes %q do not say %q", notes, w)
		}
	}
}

// TestConstantMemory reads 64 MiB and looks at what is held at a quarter and
// at the end.
func TestConstantMemory(t *testing.T) {
	const size = 64 << 20
	r, err := logs.New(io.LimitReader(&repeat{line: squidLine}, size), "x", logs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	live := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var rec logs.Record
	var early uint64
	for n := int64(0); ; n++ {
		err := r.Next(&rec)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if n == size/4/int64(len(squidLine)) {
			early = live()
		}
	}
	if late := live(); late > early+2<<20 {
		t.Errorf("%d bytes held at the end, %d at a quarter", late, early)
	}
}

// repeat is a log without end.
type repeat struct {
	line string
	at   int
}

func (r *repeat) Read(p []byte) (n int, err error) {
	for n < len(p) {
		k := copy(p[n:], r.line[r.at:])
		n, r.at = n+k, (r.at+k)%len(r.line)
	}
	return n, nil
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	for _, f := range []string{"b.log", "a/2.log.gz", "a/1.log", ".hidden", ".git/x"} {
		path := filepath.Join(dir, f)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(dir, "b.log"), filepath.Join(dir, "current")); err != nil {
		t.Fatal(err)
	}
	got, err := logs.Files(dir)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		got[i], _ = filepath.Rel(dir, got[i])
	}
	if want := []string{"a/1.log", "a/2.log.gz", "b.log"}; !slices.Equal(got, want) {
		t.Errorf("Files = %q, want %q", got, want)
	}
	link := filepath.Join(dir, "current")
	if got, err := logs.Files(link); err != nil || !slices.Equal(got, []string{link}) {
		t.Errorf("Files(link) = %q, %v", got, err)
	}
	if _, err := logs.Files(filepath.Join(dir, "none")); err == nil {
		t.Error("a path that isn't there is no error")
	}
}

func TestIsCapture(t *testing.T) {
	pcap := append([]byte{0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0}, make([]byte, 16)...)
	for _, tt := range []struct {
		name string
		head []byte
		want bool
	}{
		{"pcap", pcap, true},
		{"pcap, nanoseconds, big endian", []byte{0xA1, 0xB2, 0x3C, 0x4D, 0, 2}, true},
		{"pcapng", []byte{0x0A, 0x0D, 0x0D, 0x0A, 28, 0, 0, 0}, true},
		{"gzip", gzipped(pcap), true},
		{"zstd", zstandard(pcap), true},
		{"a log", []byte(squidLine), false},
		{"a gzipped log", gzipped([]byte(squidLine)), false},
		{"short", []byte{0xD4, 0xC3}, false},
		{"empty", nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := logs.IsCapture(tt.head); got != tt.want {
				t.Errorf("IsCapture = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestPath(t *testing.T) {
	for _, tt := range []struct{ url, want string }{
		{"https://chatgpt.com/backend-api/conversation?x=/y#z", "/backend-api/conversation"},
		{"chatgpt.com/a", "/a"},
		{"chatgpt.com/a://b", "/a://b"},
		{"https://chatgpt.com", ""},
		{"https://chatgpt.com?x=/y", ""},
		{"api.openai.com:443", ""},
		{"/v1/chat", "/v1/chat"},
		{"", ""},
	} {
		if got := (&logs.Record{URL: tt.url}).Path(); got != tt.want {
			t.Errorf("Path of %q = %q, want %q", tt.url, got, tt.want)
		}
	}
}

// TestAllocs: a line of the usual formats costs no allocation; a block of 256
// KiB costs one.
func TestAllocs(t *testing.T) {
	for _, format := range []string{"squid-native", "zeek-dns-tsv", "zeek-ssl-tsv", "zeek-conn-tsv", "zeek-dns-json", "zeek-quic-json", "suricata-eve",
		"pihole-dnsmasq", "dnsmasq-extra", "adguard-querylog", "bind-query", "unbound", "coredns"} {
		t.Run(format, func(t *testing.T) {
			end := time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)
			text := plainLines(endless(t, samples[format], 4000))
			var lines int64
			allocs := testing.AllocsPerRun(1, func() {
				r, err := logs.New(bytes.NewReader(text), format, logs.Options{Written: end})
				if err != nil {
					t.Fatal(err)
				}
				var rec logs.Record
				for err == nil {
					err = r.Next(&rec)
				}
				lines = r.Stats().Lines
			})
			// Detection, a reader and its tables: some hundreds, once a log.
			if limit := 600 + float64(len(text)>>18); allocs > limit || lines < 12000 {
				t.Errorf("%v allocations for %d lines, want at most %v", allocs, lines, limit)
			}
		})
	}
}

// plainLines leaves out lines whose fields can't be cut out as they are: with
// escapes, and clear-text requests, whose URL is put together.
func plainLines(text []byte) []byte {
	var out []byte
	for line := range bytes.Lines(text) {
		if !bytes.Contains(line, []byte("%5C")) && !bytes.Contains(line, []byte(`"event_type": "http"`)) {
			out = append(out, line...)
		}
	}
	return out
}

// TestReadme: README.md knows every format, and none that isn't there.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	told := make(map[string]bool)
	for line := range strings.Lines(string(text)) {
		if cell, ok := strings.CutPrefix(line, "| `"); ok {
			cell, _, _ = strings.Cut(cell, "` |")
			for _, name := range strings.Split(cell, "` `") {
				told[name] = true
			}
		}
	}
	for _, f := range logs.Formats() {
		if !told[f[0]] {
			t.Errorf("README.md does not tell of %s", f[0])
		}
		delete(told, f[0])
	}
	for name := range told {
		t.Errorf("README.md tells of %s, which is no format", name)
	}
}

// TestHoles reads on behind what a truncation left of a file that its writer
// keeps its place in, and what Windows writes without the mark of UTF-16.
func TestHoles(t *testing.T) {
	hole := strings.Repeat("\x00", 300_000)
	wide := ""
	for _, c := range squidLine {
		wide += string(c) + "\x00"
	}
	for name, text := range map[string]string{"at the start": hole + squidLine + squidLine, "in the middle": squidLine + hole + squidLine, "UTF-16": wide + wide} {
		t.Run(name, func(t *testing.T) {
			r, err := logs.New(strings.NewReader(text), name, logs.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := readAll(t, r); len(got) != 2 || r.Stats().Lines != 2 {
				t.Errorf("%d records of %d lines, want 2 of 2", len(got), r.Stats().Lines)
			}
		})
	}
}
