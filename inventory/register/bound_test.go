package register_test

import (
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/register"
)

// TestBound: numbers of which a store keeps no more than its bound are said to be
// that.
func TestBound(t *testing.T) {
	d := &inventory.Detail{Service: inventory.Service{ID: "openai", FirstSeen: time.Now(), LastSeen: time.Now()}}
	for _, kind := range []inventory.Kind{inventory.KindUser, inventory.KindClient, inventory.KindAccount} {
		d.SetCount(kind, inventory.MaxValues)
	}
	rows, err := schema(t).Rows(&register.Input{Detail: d, Book: new(inventory.Book), Now: time.Now(), K: 5})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"users", "devices", "accounts"} {
		for _, f := range rows[0].Fields {
			if f.Name == name && f.Value != ">= 20000" {
				t.Errorf("%s is %q, want >= 20000", name, f.Value)
			}
		}
	}
}
