package logs_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

// TestVariants reads testdata/variants: what systems write beside the samples.
// A file starts with settings ("# year 2026", "# end 2026-03-02T00:00:00Z"),
// then has, for each log, "== format: title", its lines, "--", and for each
// record the line "kind time client user host server method status up down
// blocked url agent", "-" where there is nothing, or "skipped reason".
func TestVariants(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "variants", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no variants: %v", err)
	}
	for _, file := range files {
		for _, v := range variants(t, file) {
			t.Run(filepath.Base(file)+"/"+v.title, v.run)
		}
	}
}

type variant struct {
	title, format string
	opt           logs.Options
	log, want     []string
}

func variants(t *testing.T, file string) (out []variant) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	behind := false
	for sc := bufio.NewScanner(f); sc.Scan(); {
		s := sc.Text()
		switch {
		case strings.HasPrefix(s, "== "):
			format, title, _ := strings.Cut(s[3:], ": ")
			out, behind = append(out, variant{title: title, format: format}), false
		case len(out) == 0: // what the file is about
		case strings.HasPrefix(s, "!year "):
			if _, err := fmt.Sscan(s[6:], &out[len(out)-1].opt.Year); err != nil {
				t.Fatal(err)
			}
		case strings.HasPrefix(s, "!zone "):
			if out[len(out)-1].opt.Location, err = time.LoadLocation(s[6:]); err != nil {
				t.Skip(err) // no time zones on this machine
			}
		case s == "--":
			behind = true
		case behind && s != "":
			out[len(out)-1].want = append(out[len(out)-1].want, s)
		case !behind:
			out[len(out)-1].log = append(out[len(out)-1].log, strings.ReplaceAll(s, "<TAB>", "\t"))
		}
	}
	return out
}

func (v variant) run(t *testing.T) {
	r, err := logs.New(strings.NewReader(strings.Join(v.log, "\n")), v.title, v.opt)
	if err != nil {
		t.Fatal(err)
	}
	if r.Format() != v.format {
		t.Errorf("recognised as %s, want %s", r.Format(), v.format)
	}
	var got []string
	for _, rec := range readAll(t, r) {
		got = append(got, long(rec))
	}
	for _, e := range r.Stats().Examples {
		got = append(got, fmt.Sprintf("skipped %d %s", e.Line, e.Reason))
	}
	for i := range max(len(got), len(v.want)) {
		g, w := "nothing", "nothing"
		if i < len(got) {
			g = got[i]
		}
		if i < len(v.want) {
			w = v.want[i]
		}
		if g != w {
			t.Errorf("record %d:\n got %s\nwant %s", i, g, w)
		}
	}
}

// long writes all of a record on one line.
func long(r logs.Record) string {
	or := func(s string) string {
		if s == "" {
			return "-"
		}
		return s
	}
	stamp, server, blocked := "-", "-", "-"
	if !r.Time.IsZero() {
		stamp = r.Time.Format(time.RFC3339Nano)
	}
	if r.Server.IsValid() {
		server = r.Server.String()
	}
	if r.Blocked {
		blocked = "blocked"
	}
	return strings.Join([]string{r.Kind.String(), stamp, r.Client.String(), or(r.User), or(r.Host), server,
		or(r.Method), or(count(int64(r.Status))), or(count(r.Up)), or(count(r.Down)), blocked, or(r.URL), or(r.UserAgent)}, " ")
}
