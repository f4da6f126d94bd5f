package logs_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

// tailing runs a Tail and hands over the hosts of its records.
type tailing struct {
	t     *testing.T
	tail  *logs.Tail
	hosts chan string
	stop  func()
	err   chan error
}

func startTail(t *testing.T, tail *logs.Tail) *tailing {
	t.Helper()
	tail.Every = 5 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	g := &tailing{t: t, tail: tail, hosts: make(chan string, 100_000), stop: cancel, err: make(chan error, 1)}
	go func() {
		g.err <- tail.Run(ctx, func(r *logs.Record) { g.hosts <- r.Host })
	}()
	t.Cleanup(cancel)
	return g
}

// want waits for the records of hosts, in this order.
func (g *tailing) want(hosts ...string) {
	g.t.Helper()
	for _, want := range hosts {
		select {
		case got := <-g.hosts:
			if got != want {
				g.t.Fatalf("got a record of %q, want %q", got, want)
			}
		case err := <-g.err:
			g.t.Fatalf("Run ended: %v", err)
		case <-time.After(time.Minute):
			g.t.Fatalf("no record of %q", want)
		}
	}
}

// end stops the tail; nothing more may have come.
func (g *tailing) end() {
	g.t.Helper()
	g.stop()
	if err := <-g.err; err != nil {
		g.t.Errorf("Run = %v, want nil after its context ended", err)
	}
	select {
	case got := <-g.hosts:
		g.t.Errorf("a record too many, of %q", got)
	default:
	}
}

// ready appends line until the tail, which may have started at any of them,
// gives a record, and then marker until it gives that one's.
func (g *tailing) ready(path, line, marker, host string) {
	g.t.Helper()
	for end := time.Now().Add(time.Minute); len(g.hosts) == 0; {
		if time.Now().After(end) {
			g.t.Fatal("the tail reads nothing")
		}
		appendTo(g.t, path, line)
		time.Sleep(10 * time.Millisecond)
	}
	appendTo(g.t, path, marker)
	for got := ""; got != host; {
		select {
		case got = <-g.hosts:
		case <-time.After(time.Minute):
			g.t.Fatalf("no record of %q", host)
		}
	}
}

func squid(host string) string {
	return fmt.Sprintf("1772442904.250    231 192.0.2.10 TCP_MISS/200 20480 GET https://%s/x alice HIER_DIRECT/203.0.113.20 text/html\n", host)
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

func TestTailRotation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.log")
	appendTo(t, path, squid("old.example"))
	g := startTail(t, &logs.Tail{Path: path})
	g.ready(path, squid("some.example"), squid("one.example"), "one.example")

	// A line in two parts is one line.
	line := squid("two.example")
	appendTo(t, path, line[:40])
	time.Sleep(30 * time.Millisecond)
	appendTo(t, path, line[40:])
	g.want("two.example")

	// By rename; the last line of the old file has no ending.
	last := squid("three.example")
	appendTo(t, path, last[:len(last)-1])
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(30 * time.Millisecond)
	appendTo(t, path, squid("four.example"))
	g.want("three.example", "four.example")

	// By copy and truncate.
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	appendTo(t, path, squid("five.example"))
	g.want("five.example")

	// Truncated and grown beyond where we were, between two looks.
	if err := os.WriteFile(path, []byte("1772442905"+squid("six.example")[10:]+squid("seven.example")), 0o600); err != nil {
		t.Fatal(err)
	}
	g.want("six.example", "seven.example")
	g.end()
	if st := g.tail.Stats(); st.Records < 7 || len(st.Skipped) != 0 {
		t.Errorf("Stats = %+v, want 7 records and more, none skipped", st)
	}
	if g.tail.Format() != "squid-native" {
		t.Errorf("Format = %q", g.tail.Format())
	}
}

// TestTailOldWriter: who rotates makes the new file at once, who writes opens it
// later, and goes on in the old one until then.
func TestTailOldWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.log")
	appendTo(t, path, squid("one.example"))
	g := startTail(t, &logs.Tail{Path: path, Start: true})
	g.want("one.example")
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	appendTo(t, path, "")
	time.Sleep(50 * time.Millisecond)
	appendTo(t, path+".1", squid("two.example"))
	g.want("two.example")
	appendTo(t, path, squid("three.example"))
	g.want("three.example")
	g.end()
}

// TestTailRotatedMeanwhile goes on in the old file when the log was rotated
// while nobody followed it.
func TestTailRotatedMeanwhile(t *testing.T) {
	for _, way := range []string{"rename", "copy", "no new file yet"} {
		t.Run(way, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "access.log")
			appendTo(t, path+".2", squid("other.example")+squid("one.example")+squid("other.example"))
			appendTo(t, path, squid("one.example"))
			g := startTail(t, &logs.Tail{Path: path, Start: true})
			g.want("one.example")
			g.end()
			at := g.tail.Position()
			appendTo(t, path, squid("two.example"))
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			appendTo(t, path+"-20260302", string(text))
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			if way == "copy" {
				appendTo(t, path, "")
			}
			if way == "rename" {
				appendTo(t, path, squid("three.example"))
			}
			g = startTail(t, &logs.Tail{Path: path, From: at})
			g.want("two.example")
			if way != "rename" {
				appendTo(t, path, squid("three.example"))
			}
			g.want("three.example")
			g.end()
		})
	}
}

