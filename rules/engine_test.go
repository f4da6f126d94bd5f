package rules_test

import (
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

var _ traffic.Policy = (*rules.Engine)(nil)

func clock() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }

func engine(t testing.TB, policies []rules.Policy) *rules.Engine {
	t.Helper()
	e, err := rules.NewEngine(policies, clock)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// policies returns those of a rule file's text, before the embedded ones.
func policies(t *testing.T, text string) []rules.Policy {
	t.Helper()
	set, err := rules.Load(overlay(t, map[string]string{"policies/test.yaml": text}))
	if err != nil {
		t.Fatal(err)
	}
	return set.Policies
}

func request(status traffic.Status, findings ...traffic.Class) *traffic.Exchange {
	x := &traffic.Exchange{
		Flow: traffic.Flow{
			Host: "chatgpt.com", Path: "/backend-api/conversation", Method: "POST", User: "Alice@corp.example", Groups: []string{"Legal", "staff"},
			Client: netip.MustParseAddr("10.1.2.3"),
		},
		Verdict: traffic.Verdict{Service: "ChatGPT", ID: "chatgpt", Vendor: "OpenAI", Category: "chat assistant", Surface: traffic.SurfaceWeb, How: traffic.HowCatalogue, Confidence: 1},
		Status:  status,
		Account: traffic.Account{Kind: traffic.AccountPersonal, Plan: "free"},
		Prompt:  &traffic.Prompt{Model: "gpt-5", Parts: make([]traffic.Part, 2)},
		Body:    []byte("{}"),
	}
	for _, c := range findings {
		x.Findings = append(x.Findings, traffic.Finding{Class: c, Detector: "test-" + string(c)})
	}
	return x
}

func TestDefaultPolicy(t *testing.T) {
	e := engine(t, rules.Embedded().Policies)
	for _, tt := range []struct {
		name   string
		x      *traffic.Exchange
		action traffic.Action
		rule   string
		fail   traffic.FailMode
		redact []int
	}{
		{"nothing found", request(traffic.StatusApproved), traffic.ActionAllow, "allow-the-rest", traffic.FailOpen, nil},
		{"unreviewed", request(traffic.StatusUnreviewed), traffic.ActionAllow, "allow-the-rest", traffic.FailOpen, nil},
		{"refused", request(traffic.StatusRefused), traffic.ActionBlock, "refuse-refused-services", traffic.FailClosed, nil},
		{"refused with a secret", request(traffic.StatusRefused, traffic.ClassSecret), traffic.ActionBlock, "refuse-refused-services", traffic.FailClosed, nil},
		{"secret", request(traffic.StatusApproved, traffic.ClassSecret), traffic.ActionRedact, "redact-secrets-cards-and-ids", traffic.FailOpen, []int{0}},
		{"card and id between contacts", request(traffic.StatusApproved, traffic.ClassContact, traffic.ClassPaymentCard, traffic.ClassContact, traffic.ClassNationalID),
			traffic.ActionRedact, "redact-secrets-cards-and-ids", traffic.FailOpen, []int{1, 3}},
		{"contact", request(traffic.StatusApproved, traffic.ClassContact), traffic.ActionAlert, "alert-on-personal-data", traffic.FailOpen, nil},
		{"bank account", request(traffic.StatusUnreviewed, traffic.ClassBankAccount), traffic.ActionAlert, "alert-on-personal-data", traffic.FailOpen, nil},
		{"source code", request(traffic.StatusApproved, traffic.ClassSourceCode), traffic.ActionAllow, "allow-the-rest", traffic.FailOpen, nil},
		{"nothing known", &traffic.Exchange{}, traffic.ActionAllow, "allow-the-rest", traffic.FailOpen, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := e.Decide(tt.x)
			if d.Action != tt.action || d.Rule != tt.rule || d.OnFailure != tt.fail || !reflect.DeepEqual(d.Redact, tt.redact) {
				t.Errorf("got %+v", d)
			}
			if d.Action != traffic.ActionAllow && d.Reason == "" {
				t.Error("no reason")
			}
		})
	}
}

