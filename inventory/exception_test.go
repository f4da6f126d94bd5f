package inventory_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
	"github.com/gnomon-proxy/gnomon/traffic"
)

func flowOf(user string, groups ...string) *traffic.Flow {
	return &traffic.Flow{User: user, Groups: groups, Client: netip.MustParseAddr("192.0.2.7")}
}

// exempt returns what somebody is exempt from at a service: "rule", or "status"
// for its status.
func exempt(v *inventory.Inventory, f *traffic.Flow, service string) string {
	var rules []string
	for _, e := range v.Exempt(nil, f, service) {
		if e.Rule == "" {
			e.Rule = "status"
		}
		rules = append(rules, e.Rule)
	}
	return strings.Join(rules, ",")
}

func (p *people) until(days int) string {
	return p.now().UTC().AddDate(0, 0, days).Format(time.DateOnly)
}

func (p *people) askFor(t *testing.T, service, rule string) inventory.Exception {
	t.Helper()
	x, err := p.AskException(t.Context(), inventory.Asking{Person: p.alice, Service: service, Rule: rule, Reason: "a customer asked", Until: p.until(7)}, p.alice)
	if err != nil || x.State != inventory.ExceptionPending || x.Person != p.alice || x.Reason != "a customer asked" {
		t.Fatalf("AskException = %+v, %v", x, err)
	}
	return x
}

// TestException follows one from the request to its last day, as two gateways on
// one store see it.
func TestException(t *testing.T) {
	p := seenAlice(t)
	ctx := t.Context()
	alice, bob := flowOf("alice@example.org"), flowOf("bob@example.org")
	x := p.askFor(t, "openai-api", "")
	if got := exempt(p.Inventory, alice, "openai-api"); got != "" {
		t.Errorf("exempt from %s before anybody granted it", got)
	}
	for _, who := range []string{"alice@example.org", "token:alice@example.org", " ALICE@example.org", "root", "uid 0", "console"} {
		if _, err := p.GrantException(ctx, x.ID, inventory.Grant{}, who); !refused(err) {
			t.Errorf("%q, whom it is for or who may be anybody, granted it: %v", who, err)
		}
	}
	got, err := p.GrantException(ctx, x.ID, inventory.Grant{Until: p.until(3), Reason: "for the tender"}, "rita")
	if err != nil || got.State != inventory.ExceptionGranted || got.Reviewer != "rita" || got.Until != p.until(3) || got.Answer != "for the tender" {
		t.Fatalf("GrantException = %+v, %v", got, err)
	}
	other := newInventory(t, inventory.Config{Dir: p.dir, Store: openStore(t, p.dir), Now: p.now})
	for name, v := range map[string]*inventory.Inventory{"here": p.Inventory, "elsewhere": other} {
		for _, tt := range []struct {
			flow          *traffic.Flow
			service, want string
		}{{alice, "openai-api", "status"}, {bob, "openai-api", ""}, {alice, "anthropic-api", ""}, {flowOf(""), "openai-api", ""}, {flowOf("device:alice@example.org"), "openai-api", ""}} {
			if got := exempt(v, tt.flow, tt.service); got != tt.want {
				t.Errorf("%s: %q at %s is exempt from %q, want %q", name, tt.flow.User, tt.service, got, tt.want)
			}
		}
	}
	if _, err := p.GrantException(ctx, x.ID, inventory.Grant{}, "rita"); !invalid(err) {
		t.Errorf("granted twice: %v", err)
	}
	p.advance(4 * 24 * time.Hour)
	if got := exempt(p.Inventory, alice, "openai-api"); got != "" {
		t.Errorf("exempt from %s after the last day", got)
	}
	if list, err := p.Exceptions(); err != nil || len(list) != 1 || list[0].State != inventory.ExceptionLapsed {
		t.Errorf("Exceptions = %+v, %v; want one that lapsed", list, err)
	}
}

func invalid(err error) bool {
	_, ok := errors.AsType[*inventory.InvalidError](err)
	return ok
}

