// Package storetest holds what every inventory.Store must do, as tests.
package storetest

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Run tests the stores that open returns, each of them empty.
func Run(t *testing.T, open func(t *testing.T) inventory.Store) {
	for name, test := range map[string]func(*testing.T, inventory.Store){
		"Merge":      testMerge,
		"Repeat":     testRepeat,
		"Fresh":      testFresh,
		"AnyOrder":   testAnyOrder,
		"Ledger":     testLedger,
		"Race":       testRace,
		"Subjects":   testSubjects,
		"Periods":    testPeriods,
		"Batches":    testBatches,
		"Person":     testPerson,
		"Prune":      testPrune,
		"Hostile":    testHostile,
		"Blind":      testBlind,
		"Origins":    testOrigins,
		"Rotation":   testRotation,
		"Erase":      testErase,
		"Sums":       testSums,
		"People":     testPeople,
		"Endpoints":  testEndpoints,
		"Details":    testDetails,
		"VerifySums": testVerifySums,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

var start = time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)

// Events returns n random but repeatable events over a few services, users,
// accounts and models.
func Events(seed uint64, n int) []inventory.Event {
	r := rand.New(rand.NewPCG(seed, 7))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	events := make([]inventory.Event, n)
	for i := range events {
		service := pick("openai", "anthropic", "gemini", "unknown:ai.example")
		at := start.Add(time.Duration(r.IntN(72*3600)) * time.Second)
		events[i] = inventory.Event{
			ID: traffic.NewID(at), Time: at, Sensor: traffic.Sensor(pick("proxy", "dns")), Host: "api." + service + ".test",
			ServiceID: service, Service: service + " name", Vendor: service + " vendor", Category: "chat",
			User: pick("", "u-1", "u-2", "u-3"), Client: pick("c-1", "c-2"), Model: pick("", "m-1", "m-2"), Surface: traffic.SurfaceAPI,
			How:     traffic.How(pick(string(traffic.HowCatalogue), string(traffic.HowRequestShape))),
			Account: inventory.Account{Kind: traffic.AccountAPIKey, Key: pick("k1", "k2")},
			Action:  traffic.Action(pick("", "allow", "redact", "block")), Rule: pick("", "rule-1"),
			Depth: traffic.Depth(pick("inspected", "metadata_only", "blind")), Why: pick("", "pinned"),
			Requests: int64(r.IntN(3)), Up: int64(r.IntN(1000)), Down: int64(r.IntN(1000)),
		}
		if r.IntN(3) == 0 {
			events[i].Findings = map[string]int{"aws-key": 1 + r.IntN(2)}
			events[i].Classes = map[traffic.Class]int{traffic.ClassSecret: 2}
		}
	}
	return events
}

// Near brings events of a day close together: they go into few batches.
func Near(events []inventory.Event) []inventory.Event {
	for i := range events {
		e := &events[i]
		e.Time = e.Time.Truncate(24 * time.Hour).Add(time.Duration(10*60+i%3)*time.Minute + time.Duration(i)*time.Millisecond)
		e.ID = traffic.NewID(e.Time)
	}
	return events
}

func merge(t *testing.T, s inventory.Store, events []inventory.Event) {
	t.Helper()
	if err := s.Merge(t.Context(), events); err != nil {
		t.Fatal(err)
	}
}

func rows(t *testing.T, s inventory.Store) map[string]inventory.Service {
	t.Helper()
	list, err := s.Services(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	byID := make(map[string]inventory.Service)
	for _, r := range list {
		byID[r.ID] = r
	}
	return byID
}

// testMerge compares the rows with those of a plain count over all events.
func testMerge(t *testing.T, s inventory.Store) {
	events := Events(1, 500)
	for chunk := range slices.Chunk(events, 70) {
		merge(t, s, chunk)
	}
	compare(t, rows(t, s), count(events))
	d, err := s.Service(t.Context(), "openai")
	if err != nil {
		t.Fatal(err)
	}
	want := count(events)["openai"]
	if int64(len(d.UserList)) != want.Users || int64(len(d.AccountList)) != want.Accounts || int64(len(d.ModelList)) != want.Models {
		t.Errorf("detail lists %d users, %d accounts, %d models; want %d, %d, %d",
			len(d.UserList), len(d.AccountList), len(d.ModelList), want.Users, want.Accounts, want.Models)
	}
	if got := d.AccountList[0]; got.Kind != traffic.AccountAPIKey || got.Key == "" {
		t.Errorf("account = %+v, want its kind and key", got)
	}
	if d.Requests != want.Requests || d.Coverage != want.Coverage {
		t.Errorf("detail = %d requests, %+v; want %d, %+v", d.Requests, d.Coverage, want.Requests, want.Coverage)
	}
	if len(d.Detectors) != 1 || d.Detectors["aws-key"] == 0 || d.Reasons["pinned"] == 0 || d.Rules["rule-1"] == 0 {
		t.Errorf("detectors, reasons, rules = %v, %v, %v", d.Detectors, d.Reasons, d.Rules)
	}
}

// testRepeat merges the same events again, also within one batch.
func testRepeat(t *testing.T, s inventory.Store) {
	events := Events(2, 200)
	merge(t, s, slices.Concat(events, events[:50]))
	merge(t, s, slices.Concat(events[100:], Events(3, 10), events[:100]))
	compare(t, rows(t, s), count(slices.Concat(events, Events(3, 10))))
}

// testFresh merges events that no store was given before, and then, as a replay
// does, some of them among others.
func testFresh(t *testing.T, s inventory.Store) {
	events := Events(2, 300)
	for i := range events {
		events[i].Fresh = i < 200
	}
	merge(t, s, slices.Clone(events[:200]))
	if err := s.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range events {
		events[i].Fresh = false
	}
	merge(t, s, slices.Clone(events[150:]))
	if err := s.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	merge(t, s, slices.Clone(events))
	compare(t, rows(t, s), count(events))
}

// testAnyOrder shows that neither order nor batches change the outcome. Random
// identifiers differ from run to run, so both halves use one list.
func testAnyOrder(t *testing.T, s inventory.Store) {
	for seed := range uint64(5) {
		events := Events(10+seed, 120)
		for i := range events { // its own services for each round
			events[i].ServiceID = fmt.Sprintf("%s-%d", events[i].ServiceID, seed)
		}
		want := count(events)
		r := rand.New(rand.NewPCG(seed, 1))
		r.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		for len(events) > 0 {
			n := 1 + r.IntN(len(events))
			merge(t, s, events[:n])
			events = events[n:]
		}
		got := rows(t, s)
		maps.DeleteFunc(got, func(id string, _ inventory.Service) bool { _, ok := want[id]; return !ok })
		compare(t, got, want)
	}
}

func compare(t *testing.T, got, want map[string]inventory.Service) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d services, want %d", len(got), len(want))
	}
	for id, w := range want {
		g := got[id]
		if fmt.Sprintf("%+v", g) != fmt.Sprintf("%+v", w) { // prints maps in order
			t.Errorf("service %s\n got %+v\nwant %+v", id, g, w)
		}
	}
}

