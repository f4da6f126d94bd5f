package spool

import (
	"bytes"
	"testing"
)

func FuzzParse(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(bytes.Clone(magic))
	f.Add(appendRecord(bytes.Clone(magic), []byte("one")))
	f.Add(append(appendRecord(bytes.Clone(magic), []byte(`{"id":"1"}`)), 0, 0, 0, 9, 1))
	f.Add(append(bytes.Clone(magic), make([]byte, 32)...))
	f.Add(append(bytes.Clone(magic), 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0))
	f.Fuzz(func(t *testing.T, segment []byte) {
		records, sound := parse(segment)
		if sound > len(segment) {
			t.Fatalf("%d sound bytes of %d", sound, len(segment))
		}
		if sound == 0 {
			if len(records) > 0 {
				t.Fatal("records without the magic number")
			}
			return
		}
		again := bytes.Clone(magic)
		for _, r := range records {
			again = appendRecord(again, r)
		}
		if !bytes.Equal(again, segment[:sound]) {
			t.Fatal("what was read is not what is written for it")
		}
	})
}