func TestExceptionRefused(t *testing.T) {
	p := seenAlice(t)
	ctx := t.Context()
	x := p.askFor(t, "openai-api", "no-secrets")
	if _, err := p.RefuseException(ctx, x.ID, " ", "rita"); !invalid(err) {
		t.Errorf("refused without a reason: %v", err)
	}
	if got, err := p.RefuseException(ctx, x.ID, "use the approved one", "rita"); err != nil || got.State != inventory.ExceptionRefused || got.Answer != "use the approved one" {
		t.Errorf("RefuseException = %+v, %v", got, err)
	}
	if _, err := p.GrantException(ctx, x.ID, inventory.Grant{}, "rita"); !invalid(err) {
		t.Errorf("granted although it was refused: %v", err)
	}
	y := p.askFor(t, "", "no-secrets")
	if _, err := p.GrantException(ctx, y.ID, inventory.Grant{}, "rita"); err != nil {
		t.Fatal(err)
	}
	if got := exempt(p.Inventory, flowOf("alice@example.org"), "anything"); got != "no-secrets" {
		t.Errorf("exempt from %q, want the rule wherever it is tried", got)
	}
	if got, err := p.RefuseException(ctx, y.ID, "no longer", "ralf"); err != nil || got.State != inventory.ExceptionWithdrawn {
		t.Errorf("RefuseException of a granted one = %+v, %v", got, err)
	}
	if got := exempt(p.Inventory, flowOf("alice@example.org"), "anything"); got != "" {
		t.Errorf("exempt from %q after it was withdrawn", got)
	}
}

// TestExceptionOfDepartment lets a reviewer grant it to a department.
func TestExceptionOfDepartment(t *testing.T) {
	p := seenAlice(t)
	x := p.askFor(t, "openai-api", "no-secrets")
	if _, err := p.GrantException(t.Context(), x.ID, inventory.Grant{Group: "sales"}, "rita"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		flow *traffic.Flow
		want string
	}{{flowOf("bob", "board", "Sales"), "no-secrets"}, {flowOf("bob", "board"), ""}, {flowOf("alice@example.org"), "no-secrets"}} {
		if got := exempt(p.Inventory, tt.flow, "openai-api"); got != tt.want {
			t.Errorf("%s of %q is exempt from %q, want %q", tt.flow.User, tt.flow.Groups, got, tt.want)
		}
	}
}

// TestExceptionAsked tries requests that make no sense, and more than one person
// may wait for.
func TestExceptionAsked(t *testing.T) {
	p := seenAlice(t)
	ctx := t.Context()
	good := inventory.Asking{Person: p.alice, Service: "openai-api", Rule: "r", Reason: "why", Until: p.until(1)}
	for name, change := range map[string]func(a *inventory.Asking){
		"nobody":           func(a *inventory.Asking) { a.Person = "" },
		"a name":           func(a *inventory.Asking) { a.Person = "alice" },
		"nothing":          func(a *inventory.Asking) { a.Service, a.Rule = "", "" },
		"no reason":        func(a *inventory.Asking) { a.Reason = "\n " },
		"a long reason":    func(a *inventory.Asking) { a.Reason = strings.Repeat("x", 501) },
		"no day":           func(a *inventory.Asking) { a.Until = "soon" },
		"a day that is no": func(a *inventory.Asking) { a.Until = "2026-02-30" },
		"yesterday":        func(a *inventory.Asking) { a.Until = p.until(-1) },
		"two years":        func(a *inventory.Asking) { a.Until = p.until(700) },
		"unknown service":  func(a *inventory.Asking) { a.Service = "nothing that exists" },
	} {
		a := good
		change(&a)
		if x, err := p.AskException(ctx, a, p.alice); err == nil || !invalid(err) && !errors.Is(err, inventory.ErrUnknown) {
			t.Errorf("%s: %+v, %v", name, x, err)
		}
	}
	for i := range 5 {
		p.askFor(t, "openai-api", strings.Repeat("r", i+1))
	}
	if _, err := p.AskException(ctx, good, p.alice); !invalid(err) || !strings.Contains(err.Error(), "already") {
		t.Errorf("the same was asked for twice: %v", err)
	}
	good.Rule = "another"
	if _, err := p.AskException(ctx, good, p.alice); !invalid(err) || !strings.Contains(err.Error(), "5 requests wait") {
		t.Errorf("a sixth request: %v", err)
	}
	good.Person = p.Pseudonym("bob")
	if _, err := p.AskException(ctx, good, "ann"); err != nil {
		t.Errorf("another person can't ask: %v", err)
	}
}

// TestExceptionAskedForAnother lets the help desk ask for somebody: who did can't
// grant it.
func TestExceptionAskedForAnother(t *testing.T) {
	p := seenAlice(t)
	x, err := p.AskException(t.Context(), inventory.Asking{Person: p.alice, Service: "openai-api", Reason: "why", Until: p.until(1)}, "ann")
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"ann", "token:ann", "root", "alice@example.org"} {
		if _, err := p.GrantException(t.Context(), x.ID, inventory.Grant{}, who); !refused(err) {
			t.Errorf("%q granted it: %v", who, err)
		}
	}
	if _, err := p.GrantException(t.Context(), x.ID, inventory.Grant{}, "rita"); err != nil {
		t.Error(err)
	}
}