// count is the plain reference: one pass over single events.
func count(events []inventory.Event) map[string]inventory.Service {
	out := make(map[string]inventory.Service)
	sets := make(map[string]bool)
	for _, e := range events {
		s, ok := out[e.ServiceID]
		if !ok {
			s = inventory.Service{
				Service: e.Service, ID: e.ServiceID, Vendor: e.Vendor, Category: e.Category, FirstSeen: e.Time, LastSeen: e.Time,
				How: e.How, Findings: map[traffic.Class]int64{}, Decisions: map[traffic.Action]int64{},
			}
		}
		if e.How == traffic.HowCatalogue {
			s.How = e.How
		}
		first := func(kind, name string) int64 {
			key := e.ServiceID + "|" + kind + "|" + name
			if name == "" || sets[key] {
				return 0
			}
			sets[key] = true
			return 1
		}
		s.Users += first("user", e.User)
		s.Clients += first("client", e.Client)
		s.Accounts += first("account", e.Account.Key)
		s.Models += first("model", e.Model)
		s.Requests += e.Requests
		s.Up += e.Up
		s.Down += e.Down
		if e.Time.Before(s.FirstSeen) {
			s.FirstSeen = e.Time
		}
		if e.Time.After(s.LastSeen) {
			s.LastSeen = e.Time
		}
		for c, n := range e.Classes {
			s.Findings[c] += int64(n)
		}
		if e.Action != "" {
			s.Decisions[e.Action] += e.Requests
		}
		switch e.Depth {
		case traffic.Inspected:
			s.Coverage.Inspected += e.Requests
		case traffic.MetadataOnly:
			s.Coverage.MetadataOnly += e.Requests
		case traffic.Blind:
			s.Coverage.Blind += e.Requests
		}
		out[e.ServiceID] = s
	}
	return out
}

func cutoffs() inventory.Cutoffs {
	return inventory.Cutoffs{Sightings: start.AddDate(0, -3, 0), Hours: start.AddDate(0, -2, 0), Rollups: start.AddDate(-1, 0, 0), People: start.AddDate(-1, 0, 0)}
}

