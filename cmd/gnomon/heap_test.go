package main

import "testing"

func TestGCPercent(t *testing.T) {
	for _, tt := range []struct {
		name string
		live uint64
		want int
	}{
		{"not collected yet", 0, 600},
		{"rules only", 20 << 20, 350},
		{"half", 64 << 20, 100},
		{"large", 1 << 30, 100},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := gcPercent(tt.live); got != tt.want {
				t.Errorf("gcPercent(%d MB) = %d, want %d", tt.live>>20, got, tt.want)
			}
		})
	}
}
