package inventory

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

const (
	// maxAsked bounds the exceptions that one person waits for, and maxAskedAll
	// those of all: the ledger keeps what anybody asks for, for ever.
	maxAsked    = 5
	maxAskedAll = 2000

	// maxPlea bounds the reason of a person who asks.
	maxPlea = 500

	// longestException is how many days an exception holds at most: what is to
	// stay is a decision or a rule.
	longestException = 366
)

// Asking is a request for an exception.
type Asking struct {
	Person  string // pseudonym, see PersonOf
	Service string // name or id; "": wherever the rule is tried
	Rule    string // "": the status of the service stands in the way
	Reason  string
	Until   string // YYYY-MM-DD
}

// PersonOf returns the pseudonym of who sends from a client: that of the user,
// or of the client when nobody is known. It is "" for a device: its name is one
// that anybody may give to a machine.
func (v *Inventory) PersonOf(user string, client netip.Addr) string {
	return v.shownNow(v.keptOf(user, client))
}

// keptOf is PersonOf as it is kept, whatever the generation.
func (v *Inventory) keptOf(user string, client netip.Addr) string {
	switch {
	case strings.HasPrefix(user, traffic.DevicePrefix):
		return ""
	case user != "":
		id, _ := v.mask.user(nil, user)
		return id
	}
	id, _ := v.mask.client(nil, client)
	return id
}

// AskException asks for an exception. Nothing changes before somebody else than
// by, and than the person, grants it. The error is an *InvalidError when the
// request makes no sense, or nobody could grant it: whoever asks as nobody in
// particular may be any second person.
func (v *Inventory) AskException(ctx context.Context, a Asking, by string) (Exception, error) {
	note, err := v.asked(ctx, &a)
	if err != nil {
		return Exception{}, err
	}
	if slices.Contains(shared, bare(by)) {
		return Exception{}, &InvalidError{fmt.Sprintf("%q is no person, so nobody could be the second one who grants it: ask under your own name, %s", text(by), ownName)}
	}
	book, err := v.Write(ctx, by, func(b *Book) ([]Note, error) {
		list, err := ExceptionsIn(b, v.cfg.Now())
		if err != nil {
			return nil, err
		}
		if err := mayAsk(list, note); err != nil {
			return nil, err
		}
		return []Note{{TopicException, exceptionSubject(note.Service, note.Rule), note}}, nil
	})
	if err != nil {
		return Exception{}, err
	}
	return exceptionIn(book, note.ID, v.cfg.Now())
}

// asked checks a request and returns what is put on record.
func (v *Inventory) asked(ctx context.Context, a *Asking) (*exceptionNote, error) {
	note := &exceptionNote{ID: "x-" + strings.ToLower(rand.Text()[:12]), Step: exceptionAsked, Person: a.Person, Rule: text(strings.TrimSpace(a.Rule)), Until: a.Until}
	note.Reason = strings.TrimSpace(strings.ToValidUTF8(a.Reason, "\uFFFD"))
	switch {
	case !IsPseudonym(a.Person):
		return nil, &InvalidError{"an exception is for a person: nobody knows who this is"}
	case a.Service == "" && a.Rule == "":
		return nil, &InvalidError{"an exception is for a service, a rule, or a rule at a service: name one"}
	case note.Reason == "":
		return nil, &InvalidError{"an exception needs a reason: say what it is for"}
	case len(note.Reason) > maxPlea:
		return nil, &InvalidError{fmt.Sprintf("the reason is longer than %d bytes", maxPlea)}
	}
	if err := v.checkText(said{text: note.Reason, name: "reason"}); err != nil {
		return nil, err
	}
	if err := v.checkUntil(a.Until); err != nil {
		return nil, err
	}
	if a.Service != "" {
		var err error
		if note.Service, err = v.Resolve(ctx, a.Service); err != nil {
			return nil, err
		}
	}
	return note, nil
}

// checkUntil refuses a last day that has passed or is too far away.
func (v *Inventory) checkUntil(until string) error {
	now := v.cfg.Now().UTC()
	switch day, err := time.Parse(time.DateOnly, until); {
	case err != nil:
		return &InvalidError{fmt.Sprintf("the last day %q is no date: write it as YYYY-MM-DD", text(until))}
	case until < now.Format(time.DateOnly):
		return &InvalidError{fmt.Sprintf("the last day %s has passed", until)}
	case day.After(now.AddDate(0, 0, longestException)):
		return &InvalidError{fmt.Sprintf("the last day %s is more than a year ahead", until)}
	}
	return nil
}

// mayAsk bounds what waits, and keeps the same from being asked twice.
func mayAsk(list []Exception, note *exceptionNote) error {
	all, own := 0, 0
	for i := range list {
		x := &list[i]
		if x.State != ExceptionPending {
			continue
		}
		all++
		if x.Person != note.Person {
			continue
		}
		own++
		if x.Service == note.Service && x.Rule == note.Rule {
			return &InvalidError{"this has been asked for already (" + x.ID + "), and waits for an answer"}
		}
	}
	if own >= maxAsked || all >= maxAskedAll {
		return &InvalidError{fmt.Sprintf("%d requests wait for an answer: ask again when they have one", own)}
	}
	return nil
}