func testPrune(t *testing.T, s inventory.Store) {
	old, young := Events(4, 30), Events(5, 30)
	for i := range old {
		old[i].Time = old[i].Time.AddDate(-2, 0, 0)
		old[i].ID = traffic.NewID(old[i].Time)
		old[i].User = "u-old"
	}
	merge(t, s, old)
	merge(t, s, young)
	var end ledger.Chain
	put(t, s, &end, "openai")
	done, err := s.Prune(t.Context(), cutoffs())
	if err != nil {
		t.Fatal(err)
	}
	if done.Events != int64(len(old)) || done.Batches == 0 || done.Days == 0 || done.Facets == 0 || done.Hours == 0 {
		t.Errorf("pruned %+v, want %d events, and days, hours and facets", done, len(old))
	}
	d, err := s.Service(t.Context(), "openai")
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(d.UserList, func(u inventory.Use) bool { return u.Name == "u-old" }) {
		t.Error("a user of two years ago is still there")
	}
	if n, err := s.Version(t.Context()); len(d.UserList) == 0 || n != 1 || err != nil {
		t.Errorf("%d users, %d entries left (%v), want some and 1", len(d.UserList), n, err)
	}
	if _, err := s.Subject(t.Context(), inventory.KindUser, "u-old"); !errors.Is(err, inventory.ErrUnknown) {
		t.Errorf("Subject of a user of two years ago: %v, want ErrUnknown", err)
	}
	merge(t, s, young) // still known
	again, err := s.Service(t.Context(), "openai")
	if err != nil || again.Requests != d.Requests {
		t.Errorf("requests after a repeat = %d, %v; want %d", again.Requests, err, d.Requests)
	}
}

// testHostile stores what a client may choose.
func testHostile(t *testing.T, s inventory.Store) {
	e := Events(6, 1)[0]
	e.ServiceID, e.Service = `x'); DROP TABLE services; --`, "<script>alert(1)</script>\x00"
	e.Model = "%s\x00\n\u202e"
	merge(t, s, []inventory.Event{e})
	d, err := s.Service(t.Context(), e.ServiceID)
	if err != nil {
		t.Fatal(err)
	}
	if d.Service.Service != e.Service || len(d.ModelList) != 1 || d.ModelList[0].Name != e.Model {
		t.Errorf("stored %q, %+v; want %q, %q", d.Service.Service, d.ModelList, e.Service, e.Model)
	}
}

// testBlind: what hides from sensors adds up by name and client, counts once, is
// no service, and goes when it is past its time.
func testBlind(t *testing.T, s inventory.Store) {
	event := func(day int, reason, name, client string, n int64) inventory.Event {
		at := start.AddDate(0, 0, day)
		return inventory.Event{ID: traffic.NewID(at), Time: at, Blind: reason, Host: name, Client: client, Requests: n, Depth: traffic.Blind}
	}
	events := []inventory.Event{
		event(0, "doh", "dns.example", "c-1", 2), event(1, "doh", "dns.example", "c-1", 3), event(2, "doh", "dns.example", "c-2", 10),
		event(0, "doh", "other.example", "c-1", 1), event(0, "vpn", "", "", 4), event(-500, "vpn", "old.example", "c-3", 1),
	}
	merge(t, s, events)
	merge(t, s, events[1:4])
	spots := func() map[string]inventory.BlindSpot {
		list, err := s.BlindSpots(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		byName := make(map[string]inventory.BlindSpot)
		for _, b := range list {
			byName[b.Reason+" "+b.Name] = b
		}
		return byName
	}
	got := spots()
	if len(got) != 4 {
		t.Errorf("%d blind spots, want 4: %+v", len(got), got)
	}
	b := got["doh dns.example"]
	if b.Clients != 2 || b.Flows != 15 || !b.FirstSeen.Equal(start) || !b.LastSeen.Equal(start.AddDate(0, 0, 2)) {
		t.Errorf("doh dns.example = %+v", b)
	}
	if len(b.ClientList) != 2 || b.ClientList[0].Name != "c-2" || b.ClientList[0].Requests != 10 || b.ClientList[1].Requests != 5 {
		t.Errorf("clients = %+v", b.ClientList)
	}
	if b := got["vpn "]; b.Clients != 0 || b.Flows != 4 {
		t.Errorf("vpn of an unknown client = %+v", b)
	}
	if n := len(rows(t, s)); n != 0 {
		t.Errorf("%d services, want none", n)
	}
	if _, err := s.Prune(t.Context(), cutoffs()); err != nil {
		t.Fatal(err)
	}
	if got := spots(); len(got) != 3 {
		t.Errorf("%d blind spots after a prune, want 3", len(got))
	}
}

// testOrigins: where a service was seen, and what was noted of its flows, add up
// with their bytes.
func testOrigins(t *testing.T, s inventory.Store) {
	events := Events(8, 3)
	for i := range events {
		events[i].ServiceID, events[i].Requests, events[i].Up = "one", 1, 10
		events[i].Origin = []string{"a.pcap", "b.log", "a.pcap"}[i]
	}
	events[2].Noted = []string{"token_stream"}
	merge(t, s, events)
	d, err := s.Service(t.Context(), "one")
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Origins) != 2 || d.Origins[0].Name != "a.pcap" || d.Origins[0].Requests != 2 || d.Origins[0].Up != 20 {
		t.Errorf("origins = %+v", d.Origins)
	}
	if len(d.Noted) != 1 || d.Noted[0].Name != "token_stream" || d.Noted[0].Requests != 1 {
		t.Errorf("noted = %+v", d.Noted)
	}
}