func TestExemptAllocs(t *testing.T) {
	p := seenAlice(t)
	f := flowOf("bob", "sales")
	p.Exempt(nil, f, "openai-api")
	if n := testing.AllocsPerRun(100, func() { p.Exempt(nil, f, "openai-api") }); n != 0 {
		t.Errorf("Exempt allocates %v times where no exceptions hold, want 0", n)
	}
	x := p.askFor(t, "openai-api", "")
	if _, err := p.GrantException(t.Context(), x.ID, inventory.Grant{}, "rita"); err != nil {
		t.Fatal(err)
	}
	if got := exempt(p.Inventory, f, "openai-api"); got != "" {
		t.Errorf("bob is exempt from %q", got)
	}
}

// TestAskAsNobody: what nobody could grant can't be asked for, and the answer says
// what to do.
func TestAskAsNobody(t *testing.T) {
	p := seenAlice(t)
	a := inventory.Asking{Person: p.alice, Service: "openai-api", Reason: "why", Until: p.until(1)}
	for _, by := range []string{"root", "uid 0", "console", "token:root", " Root", ""} {
		if _, err := p.AskException(t.Context(), a, by); !invalid(err) || !strings.Contains(err.Error(), "gnomon access token create") {
			t.Errorf("%q asked: %v", by, err)
		}
	}
	x, err := p.AskException(t.Context(), a, "ann")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.GrantException(t.Context(), x.ID, inventory.Grant{}, "root"); !refused(err) || !strings.Contains(err.Error(), "in a container") {
		t.Errorf("root granted it: %v", err)
	}
	if _, err := p.GrantException(t.Context(), x.ID, inventory.Grant{}, "token:ops"); err != nil { // made by nobody who asked
		t.Errorf("a token could not grant it: %v", err)
	}
}

// TestExemptAs looks up exceptions by pseudonym, of any generation.
func TestExemptAs(t *testing.T) {
	p := seenAlice(t)
	x := p.askFor(t, "openai-api", "")
	if _, err := p.GrantException(t.Context(), x.ID, inventory.Grant{Group: "Legal"}, "rita"); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Rotate(t.Context(), "why", "rita"); err != nil {
		t.Fatal(err)
	}
	now := p.Pseudonym("alice@example.org")
	if now == p.alice {
		t.Fatal("the pseudonym did not change")
	}
	for _, tt := range []struct {
		who, service string
		groups       []string
		want         int
	}{
		{p.alice, "openai-api", nil, 1}, {now, "openai-api", nil, 1}, {now, "claude", nil, 0},
		{p.Pseudonym("bob@example.org"), "openai-api", nil, 0}, {"", "openai-api", []string{"legal"}, 1}, {"nonsense", "openai-api", nil, 0},
	} {
		if got := p.ExemptAs(nil, tt.who, tt.groups, tt.service); len(got) != tt.want {
			t.Errorf("ExemptAs(%q, %v, %s) = %v, want %d", tt.who, tt.groups, tt.service, got, tt.want)
		}
	}
	for who, want := range map[string]bool{p.alice: true, now: true, "u-000000000000": false, "": false} {
		if got, err := p.Knows(t.Context(), who); err != nil || got != want {
			t.Errorf("Knows(%q) = %v, %v, want %v", who, got, err, want)
		}
	}
}

// TestReasonWithoutPersonal keeps what the ledger would never forget out of it.
func TestReasonWithoutPersonal(t *testing.T) {
	dir := t.TempDir()
	store, err := sqlite.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	v, err := inventory.New(t.Context(), inventory.Config{Dir: dir, Store: store, Personal: func(text string) ([]string, error) {
		if strings.Contains(text, "@") {
			return []string{"contact"}, nil
		}
		return nil, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	a := inventory.Asking{Person: v.PersonOf("alice@example.org", netip.Addr{}), Rule: "redact", Until: time.Now().UTC().AddDate(0, 0, 7).Format(time.DateOnly), Reason: "ask bob@example.org"}
	if _, err := v.AskException(t.Context(), a, a.Person); !invalid(err) || !strings.Contains(err.Error(), "(contact)") {
		t.Errorf("a reason with an address: %v", err)
	}
	if n := v.Book().Chain().Seq; n != 0 {
		t.Errorf("%d entries are on record", n)
	}
	a.Reason = "a customer asked"
	if _, err := v.AskException(t.Context(), a, a.Person); err != nil {
		t.Error(err)
	}
}
