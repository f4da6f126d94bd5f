package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// testDetails reads many services at once: it is what reading each tells, without
// people.
func testDetails(t *testing.T, s inventory.Store) {
	merge(t, s, Events(81, 400))
	busy := make([]inventory.Event, 600) // more values of a kind than a list has
	for i := range busy {
		busy[i] = inventory.Event{
			ID: traffic.NewID(start), Time: start.Add(time.Duration(i) * time.Second), Sensor: traffic.SensorProxy, Host: fmt.Sprintf("h%03d.test", i),
			ServiceID: "busy", Service: "Busy", User: fmt.Sprintf("u-%03d", i), Model: fmt.Sprintf("m-%d", i%7), How: traffic.HowCatalogue, Depth: traffic.Inspected, Requests: 1,
		}
	}
	merge(t, s, busy)
	v, err := inventory.New(t.Context(), inventory.Config{Dir: t.TempDir(), Store: s})
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{"openai", "never", "busy", "unknown:ai.example", "not this one either", "gemini", "last of all"}
	var got []string
	check := func(d *inventory.Detail) error {
		got = append(got, d.ID)
		want, err := v.Facts(t.Context(), d.ID)
		if err != nil {
			return err
		}
		if !reflect.DeepEqual(d, want) {
			t.Errorf("of many:\n%+v\none:\n%+v", d, want)
		}
		return nil
	}
	known := func(ids []string) (list []string) {
		for _, id := range ids {
			if _, err := s.Service(t.Context(), id); err == nil {
				list = append(list, id)
			}
		}
		return list
	}
	seen := known(ids)
	if err := v.EachFacts(t.Context(), seen, nil, check); err != nil || !reflect.DeepEqual(got, seen) || len(seen) != 4 {
		t.Fatalf("read %q, %v; want %q", got, err, seen)
	}
	var rows []string
	err = v.EachFacts(t.Context(), ids, []inventory.Kind{inventory.KindAccount, inventory.KindModel}, func(d *inventory.Detail) error {
		rows = append(rows, d.ID)
		if len(d.Hosts) > 0 || d.ID == "busy" && (len(d.ModelList) != 7 || d.Users != 600) || d.ID == "openai" && len(d.AccountList) != 2 {
			t.Errorf("%s with accounts and models only: %+v", d.ID, d)
		}
		return nil
	})
	if err != nil || !reflect.DeepEqual(rows, ids) {
		t.Errorf("read %q, %v; want %q", rows, err, ids)
	}
	checkEnds(t, v, ids)
}

// checkEnds: an error of who asks, and the end of its time, end the reading.
func checkEnds(t *testing.T, v *inventory.Inventory, ids []string) {
	t.Helper()
	enough, n := errors.New("enough"), 0
	if err := v.EachFacts(t.Context(), ids, nil, func(*inventory.Detail) error { n++; return enough }); !errors.Is(err, enough) || n != 1 {
		t.Errorf("after an error %d services were read, %v", n, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := v.EachFacts(ctx, ids, nil, func(*inventory.Detail) error { return nil }); err == nil {
		t.Error("services are read for somebody who has gone")
	}
}
