package inventory_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestFullDiskIsNotWell: an inventory on a full disk says so for as long as the
// disk is full, and is well again afterwards.
func TestFullDiskIsNotWell(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "small")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=2m"); err != nil {
		t.Skipf("a full disk needs root and a tmpfs: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	v := newInventory(t, inventory.Config{Dir: dir, Store: openStore(t, dir)})
	t.Cleanup(start(t, v))
	filler := filepath.Join(dir, "filler")
	f, err := os.Create(filler)
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(f, strings.NewReader(strings.Repeat("x", 4<<20))) // ends when the disk is full
	f.Close()
	record := func(n int) {
		for range n {
			now := time.Now()
			v.Record(&traffic.Sighting{ID: traffic.NewID(now), Time: now, Host: "a.example", Path: "/" + strings.Repeat("p", 200),
				Verdict: traffic.Verdict{Service: "A", ID: "a", How: traffic.HowCatalogue}, Requests: 1})
		}
	}
	ill := 0
	for end := time.Now().Add(2 * time.Minute); ill < 10 && time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		record(50)
		switch {
		case v.Health() != nil:
			ill++
		case ill > 0:
			t.Fatalf("well on a full disk: %+v", v.Stats())
		}
	}
	if ill < 10 {
		t.Fatal("a full disk went unnoticed")
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(2 * time.Minute); v.Health() != nil; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never well again: %v", v.Health())
		}
	}
}
