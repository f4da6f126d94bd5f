package risk

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Option is what is done about a risk (ISO 31000).
type Option string

// The options.
const (
	Avoid  Option = "avoid"  // stop the use
	Modify Option = "modify" // add or strengthen controls
	Share  Option = "share"  // insure, contract
	Retain Option = "retain" // live with it, accepted by a person until a day
)

// Options lists all options.
func Options() []Option { return []Option{Avoid, Modify, Share, Retain} }

// Treatment is what was decided about a risk. Days are written YYYY-MM-DD and
// end with the day (UTC).
type Treatment struct {
	Option        Option `json:"option"`
	Plan          string `json:"plan"`
	Owner         string `json:"owner"`
	Due           string `json:"due"`  // of all but retain
	Done          string `json:"done"` // day, "" while it is open
	AcceptedBy    string `json:"accepted_by"`
	AcceptedOn    string `json:"accepted_on"`
	AcceptedUntil string `json:"accepted_until"`
}

// Check returns what is wrong with a treatment of a's residual risk, nil when
// nothing is. Acceptance is an act of a named person until a day, no longer than
// the method allows for the level.
func (t *Treatment) Check(a *Assessment) error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	switch t.Option {
	case Avoid, Modify, Share:
		if t.Due == "" {
			wrong("treatment %q: give a due date", t.Option)
		}
	case Retain:
		if strings.TrimSpace(t.AcceptedBy) == "" || t.AcceptedUntil == "" {
			wrong("treatment %q: a risk is retained only when a named person accepts it until a day", t.Option)
		}
	default:
		wrong("treatment %q: expected avoid, modify, share or retain", t.Option)
	}
	if strings.TrimSpace(t.Owner) == "" {
		wrong("name an owner of the treatment")
	}
	for _, d := range []struct{ name, day string }{
		{"due", t.Due}, {"done", t.Done}, {"accepted_on", t.AcceptedOn}, {"accepted_until", t.AcceptedUntil},
	} {
		if _, err := time.Parse(time.DateOnly, d.day); d.day != "" && err != nil {
			wrong("%s: expected a day (YYYY-MM-DD), got %q", d.name, d.day)
		}
	}
	if err := t.checkAcceptance(a); err != nil && len(errs) == 0 {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (t *Treatment) checkAcceptance(a *Assessment) error {
	if t.AcceptedBy == "" && t.AcceptedUntil == "" && t.AcceptedOn == "" {
		return nil
	}
	if strings.TrimSpace(t.AcceptedBy) == "" || t.AcceptedUntil == "" || t.AcceptedOn == "" {
		return errors.New("an acceptance needs a named person, the day of it, and the day until which it holds")
	}
	on, _ := time.Parse(time.DateOnly, t.AcceptedOn)
	until, _ := time.Parse(time.DateOnly, t.AcceptedUntil)
	last := on.AddDate(0, 0, a.AcceptDays)
	switch {
	case until.Before(on):
		return fmt.Errorf("accepted until %s, which is before %s, the day of the acceptance", t.AcceptedUntil, t.AcceptedOn)
	case a.AcceptDays == 0:
		return fmt.Errorf("a %s risk may not be accepted: treat it", a.Level)
	case until.After(last):
		return fmt.Errorf("a %s risk may be accepted for %d days, until %s at most", a.Level, a.AcceptDays, last.Format(time.DateOnly))
	}
	return nil
}

// State is where a treatment stands.
type State string

// The states.
const (
	Untreated State = "untreated"
	Open      State = "open"
	Overdue   State = "overdue" // due, and not done
	Done      State = "done"
	Accepted  State = "accepted"
	Expired   State = "expired" // the acceptance has ended
)

// States returns where t stands at a time: that of the measure, that of the
// acceptance, or both.
func (t *Treatment) States(now time.Time) []State {
	today := now.UTC().Format(time.DateOnly)
	var states []State
	if t.Option != "" && t.Option != Retain {
		switch {
		case t.Done != "" && t.Done <= today:
			states = append(states, Done)
		case t.Due != "" && today > t.Due:
			states = append(states, Overdue)
		default:
			states = append(states, Open)
		}
	}
	if t.AcceptedUntil != "" {
		if today > t.AcceptedUntil {
			states = append(states, Expired)
		} else {
			states = append(states, Accepted)
		}
	}
	if len(states) == 0 {
		return []State{Untreated}
	}
	return states
}
