package inventory

import (
	"context"
	"fmt"
	"strings"
)

// Grant is how an exception is granted.
type Grant struct {
	Until  string // the last day, instead of the one that was asked for; ""
	Group  string // a department that it holds for beside the person; ""
	Reason string // for the person; ""
}

// GrantException lets an exception hold, on all gateways from their next request
// on. Who asked can't, nor the person whom it is for. The error is an
// *InvalidError or a *RevealError that says why not.
func (v *Inventory) GrantException(ctx context.Context, id string, g Grant, by string) (Exception, error) {
	return v.settleException(ctx, id, by, func(b *Book, x *Exception) (*exceptionNote, error) {
		if x.State != ExceptionPending {
			return nil, &InvalidError{fmt.Sprintf("exception %s is %s: nothing is left to grant", x.ID, x.State)}
		}
		if err := v.another(b, x, by); err != nil {
			return nil, err
		}
		note := &exceptionNote{Step: exceptionGranted, Until: x.Until, Group: text(strings.TrimSpace(g.Group)), Reason: g.Reason}
		if g.Until != "" {
			note.Until = g.Until
		}
		return note, v.checkUntil(note.Until)
	})
}

// RefuseException ends a request, and an exception that was granted. The person
// reads the reason.
func (v *Inventory) RefuseException(ctx context.Context, id, reason, by string) (Exception, error) {
	return v.settleException(ctx, id, by, func(_ *Book, x *Exception) (*exceptionNote, error) {
		note := &exceptionNote{Step: exceptionRefused, Reason: strings.TrimSpace(reason)}
		switch {
		case note.Reason == "":
			return nil, &InvalidError{"say why: the person reads the reason"}
		case x.State == ExceptionGranted:
			note.Step = exceptionWithdrawn
		case x.State != ExceptionPending:
			return nil, &InvalidError{fmt.Sprintf("exception %s is %s: nothing is left to refuse", x.ID, x.State)}
		}
		return note, nil
	})
}

func (v *Inventory) settleException(ctx context.Context, id, by string, settle func(*Book, *Exception) (*exceptionNote, error)) (Exception, error) {
	book, err := v.Write(ctx, by, func(b *Book) ([]Note, error) {
		x, err := exceptionIn(b, id, v.cfg.Now())
		if err != nil {
			return nil, err
		}
		note, err := settle(b, &x)
		if err != nil {
			return nil, err
		}
		note.ID, note.Reason = x.ID, strings.ToValidUTF8(note.Reason, "\uFFFD")
		if len(note.Reason) > maxReason {
			return nil, &InvalidError{fmt.Sprintf("the reason is longer than %d bytes", maxReason)}
		}
		return []Note{{TopicException, exceptionSubject(x.Service, x.Rule), note}}, nil
	})
	if err != nil {
		return Exception{}, err
	}
	return exceptionIn(book, id, v.cfg.Now())
}

// another says why by may not grant x, nil when by is a second person. Who
// decides may be known to the proxy under the same name.
func (v *Inventory) another(b *Book, x *Exception, by string) error {
	for _, name := range [...]string{by, bare(by), strings.TrimSpace(by)} {
		if id, _ := v.mask.user(nil, name); id != "" && id == v.keptID(x.Person) {
			return refusal("the exception is for yourself: a second person must grant it")
		}
	}
	return b.SecondPerson(x.By, by) // of the pseudonym, where it was asked for on the person's own page
}
