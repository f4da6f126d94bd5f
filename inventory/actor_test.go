package inventory_test

import (
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
)

func TestActor(t *testing.T) {
	dir := t.TempDir()
	v := newInventory(t, inventory.Config{Dir: dir, Store: openStore(t, dir)})
	ann := v.Pseudonym("ann")
	for _, tt := range []struct{ by, want string }{
		{"os:ann", ann}, {"ann", ann}, {"user: Ann", ann}, {"token:ann", ann}, {"oidc:ann@example.com", v.Pseudonym("ann@example.com")},
		{"gnomon", "gnomon"}, {"root", "root"}, {"os:root", "root"}, {"console", "console"}, {"", ""}, {ann, ann},
	} {
		if got := v.Actor(tt.by); got != tt.want {
			t.Errorf("Actor(%q) = %q, want %q", tt.by, got, tt.want)
		}
	}
	if !inventory.IsPseudonym(ann) {
		t.Errorf("%q is no pseudonym", ann)
	}
}
