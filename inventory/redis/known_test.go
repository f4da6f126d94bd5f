package redis_test

import (
	"testing"

	"github.com/gnomon-proxy/gnomon/internal/testredis"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/storetest"
)

// TestServicesAreNew: erasures and retention show at every gateway at once, too.
func TestServicesAreNew(t *testing.T) {
	url := "redis://" + testredis.Start(t).Addr
	storetest.ServicesAreNew(t, func() inventory.Store { return open(t, url) },
		func(s inventory.Store) error {
			_, err := s.(inventory.Eraser).Erase(t.Context(), "u-1")
			return err
		},
		func(s inventory.Store) error {
			_, err := s.Prune(t.Context(), inventory.Cutoffs{Rollups: storetest.Events(1, 1)[0].Time.AddDate(1, 0, 0)})
			return err
		})
}
