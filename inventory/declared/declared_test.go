package declared_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/declared"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
	"github.com/gnomon-proxy/gnomon/traffic"
)

const list = `name: IT list
services:
  - service: OpenAI API
    use_case: support answers
    purpose: drafts of answers
    surfaces: [api]
    departments: [support]
    data: [contact]
    accounts: [corporate, api_key]
    models: [gpt-4*]
    vendor: OpenAI
    terms: "2026-01"
    owner: ann
    approved_on: 2026-01-10
    review_by: 2026-10-31
    until: 2027-01-31
  - {service: claude}
`

const table = "\xef\xbb\xbfservice;use_case;purpose;surfaces;departments;data;accounts;models;vendor;terms;owner;approved_on;review_by;until\r\n" +
	"OpenAI API;support answers;\"drafts of answers\";api;support;contact;corporate, api_key;gpt-4*;OpenAI;2026-01;ann;2026-01-10;2026-10-31;2027-01-31\r\n" +
	"claude;;;;;;;;;;;;;\r\n"

func read(t *testing.T) *declared.List {
	t.Helper()
	l, err := declared.ReadYAML("list.yaml", []byte(list))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestReadCSV reads from CSV what the YAML says.
func TestReadCSV(t *testing.T) {
	got, err := declared.ReadCSV("list.csv", []byte(strings.ReplaceAll(strings.ReplaceAll(table, ", ", "|"), "corporate|api_key", `"corporate;api_key"`)))
	if err != nil {
		t.Fatal(err)
	}
	want := read(t)
	if fmt.Sprintf("%+v", got.Items) != fmt.Sprintf("%+v", want.Items) {
		t.Errorf("CSV:\n%+v\nYAML:\n%+v", got.Items, want.Items)
	}
}

// TestRefused reads lists that are wrong: the error names the place.
func TestRefused(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"empty", "", "names no service"},
		{"no service", "services:\n  - {owner: ann}\n", "l.yaml:2:"},
		{"unknown key", "services:\n  - {service: x, ownr: ann}\n", "ownr"},
		{"day", "services:\n  - {service: x, until: 31.12.2026}\n", "2:25: until"},
		{"class", "services:\n  - {service: x, data: [secrets]}\n", "no class of data"},
		{"none and more", "services:\n  - {service: x, data: [none, secret]}\n", "no class of data"},
		{"account", "services:\n  - {service: x, accounts: [mine]}\n", "no kind of account"},
		{"surface", "services:\n  - {service: x, surfaces: [phone]}\n", "surfaces"},
		{"twice", "services:\n  - {service: x}\n  - {service: X}\n", "twice"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := declared.ReadYAML("l.yaml", []byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
	for _, tt := range []struct{ name, text, want string }{
		{"empty", "", "first line names the columns"},
		{"column", "service,ownr\nx,y\n", "l.csv:1:9: unknown column"},
		{"twice", "service,service\n", "twice"},
		{"no service", "owner\nann\n", "service is missing"},
		{"short line", "service,owner\nx\n", "l.csv:2"},
		{"quote", "service\n\"x\n", "l.csv:"},
		{"day", "service,until\nx,soon\n", "l.csv:2:1: until"},
	} {
		t.Run("csv "+tt.name, func(t *testing.T) {
			if _, err := declared.ReadCSV("l.csv", []byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(list), true)
	f.Add([]byte(table), false)
	f.Add([]byte("service,data\n\"x\",\"a;b\"\n"), false)
	f.Fuzz(func(t *testing.T, data []byte, yaml bool) {
		read := declared.ReadCSV
		if yaml {
			read = declared.ReadYAML
		}
		l, err := read("x", data)
		if (err == nil) != (l != nil && len(l.Items) > 0) {
			t.Fatalf("%d items and the error %v", len(l.Items), err)
		}
	})
}

var (
	from  = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	until = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
)

// drift compares the list with what a store saw: use returns the events.
func drift(t *testing.T, lists []declared.List, change func(in *declared.Input), events ...inventory.Event) []declared.Difference {
	t.Helper()
	s, err := sqlite.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Merge(t.Context(), events); err != nil {
		t.Fatal(err)
	}
	services, err := s.Services(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range services {
		services[i].Status = traffic.StatusUnreviewed
	}
	in := &declared.Input{
		Lists: lists, Services: services, Now: until,
		Name: func(string) string { return "" }, Terms: func(string) string { return "" }, Until: func(string) string { return "" }, Review: func(string) string { return "" },
		Resolve: func(name string) (string, bool) {
			id := strings.ReplaceAll(strings.ToLower(name), " ", "-")
			return id, id != "nobody"
		},
	}
	v, err := inventory.New(t.Context(), inventory.Config{Dir: t.TempDir(), Store: s})
	if err != nil {
		t.Fatal(err)
	}
	if in.Observed, err = declared.Observe(t.Context(), v, inventory.Day(from), inventory.Day(until)); err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(in)
	}
	got, unknown := declared.Drift(in)
	if len(unknown) > 0 {
		t.Errorf("unknown services %v", unknown)
	}
	return got
}

// use returns a use of the OpenAI API as the list allows it, changed by edit.
func use(day int, edit func(e *inventory.Event)) inventory.Event {
	at := from.AddDate(0, 0, day)
	e := inventory.Event{
		ID: traffic.NewID(at), Time: at, ServiceID: "openai-api", Service: "OpenAI API", Vendor: "OpenAI", Surface: traffic.SurfaceAPI, Groups: []string{"Support"},
		User: "u-1", Model: "gpt-4.1", Account: inventory.Account{Kind: traffic.AccountCorporate}, Depth: traffic.Inspected, Requests: 1, How: traffic.HowCatalogue,
		Classes: map[traffic.Class]int{traffic.ClassContact: 1}, Findings: map[string]int{"email": 1},
	}
	if edit != nil {
		edit(&e)
	}
	return e
}

func kinds(list []declared.Difference) string {
	parts := []string{}
	for i := range list {
		parts = append(parts, list[i].ID+" "+string(list[i].Kind)+" "+list[i].Observed)
	}
	return strings.Join(parts, "\n")
}

// TestDrift changes one thing at a time.
func TestDrift(t *testing.T) {
	none := "claude never_used no use in the period"
	overdue := "openai-api review_overdue in use\n"
	for _, tt := range []struct {
		name   string
		edit   func(e *inventory.Event)
		change func(in *declared.Input)
		want   string
	}{
		{"as declared", nil, nil, overdue + none},
		{"department", func(e *inventory.Event) { e.Groups = []string{"sales"} }, nil, overdue + "openai-api beyond_department sales\n" + none},
		{"data", func(e *inventory.Event) { e.Classes[traffic.ClassSecret] = 2 }, nil, overdue + "openai-api beyond_data secret\n" + none},
		{"account", func(e *inventory.Event) { e.Account.Kind = traffic.AccountPersonal }, nil, overdue + "openai-api beyond_account personal\n" + none},
		{"model", func(e *inventory.Event) { e.Model = "o3" }, nil, overdue + "openai-api beyond_model o3\n" + none},
		{"purpose", func(e *inventory.Event) { e.Surface = traffic.SurfaceIDE }, nil, overdue + "openai-api beyond_purpose ide\n" + none},
		{"vendor", func(e *inventory.Event) { e.Vendor = "Other Inc" }, nil, overdue + "openai-api supplier_changed vendor Other Inc\n" + none},
		{"terms", nil, func(in *declared.Input) { in.Terms = func(string) string { return "2026-09" } }, overdue + "openai-api supplier_changed terms 2026-09\n" + none},
		{"reviewed", nil, func(in *declared.Input) {
			in.Review = func(string) string { return "2027-01-01" }
			in.Lists[0].Items[0].ReviewBy = ""
		}, none},
		{"ended", nil, func(in *declared.Input) { in.Lists[0].Items[0].Until = "2026-11-15" }, "openai-api approval_ended in use\n" + overdue + none},
		{"decision ended", nil, func(in *declared.Input) {
			in.Until = func(id string) string { return map[string]string{"openai-api": "2026-11-01"}[id] }
		}, "openai-api approval_ended in use\n" + overdue + none},
		{"refused", nil, func(in *declared.Input) { in.Services[0].Status = traffic.StatusRefused }, "openai-api refused in use\n" + overdue + none},
		{"not declared", nil, func(in *declared.Input) { in.Lists = nil }, "openai-api not_approved in use"},
		{"approved, not declared", nil, func(in *declared.Input) { in.Lists, in.Services[0].Status = nil, traffic.StatusApproved }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := kinds(drift(t, []declared.List{*read(t)}, tt.change, use(3, tt.edit))); got != tt.want {
				t.Errorf("differences:\n%s\nwant:\n%s", got, tt.want)
			}
		})
	}
}

// TestEvidence looks at how a difference was seen.
func TestEvidence(t *testing.T) {
	secret := func(e *inventory.Event) {
		e.Classes, e.Findings, e.User = map[traffic.Class]int{traffic.ClassSecret: 3}, map[string]int{"aws-key": 3}, "u-2"
	}
	blind := func(e *inventory.Event) { e.Depth, e.Classes, e.Findings = traffic.MetadataOnly, nil, nil }
	got := drift(t, []declared.List{*read(t)}, nil, use(1, nil), use(5, secret), use(7, secret), use(8, blind))
	for _, d := range got {
		if d.Kind != declared.BeyondData {
			continue
		}
		if d.Requests != 6 || d.Users != 0 || // the two users of the service did not all do that
			!d.FirstSeen.Equal(from.AddDate(0, 0, 5)) || !d.LastSeen.Equal(from.AddDate(0, 0, 7)) || d.Confidence != 0.75 ||
			d.List != "IT list" || d.UseCase != "support answers" || d.Declared != "contact" || d.Owner != "ann" {
			t.Errorf("difference = %+v", d)
		}
		return
	}
	t.Errorf("no difference in data: %s", kinds(got))
}

// TestUseCases lets the use cases of a service allow together what they do.
func TestUseCases(t *testing.T) {
	l := *read(t)
	l.Items = append(l.Items, declared.Item{Service: "OpenAI API", UseCase: "sales", Departments: []string{"sales"}, Data: []traffic.Class{"none"}, Accounts: []traffic.AccountKind{"personal"}, Models: []string{"o3"}, Surfaces: []traffic.Surface{"web"}})
	l.Items[0].ReviewBy = ""
	sales := func(e *inventory.Event) {
		e.Groups, e.Model, e.Surface, e.Account.Kind = []string{"sales"}, "o3", traffic.SurfaceWeb, traffic.AccountPersonal
	}
	if got := kinds(drift(t, []declared.List{l}, nil, use(1, nil), use(2, sales))); got != "claude never_used no use in the period" {
		t.Errorf("differences:\n%s", got)
	}
	l.Items[2].Departments = nil // anybody
	other := func(e *inventory.Event) { e.Groups = []string{"board"} }
	if got := kinds(drift(t, []declared.List{l}, nil, use(1, other))); got != "claude never_used no use in the period" {
		t.Errorf("differences:\n%s", got)
	}
}

// TestModelChanged sees a model that came after the approval.
func TestModelChanged(t *testing.T) {
	l := *read(t)
	l.Items = l.Items[:1]
	l.Items[0].Models, l.Items[0].ApprovedOn, l.Items[0].ReviewBy = nil, "2026-11-05", ""
	newer := func(e *inventory.Event) { e.Model = "gpt-6" }
	if got := kinds(drift(t, []declared.List{l}, nil, use(1, nil), use(9, newer))); got != "openai-api model_changed gpt-6" {
		t.Errorf("differences:\n%s", got)
	}
	if got := kinds(drift(t, []declared.List{l}, nil, use(9, newer))); got != "" {
		t.Errorf("nothing was seen before the approval, and yet: %s", got)
	}
}

func TestChanges(t *testing.T) {
	old, now := read(t), read(t)
	now.Items[0].Departments = nil
	now.Items[1] = declared.Item{Service: "gemini"}
	if a, c, r := declared.Changes(old, now); a != 1 || c != 1 || r != 1 {
		t.Errorf("added %d, changed %d, removed %d; want 1 each", a, c, r)
	}
	same := read(t)
	same.Items[1].Data = []traffic.Class{}
	if a, c, r := declared.Changes(old, same); a+c+r != 0 {
		t.Errorf("a list that says the same: %d, %d, %d", a, c, r)
	}
}
