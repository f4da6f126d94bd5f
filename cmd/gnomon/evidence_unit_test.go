package main

import (
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory/register"
)

// TestWithoutFew subtracts the people of a period from those of all time.
func TestWithoutFew(t *testing.T) {
	for _, tt := range []struct {
		all    string
		period int64
		want   string
	}{
		{"8", 7, "*"}, {"7", 7, "7"}, {"11", 7, "*"}, {"12", 7, "12"}, {"7", 8, "*"}, {"<5", 3, "<5"}, {"6", 0, "6"},
	} {
		var row register.Row
		row.ID, row.Fields = "a", make([]register.Value, 2)
		row.Fields[0].Name, row.Fields[0].Value = "requests", tt.all
		row.Fields[1].Name, row.Fields[1].Value = "users", tt.all
		withoutFew(&row, tt.period, 5)
		if got := row.Get("users"); got != tt.want || row.Get("requests") != tt.all {
			t.Errorf("%s of all time and %d of the period: %q, want %q", tt.all, tt.period, got, tt.want)
		}
	}
}