// TestTailRotatedTwice reads the files between the old one and the new one too.
func TestTailRotatedTwice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.log")
	appendTo(t, path, squid("one.example"))
	g := startTail(t, &logs.Tail{Path: path, Start: true})
	g.want("one.example")
	g.end()
	at := g.tail.Position()
	appendTo(t, path, squid("two.example"))
	begun := time.Now().Add(-time.Hour)
	for i, name := range []string{".2.gz", ".3", ".2", ".1"} { // .3 was there before, .2 is the old one
		if name == ".2" {
			if err := os.Rename(path, path+name); err != nil {
				t.Fatal(err)
			}
		} else {
			appendTo(t, path+name, "1772442"+fmt.Sprint(100+i)+squid("between.example")[10:])
		}
		if err := os.Chtimes(path+name, begun, begun.Add(time.Duration(i)*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	appendTo(t, path, squid("three.example"))
	g = startTail(t, &logs.Tail{Path: path, From: at})
	g.want("two.example", "between.example", "three.example")
	g.end()
}

// TestTailIdle tells where it stands though there was nothing to read.
func TestTailIdle(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.log")
	appendTo(t, path, squid("one.example"))
	var tail logs.Tail
	at := make(chan logs.Position, 100)
	tail = logs.Tail{Path: path, Idle: func() {
		select {
		case at <- tail.Position():
		default: // nobody reads any more
		}
	}}
	g := startTail(t, &tail)
	if got, want := (<-at).Offset, int64(len(squid("one.example"))); got != want {
		t.Errorf("Position at rest = %d, want %d", got, want)
	}
	g.end()
}

func TestTailPosition(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.log")
	appendTo(t, path, squid("one.example")+squid("two.example"))
	g := startTail(t, &logs.Tail{Path: path, Start: true})
	g.want("one.example", "two.example")
	appendTo(t, path, squid("three.example")[:30])
	time.Sleep(30 * time.Millisecond)
	g.end()
	at := g.tail.Position()
	if want := int64(2 * len(squid("one.example"))); at.Offset != want {
		t.Errorf("Position = %d, want %d: the start of the line that isn't whole", at.Offset, want)
	}

	appendTo(t, path, squid("three.example")[30:]+squid("four.example"))
	g = startTail(t, &logs.Tail{Path: path, From: at})
	g.want("three.example", "four.example")
	g.end()

	// Another file has taken the place: all of it is new.
	at = g.tail.Position()
	os.Remove(path)
	appendTo(t, path, "1772442999"+squid("five.example")[10:]+squid("six.example")+squid("seven.example")+squid("eight.example")+squid("nine.example"))
	g = startTail(t, &logs.Tail{Path: path, From: at})
	g.want("five.example", "six.example", "seven.example", "eight.example", "nine.example")
	g.end()
}

// TestTailHeader starts in the middle of logs whose header says what the
// columns are.
func TestTailHeader(t *testing.T) {
	for _, tt := range []struct{ name, header, line, host string }{
		{"zeek", "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tssl\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tserver_name\n",
			"1772442904.250000\tCabc\t192.0.2.10\t51544\t203.0.113.20\t443\tchatgpt.com\n", "chatgpt.com"},
		{"elff", "#Software: SGOS 7.3.1.1\n#Fields: date time c-ip cs-username cs-method cs-host cs-uri-path sc-status\n",
			"2026-03-02 09:15:04 192.0.2.10 alice GET claude.ai / 200\n", "claude.ai"},
		{"csv", "time,user,client_ip,host\n", "2026-03-02T09:15:04Z,alice,192.0.2.10,api.openai.com\n", "api.openai.com"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "log")
			appendTo(t, path, tt.header+tt.line)
			g := startTail(t, &logs.Tail{Path: path})
			g.ready(path, tt.line, strings.Replace(tt.line, tt.host, "marker.example", 1), "marker.example")
			if err := os.Rename(path, path+".1"); err != nil {
				t.Fatal(err)
			}
			appendTo(t, path, tt.header+tt.line)
			g.want(tt.host)
			g.end()
			if st := g.tail.Stats(); len(st.Skipped) != 0 {
				t.Errorf("Stats = %+v, want none skipped", st)
			}
		})
	}
}

func TestTailUnknown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	text := ""
	for i := range 60 {
		text += fmt.Sprintf("nothing to see in line %d\n", i)
	}
	appendTo(t, path, text)
	for _, start := range []bool{true, false} {
		g := startTail(t, &logs.Tail{Path: path, Start: start})
		select {
		case err := <-g.err:
			if err == nil {
				t.Error("Run = nil for a file that is no log")
			}
		case <-time.After(time.Minute):
			t.Fatal("Run follows a file that is no log")
		}
	}
}

// TestTailUndecided ends before the format is known: its lines come again.
func TestTailUndecided(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	appendTo(t, path, "no line\nof a log\n")
	looked := make(chan struct{})
	g := startTail(t, &logs.Tail{Path: path, Start: true, Idle: sync.OnceFunc(func() { close(looked) })})
	<-looked
	g.end()
	if at := g.tail.Position(); at.Offset != 0 || g.tail.Format() != "" {
		t.Errorf("Position = %+v, format %q: want the start, and none", at, g.tail.Format())
	}
}

// TestTailWaits follows a file that does not exist yet.
func TestTailWaits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	began := make(chan struct{})
	g := startTail(t, &logs.Tail{Path: path, Idle: sync.OnceFunc(func() { close(began) })})
	<-began
	appendTo(t, path, squid("one.example"))
	g.want("one.example")
	g.end()
}
