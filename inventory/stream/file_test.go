package stream_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory/stream"
)

// fileIDs reads the ids in a file of JSON Lines; every line must be whole.
func fileIDs(t testing.TB, path string) (ids []string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(b) {
		var e struct{ ID string }
		if err := json.Unmarshal(line, &e); err != nil || e.ID == "" || line[len(line)-1] != '\n' {
			t.Errorf("%s holds %q: %v", path, line, err)
		}
		ids = append(ids, e.ID)
	}
	return ids
}

// TestFile: lines are added to what is there, half a line that a crash left is
// cut off, a file that was moved away is made anew.
func TestFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "events.jsonl")
	if err := os.WriteFile(path, []byte("{\"id\":\"old\"}\n{\"id\":\"ha"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, stream.Config{To: "file://" + path})
	start(t, s)
	record(s, events(0, 3))
	await(t, "three more", func() bool { return s.Stats().Sent == 3 })
	if ids := fileIDs(t, path); len(ids) != 4 || ids[0] != "old" || ids[3] != "id-000002" {
		t.Errorf("the file holds %v", ids)
	}
	if err := os.Rename(path, path+".moved"); err != nil {
		t.Fatal(err)
	}
	record(s, events(3, 1))
	await(t, "one more", func() bool { return s.Stats().Sent == 4 })
	if ids := fileIDs(t, path); len(ids) != 1 || ids[0] != "id-000003" {
		t.Errorf("the new file holds %v", ids)
	}
}

// TestFileRotation: files stay below their bound, and only some are kept.
func TestFileRotation(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "events.log")
	s := open(t, stream.Config{To: "file://" + path, RotateBytes: 10_000, Keep: 2})
	start(t, s)
	for i := range 20 {
		record(s, events(10*i, 10))
		await(t, "the batch", func() bool { return s.Stats().Sent == int64(10*(i+1)) })
	}
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) != 3 {
		t.Fatalf("%v, %v", files, err)
	}
	var all []string
	for _, f := range []string{path + ".2", path + ".1", path} {
		if info, err := os.Stat(f); err != nil || info.Size() > 10_000 || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", f, info, err)
		}
		all = append(all, fileIDs(t, f)...)
	}
	for i := 1; i < len(all); i++ {
		if all[i] <= all[i-1] {
			t.Errorf("%s after %s", all[i], all[i-1])
		}
	}
	if all[len(all)-1] != "id-000199" {
		t.Errorf("the last is %s", all[len(all)-1])
	}
}
