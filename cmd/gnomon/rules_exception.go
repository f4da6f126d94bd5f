package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/rules"
)

// exceptionsFile holds the exceptions; its name sorts before those of other
// policies, so that they are tried first.
const exceptionsFile = "policies/00-exceptions.yaml"

// longestException bounds an exception: what is longer is a rule.
const longestException = 366 * 24 * time.Hour

// exception lets one value pass to one service until a day.
type exception struct {
	finding, detector, service, until, owner, reason string

	dryRun bool
}

func newExceptionCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "exception",
		Short: "Mark findings as false positives",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var x exception
	add := &cobra.Command{
		Use:   "add --finding HASH --detector NAME --service NAME --until DATE --owner WHO --reason WHY",
		Short: "Let one value that one detector finds pass to one service until a day",
		Long: `Write a rule to ` + exceptionsFile + ` in rules_dir that lets one value pass,
and show it as a diff. The value is named by its fingerprint: gnomon inspect shows
it, gnomon scan --redact --style hash writes it, and so do the events of streams and
evidence packs. Nothing else changes; the running gateway follows on its next reload.
To end an exception sooner or to prolong it, edit the file.`,
		Example: "  gnomon rules exception add --finding fc27bef4b5160f4d --detector payment_card --service ChatGPT --until 2027-01-31 --owner ann --reason 'test card'",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			settings, err := settingsOf(cmd)
			if err != nil {
				return err
			}
			if settings.RulesDir == "" {
				return &exitError{exitUsage, errors.New("set rules_dir: exceptions are kept there")}
			}
			if err := x.check(time.Now()); err != nil {
				return &exitError{exitUsage, err}
			}
			return x.add(settings.RulesDir, time.Now(), cmd.OutOrStdout())
		},
	}
	f := add.Flags()
	f.StringVar(&x.finding, "finding", "", "fingerprint of the value, 16 hexadecimal digits")
	f.StringVar(&x.detector, "detector", "", "detector that finds it")
	f.StringVar(&x.service, "service", "", "service that it may be sent to")
	f.StringVar(&x.until, "until", "", "last day, YYYY-MM-DD, at most a year ahead")
	f.StringVar(&x.owner, "owner", "", "who answers for it")
	f.StringVar(&x.reason, "reason", "", "why it is no finding")
	f.BoolVar(&x.dryRun, "dry-run", false, "show the diff, write nothing")
	cmd.AddCommand(add)
	return cmd
}

func (x *exception) check(now time.Time) error {
	for _, f := range []struct{ name, value string }{
		{"finding", x.finding}, {"detector", x.detector}, {"service", x.service}, {"until", x.until}, {"owner", x.owner}, {"reason", x.reason},
	} {
		if f.value == "" {
			return fmt.Errorf("--%s is missing: an exception is narrow, ends, and has an owner and a reason", f.name)
		}
		if strings.ContainsFunc(f.value, func(r rune) bool { return !unicode.IsPrint(r) }) { // line breaks of YAML, too
			return fmt.Errorf("--%s: a line break, or what can't be seen", f.name)
		}
	}
	day, err := time.Parse(time.DateOnly, x.until)
	switch {
	case err != nil:
		return fmt.Errorf("--until %q is no day: write YYYY-MM-DD", x.until)
	case day.Add(24 * time.Hour).Before(now):
		return fmt.Errorf("--until %s has passed", x.until)
	case day.After(now.Add(longestException)):
		return fmt.Errorf("--until %s is more than a year ahead: write a policy if it is to stay", x.until)
	}
	return nil
}

// add appends the exception to the file of the overlay. The rules with it are
// checked before anything is written.
func (x *exception) add(overlay string, now time.Time, out io.Writer) error {
	path := filepath.Join(overlay, filepath.FromSlash(exceptionsFile))
	if !x.dryRun {
		unlock, err := lockFolder(filepath.Dir(path)) // who adds another meanwhile would write it without this one
		if err != nil {
			return err
		}
		defer unlock()
	}
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(old) > 0 && !bytes.HasSuffix(old, []byte("\n")) {
		old = append(old, '\n')
	}
	entry := x.yaml(now)
	text := slices.Concat(old, entry)
	if len(old) == 0 {
		text = slices.Concat([]byte("policies:\n"), entry)
	}
	if err := checkOverlayWith(overlay, text); err != nil {
		return &configError{err}
	}
	if !x.dryRun {
		if err := writeFile(path, text, 0o640); err != nil {
			return err
		}
	}
	return printAppended(out, path, old, text)
}

// lockFolder makes a folder, if it is not there, and waits until no other process
// has locked it.
func lockFolder(path string) (unlock func(), err error) {
	if err := os.MkdirAll(path, 0o750); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		f.Close()
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	return func() { f.Close() }, nil
}

func (x *exception) yaml(now time.Time) []byte {
	q := strconv.Quote
	return fmt.Appendf(nil, `  - name: %s
    # added %s by %s: %s
    when: {finding: [%s], detector: [%s], service: [%s]}
    action: allow
    until: %s
`, q("exception-"+x.finding+"-"+x.detector+"-"+x.service), now.UTC().Format(time.DateOnly), x.owner, x.reason, q(x.finding), q(x.detector), q(x.service), x.until)
}

// checkOverlayWith checks a copy of the overlay with the new file in it.
func checkOverlayWith(overlay string, text []byte) error {
	dir, err := os.MkdirTemp("", "gnomon-rules-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for _, folder := range []string{"services", "signals", "detectors", "policies", "blindspots", "controls", "allow"} {
		if err := os.CopyFS(filepath.Join(dir, folder), os.DirFS(filepath.Join(overlay, folder))); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for _, folder := range []string{edmFolder, ownFolder} { // large, and read for their names only
		from, err := filepath.Abs(filepath.Join(overlay, folder))
		if err != nil {
			return err
		}
		if err := os.Symlink(from, filepath.Join(dir, folder)); err != nil {
			return err
		}
	}
	path := filepath.Join(dir, filepath.FromSlash(exceptionsFile))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return err
	}
	if _, err = rules.Load(dir); err != nil {
		return &movedError{err, strings.ReplaceAll(err.Error(), dir, overlay)}
	}
	return nil
}

// movedError is an error about a copy, told of what it is a copy of.
type movedError struct {
	error
	text string
}

func (e *movedError) Error() string { return e.text }
func (e *movedError) Unwrap() error { return e.error }

// printAppended prints what was added at the end of a file as a unified diff.
func printAppended(out io.Writer, path string, old, text []byte) error {
	from, before := path, bytes.Count(old, []byte("\n"))
	start := before
	if len(old) == 0 {
		from = "/dev/null"
	}
	added := strings.TrimSuffix(string(text[len(old):]), "\n")
	lines := strings.Split(added, "\n")
	if _, err := fmt.Fprintf(out, "--- %s\n+++ %s\n@@ -%d,0 +%d,%d @@\n", from, path, start, start+1, len(lines)); err != nil {
		return err
	}
	for _, l := range lines {
		if _, err := fmt.Fprintln(out, "+"+l); err != nil {
			return err
		}
	}
	return nil
}
