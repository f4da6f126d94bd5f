package inventory

import (
	"cmp"
	"context"
	"slices"
)

// whole is how much one person did in a generation.
type whole struct {
	n     int64
	alias string
}

// people lists those of a generation that choose picks, in its order. Only of
// these is counted what they used: there may be a hundred thousand others.
func (s seen) people(ctx context.Context, g Generation, kind Kind, choose func([]whole) []whole) ([]Subject, error) {
	all, err := s.wholes(ctx, g, kind)
	if err != nil {
		return nil, err
	}
	chosen := choose(all)
	byName := make(map[string]*personal, len(chosen))
	for i := range chosen {
		byName[chosen[i].alias] = newPersonal()
	}
	var byNumber []*personal
	others := new(personal) // that were not chosen
	u := s.v.digest.usage
	err = s.used(ctx, g, func(n *names, r *used) {
		who := r.who(kind)
		byNumber = grown(byNumber, who)
		p := byNumber[who]
		if p == nil {
			if p = byName[u.alias(s.v.mask, g.Number, who)]; p == nil {
				p = others
			}
			byNumber[who] = p
		}
		if p == others {
			return
		}
		p.add(kind, r.key(n), r.tally(), func(string) string { return "" })
	})
	list := make([]Subject, 0, len(chosen))
	for i := range chosen {
		if p := byName[chosen[i].alias]; p.N > 0 || !p.Last.IsZero() { // else erased at this moment
			list = append(list, p.subject(kind, chosen[i].alias))
		}
	}
	return list, err
}

// who returns the user or the client of a row, 0 for nobody.
func (r *used) who(kind Kind) uint32 {
	if kind == KindClient {
		return r.client
	}
	return r.user
}

// wholes returns everybody of a generation.
func (s seen) wholes(ctx context.Context, g Generation, kind Kind) ([]whole, error) {
	var index []int32 // of all, by number of the name, from 1
	var all []whole
	u := s.v.digest.usage
	err := s.used(ctx, g, func(_ *names, r *used) {
		who := r.who(kind)
		if who == 0 {
			return
		}
		if index = grown(index, who); index[who] == 0 {
			all = append(all, whole{alias: u.alias(s.v.mask, g.Number, who)})
			index[who] = int32(len(all))
		}
		all[index[who]-1].n += r.n
	})
	return all, err
}

// mostUsed returns the first of all by use, and then by name.
func mostUsed(all []whole, limit int) []whole {
	return first(all, limit, func(a, b whole) int { return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.alias, b.alias)) })
}

// firstAfter returns the first of all by name that come after one.
func firstAfter(all []whole, after string, limit int) []whole {
	all = slices.DeleteFunc(all, func(w whole) bool { return w.alias <= after })
	return first(all, limit, func(a, b whole) int { return cmp.Compare(a.alias, b.alias) })
}

// first returns the first few of very many in an order, without bringing all of
// them into it.
func first[T any](all []T, limit int, compare func(a, b T) int) []T {
	if limit <= 0 {
		return nil
	}
	if limit >= len(all)/2 {
		slices.SortFunc(all, compare)
		return all[:min(len(all), limit)]
	}
	best := make([]T, 0, 2*limit)
	full := false // the last of them is the bar
	for _, one := range all {
		if full && compare(one, best[limit-1]) >= 0 {
			continue
		}
		if best = append(best, one); len(best) == 2*limit {
			slices.SortFunc(best, compare)
			best, full = best[:limit], true
		}
	}
	slices.SortFunc(best, compare)
	return best[:min(len(best), limit)]
}
