package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/console"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// discovered is what was found. Its JSON is a contract with other programs.
type discovered struct {
	Services []foundService `json:"services"`
	Unknown  []unknownRow   `json:"unknown"`
	Blind    []blindRow     `json:"blind"`
	Inputs   []inputReport  `json:"inputs"`

	names        []hiddenName
	details      map[string]*serviceTally
	hours        map[int64]int64
	estimated    bool  // numbers of users or clients are estimates
	left         int64 // flows that stayed without a name
	hasty        int64 // of them, those for which there was no room until all was read
	crowded      int64
	repeated     int64 // lines that were there before
	repeatedMore bool  // some of them were counted
	took         time.Duration
	interrupted  bool
}

// unknownRow is a host that the catalogue does not know and that looks like AI.
type unknownRow struct {
	Host       string    `json:"host"`
	Confidence float64   `json:"confidence"`
	Features   []string  `json:"features"`
	Users      int64     `json:"users"`
	Clients    int64     `json:"clients"`
	Requests   int64     `json:"requests"`
	Up         int64     `json:"bytes_up,omitempty"`
	Down       int64     `json:"bytes_down,omitempty"`
	FirstSeen  time.Time `json:"first_seen,omitzero"`
	LastSeen   time.Time `json:"last_seen,omitzero"`
}

// blindRow sums up one way of hiding.
type blindRow struct {
	Reason  string `json:"reason"`
	Clients int64  `json:"clients"`
	Flows   int64  `json:"flows"`
}

// hiddenName is one resolver, VPN or relay.
type hiddenName struct {
	blindRow
	Name        string
	First, Last time.Time
}

// result ranks what was counted. The tally is not used any more.
func (t *tally) result(reports []inputReport) *discovered {
	d := &discovered{Services: []foundService{}, Unknown: []unknownRow{}, Blind: []blindRow{}, Inputs: reports, details: t.services, hours: t.hours}
	d.crowded = t.crowded
	for _, s := range t.services {
		d.Services = append(d.Services, foundService{Blocked: s.blocked, Service: inventory.Service{
			Service: s.verdict.Service, ID: s.verdict.ID, Vendor: s.verdict.Vendor, Category: s.verdict.Category, Status: traffic.StatusUnreviewed,
			Users: d.count(&s.users), Clients: d.count(&s.clients), Requests: s.requests, Up: s.up, Down: s.down,
			FirstSeen: s.first, LastSeen: s.last, How: s.verdict.How,
			Findings: map[traffic.Class]int64{}, Decisions: map[traffic.Action]int64{}, Coverage: inventory.Coverage{MetadataOnly: s.requests},
		}})
	}
	slices.SortFunc(d.Services, func(a, b foundService) int {
		return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(b.Up+b.Down, a.Up+a.Down), cmp.Compare(a.ID, b.ID))
	})
	for host, u := range t.unknown {
		d.Unknown = append(d.Unknown, unknownRow{
			Host: host, Confidence: math.Round(u.confidence*100) / 100, Features: append([]string{}, u.features...),
			Users: d.count(&u.users), Clients: d.count(&u.clients),
			Requests: u.requests, Up: u.up, Down: u.down, FirstSeen: u.first, LastSeen: u.last,
		})
	}
	slices.SortFunc(d.Unknown, func(a, b unknownRow) int {
		return cmp.Or(cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.Host, b.Host))
	})
	d.addBlind(t.blind)
	return d
}

func (d *discovered) count(c *distinct) int64 {
	n, estimate := c.count()
	d.estimated = d.estimated || estimate
	return n
}

// addBlind lists what hid, by name and summed up by reason.
func (d *discovered) addBlind(blind map[blindKey]*use) {
	sums := make(map[string]*use)
	keys := slices.SortedFunc(maps.Keys(blind), func(a, b blindKey) int {
		return cmp.Or(cmp.Compare(a.reason, b.reason), cmp.Compare(a.name, b.name))
	})
	for _, k := range keys {
		u := blind[k]
		d.names = append(d.names, hiddenName{blindRow{k.reason, d.count(&u.clients), u.requests}, k.name, u.first, u.last})
		if sums[k.reason] == nil {
			sums[k.reason] = new(use)
		}
		sums[k.reason].merge(u)
	}
	for reason, u := range sums {
		d.Blind = append(d.Blind, blindRow{reason, d.count(&u.clients), u.requests})
	}
	byFlows := func(a, b blindRow) int {
		return cmp.Or(cmp.Compare(b.Flows, a.Flows), cmp.Compare(a.Reason, b.Reason))
	}
	slices.SortFunc(d.Blind, byFlows)
	slices.SortStableFunc(d.names, func(a, b hiddenName) int { return byFlows(a.blindRow, b.blindRow) })
}

// addStatus takes status and owner of each service from the inventory, where
// there is one: nothing is made. A running gateway is asked.
func (d *discovered) addStatus(ctx context.Context, settings Settings, run *discovery) error {
	rows, err := registered(ctx, settings, run)
	byID := make(map[string]*inventory.Service, len(rows))
	for i := range rows {
		byID[rows[i].ID] = &rows[i]
	}
	for i := range d.Services {
		if r := byID[d.Services[i].ID]; r != nil {
			d.Services[i].Status, d.Services[i].Owner = r.Status, r.Owner
		}
	}
	return err
}

func registered(ctx context.Context, settings Settings, run *discovery) ([]inventory.Service, error) {
	if run.store.opened() {
		inv, err := run.store.get()
		if err != nil {
			return nil, err
		}
		return inv.Services(ctx)
	}
	if settings.StateDir == "" {
		return nil, nil
	}
	client, err := console.Dial(ctx, filepath.Join(settings.StateDir, socketFile))
	if err == nil {
		defer client.Close()
		return client.Services(ctx)
	}
	if !errors.Is(err, console.ErrNoGateway) {
		return nil, err
	}
	inv, done, err := openExisting(ctx, settings)
	if err != nil || inv == nil {
		return nil, err
	}
	defer done()
	return inv.Services(ctx)
}

// unreviewed counts the services that nobody has looked at.
func (d *discovered) unreviewed() (n int) {
	for i := range d.Services {
		if d.Services[i].Status == traffic.StatusUnreviewed {
			n++
		}
	}
	return n
}

// unread says which inputs had something in them of which nothing could be read:
// they may show services that nobody has reviewed.
func (d *discovered) unread() error {
	var all []error
	for i := range d.Inputs {
		if in := &d.Inputs[i]; in.unread() {
			all = append(all, fmt.Errorf("%s: nothing of it could be read as %s, so it is not known whether all its services are reviewed; name its format by --format, its columns by --map", printable(in.File), in.Format))
		}
	}
	return errors.Join(all...)
}

// span returns when the first and the last use of AI was.
func (d *discovered) span() (first, last time.Time) {
	var u use
	for i := range d.Services {
		u.span(d.Services[i].FirstSeen, d.Services[i].LastSeen)
	}
	return u.first, u.last
}
