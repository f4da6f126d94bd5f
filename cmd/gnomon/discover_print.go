package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/visible"
	"github.com/gnomon-proxy/gnomon/sniffer/logs"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// write puts out the result as the options say: data on stdout, talk on stderr.
func (d *discovered) write(stdout, stderr io.Writer, o *discoverOptions) error {
	d.talk(stderr)
	if o.html == "-" {
		return d.writeReport(stdout, o)
	}
	err := d.print(stdout, o)
	if o.html == "" {
		return err
	}
	if failed := d.writeReport(stdout, o); failed != nil {
		return errors.Join(err, failed)
	}
	fmt.Fprintln(stderr, "report written to", o.html)
	return err
}

func (d *discovered) print(stdout io.Writer, o *discoverOptions) error {
	switch {
	case o.asJSON:
		enc := json.NewEncoder(visible.JSONWriter(stdout))
		enc.SetEscapeHTML(false)
		return enc.Encode(d)
	case o.asCSV:
		return printCSV(stdout, d.Services)
	}
	if !d.readAny() {
		return nil // nothing was read: nothing is said of AI
	}
	var b strings.Builder
	d.table(&b, widthOf(stdout), o.top, isTerminal(stdout) && os.Getenv("NO_COLOR") == "")
	_, err := io.WriteString(stdout, b.String())
	return err
}

// readAny reports whether something of an input could be read.
func (d *discovered) readAny() bool {
	return slices.ContainsFunc(d.Inputs, func(in inputReport) bool { return in.Format != "" && !in.unread() })
}

const (
	maxTalk   = 3  // unreadable lines that are told of each input
	fewInputs = 12 // with more of them, those that were read whole are not told
)

// talk says how the inputs were read.
func (d *discovered) talk(w io.Writer) {
	whole := 0
	var notes []string
	files := make(map[string]int) // by note
	for i := range d.Inputs {
		in := &d.Inputs[i]
		for _, note := range in.notes {
			if files[note]++; files[note] == 1 {
				notes = append(notes, note)
			}
		}
		switch {
		case in.Format == "": // its error is told at the end
		case len(in.Skipped) == 0 && len(d.Inputs) > fewInputs:
			whole++
		default:
			in.talk(w)
		}
	}
	if whole > 0 {
		fmt.Fprintf(w, "%d more inputs were read whole\n", whole)
	}
	for _, note := range notes {
		fmt.Fprintf(w, "note, on %d of the inputs: %s\n", files[note], printable(note))
	}
	for _, note := range d.caveats() {
		fmt.Fprintln(w, "note:", note)
	}
}

func (r *inputReport) talk(w io.Writer) {
	what := "line"
	if r.Format == captureFormat {
		what = "packet"
	}
	fmt.Fprintf(w, "%s: %s, %s", printable(r.File), r.Format, amount(r.Lines, what))
	for _, reason := range slices.Sorted(maps.Keys(r.Skipped)) {
		fmt.Fprintf(w, ", %d %s (%s)", r.Skipped[reason], howRead(reason), reason)
	}
	fmt.Fprintln(w)
	for _, e := range r.examples[:min(len(r.examples), maxTalk)] {
		fmt.Fprintf(w, "  line %d, at byte %d: %s\n", e.Line, e.Offset, e.Reason)
	}
}

// adviseUnrecognised says once what to do about logs of no known format.
func adviseUnrecognised(w io.Writer, failed error) {
	if e := new(logs.UnrecognisedError); errors.As(failed, &e) {
		fmt.Fprintf(w, "a log of no known format was refused: `gnomon discover --format help` lists the %d that were tried; --format names one, --map the columns of a generic one\n", len(e.Tried))
	}
}

// caveats says what the figures don't hold.
func (d *discovered) caveats() (list []string) {
	if d.interrupted {
		list = append(list, "interrupted: this is what was read until then")
	}
	if d.estimated {
		list = append(list, fmt.Sprintf("numbers of users or clients above %d are estimates, right to about one percent", maxExact))
	}
	if d.repeated > 0 {
		list = append(list, fmt.Sprintf("%s more than once in the inputs, the same at the same time, and counted once", amount(d.repeated, "event of interest stands", "events of interest stand")))
	}
	if d.repeatedMore {
		list = append(list, "there were more requests than are kept in mind: what stands in two inputs may be counted twice here; --save keeps it once")
	}
	if d.left > 0 {
		list = append(list, fmt.Sprintf("%s known by address only, and no other line tells what is there: a capture of the same time, or a log with names (a proxy's, TLS, EVE), would", amount(d.left, "flow is", "flows are")))
	}
	if d.hasty > 0 {
		list = append(list, fmt.Sprintf("%d of them came through a pipe, or before the names in their own file, and were more than are kept (%s): what came later may name them; give what is in the pipe as a file, and names and flows as two", d.hasty, byteCount(maxWaiting)))
	}
	if d.crowded > 0 {
		list = append(list, fmt.Sprintf("%d flows to look-alikes or blind spots are left out: there were more than %d", d.crowded, maxUnknown))
	}
	return list
}

