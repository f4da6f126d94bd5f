package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/proxy"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// ownPage tells people what the inventory keeps of them. It implements
// proxy.Own.
type ownPage struct{ g *gateway }

// See implements proxy.Own.
func (o ownPage) See(ctx context.Context, who proxy.Asker) (*proxy.OwnView, error) {
	s := o.g.effective.Load()
	r := s.Inventory.Retention
	v := &proxy.OwnView{
		Services: []proxy.OwnService{}, Recent: []proxy.OwnSighting{}, Reveals: []proxy.OwnReveal{}, Exceptions: []proxy.OwnException{},
		Data: []proxy.OwnCount{}, Decisions: []proxy.OwnCount{}, Models: []proxy.OwnCount{}, Programs: []proxy.OwnCount{}, Groups: []proxy.OwnCount{},
		Retention: proxy.OwnRetention{Sightings: r.Sightings.String(), Hours: r.Hours.String(), Rollups: r.Rollups.String(), People: r.People.String()},
		Reviewers: append([]string{}, s.Privacy.Reviewers...), Streams: []string{},
	}
	for i := range s.Events {
		v.Streams = append(v.Streams, s.Events[i].Name)
	}
	if pseudonymises(o.g.rules().Policies) {
		v.Retention.Values = short(s.DLP.Vault.Keep)
	}
	if o.anybodys(who) {
		v.Known = string(inventory.KnownNobody)
		return v, nil
	}
	own, err := o.g.inventory.Own(ctx, who.User, who.Client)
	if err != nil {
		return nil, err
	}
	v.Known = string(own.Known)
	switch own.Known {
	case inventory.KnownUser:
		v.Name = who.User
	case inventory.KnownAddress:
		v.Name = who.Client.String()
	default:
		return v, nil
	}
	o.seen(v, own)
	o.onRecord(v, own)
	return v, nil
}

// short is a duration without what is zero at its end.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// anybodys reports whether an address may have been another person's lately:
// where leases say who has which, one that nobody has now.
func (o ownPage) anybodys(who proxy.Asker) bool { return who.User == "" && o.g.leases != nil }

func (o ownPage) seen(v *proxy.OwnView, own *inventory.Own) {
	names := make(map[string]string)
	for _, s := range o.g.catalogue() {
		names[s.ID] = s.Name
	}
	name := func(id string) string {
		if n := names[id]; n != "" {
			return n
		}
		return strings.TrimPrefix(id, "unknown:")
	}
	if d := own.Detail; d != nil {
		v.Requests, v.FirstSeen, v.LastSeen = d.Requests, d.FirstSeen, d.LastSeen
		for _, u := range d.Facets[inventory.KindService] {
			v.Services = append(v.Services, proxy.OwnService{Service: name(u.Name), ID: u.Name, Status: string(o.g.inventory.Status(u.Name)), Requests: u.Requests, FirstSeen: u.FirstSeen, LastSeen: u.LastSeen})
		}
		for kind, to := range map[inventory.Kind]*[]proxy.OwnCount{inventory.KindClass: &v.Data, inventory.KindAction: &v.Decisions, inventory.KindModel: &v.Models, inventory.KindAgent: &v.Programs, inventory.KindGroup: &v.Groups} {
			for _, u := range d.Facets[kind] {
				*to = append(*to, proxy.OwnCount{Name: u.Name, Count: u.Requests})
			}
		}
	}
	v.Since, v.Partly = own.Since, own.Partly
	why := make(map[string]string)
	for _, p := range o.g.rules().Policies {
		why[p.Name] = p.Message
	}
	for i := range own.Recent {
		e := &own.Recent[i]
		one := proxy.OwnSighting{Time: e.Time, Service: name(e.ServiceID), ID: e.ServiceID, Data: []string{}, Action: string(e.Action), Rule: e.Rule, Why: why[e.Rule]}
		for _, c := range traffic.Classes() {
			if e.Classes[c] > 0 {
				one.Data = append(one.Data, string(c))
			}
		}
		v.Recent = append(v.Recent, one)
	}
}

func (o ownPage) onRecord(v *proxy.OwnView, own *inventory.Own) {
	for _, r := range own.Reveals {
		v.Reveals = append(v.Reveals, proxy.OwnReveal{Shown: r.Shown, By: r.By, Reviewer: r.Reviewer, Reason: r.Reason})
	}
	for _, x := range own.Exceptions {
		v.Exceptions = append(v.Exceptions, proxy.OwnException{ID: x.ID, State: string(x.State), Service: x.Service, Rule: x.Rule, Reason: x.Reason, Until: x.Until, Asked: x.Asked, Answer: x.Answer})
	}
}

// Ask implements proxy.Own.
func (o ownPage) Ask(ctx context.Context, who proxy.Asker, w proxy.OwnWish) (string, error) {
	if o.anybodys(who) {
		return "", &proxy.OwnError{Problem: "Nobody knows who you are: ask your administrator."}
	}
	own, err := o.g.inventory.Own(ctx, who.User, who.Client)
	if err != nil {
		return "", err
	}
	if own.Person == "" {
		return "", &proxy.OwnError{Problem: "Nobody knows who you are: ask your administrator."}
	}
	err = knownRule(o.g.rules(), w.Rule)
	var x inventory.Exception
	if err == nil {
		x, err = o.g.inventory.AskException(ctx, inventory.Asking{Person: own.Person, Service: w.Service, Rule: w.Rule, Reason: w.Reason, Until: w.Until}, own.Person)
	}
	if invalid, ok := errors.AsType[*inventory.InvalidError](err); ok {
		return "", &proxy.OwnError{Problem: invalid.Problem}
	}
	if unknown, ok := errors.AsType[*inventory.UnknownError](err); ok {
		return "", &proxy.OwnError{Problem: unknown.Error()}
	}
	return x.ID, err
}
