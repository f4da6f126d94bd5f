package inventory

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// Known says how sure it is who somebody is.
type Known string

// The ways.
const (
	KnownUser    Known = "user"    // by name
	KnownAddress Known = "address" // nobody was ever seen there by name
	KnownShared  Known = "shared"  // an address at which people were seen by name
	KnownDevice  Known = "device"  // by the name of a device, which anybody may choose
	KnownNobody  Known = "nobody"
)

// Own is what is kept of one person, for that person.
type Own struct {
	Known      Known
	Person     string         // pseudonym; "" where nothing may be shown
	Detail     *SubjectDetail // nil: nothing was seen
	Recent     []Event        // the newest first
	Since      time.Time      // how far back Recent looks
	Partly     bool           // it ended before it had seen all
	Reveals    []Reveal       // of those, the ones in which the name was shown
	Exceptions []Exception
}

const (
	// ownRecent bounds the single sightings that a person is shown, ownTime what
	// looking for them may take, and ownSightings those that are looked at.
	ownRecent    = 50
	ownTime      = 8 * time.Second
	ownSightings = 50_000
)

// Own returns what is kept of who sends from a client: of the user, or of the
// client when nobody is known. Where it is not sure who that is, nothing is
// shown.
func (v *Inventory) Own(ctx context.Context, user string, client netip.Addr) (*Own, error) {
	o := &Own{Known: KnownUser, Person: v.PersonOf(user, client)}
	kind := KindUser
	switch {
	case strings.HasPrefix(user, traffic.DevicePrefix):
		o.Known = KnownDevice
	case user == "":
		o.Known, kind = KnownAddress, KindClient
	}
	if o.Person == "" {
		if o.Known != KnownDevice {
			o.Known = KnownNobody
		}
		return o, nil
	}
	d, err := v.cfg.Store.Subject(ctx, kind, v.keptID(o.Person))
	switch {
	case errors.Is(err, ErrUnknown):
	case err != nil:
		return nil, err
	case kind == KindClient && len(d.Facets[KindUser]) > 0:
		return &Own{Known: KnownShared}, nil
	default:
		o.Detail = d
		v.recent(ctx, o, kind)
	}
	return o, v.onRecord(o)
}

// onRecord adds what the ledger holds of the person.
func (v *Inventory) onRecord(o *Own) error {
	reveals, err := v.Reveals()
	if err != nil {
		return err
	}
	for _, r := range reveals {
		if v.keptID(r.Pseudonym) == v.keptID(o.Person) && r.State == RevealShown {
			o.Reveals = append(o.Reveals, r)
		}
	}
	all, err := v.Exceptions()
	for _, x := range all {
		if v.keptID(x.Person) == v.keptID(o.Person) {
			o.Exceptions = append(o.Exceptions, x)
		}
	}
	return err
}

// recent adds the last single sightings, as far as they are found in time.
func (v *Inventory) recent(ctx context.Context, o *Own, kind Kind) {
	ctx, cancel := context.WithTimeout(ctx, ownTime)
	defer cancel()
	until := v.cfg.Now().Add(time.Minute)
	var err error
	if o.Since, err = v.fewSince(ctx, until); err == nil {
		id := v.keptID(o.Person)
		err = v.cfg.Store.Sightings(ctx, o.Since, until, func(e *Event) error {
			if own := e.User; own == id || kind == KindClient && own == "" && e.Client == id {
				if len(o.Recent) == 2*ownRecent {
					o.Recent = append(o.Recent[:0], o.Recent[ownRecent:]...)
				}
				o.Recent = append(o.Recent, *e)
			}
			return ctx.Err()
		})
	}
	o.Partly = err != nil
	o.newest()
}

// newest keeps the newest sightings, the newest first.
func (o *Own) newest() {
	slices.SortStableFunc(o.Recent, func(a, b Event) int { return b.Time.Compare(a.Time) })
	o.Recent = o.Recent[:min(len(o.Recent), ownRecent)]
}

// fewSince returns since when there are no more sightings than can be looked at,
// of the last week.
func (v *Inventory) fewSince(ctx context.Context, until time.Time) (time.Time, error) {
	last, week := Hour(until)+1, int64(7*24)
	perHour := make(map[int64]int64)
	err := v.cfg.Store.Hours(ctx, last-week, last, func(k HourKey, u UsageTally) error {
		perHour[k.Hour] += max(u.N, 1)
		return ctx.Err()
	})
	hour, n := last-1, perHour[last-1]
	for hour > last-week && n+perHour[hour-1] <= ownSightings {
		hour--
		n += perHour[hour]
	}
	return time.Unix(hour*60*60, 0).UTC(), err
}
