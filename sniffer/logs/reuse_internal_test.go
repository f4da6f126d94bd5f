package logs

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"
)

// TestReuse reads each sample again and again, over more than one block: a
// parser that kept a string of an earlier line would tell other records where
// blocks are used again than where they are not.
func TestReuse(t *testing.T) {
	files, err := filepath.Glob("testdata/samples/*")
	if err != nil || len(files) == 0 {
		t.Fatal("no samples", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasSuffix(text, newline) {
			text = append(text, '\n')
		}
		var body []byte // without what may be a header, which comes once
		for line := range bytes.Lines(text) {
			if line[0] != '#' && !bytes.HasPrefix(text, line) {
				body = append(body, line...)
			}
		}
		if len(body) == 0 {
			continue // a document
		}
		// Twice, as the first block is smaller and not used again.
		long := bytes.Repeat(append(text, bytes.Repeat(body, 2*blockSize/len(body)+1)...), 2)
		read := func(reuse bool, each func(*Record)) {
			r, err := New(bytes.NewReader(long), file, Options{Year: 2026})
			if err != nil {
				t.Fatal(err)
			}
			r.in.reuse = reuse
			var rec Record
			for r.Next(&rec) == nil {
				each(&rec)
			}
		}
		var want []Record
		read(false, func(r *Record) {
			own := *r
			for _, s := range own.texts() {
				*s = strings.Clone(*s)
			}
			want = append(want, own)
		})
		n := 0
		read(true, func(r *Record) {
			if n < len(want) && *r != want[n] {
				t.Fatalf("%s: record %d is %+v, want %+v", file, n, *r, want[n])
			}
			n++
		})
		if n != len(want) || n == 0 {
			t.Errorf("%s: %d records, want %d", file, n, len(want))
		}
	}
}

// TestHeldOutlivesLine: what is held back says the same when its line is gone.
func TestHeldOutlivesLine(t *testing.T) {
	var h held
	line := []byte("user device host.example url GET agent key")
	at := func(from, to int) string { return unsafe.String(&line[from], to-from) }
	r := Record{User: at(0, 4), Device: at(5, 11), Host: at(12, 24), URL: at(25, 28), Method: at(29, 32), UserAgent: at(33, 38)}
	want := r
	for _, s := range want.texts() {
		*s = strings.Clone(*s)
	}
	if v := h.swap(&r, at(39, 42)); v != nothing || r != (Record{}) {
		t.Fatalf("swap: %v, %+v", v, r)
	}
	clear(line)
	var out Record
	if v := h.answer(&out, "key", false); v != yes || out != want {
		t.Errorf("answer: %v, %+v, want %+v", v, out, want)
	}
	if v := h.flush(&out); v != nothing {
		t.Error("it is held still")
	}
	if n := testing.AllocsPerRun(100, func() { r := want; h.swap(&r, "key") }); n != 0 {
		t.Errorf("swap allocates %v times", n)
	}
}
