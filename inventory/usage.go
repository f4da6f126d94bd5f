package inventory

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// maxUsed bounds the rows that are kept, of 64 bytes each: what is beyond is read
// again for each question.
const maxUsed = 4 << 20

// usage keeps who used what on the days of a generation: since pseudonyms have
// been rotated all that is shown of people is added up from these rows, and to
// read those of a quarter takes seconds. Marks tell which have changed.
type usage struct {
	turn chan struct{} // held by the one who reads and changes what follows

	epoch int64
	names *names
	days  map[int64]*usedDay
	rows  int

	generation int64
	aliases    []string // of that generation, by number of the name; "": not asked for so far
}

// usedDay never changes.
type usedDay struct {
	mark int64
	rows []used
}

// used is a UsageKey and its Tally; texts are of names, "" is 0.
type used struct {
	service, account, user, client, model uint32
	n, up, down, first, last              int64 // times in milliseconds
}

func newUsage() *usage { return &usage{turn: make(chan struct{}, 1)} }

// each calls f with all rows from a day on, in the order of days.
func (u *usage) each(ctx context.Context, r Reader, from int64, f func(*names, *used)) error {
	select {
	case u.turn <- struct{}{}:
		defer func() { <-u.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	m, err := r.Marks(ctx, from, 1<<40)
	if err == nil {
		u.begin(&m)
		err = u.all(ctx, r, &m, f)
	}
	if err != nil {
		return fmt.Errorf("reading who used what: %w", err)
	}
	return nil
}

// begin forgets what is not asked for any more or has changed.
func (u *usage) begin(m *Marks) {
	if u.names == nil || u.epoch != m.Epoch || u.names.full() {
		u.epoch, u.names, u.days, u.rows = m.Epoch, newNames(), make(map[int64]*usedDay), 0
		u.names.number("")
		u.aliases = nil
	}
	for day, d := range u.days {
		if mark, ok := m.Days[day]; !ok || mark != d.mark {
			u.rows -= len(d.rows)
			delete(u.days, day)
		}
	}
}

func (u *usage) all(ctx context.Context, r Reader, m *Marks, f func(*names, *used)) error {
	days := slices.Sorted(maps.Keys(m.Days))
	for len(days) > 0 {
		if d := u.days[days[0]]; d != nil {
			for i := range d.rows {
				f(u.names, &d.rows[i])
			}
			days = days[1:]
			continue
		}
		n := 1
		for n < len(days) && days[n] == days[n-1]+1 && u.days[days[n]] == nil {
			n++
		}
		if err := u.read(ctx, r, m, days[:n], f); err != nil {
			return err
		}
		days = days[n:]
	}
	return nil
}

// read calls f with the rows of days that follow each other, and keeps them while
// there is room.
func (u *usage) read(ctx context.Context, r Reader, m *Marks, days []int64, f func(*names, *used)) error {
	fresh := make(map[int64]*usedDay, len(days))
	for _, day := range days {
		fresh[day] = &usedDay{mark: m.Days[day]}
	}
	kept := 0
	err := r.Usage(ctx, days[0], days[len(days)-1]+1, func(k UsageKey, t UsageTally) error {
		row := u.used(&k, &t.Tally)
		f(u.names, &row)
		if d := fresh[k.Day]; d != nil { // else there is no room for this day
			if d.rows = append(d.rows, row); u.rows+kept >= maxUsed {
				kept -= len(d.rows) - 1
				delete(fresh, k.Day)
				return nil
			}
			kept++
		}
		return nil
	})
	if err != nil {
		return err
	}
	for day, d := range fresh {
		d.rows = slices.Clip(d.rows)
		u.days[day] = d
		u.rows += len(d.rows)
	}
	return nil
}

func (u *usage) used(k *UsageKey, t *Tally) used {
	n := u.names
	return used{
		service: n.number(k.Service), account: n.number(k.Account), user: n.number(k.User), client: n.number(k.Client), model: n.number(k.Model),
		n: t.N, up: t.Up, down: t.Down, first: toMillis(t.First), last: toMillis(t.Last),
	}
}

// alias returns the pseudonym of a person in a generation. Only who is called by
// each may ask.
func (u *usage) alias(m *mask, generation int64, who uint32) string {
	if u.generation != generation {
		u.generation, u.aliases = generation, nil
	}
	u.aliases = grown(u.aliases, who)
	if u.aliases[who] == "" {
		u.aliases[who] = m.alias(generation, u.names.of(who))
	}
	return u.aliases[who]
}

// grown returns a list that has a place for a number.
func grown[T any](list []T, n uint32) []T {
	if missing := int(n) + 1 - len(list); missing > 0 {
		list = append(list, make([]T, missing)...)
	}
	return list
}

// key and tally return a row as the store has it, but for the day.
func (r *used) key(n *names) UsageKey {
	return UsageKey{Service: n.of(r.service), Account: n.of(r.account), User: n.of(r.user), Client: n.of(r.client), Model: n.of(r.model)}
}

func (r *used) tally() Tally {
	return Tally{N: r.n, Up: r.up, Down: r.down, First: fromMillis(r.first), Last: fromMillis(r.last)}
}
