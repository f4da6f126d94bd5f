package redis

import (
	"context"

	goredis "github.com/redis/go-redis/v9"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// What a client sends decides about many names: its model, its account, the
// host of an unknown service. These bounds keep one that makes them up from
// filling the memory; what is beyond them is counted under the name other. They
// are no exact science: several gateways may pass one at the same moment.
const (
	maxServices = 20_000
	maxFacets   = inventory.MaxValues // a subject and kind
	maxSubjects = 250_000             // of a kind: users, models ...
	maxUsage    = 500_000             // a day
	maxDays     = 200_000             // a day
	maxBlind    = 100_000             // what hid, and from whom

	other = "(other)"
)

// know makes the list of known services anew when there are others.
func (s *Store) know(ctx context.Context, c *goredis.Client) error {
	n, err := c.HLen(ctx, s.keys.service).Result()
	if err != nil || s.services != nil && n == int64(len(s.services)) {
		return err
	}
	list, err := c.HKeys(ctx, s.keys.service).Result()
	if err != nil {
		return err
	}
	s.services = make(map[string]bool, len(list))
	for _, id := range list {
		s.services[id] = true
	}
	return nil
}

// bound puts an event of a service beyond the bound under one name. It changes
// e.
func (s *Store) bound(e *inventory.Event) {
	if e.Blind != "" || s.services[e.ServiceID] {
		return
	}
	if len(s.services) >= maxServices {
		e.ServiceID, e.Service = "unknown:"+other, other
	}
	s.services[e.ServiceID] = true
}

// isService reports whether a subject is a service and not what inventory.Of
// returns; kind is that of one that isn't.
func isService(subject string) (kind inventory.Kind, is bool) {
	for i := range len(subject) {
		switch subject[i] {
		case '=':
			return inventory.Kind(subject[:i]), false
		case ':':
			if subject[:i] == "unknown" {
				return "", true
			}
		}
	}
	return "", true
}

// crowded moves new subjects of a kind that has too many to one of its own, and
// reports whether there were any.
func (s *Store) crowded(ctx context.Context, c *goredis.Client, f *inventory.Fold) error {
	subjects := make(map[inventory.Kind][]string)
	for k := range f.Facets {
		if kind, service := isService(k.Subject); !service && k.Kind == inventory.KindTotal {
			subjects[kind] = append(subjects[kind], k.Subject)
		}
	}
	for kind, list := range subjects {
		n, err := c.ZCard(ctx, s.keys.top(string(kind))).Result()
		if err != nil {
			return err
		}
		if n+int64(len(list)) <= maxSubjects {
			continue
		}
		if err := s.crowdedKind(ctx, c, f, kind, list, int(maxSubjects-n)); err != nil {
			return err
		}
	}
	return nil
}

// crowdedKind lets so many new subjects in as there is room for.
func (s *Store) crowdedKind(ctx context.Context, c *goredis.Client, f *inventory.Fold, kind inventory.Kind, list []string, room int) error {
	known := make([]*goredis.FloatCmd, len(list))
	_, err := c.Pipelined(ctx, func(p goredis.Pipeliner) error {
		for i, subject := range list {
			known[i] = p.ZScore(ctx, s.keys.top(string(kind)), subject[len(kind)+1:])
		}
		return nil
	})
	if err != nil && err != goredis.Nil {
		return err
	}
	out := make(map[string]bool)
	for i, subject := range list {
		if known[i].Err() == nil {
			continue
		}
		if room--; room < 0 {
			out[subject] = true
		}
	}
	to := inventory.Of(kind, other)
	for k, t := range f.Facets {
		if !out[k.Subject] {
			continue
		}
		delete(f.Facets, k)
		k.Subject = to
		if sum := f.Facets[k]; sum != nil {
			addTally(sum, t)
		} else {
			f.Facets[k] = t
		}
	}
	return nil
}

func addTally(t, o *inventory.Tally) {
	a, b := sumOf(t), sumOf(o)
	a.add(b)
	*t = a.tally()
}
