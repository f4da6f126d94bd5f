package logs

import (
	"fmt"
	"slices"
	"strings"
)

// minScore is what a format must reach to be taken without being named: half
// of the first lines.
const minScore = 50

// choice is the format of a log.
type choice struct {
	format format
	peel   bool // its lines have a syslog prefix
	score  int
}

// UnrecognisedError says why a log was refused.
type UnrecognisedError struct {
	Tried   []string // names of all formats
	Guesses []Guess  // the closest, best first; none when nothing fits at all
}

// Guess is a format that a log came near to.
type Guess struct {
	Format string
	Score  int    // of 100
	Line   int    // the first of the first lines that it could not read, 0 when there is none
	Reason Reason // of that line
}

// Error names the closest. The rest of what was tried is for the caller to tell
// once, however many logs were refused.
func (e *UnrecognisedError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "no known log format (%d tried)", len(e.Tried))
	for i, g := range e.Guesses {
		if i == 0 {
			b.WriteString("; closest:")
		} else {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, " %s %d%%", g.Format, g.Score)
		if g.Line > 0 {
			fmt.Fprintf(&b, " (line %d: %s)", g.Line, g.Reason)
		}
	}
	return b.String()
}

// Formats returns name and title of every format, in the order in which they
// are tried.
func Formats() [][2]string {
	var out [][2]string
	for _, f := range formats() {
		out = append(out, [2]string{f.name, f.title})
	}
	return out
}

// detect recognises a log by its first lines. name, when not "", is the format
// to take without asking.
func detect(head []string, name string) (choice, error) {
	all := formats()
	if name != "" {
		i := slices.IndexFunc(all, func(f format) bool { return f.name == name })
		if i < 0 {
			return choice{}, fmt.Errorf("no log format is named %q: use one of %s", name, strings.Join(names(all), ", "))
		}
		all = all[i : i+1]
	}
	bare, some := peelAll(head)
	found := make([]choice, 0, 2*len(all))
	for _, f := range all {
		c := choice{format: f, score: f.fit(head)}
		if some && f.lines != nil {
			if n := f.fit(bare); n > c.score || name != "" && n == c.score && n == 0 {
				c.score, c.peel = n, true
			}
		}
		found = append(found, c)
	}
	slices.SortStableFunc(found, func(a, b choice) int { return b.score - a.score })
	if name != "" || len(found) > 0 && found[0].score >= minScore {
		return found[0], nil
	}
	return choice{}, refuse(all, found, head)
}

// fit asks for the score. A panic over hostile lines is no fit.
func (f *format) fit(head []string) (n int) {
	defer func() {
		if recover() != nil {
			n = 0
		}
	}()
	return f.score(head)
}

// peelAll takes the syslog prefixes off; some is false when hardly a line has
// one.
func peelAll(head []string) (bare []string, some bool) {
	n := 0
	bare = make([]string, len(head))
	for i, s := range head {
		msg, _, ok := peel(s)
		if ok {
			n++
		}
		bare[i] = msg
	}
	return bare, 2*n >= len(head) && n > 0
}

func names(all []format) []string {
	out := make([]string, len(all))
	for i, f := range all {
		out[i] = f.name
	}
	return out
}

// refuse explains itself with the formats that came nearest.
func refuse(all []format, found []choice, head []string) error {
	err := &UnrecognisedError{Tried: names(all)}
	for _, c := range found {
		if c.score <= 0 || len(err.Guesses) == 3 {
			break
		}
		g := Guess{Format: c.format.name, Score: c.score}
		if c.format.lines != nil {
			g.Line, g.Reason = firstBad(c, head)
		}
		err.Guesses = append(err.Guesses, g)
	}
	return err
}

// firstBad returns the first line that a format can't read.
func firstBad(c choice, head []string) (int, Reason) {
	s := newStream(c, &env{})
	var r Record
	for i, line := range head {
		if v := s.line(line, &r); v != yes && v != nothing {
			return i + 1, v.reason()
		}
	}
	return 0, ""
}
