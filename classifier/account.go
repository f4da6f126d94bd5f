package classifier

import (
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// maxID bounds an organisation or plan as a service may write it; longer ones
// are not ids.
const maxID = 128

// accounts tells whose account a request uses.
type accounts struct {
	key                       *traffic.Hasher
	patterns, work, anonymous []accountPattern
	orgHeaders, answerOrgs    []string
	keyHeaders, keyQueries    []string
	keyPrefixes, sessions     []string
	personal, corporate       []string // plans
}

func newAccounts(signals []rules.Signal, key traffic.Key) (*accounts, error) {
	a := &accounts{key: traffic.NewHasher(key)}
	lists := map[string]*[]string{
		rules.SignalOrganisation: &a.orgHeaders, rules.SignalAnswerOrg: &a.answerOrgs,
		rules.SignalKeyHeader: &a.keyHeaders, rules.SignalKeyQuery: &a.keyQueries,
		rules.SignalKeyPrefix: &a.keyPrefixes, rules.SignalSession: &a.sessions,
		rules.SignalPersonalPlan: &a.personal, rules.SignalWorkPlan: &a.corporate,
	}
	patterns := map[string]*[]accountPattern{
		rules.SignalAccount: &a.patterns, rules.SignalWorkAccount: &a.work, rules.SignalAnonymous: &a.anonymous,
	}
	var errs []error
	for _, r := range signals {
		if r.Disabled {
			continue
		}
		if l := lists[r.Kind]; l != nil {
			*l = append(*l, r.Values...)
		}
		if l := patterns[r.Kind]; l != nil {
			for _, v := range r.Values {
				p, err := newAccountPattern(v)
				if err != nil {
					errs = append(errs, fmt.Errorf("%v: signal %q: %w", r.Source, r.Name, err))
				}
				*l = append(*l, p)
			}
		}
	}
	for _, l := range [][]string{a.orgHeaders, a.answerOrgs, a.keyHeaders} {
		for i := range l {
			l[i] = textproto.CanonicalMIMEHeaderKey(l[i])
		}
	}
	return a, errors.Join(errs...)
}

// request reads the account out of a request: what a header says goes before
// host and path, these before the claims of a token.
func (a *accounts) request(x *traffic.Exchange, s traffic.Surface) traffic.Account {
	var acc traffic.Account
	for _, h := range a.orgHeaders {
		if acc.Organisation == "" {
			acc.Organisation = id(first(x.Header, h))
		}
	}
	a.byAddress(&x.Flow, &acc)
	a.byCredential(x, s, &acc)
	if acc.Kind == "" {
		acc.Kind = a.kindOf(acc.Plan)
	}
	return acc
}

// first returns the first value of a field whose name is canonical already.
func first(h http.Header, name string) string {
	if v := h[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// byAddress reads what host and path say.
func (a *accounts) byAddress(f *traffic.Flow, acc *traffic.Account) {
	for i := range a.anonymous {
		if _, _, ok := a.anonymous[i].match(f.Host, f.Path); ok {
			acc.Kind = traffic.AccountAnonymous
			return
		}
	}
	for work, list := range [][]accountPattern{a.patterns, a.work} {
		for i := range list {
			org, plan, ok := list[i].match(f.Host, f.Path)
			if !ok {
				continue
			}
			if acc.Organisation == "" {
				acc.Organisation = id(org)
			}
			if acc.Plan == "" {
				acc.Plan = id(plan)
			}
			if work == 1 {
				acc.Kind = traffic.AccountCorporate
			}
			return
		}
	}
}

// response adds the organisation that an answer names, which is the surest.
func (a *accounts) response(acc traffic.Account, ans *traffic.Answer) traffic.Account {
	for _, h := range a.answerOrgs {
		if org := id(first(ans.Header, h)); org != "" {
			acc.Organisation = org
			break
		}
	}
	return acc
}

// kindOf tells by a plan's name whose account it is.
func (a *accounts) kindOf(plan string) traffic.AccountKind {
	plan = strings.ToLower(plan)
	switch {
	case plan == "":
		return ""
	case slices.Contains(a.personal, plan):
		return traffic.AccountPersonal
	case slices.Contains(a.corporate, plan):
		return traffic.AccountCorporate
	}
	return ""
}

// id returns s if it may be an id, else "": what is kept of outside text is
// short and printable.
func id(s string) string {
	if len(s) > maxID {
		return ""
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return ""
		}
	}
	return strings.Clone(s)
}
