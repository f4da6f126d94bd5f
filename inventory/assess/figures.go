package assess

import (
	"context"
	"fmt"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Period is a span of whole days, in UTC.
type Period struct {
	From, Until time.Time // the first day, and the one after the last
}

// Days returns how many days the period has.
func (p Period) Days() float64 { return p.Until.Sub(p.From).Hours() / 24 }

// Contains reports whether a time lies in the period.
func (p Period) Contains(t time.Time) bool { return !t.Before(p.From) && t.Before(p.Until) }

// Figures is what was seen of one service in a period.
type Figures struct {
	Requests  int64
	Up, Down  int64 // bytes
	Findings  int64
	Sensitive int64 // requests with findings
	Handled   int64 // and of them, those that were altered or blocked
	Personal  int64 // requests with an account that is known to be personal
	Accounts  int64 // requests with an account of a known kind
	First     time.Time
	Last      time.Time
	Users     map[string]bool // pseudonyms; clients where no user is known
	Models    map[string]int64
	Classes   map[traffic.Class]int64 // findings
	Actions   map[traffic.Action]int64
	Depths    map[traffic.Depth]int64
	Groups    map[string]int64
	Reasons   map[string]int64 // of what was not inspected
}

func newFigures() *Figures {
	return &Figures{
		Users: make(map[string]bool), Models: make(map[string]int64), Classes: make(map[traffic.Class]int64), Actions: make(map[traffic.Action]int64),
		Depths: make(map[traffic.Depth]int64), Groups: make(map[string]int64), Reasons: make(map[string]int64),
	}
}

// Total returns the requests of which it is known how much was seen.
func (f *Figures) Total() int64 {
	return f.Depths[traffic.Inspected] + f.Depths[traffic.MetadataOnly] + f.Depths[traffic.Blind]
}

// Source is the part of inventory.Reader that figures come from.
type Source interface {
	Usage(ctx context.Context, from, until int64, f func(inventory.UsageKey, inventory.UsageTally) error) error
	Days(ctx context.Context, from, until int64, f func(inventory.DayKey, inventory.Tally) error) error
}

// Collect adds up a period, by service.
func Collect(ctx context.Context, s Source, p Period) (map[string]*Figures, error) {
	all := make(map[string]*Figures)
	of := func(service string) *Figures {
		f := all[service]
		if f == nil {
			f = newFigures()
			all[service] = f
		}
		return f
	}
	from, until := inventory.Day(p.From), inventory.Day(p.Until)
	err := s.Usage(ctx, from, until, func(k inventory.UsageKey, u inventory.UsageTally) error {
		of(k.Service).use(k, u)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("adding up the period: %w", err)
	}
	err = s.Days(ctx, from, until, func(k inventory.DayKey, t inventory.Tally) error {
		of(k.Service).day(k, t.N)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("adding up the period: %w", err)
	}
	return all, nil
}

func (f *Figures) use(k inventory.UsageKey, u inventory.UsageTally) {
	f.Requests += u.N
	f.Up += u.Up
	f.Down += u.Down
	f.Findings += u.Findings
	f.Sensitive += u.Sensitive
	f.Handled += u.Handled
	if f.First.IsZero() || u.First.Before(f.First) {
		f.First = u.First
	}
	if u.Last.After(f.Last) {
		f.Last = u.Last
	}
	switch {
	case k.User != "":
		f.Users[k.User] = true
	case k.Client != "":
		f.Users[k.Client] = true
	}
	if a, err := inventory.ParseAccount(k.Account); k.Account != "" && err == nil && a.Kind != "" {
		f.Accounts += u.N
		if a.Kind == traffic.AccountPersonal {
			f.Personal += u.N
		}
	}
}

func (f *Figures) day(k inventory.DayKey, n int64) {
	switch k.Kind {
	case inventory.KindModel:
		f.Models[k.Name] += n
	case inventory.KindClass:
		f.Classes[traffic.Class(k.Name)] += n
	case inventory.KindAction:
		f.Actions[traffic.Action(k.Name)] += n
	case inventory.KindDepth:
		f.Depths[traffic.Depth(k.Name)] += n
	case inventory.KindGroup:
		f.Groups[k.Name] += n
	case inventory.KindReason:
		f.Reasons[k.Name] += n
	}
}
