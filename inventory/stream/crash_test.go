package stream_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"math/rand/v2"

	"github.com/gnomon-proxy/gnomon/inventory/stream"
)

// crashDir tells a test binary that it is the process to be killed.
const crashDir = "GNOMON_TEST_STREAM_CRASH_DIR"

// TestCrash kills processes with SIGKILL while they queue and deliver: all that
// Record had returned for arrives. GNOMON_CRASH_RUNS says how often.
func TestCrash(t *testing.T) {
	runs := 3
	if s := os.Getenv("GNOMON_CRASH_RUNS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("GNOMON_CRASH_RUNS: %v", err)
		}
		runs = n
	}
	dir := t.TempDir()
	var recorded []int // of each run
	for range runs {
		recorded = append(recorded, killed(t, dir, len(recorded)))
	}
	s := open(t, crashConfig(dir))
	stop := start(t, s)
	await(t, "an empty queue", func() bool { return s.Stats().Bytes == 0 })
	stop()
	got := make(map[string]int)
	lines := fileIDs(t, filepath.Join(dir, "out.jsonl"))
	for _, id := range lines {
		got[id]++
	}
	for run, n := range recorded {
		if n == 0 {
			t.Errorf("run %d was killed before anything was recorded", run)
		}
		for i := range n {
			if id := events(run*crashIDs+i, 1)[0].ID; got[id] == 0 {
				t.Fatalf("run %d: event %d of %d is lost", run, i, n)
			}
		}
	}
	t.Logf("%d runs: %v recorded, %d lines for %d events", runs, recorded, len(lines), len(got))
}

// crashIDs is more than one process gets to record.
const crashIDs = 1000

func crashConfig(dir string) stream.Config {
	return stream.Config{Name: "crash", To: "file://" + filepath.Join(dir, "out.jsonl"), Dir: filepath.Join(dir, "queue"), From: from}
}

// killed runs a process until some of its reports and returns the last one.
func killed(t *testing.T, dir string, run int) (recorded int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashDir+"="+dir, crashDir+"_RUN="+strconv.Itoa(run))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait() // it was killed: that is no error here
	hang := time.AfterFunc(5*time.Minute, func() { cmd.Process.Kill() })
	defer hang.Stop()
	in := bufio.NewReader(out)
	for left := 1 + rand.IntN(30); ; left-- {
		line, err := in.ReadString('\n')
		if err != nil {
			return recorded
		}
		if recorded, err = strconv.Atoi(strings.TrimSpace(line)); err != nil {
			t.Fatal(err)
		}
		if left == 0 {
			cmd.Process.Kill()
		}
	}
}

// crash is the process that is killed. It never returns.
func crash(dir string) {
	run, _ := strconv.Atoi(os.Getenv(crashDir + "_RUN"))
	s, err := stream.Open(crashConfig(dir))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go s.Run(context.Background())
	g := stream.NewGroup(s)
	for i := 0; i < crashIDs; i += 5 {
		g.Record(events(run*crashIDs+i, 5))
		fmt.Println(i + 5)
	}
	os.Exit(0)
}
