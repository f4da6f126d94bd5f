package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"gnomon": main})
}

// TestScripts runs whole command lines: testdata/script/*.txtar. Hundreds of
// commands start, each of which reads all rules; where this program has the
// detector of races, which makes that ten times slower, they are of a plain one.
func TestScripts(t *testing.T) {
	plain := ""
	if raceEnabled {
		plain = t.TempDir()
		build := exec.Command("go", "build", "-trimpath", "-o", plain, ".") // as make build does: compiled once
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("building the command: %v\n%s", err, out)
		}
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("GNOMON_STATE_DIR", env.WorkDir+"/state")
			if plain != "" {
				env.Setenv("PATH", plain+string(os.PathListSeparator)+env.Getenv("PATH"))
			}
			documents, err := filepath.Abs("../../dlp/document/testdata/files")
			env.Setenv("DOCUMENTS", documents)
			return errors.Join(err, dateLogs(env, time.Now().UTC()))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "empty-inventory": emptyInventory},
	})
}

// dateLogs has the logs of a script, which say 2 November 2026, say two moments of
// the day on which it runs: what people do in the script is done on that day,
// and single sightings are not kept for ever. DAY, MONTH and QUARTER are what is
// to be asked for.
func dateLogs(env *testscript.Env, now time.Time) error {
	env.Setenv("DAY", now.Format(time.DateOnly))
	env.Setenv("MONTH", now.Format("2006-01"))
	env.Setenv("QUARTER", fmt.Sprintf("%dQ%d", now.Year(), (now.Month()+2)/3))
	begin := now.Truncate(24 * time.Hour)
	at := func(part int64) string { return strconv.FormatInt(begin.Unix()+(now.Unix()-begin.Unix())*part/3, 10) }
	moments := strings.NewReplacer("1793620800", at(1), "1793624400", at(2))
	files, err := os.ReadDir(env.WorkDir)
	if err != nil {
		return err
	}
	for _, f := range files {
		path := filepath.Join(env.WorkDir, f.Name())
		if !f.Type().IsRegular() {
			continue
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if text := moments.Replace(string(b)); text != string(b) {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}

// exits CODE COMMAND...: the command ends with that exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		code = exit.ExitCode()
	}
	if want := args[0]; want != strconv.Itoa(code) {
		ts.Fatalf("exit code %d, want %s", code, want)
	}
}

// emptyInventory: the state directory gets an inventory in which there is nothing,
// as that of a gateway that has just started.
func emptyInventory(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: empty-inventory")
	}
	s := defaultSettings()
	s.StateDir = ts.Getenv("GNOMON_STATE_DIR")
	_, done, err := openInventory(context.Background(), s, nil)
	ts.Check(err)
	done()
}
