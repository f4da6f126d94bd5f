package evidence_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/gnomon-proxy/gnomon/inventory/evidence"
)

// TestStoreChanged shows that a pack is not made of sightings that are not what
// was sealed.
func TestStoreChanged(t *testing.T) {
	for name, query := range map[string]string{
		"row removed": "DELETE FROM sightings WHERE seq = (SELECT min(seq) FROM sightings)",
		"rows swapped": "UPDATE sightings SET data = (SELECT o.data FROM sightings o WHERE length(o.ids) = length(sightings.ids) AND o.seq <> sightings.seq AND o.span <> sightings.span LIMIT 1)" +
			" WHERE seq = (SELECT min(a.seq) FROM sightings a JOIN sightings b ON length(a.ids) = length(b.ids) AND a.seq <> b.seq)",
	} {
		t.Run(name, func(t *testing.T) {
			r := newRecord(t)
			db, err := sql.Open("sqlite", filepath.Join(r.dir, "inventory.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			done, err := db.Exec(query)
			if err != nil {
				t.Fatal(err)
			}
			if n, _ := done.RowsAffected(); n != 1 {
				t.Fatalf("%d rows changed", n)
			}
			dir := filepath.Join(t.TempDir(), "pack")
			_, err = evidence.Write(t.Context(), dir, false, r.inv, r.order())
			if err == nil || !strings.Contains(err.Error(), "the seal that is entry 1 of the ledger") {
				t.Errorf("error %v, want one that names the seal", err)
			}
			if _, err := os.Stat(dir); err == nil {
				t.Error("there is a pack")
			}
		})
	}
}

// TestBombs shows that hostile files are refused in little memory.
func TestBombs(t *testing.T) {
	r := newRecord(t)
	dir := r.pack(t)
	for name, tt := range map[string]struct {
		content func(w *zstd.Encoder)
		want    string
	}{
		"long line":   {func(w *zstd.Encoder) { fill(w, 'x', 64<<20) }, "a line is longer"},
		"short lines": {func(w *zstd.Encoder) { fill(w, '\n', 256<<20) }, "line 1"},
		"nested":      {func(w *zstd.Encoder) { fill(w, '[', 1<<20); w.Write([]byte("\n")) }, "line 1"},
		"no end":      {func(w *zstd.Encoder) { w.Write([]byte(`{"id":"x"}`)) }, "cut off"},
	} {
		t.Run(name, func(t *testing.T) {
			to := copyOf(t, dir)
			var m evidence.Manifest
			if err := json.Unmarshal(read(t, to, "manifest.json"), &m); err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			w, err := zstd.NewWriter(&b)
			if err != nil {
				t.Fatal(err)
			}
			tt.content(w)
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			write(t, to, m.Seals[0].File, b.Bytes())
			sign(t, to, &m, private(t, filepath.Join(r.dir, evidence.KeyFile)))
			b = bytes.Buffer{}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			caught(t, to, "", tt.want)
			runtime.ReadMemStats(&after)
			if n := after.TotalAlloc - before.TotalAlloc; n > 200<<20 {
				t.Errorf("%d MiB were allocated", n>>20)
			}
		})
	}
}

func fill(w *zstd.Encoder, c byte, n int) {
	block := bytes.Repeat([]byte{c}, 1<<20)
	for range n >> 20 {
		w.Write(block)
	}
}
