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
	settle(t, s, crowd(0, 150)) // fits every list
	const room, beyond = 50, 60
	if err := s.Exec(t.Context(), fmt.Sprintf("UPDATE sizes SET n = %d WHERE subject = 's' AND kind = 'user'", inventory.MaxValues-room)); err != nil {
		t.Fatal(err)
	}
	settle(t, s, crowd(0, 150+room-10)) // near the bound
	settle(t, s, crowd(150, 150+room+beyond))
	settle(t, s, crowd(150+room, 150+room+10)) // only those that are not listed
	const requests = 150 + 150 + room - 10 + room + beyond + 10
	d, err := s.Service(t.Context(), "s")
	if err != nil {
		t.Fatal(err)
	}
	if d.Requests != requests || d.Users != inventory.MaxValues+1 { // and those beyond it under one name
		t.Errorf("%d requests of %d users, want %d of %d", d.Requests, d.Users, requests, inventory.MaxValues+1)
	}
	for name, want := range map[string]int64{"(other)": beyond + 10, "u-7": 2, "u-150": 2, "u-199": 1, "u-200": 0} {
		var got int64
		if err := s.Get(t.Context(), &got, "SELECT coalesce(sum(n), 0) FROM facets WHERE subject = 's' AND kind = 'user' AND name = ?", name); err != nil || got != want {
			t.Errorf("%s: %d requests, %v; want %d", name, got, err, want)
		}
	}
	rows, err := s.Services(t.Context())
	if err != nil || len(rows) != 1 || !rows[0].UsersAtLeast || rows[0].ClientsAtLeast || !d.UsersAtLeast {
		t.Errorf("%+v, %v: the number of users is a bound, that of clients is none", rows, err)
	}
	const paths = 200
	if len(d.EndpointList) != paths+1 || use(d.EndpointList, "(other)") != beyond+10 {
		t.Errorf("%d paths, %d requests to those beyond the bound; want %d and %d", len(d.EndpointList), use(d.EndpointList, "(other)"), paths+1, beyond+10)
	}
	if n, err := s.CountSubjects(t.Context(), inventory.KindUser); n != 150+room+beyond || err != nil {
		t.Errorf("%d people, %v; want %d", n, err, 150+room+beyond)
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
