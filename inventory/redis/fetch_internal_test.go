package redis

import (
	"strings"
	"testing"
)

// TestAtATime: small batches are fetched by 64, big ones by eight.
func TestAtATime(t *testing.T) {
	n := int64(readBatches)
	of := func(size int) []row {
		rows := make([]row, n)
		for i := range rows {
			rows[i].data = strings.Repeat("x", size)
		}
		return rows
	}
	for range 20 {
		n = atATime(n, of(100))
	}
	if n != maxFetch {
		t.Errorf("of batches of 100 bytes %d are fetched, want %d", n, maxFetch)
	}
	for range 20 {
		n = atATime(n, of(400<<10))
	}
	if n != readBatches {
		t.Errorf("of batches of 400 KiB %d are fetched, want %d", n, readBatches)
	}
	for range 20 {
		if n = atATime(n, of(100<<10)); n*100<<10 > 2*fetchBytes {
			t.Fatalf("%d batches of 100 KiB at once", n)
		}
	}
}