// TestConditions tries one rule with one condition on the same request.
func TestConditions(t *testing.T) {
	x := request(traffic.StatusApproved, traffic.ClassSecret, traffic.ClassSecret, traffic.ClassContact)
	for _, tt := range []struct {
		when  rules.When
		expr  string
		match bool
	}{
		{when: rules.When{}, match: true},
		{when: rules.When{Service: []string{"chatgpt"}}, match: true},
		{when: rules.When{Service: []string{"Claude", "CHATGPT"}}, match: true},
		{when: rules.When{Service: []string{"Claude"}}},
		{when: rules.When{Category: []string{"Chat Assistant"}}, match: true},
		{when: rules.When{Category: []string{"image"}}},
		{when: rules.When{Status: []string{"approved"}}, match: true},
		{when: rules.When{Status: []string{"refused", "retired"}}},
		{when: rules.When{User: []string{"alice@CORP.example"}}, match: true},
		{when: rules.When{User: []string{"bob@corp.example"}}},
		{when: rules.When{Group: []string{"legal"}}, match: true},
		{when: rules.When{Group: []string{"finance"}}},
		{when: rules.When{Network: []string{"192.0.2.0/24", "10.0.0.0/8"}}, match: true},
		{when: rules.When{Network: []string{"10.1.2.3"}}, match: true},
		{when: rules.When{Network: []string{"10.1.2.4", "::/0"}}},
		{when: rules.When{Surface: []string{"web"}}, match: true},
		{when: rules.When{Surface: []string{"api"}}},
		{when: rules.When{Account: []string{"personal"}}, match: true},
		{when: rules.When{Account: []string{"corporate"}}},
		{when: rules.When{Class: []string{"secret"}}, match: true},
		{when: rules.When{Class: []string{"payment_card"}}},
		{when: rules.When{Detector: []string{"test-contact"}}, match: true},
		{when: rules.When{Detector: []string{"other"}}},
		{when: rules.When{Class: []string{"secret"}, Detector: []string{"test-contact"}}},
		{when: rules.When{MinCount: 3}, match: true},
		{when: rules.When{MinCount: 4}},
		{when: rules.When{Class: []string{"secret"}, MinCount: 2}, match: true},
		{when: rules.When{Class: []string{"contact"}, MinCount: 2}},
		{when: rules.When{Class: []string{"secret", "contact"}, MinCount: 3}, match: true},
		{when: rules.When{Detector: []string{"test-secret"}, MinCount: 3}},
		{when: rules.When{Service: []string{"ChatGPT"}, User: []string{"bob"}}},
		{when: rules.When{Status: []string{"approved"}, Account: []string{"personal"}, Class: []string{"secret"}}, match: true},
		{expr: `service == "ChatGPT" && vendor == "OpenAI" && id == "chatgpt"`, match: true},
		{expr: `host endsWith ".com" and path startsWith "/backend-api/" and method == "POST"`, match: true},
		{expr: `"Legal" in groups && user contains "@corp"`, match: true},
		{expr: `plan in ["free", "plus"] && account == "personal" && model matches "^gpt-"`, match: true},
		{expr: `findings == 3 && classes.secret == 2 && classes["payment_card"] == 0 && detectors["test-contact"] == 1`, match: true},
		{expr: `parts == 2 && bytes == 2 && !cut && !stream && confidence == 1 && client == "10.1.2.3"`, match: true},
		{expr: `class == "secret" && detector == "test-secret"`, match: true},
		{expr: `class == ""`, match: true}, // the request itself
		{expr: `findings > 3`},
		{when: rules.When{Class: []string{"contact"}}, expr: `status == "refused"`},
		{when: rules.When{Class: []string{"contact"}}, expr: `detector == "test-contact"`, match: true},
	} {
		p := rules.Policy{Name: "tried", When: tt.when, Expr: tt.expr, Action: traffic.ActionAlert}
		e := engine(t, []rules.Policy{p})
		d := e.Decide(x)
		if got := d.Rule == "tried"; got != tt.match {
			t.Errorf("%+v %s: matched %v, want %v", tt.when, tt.expr, got, tt.match)
		}
		if !tt.match && (d.Rule != "" || d.Action != traffic.ActionAllow || d.OnFailure != traffic.FailOpen) {
			t.Errorf("no rule matches, and the decision is %+v", d)
		}
	}
}

