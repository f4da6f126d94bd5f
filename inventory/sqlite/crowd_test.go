package sqlite_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// crowd is a sighting of each of some users, who call a path each.
func crowd(from, until int) []inventory.Event {
	at := time.UnixMilli(1772442904000)
	events := make([]inventory.Event, 0, until-from)
	for i := from; i < until; i++ {
		events = append(events, inventory.Event{
			ID: traffic.NewID(at), Time: at, ServiceID: "s", Service: "S", How: traffic.HowCatalogue,
			User: "u-" + strconv.Itoa(i), Path: fmt.Sprintf("/v1/%d", i), Requests: 1,
		})
	}
	return events
}

func settle(t *testing.T, s inventory.Store, events []inventory.Event) {
	t.Helper()
	if err := s.Merge(t.Context(), events); err != nil {
		t.Fatal(err)
	}
	if err := s.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestCrowd has more users of a service than a store keeps, and some of them
// again: lists end at their bounds, and no request is lost.
func TestCrowd(t *testing.T) {
	s := open(t, t.TempDir())
	const beyond = 300
	for _, events := range [][]inventory.Event{
		crowd(0, 150), // fits every list
		crowd(0, inventory.MaxValues-beyond), crowd(inventory.MaxValues-beyond, inventory.MaxValues+beyond),
		crowd(0, 100), crowd(inventory.MaxValues, inventory.MaxValues+10), // known by name, and not
	} {
		settle(t, s, events)
	}
	const requests = 150 + inventory.MaxValues + beyond + 110
	d, err := s.Service(t.Context(), "s")
	if err != nil {
		t.Fatal(err)
	}
	if d.Requests != requests || d.Users != inventory.MaxValues+1 { // and those beyond it under one name
		t.Errorf("%d requests of %d users, want %d of %d", d.Requests, d.Users, requests, inventory.MaxValues+1)
	}
	if got := use(d.UserList, "(other)"); got != beyond+10 {
		t.Errorf("%d requests of users beyond the bound, want %d", got, beyond+10)
	}
	if got := use(d.UserList, "u-7"); got != 3 {
		t.Errorf("%d requests of a user who was seen three times", got)
	}
	const paths = 200
	if got, want := use(d.EndpointList, "(other)"), int64(requests-paths-150-100); len(d.EndpointList) != paths+1 || got != want {
		t.Errorf("%d paths, %d requests to those beyond the bound; want %d and %d", len(d.EndpointList), got, paths+1, want)
	}
	if n, err := s.CountSubjects(t.Context(), inventory.KindUser); n != inventory.MaxValues+beyond || err != nil {
		t.Errorf("%d people, %v; want %d", n, err, inventory.MaxValues+beyond)
	}
}

func use(list []inventory.Use, name string) int64 {
	for _, u := range list {
		if u.Name == name {
			return u.Requests
		}
	}
	return 0
}
