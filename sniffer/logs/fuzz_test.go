package logs_test

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

// FuzzFormats reads any bytes as any format.
func FuzzFormats(f *testing.F) {
	all := logs.Formats()
	for format, file := range samples {
		text, err := os.ReadFile(filepath.Join("testdata", "samples", file))
		if err != nil {
			f.Fatal(err)
		}
		i := slices.IndexFunc(all, func(n [2]string) bool { return n[0] == format })
		f.Add(uint8(i), text)
	}
	files, _ := filepath.Glob(filepath.Join("testdata", "variants", "*.txt"))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for i := range all {
			f.Add(uint8(i), text)
		}
	}
	f.Fuzz(func(t *testing.T, i uint8, text []byte) {
		drain(t, text, logs.Options{Format: all[int(i)%len(all)][0], Year: 2026, Answers: true})
	})
}

// FuzzReader lets the format be recognised, through all wrappings.
func FuzzReader(f *testing.F) {
	for _, file := range samples {
		text, err := os.ReadFile(filepath.Join("testdata", "samples", file))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
		f.Add(gzipped(text))
		f.Add(zstandard(text))
		f.Add(utf16(text, true))
		f.Add(append([]byte("<13>1 2026-03-02T09:15:04Z h a - - - "), text...))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		logs.IsCapture(text)
		drain(t, text, logs.Options{Year: 2026})
	})
}

// drain reads a log twice, whole and in halves, and checks what must hold for
// any log.
func drain(t *testing.T, text []byte, o logs.Options) {
	r, err := logs.New(bytes.NewReader(text), "fuzz", o)
	if err != nil {
		return
	}
	defer r.Close()
	again, err := logs.New(iotest.HalfReader(bytes.NewReader(text)), "fuzz", o)
	if err != nil {
		return // damaged: how far it is read may differ
	}
	defer again.Close()
	var n int64
	for {
		var rec, same logs.Record
		err := r.Next(&rec)
		err2 := again.Next(&same)
		if err == nil && err2 == nil && rec != same {
			t.Fatalf("in pieces %+v, whole %+v", same, rec)
		}
		if err != nil {
			break
		}
		n++
		check(t, &rec)
	}
	st := r.Stats()
	if st.Records != n {
		t.Errorf("%d records counted, %d read", st.Records, n)
	}
	if st.Skipped[logs.ReasonFault] > 0 {
		t.Errorf("a parser panicked: %+v", st.Examples)
	}
}

func check(t *testing.T, r *logs.Record) {
	switch {
	case !r.Time.IsZero() && r.Time.Location() != time.UTC:
		t.Errorf("time %v is not UTC", r.Time)
	case r.Client.Is4In6() || r.Client.Zone() != "":
		t.Errorf("client %v", r.Client)
	case strings.ToLower(r.Host) != r.Host || strings.HasSuffix(r.Host, "."):
		t.Errorf("host %q is not canonical", r.Host)
	case r.Up < 0 || r.Down < 0 || r.Status < 0 || r.Status > 999:
		t.Errorf("up %d, down %d, status %d", r.Up, r.Down, r.Status)
	}
	_ = r.Path()
	n := 0
	r.Answers.Each(func(a netip.Addr, ttl time.Duration) {
		if n++; n > 64 || !a.IsValid() || ttl < 0 {
			t.Errorf("answer %d is %v for %v", n, a, ttl)
		}
	})
}
