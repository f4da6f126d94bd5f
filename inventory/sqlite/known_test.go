package sqlite_test

import (
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/storetest"
)

// TestServicesAreNew: what another process deletes shows later, see maxKnown.
func TestServicesAreNew(t *testing.T) {
	dir := t.TempDir()
	storetest.ServicesAreNew(t, func() inventory.Store { return open(t, dir) })
}