// table prints the result for people. width is how many columns there are, top
// how many rows (0: all).
func (d *discovered) table(w *strings.Builder, width, top int, colour bool) {
	if len(d.Services) == 0 {
		fmt.Fprintln(w, "No AI service of the catalogue was seen.")
	} else {
		d.serviceTable(w, width, top, colour)
	}
	if len(d.Unknown) > 0 {
		fmt.Fprintf(w, "\nNot in the catalogue, but it looks like AI (a hint, not a verdict):\n")
		t := newGrid(width, column{title: "HOST", cut: true}, column{title: "SURE", right: true}, column{title: "USERS", right: true}, column{title: "REQUESTS", right: true}, column{title: "BECAUSE OF", cut: true})
		for _, u := range firstOf(d.Unknown, top) {
			t.row(u.Host, fmt.Sprintf("%.0f%%", 100*u.Confidence), fmt.Sprint(max(u.Users, u.Clients)), fmt.Sprint(u.Requests), strings.Join(u.Features, ", "))
		}
		t.print(w, false)
		more(w, len(d.Unknown), top)
	}
	if len(d.names) > 0 {
		fmt.Fprintf(w, "\nWhat hid from sight (there may be AI use behind it):\n")
		t := newGrid(width, column{title: "REASON"}, column{title: "NAME", cut: true}, column{title: "CLIENTS", right: true}, column{title: "FLOWS", right: true}, column{title: "LAST SEEN"})
		for _, b := range firstOf(d.names, top) {
			t.row(b.Reason, cmp.Or(b.Name, "-"), fmt.Sprint(b.Clients), fmt.Sprint(b.Flows), day(b.Last))
		}
		t.print(w, false)
		more(w, len(d.names), top)
	}
}

func (d *discovered) serviceTable(w *strings.Builder, width, top int, colour bool) {
	columns := []column{
		{title: "SERVICE", cut: true}, {title: "STATUS"}, {title: "USERS", right: true}, {title: "REQUESTS", right: true}, {title: "UP", right: true}, {title: "DOWN", right: true}, {title: "LAST SEEN"},
	}
	// Requests that were refused are requests, too: a column says how many.
	refused := slices.ContainsFunc(d.Services, func(s foundService) bool { return s.Blocked > 0 })
	if refused {
		columns = slices.Insert(columns, 4, column{title: "BLOCKED", right: true})
	}
	wide := width >= 110
	if wide { // users and clients apart; else the more of the two, as a user without a name is a client
		columns = slices.Insert(columns, 3, column{title: "CLIENTS", right: true})
		columns = append(columns, column{title: "FIRST SEEN"}, column{title: "KNOWN BY"})
	}
	t := newGrid(width, columns...)
	for _, s := range firstOf(d.Services, top) {
		cells := []string{
			s.Service.Service, shortStatus(s.Status), fmt.Sprint(max(s.Users, s.Clients)), fmt.Sprint(s.Requests), sentBytes(s.Up), sentBytes(s.Down), day(s.LastSeen),
		}
		if refused {
			cells = slices.Insert(cells, 4, fmt.Sprint(s.Blocked))
		}
		if wide {
			cells[2] = fmt.Sprint(s.Users)
			cells = append(slices.Insert(cells, 3, fmt.Sprint(s.Clients)), day(s.FirstSeen), strings.ReplaceAll(string(s.How), "_", " "))
		}
		t.row(cells...)
	}
	t.print(w, colour)
	more(w, len(d.Services), top)
	first, last := d.span()
	fmt.Fprintf(w, "\n%s, %d of them reviewed by nobody.\n", amount(len(d.Services), "AI service"), d.unreviewed())
	if !first.IsZero() {
		fmt.Fprintf(w, "Seen from %s to %s.\n", first.UTC().Format("2006-01-02 15:04"), last.UTC().Format("2006-01-02 15:04 MST"))
	}
}

func firstOf[T any](list []T, top int) []T {
	if top > 0 && len(list) > top {
		return list[:top]
	}
	return list
}

func more(w io.Writer, n, top int) {
	if top > 0 && n > top {
		fmt.Fprintf(w, "... and %d more: --top 0 shows all\n", n-top)
	}
}

func day(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.DateOnly)
}

func shortStatus(s traffic.Status) string {
	switch s {
	case traffic.StatusConditional:
		return "conditional"
	case traffic.StatusInReview:
		return "in review"
	}
	return string(s)
}
