package inventory_test

import (
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// TestSamePersonNested: a name that a provider made to look like one of ours is
// still that person's.
func TestSamePersonNested(t *testing.T) {
	for _, name := range []string{"oidc:token:ann", "user:token:Ann", "token:oidc:token:ann", "oidc: os: user:ann"} {
		if !inventory.SamePerson(name, "ann") {
			t.Errorf("%q passes for somebody else than ann", name)
		}
	}
	if inventory.SamePerson("oidc:token:ann", "token:bob") {
		t.Error("ann and bob are one person")
	}
}
