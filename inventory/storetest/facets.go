package storetest

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// testEndpoints: the paths that were asked for and the files that went along add
// up, and no client can fill the store with paths.
func testEndpoints(t *testing.T, s inventory.Store) {
	const service = "openai"
	events := Events(31, 300)
	paths, files := make(map[string]int64), make(map[string]int64)
	for i := range events {
		e := &events[i]
		e.ServiceID, e.Requests = service, 1
		e.Path = []string{"", "/v1/chat/completions", "/v1/files/{id}"}[i%3]
		if e.Path != "" {
			paths[e.Path]++
		}
		if i%4 == 0 {
			e.Files = int64(i % 5)
			if e.Action == traffic.ActionBlock {
				files[inventory.FilesBlocked] += e.Files
			} else {
				files[inventory.FilesSent] += e.Files
			}
		}
	}
	for chunk := range slices.Chunk(events, 40) {
		merge(t, s, chunk)
	}
	d, err := s.Service(t.Context(), service)
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]int64)
	for _, u := range d.EndpointList {
		got[u.Name] = u.Requests
	}
	if !maps.Equal(got, paths) || !maps.Equal(d.Files, files) || len(files) != 2 {
		t.Errorf("paths %v, files %v; want %v, %v", got, d.Files, paths, files)
	}
	var kept []inventory.Event
	err = s.Sightings(t.Context(), start.AddDate(-1, 0, 0), start.AddDate(1, 0, 0), func(e *inventory.Event) error { kept = append(kept, *e); return nil })
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range kept {
		if i := slices.IndexFunc(events, func(w inventory.Event) bool { return w.ID == e.ID }); i < 0 || e.Files != events[i].Files || e.Path != events[i].Path {
			t.Errorf("kept %+v", e)
		}
	}
	if len(kept) != len(events) {
		t.Errorf("%d sightings are kept, want %d", len(kept), len(events))
	}
	manyPaths(t, s, service)
}

func manyPaths(t *testing.T, s inventory.Store, service string) {
	many := Events(32, 600)
	for i := range many {
		many[i].ServiceID, many[i].Requests, many[i].Path = service, 1, fmt.Sprintf("/made/up/%d", i)
	}
	before := paths(t, s, service)
	for chunk := range slices.Chunk(many, 100) {
		merge(t, s, chunk)
	}
	after := paths(t, s, service)
	var sum, was int64
	for _, n := range before {
		was += n
	}
	for _, n := range after {
		sum += n
	}
	if limit := inventory.KindEndpoint.Room(20_000); len(after) > limit+1 || len(after) < limit || sum != was+int64(len(many)) {
		t.Errorf("%d paths with %d requests are kept, want at most %d with %d", len(after), sum, limit+1, was+int64(len(many)))
	}
}

func paths(t *testing.T, s inventory.Store, service string) map[string]int64 {
	t.Helper()
	d, err := s.Service(t.Context(), service)
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[string]int64)
	for _, u := range d.EndpointList {
		out[u.Name] = u.Requests
	}
	return out
}
