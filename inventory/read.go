package inventory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Service returns all about the service of a name or id. The error is an
// *UnknownError when there is none.
func (v *Inventory) Service(ctx context.Context, name string) (*Detail, error) {
	return v.detail(ctx, v.Seen(), name)
}

// Facts is Service without the lists of people, which take the longest: for who
// reads many services.
func (v *Inventory) Facts(ctx context.Context, name string) (*Detail, error) {
	d, err := v.detail(ctx, v.cfg.Store, name)
	if err == nil {
		d.UserList, d.ClientList = []Use{}, []Use{}
	}
	return d, err
}

func (v *Inventory) detail(ctx context.Context, from Reader, name string) (*Detail, error) {
	id := name // as most callers have it: then no other name is looked at
	d, err := from.Service(ctx, id)
	if errors.Is(err, ErrUnknown) || err == nil && id != strings.ToLower(id) {
		if id, err = v.Resolve(ctx, name); err != nil {
			return nil, err
		}
		d, err = from.Service(ctx, id)
	}
	switch {
	case errors.Is(err, ErrUnknown): // of the catalogue, never seen
		d = &Detail{Service: Service{ID: id}}
	case err != nil:
		return nil, fmt.Errorf("reading service %q: %w", id, err)
	}
	return d, v.wholeOf(d, v.catalogue(), v.standings.Load())
}

// wholeOf adds what the store does not know.
func (v *Inventory) wholeOf(d *Detail, catalogue map[string]*rules.Service, now *standings) (err error) {
	v.complete(&d.Service, catalogue, now)
	if d.History, err = decisions(now.book, d.ID); err != nil {
		return err
	}
	if n := len(d.History); n > 0 {
		last := &d.History[n-1]
		d.Reason, d.Conditions, d.Until = last.Reason, last.Conditions, last.Until
	}
	d.fill()
	return nil
}

// decisions returns those on a service, oldest first.
func decisions(b *Book, id string) ([]Decision, error) {
	entries := b.History(TopicDecision, id)
	list := make([]Decision, len(entries))
	for i := range entries {
		var err error
		if list[i], err = Read[Decision](&entries[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// BlindSpots returns what hid from sensors, with the most flows first. Lists are
// never nil.
func (v *Inventory) BlindSpots(ctx context.Context) ([]BlindSpot, error) {
	spots, err := v.Seen().BlindSpots(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the register: %w", err)
	}
	for i := range spots {
		if spots[i].ClientList == nil {
			spots[i].ClientList = []Use{}
		}
	}
	slices.SortFunc(spots, func(a, b BlindSpot) int {
		return cmp.Or(cmp.Compare(b.Flows, a.Flows), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Name, b.Name))
	})
	return spots, nil
}

// complete adds what the store does not know: the status of today, and the name
// of a service that was never seen.
func (v *Inventory) complete(s *Service, catalogue map[string]*rules.Service, now *standings) {
	if c := catalogue[s.ID]; c != nil && s.Service == "" {
		s.Service, s.Vendor, s.Category = c.Name, c.Vendor, c.Category
	}
	if s.Service == "" {
		s.Service = s.ID
	}
	s.Status = traffic.StatusUnreviewed
	if d, ok := now.byID[s.ID]; ok {
		s.Status, s.Owner = d.StatusAt(v.cfg.Now()), d.Owner
	}
	s.fill()
}

func (v *Inventory) catalogue() map[string]*rules.Service {
	list := v.cfg.Catalogue()
	byID := make(map[string]*rules.Service, len(list))
	for i := range list {
		byID[list[i].ID] = &list[i]
	}
	return byID
}

// fill makes empty what is nil: consumers of the JSON never see a null.
func (s *Service) fill() {
	if s.Findings == nil {
		s.Findings = map[traffic.Class]int64{}
	}
	if s.Decisions == nil {
		s.Decisions = map[traffic.Action]int64{}
	}
}

func (d *Detail) fill() {
	d.Service.fill()
	for _, l := range []*[]Use{&d.ModelList, &d.UserList, &d.ClientList, &d.Surfaces, &d.Hosts, &d.Sensors, &d.Origins, &d.Noted, &d.GroupList, &d.AgentList, &d.ToolList, &d.ServerList, &d.EndpointList} {
		if *l == nil {
			*l = []Use{}
		}
	}
	for _, m := range []*map[string]int64{&d.Detectors, &d.Rules, &d.Reasons, &d.Files} {
		if *m == nil {
			*m = map[string]int64{}
		}
	}
	for _, l := range []*[]string{&d.Conditions, &d.Features} {
		if *l == nil {
			*l = []string{}
		}
	}
	if d.AccountList == nil {
		d.AccountList = []AccountUse{}
	}
	if d.History == nil {
		d.History = []Decision{}
	}
	for i := range d.History {
		if d.History[i].Conditions == nil {
			d.History[i].Conditions = []string{}
		}
	}
}
