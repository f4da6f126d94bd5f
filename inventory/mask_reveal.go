package inventory

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	// revealWait is how long a request for a name waits for a second person, and
	// revealShow how long the name can be shown once that person has allowed it.
	revealWait = 7 * 24 * time.Hour
	revealShow = 24 * time.Hour
)

// RevealError says why a name is not revealed, and what would help.
type RevealError struct{ Problem string }

func (e *RevealError) Error() string { return e.Problem }

func refusal(format string, args ...any) error { return &RevealError{fmt.Sprintf(format, args...)} }

// RequestReveal asks for the name behind a pseudonym. It is shown to nobody
// before one of the reviewers, who is somebody else than by, allows it. Who
// asks and why stays on record.
func (v *Inventory) RequestReveal(ctx context.Context, id, reason, by string, reviewers []string) (Reveal, error) {
	reason = strings.TrimSpace(strings.ToValidUTF8(reason, "\uFFFD"))
	switch {
	case reason == "":
		return Reveal{}, &InvalidError{"a name is revealed for a reason only: say which"}
	case len(reason) > maxReason:
		return Reveal{}, &InvalidError{fmt.Sprintf("the reason is longer than %d bytes", maxReason)}
	case !slices.ContainsFunc(reviewers, func(r string) bool { return !SamePerson(r, by) }):
		return Reveal{}, refusal("nobody but you could allow it: privacy.reviewers must name a second person")
	}
	if _, err := v.person(ctx, id); err != nil {
		return Reveal{}, err
	}
	request := "r-" + strings.ToLower(rand.Text()[:12])
	note := revealNote{Request: request, Step: revealAsked, Reason: reason}
	book, err := v.Write(ctx, by, func(*Book) ([]Note, error) { return []Note{{TopicReveal, id, note}}, nil })
	if err != nil {
		return Reveal{}, err
	}
	return v.revealIn(book, request)
}

// AllowReveal lets the one who asked see the name, once and within a day. Only
// reviewers can, and none of them for themselves.
func (v *Inventory) AllowReveal(ctx context.Context, request, by string, reviewers []string) (Reveal, error) {
	return v.settleReveal(ctx, request, by, reviewers, revealNote{Request: request, Step: revealAllowed})
}

// RefuseReveal ends a request. Reviewers can, and the one who asked.
func (v *Inventory) RefuseReveal(ctx context.Context, request, reason, by string, reviewers []string) (Reveal, error) {
	if len(reason) > maxReason {
		return Reveal{}, &InvalidError{fmt.Sprintf("the reason is longer than %d bytes", maxReason)}
	}
	return v.settleReveal(ctx, request, by, reviewers, revealNote{Request: request, Step: revealRefused, Reason: strings.ToValidUTF8(reason, "\uFFFD")})
}

func (v *Inventory) settleReveal(ctx context.Context, request, by string, reviewers []string, note revealNote) (Reveal, error) {
	book, err := v.Write(ctx, by, func(b *Book) ([]Note, error) {
		r, err := v.revealIn(b, request)
		if err != nil {
			return nil, err
		}
		own := SamePerson(r.By, by)
		switch {
		case r.State != RevealPending:
			return nil, refusal("request %s is %s: nothing is left to decide", r.Request, r.State)
		case !own && !slices.ContainsFunc(reviewers, func(one string) bool { return SamePerson(one, by) }):
			return nil, refusal("%q is not among privacy.reviewers", text(by))
		}
		if note.Step == revealAllowed {
			if err := b.SecondPerson(r.By, by); err != nil {
				return nil, err
			}
		}
		note.Reviewers = reviewers
		return []Note{{TopicReveal, r.Pseudonym, note}}, nil
	})
	if err != nil {
		return Reveal{}, err
	}
	return v.revealIn(book, request)
}

// ShowReveal returns the name to the one who asked for it. That it was shown is
// on record before it is; there is no second time.
func (v *Inventory) ShowReveal(ctx context.Context, request, by string) (string, Reveal, error) {
	if err := v.refresh(ctx); err != nil { // it may have been allowed a moment ago, elsewhere
		return "", Reveal{}, err
	}
	r, err := v.revealIn(v.Book(), request)
	if err != nil {
		return "", r, err
	}
	name, failed := "", error(nil)
	p, failed := v.person(ctx, r.Pseudonym)
	if failed == nil {
		name, failed = v.mask.reveal(p)
	}
	book, err := v.Write(ctx, by, func(b *Book) ([]Note, error) {
		r, err := v.revealIn(b, request)
		switch {
		case err != nil:
			return nil, err
		case !SamePerson(r.By, by):
			return nil, refusal("the name is shown to the one who asked for it only")
		case r.State == RevealPending:
			return nil, refusal("nobody has allowed request %s yet: a second person does with %q", r.Request, "gnomon privacy allow "+r.Request)
		case r.State != RevealAllowed:
			return nil, refusal("request %s is %s: ask anew", r.Request, r.State)
		case failed != nil: // after the others: who may not see it learns nothing
			return nil, failed
		}
		return []Note{{TopicReveal, r.Pseudonym, revealNote{Request: r.Request, Step: revealShown}}}, nil
	})
	if err != nil {
		return "", r, err
	}
	r, err = v.revealIn(book, request)
	return name, r, err
}

// person returns the sealed name behind a pseudonym.
func (v *Inventory) person(ctx context.Context, id string) (Person, error) {
	p, err := v.cfg.Store.Person(ctx, v.keptID(id))
	if errors.Is(err, ErrUnknown) {
		return p, refusal("no name is kept behind %.40q: it was never seen, was erased or is past its time", text(id))
	}
	return p, err
}

// SamePerson reports whether two names are of one person. Case does not matter,
// nor how the person came in: the token of a user is no second person.
func SamePerson(a, b string) bool { return bare(a) == bare(b) }

// cutToken returns the name of the token that a name stands for.
func cutToken(who string) (token string, ok bool) {
	return strings.CutPrefix(strings.ToLower(strings.TrimSpace(who)), "token:")
}

func bare(who string) string {
	who = strings.ToLower(strings.TrimSpace(who))
	for cut := true; cut; { // also of a name that a provider made to look like one of ours
		cut = false
		for _, way := range [...]string{"token:", "session:", "oidc:", "os:", "user:"} {
			if rest, ok := strings.CutPrefix(who, way); ok {
				who, cut = strings.TrimSpace(rest), true
			}
		}
	}
	return who
}
