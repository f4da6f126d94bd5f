package main

import (
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// TestListAtLeast: a number of people that the store's bound made is no exact one.
func TestListAtLeast(t *testing.T) {
	for n, want := range map[int64]string{7: " 7 ", inventory.MaxValues - 1: " 19999 ", inventory.MaxValues: " >= 20000 ", inventory.MaxValues + 1: " >= 20000 "} {
		var b strings.Builder
		if err := printServices(&b, []inventory.Service{{Service: "One", Users: n}}); err != nil || !strings.Contains(b.String(), want) {
			t.Errorf("%d: %v, %s", n, err, b.String())
		}
	}
}