func TestFirstMatchAndStrictest(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		x          *traffic.Exchange
		action     traffic.Action
		rule       string
		redact     []int
	}{
		{"an exception lets findings pass", `policies: [{name: trusted, when: {service: [ChatGPT]}, action: allow}]`,
			request(traffic.StatusApproved, traffic.ClassSecret), traffic.ActionAllow, "trusted", nil},
		{"an exception for one class", `policies: [{name: trusted, when: {service: [ChatGPT], class: [secret]}, action: allow}]`,
			request(traffic.StatusApproved, traffic.ClassSecret, traffic.ClassPaymentCard), traffic.ActionRedact, "redact-secrets-cards-and-ids", []int{1}},
		{"a finding blocks the request", `policies: [{name: no-secrets, when: {class: [secret]}, action: block, message: No.}]`,
			request(traffic.StatusApproved, traffic.ClassPaymentCard, traffic.ClassSecret), traffic.ActionBlock, "no-secrets", nil},
		{"coach is stricter than alert, redact than coach", `policies: [{name: ask, when: {class: [contact]}, action: coach, message: Think.}]`,
			request(traffic.StatusApproved, traffic.ClassContact, traffic.ClassBankAccount), traffic.ActionCoach, "ask", nil},
		{"redact is stricter than coach", `policies: [{name: ask, when: {class: [contact]}, action: coach, message: Think.}]`,
			request(traffic.StatusApproved, traffic.ClassContact, traffic.ClassSecret), traffic.ActionRedact, "redact-secrets-cards-and-ids", []int{1}},
		{"pseudonymised findings are replaced", `policies: [{name: mask, when: {class: [contact]}, action: pseudonymise}]`,
			request(traffic.StatusApproved, traffic.ClassContact), traffic.ActionPseudonymise, "mask", []int{0}},
		{"of equal ones the first rule is named", `policies: [{name: a, when: {class: [health]}, action: redact}, {name: b, when: {class: [contact]}, action: redact}]`,
			request(traffic.StatusApproved, traffic.ClassContact, traffic.ClassHealth), traffic.ActionRedact, "a", []int{0, 1}},
		{"on its last day", `policies: [{name: day, when: {user: [alice@corp.example]}, action: block, message: No., until: 2026-11-21}]`,
			request(traffic.StatusApproved), traffic.ActionBlock, "day", nil},
		{"after its last day", `policies: [{name: day, when: {user: [alice@corp.example]}, action: block, message: No., until: 2026-11-20}]`,
			request(traffic.StatusApproved), traffic.ActionAllow, "allow-the-rest", nil},
		{"switched off", `policies: [{name: off, action: block, message: No., disabled: true}]`,
			request(traffic.StatusApproved), traffic.ActionAllow, "allow-the-rest", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := engine(t, policies(t, tt.text)).Decide(tt.x)
			if d.Action != tt.action || d.Rule != tt.rule || !reflect.DeepEqual(d.Redact, tt.redact) {
				t.Errorf("got %+v", d)
			}
		})
	}
}

func TestOnFailure(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       traffic.FailMode
	}{
		{"open by default", `policies: [{name: a, action: alert}]`, traffic.FailOpen},
		{"closed where it says so", `policies: [{name: a, action: allow, on_failure: closed}]`, traffic.FailClosed},
		{"closed for what is refused", `policies: [{name: a, action: block, message: No.}]`, traffic.FailClosed},
		{"open where a refusal says so", `policies: [{name: a, action: block, message: No., on_failure: open}]`, traffic.FailOpen},
		{"closed when any rule that matched is", `policies: [{name: a, when: {class: [contact]}, action: alert}, {name: b, action: allow, on_failure: closed}]`, traffic.FailClosed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if d := engine(t, policies(t, tt.text)).Decide(request(traffic.StatusApproved, traffic.ClassContact)); d.OnFailure != tt.want {
				t.Errorf("got %+v, want %s", d, tt.want)
			}
		})
	}
}

// TestFailingExpression: an expression that fails while it runs is counted; a
// rule that is to fail closed then matches.
func TestFailingExpression(t *testing.T) {
	for _, tt := range []struct{ mode, rule string }{{"closed", "odd"}, {"open", ""}} {
		p := rules.Policy{Name: "odd", Expr: `groups[5] == "x"`, Action: traffic.ActionBlock, Message: "No.", OnFailure: traffic.FailMode(tt.mode)}
		e := engine(t, []rules.Policy{p})
		if d := e.Decide(request(traffic.StatusApproved)); d.Rule != tt.rule {
			t.Errorf("%s: %+v", tt.mode, d)
		}
		if e.Failures() != 1 {
			t.Errorf("%s: %d failures counted", tt.mode, e.Failures())
		}
	}
}

func TestNewEngineRefuses(t *testing.T) {
	_, err := rules.NewEngine([]rules.Policy{
		{Name: "a", Action: "reject"},
		{Name: "b", Action: traffic.ActionAlert, When: rules.When{Network: []string{"ten"}}},
	}, clock)
	if err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("got %v, want two errors", err)
	}
}

func TestExplain(t *testing.T) {
	e := engine(t, policies(t, `policies:
  - {name: old, action: allow, until: 2020-01-01}
  - {name: finance-only, when: {group: [finance]}, action: allow}
  - {name: odd, when: {service: [chatgpt]}, expr: findings > 5, action: alert}
`))
	x := request(traffic.StatusApproved, traffic.ClassSecret, traffic.ClassSecret)
	var got []string
	for _, s := range e.Explain(x) {
		if s.Source.Line == 0 || s.Matched != (s.Failed == "") {
			t.Errorf("step %+v", s)
		}
		got = append(got, strings.TrimSpace(string(s.Class)+" "+s.Rule+" "+s.Failed))
	}
	want := []string{
		"old until", "finance-only group", "odd expr", "refuse-refused-services status", "redact-secrets-cards-and-ids findings", "alert-on-personal-data findings", "allow-the-rest",
		"secret old until", "secret finance-only group", "secret odd expr", "secret refuse-refused-services status", "secret redact-secrets-cards-and-ids",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if d := e.Decide(x); d.Rule != "redact-secrets-cards-and-ids" {
		t.Errorf("decided by %q", d.Rule)
	}
}

func TestDecideAllocs(t *testing.T) {
	e := engine(t, policies(t, `policies:
  - {name: a, when: {user: [bob, eve], network: [10.0.0.0/8]}, action: block, message: No., until: 2027-01-01}
  - {name: b, when: {service: [Claude], group: [finance], surface: [api], account: [corporate], category: [image]}, action: alert}
`))
	x := request(traffic.StatusApproved)
	if n := testing.AllocsPerRun(1000, func() { e.Decide(x) }); n != 0 {
		t.Errorf("Decide allocates %v times, want 0", n)
	}
}

// TestDecideManyFindings: a dump is decided by its kinds of findings, not by
// each of them.
func TestDecideManyFindings(t *testing.T) {
	x := request(traffic.StatusApproved)
	for range 100_000 {
		x.Findings = append(x.Findings, traffic.Finding{Class: traffic.ClassSecret, Detector: "a"}, traffic.Finding{Class: traffic.ClassContact, Detector: "b"})
	}
	e := engine(t, rules.Embedded().Policies)
	if d := e.Decide(x); len(d.Redact) != 100_000 || d.Redact[1] != 2 {
		t.Errorf("%d to redact", len(d.Redact))
	}
	if n := testing.AllocsPerRun(1, func() { e.Decide(x) }); n > 100 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkDecide(b *testing.B) {
	e := engine(b, rules.Embedded().Policies)
	for name, x := range map[string]*traffic.Exchange{
		"clean":    request(traffic.StatusApproved),
		"findings": request(traffic.StatusApproved, traffic.ClassSecret, traffic.ClassContact, traffic.ClassContact),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				e.Decide(x)
			}
		})
	}
}
