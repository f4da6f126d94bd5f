package register_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/assess"
	"github.com/gnomon-proxy/gnomon/inventory/register"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

func schema(t testing.TB) *register.Schema {
	t.Helper()
	s, err := register.NewSchema()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSchema(t *testing.T) {
	s := schema(t)
	seen := make(map[string]bool)
	for _, d := range s.Fields {
		if seen[d.Name] || d.Title == "" || d.Group == "" || d.Type == "" || (d.Type == register.Enum) != (len(d.Values) > 0) {
			t.Errorf("field %+v is there twice or says too little", d)
		}
		seen[d.Name] = true
	}
	// Others read these under the same names.
	for _, name := range []string{
		assess.FieldTerms, assess.FieldReview, assess.FieldClasses, inventory.FieldReview, inventory.FieldDeputy,
		string(rules.FactTrains), string(rules.FactDPA), string(rules.FactRegion), string(rules.FactRetention),
	} {
		if d, ok := s.Field(name); !ok || !d.Set {
			t.Errorf("field %s can't be filled in", name)
		}
	}
}

func TestCheck(t *testing.T) {
	s := schema(t)
	for _, tt := range []struct{ field, in, want, problem string }{
		{"dpa", " yes ", "yes", ""},
		{"dpa", "", "", ""},
		{"dpa", "on_requst", "", `did you mean "on_request"`},
		{"dpas", "yes", "", `did you mean "dpa"`},
		{"requests", "5", "", "fills itself"},
		{"next_review", "2027-02-30", "", "YYYY-MM-DD"},
		{"next_review", "2027-02-28", "2027-02-28", ""},
		{"region", "EU; CH,EU", "EU, CH", ""},
		{"declared_data", "contact,secret", "contact, secret", ""},
		{"declared_data", "contacts", "", `did you mean "contact"`},
		{"retention_days", "030", "30", ""},
		{"retention_days", "-1", "", "no number"},
		{"dpia", "https://wiki.corp/1", "https://wiki.corp/1", ""},
		{"dpia", "javascript:alert(1)", "", "no link"},
		{"personal_data", "YES", "yes", ""},
		{"purpose", "a\nb", "", "one line"},
		{"purpose", strings.Repeat("a", 2001), "", "2000 bytes"},
		{"region", strings.Join(strings.Split(strings.Repeat("x", 65), ""), ","), "x", ""},
	} {
		got, err := s.Check(tt.field, tt.in)
		if got != tt.want || (err == nil) != (tt.problem == "") || err != nil && !strings.Contains(err.Error(), tt.problem) {
			t.Errorf("%s=%q: %q, %v; want %q, %q", tt.field, tt.in, got, err, tt.want, tt.problem)
		}
	}
}

// TestCheckIsStable: what was checked once is not changed by a second look, for
// any field and text.
func TestCheckIsStable(t *testing.T) {
	s := schema(t)
	r := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"yes", "no", ",", ";", " ", "EU", "contact", "2027-01-31", "https://a.b", "30", "opt_in", "ä", "\t", "="}
	for range 20_000 {
		var b strings.Builder
		for range r.IntN(5) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		d := &s.Fields[r.IntN(len(s.Fields))]
		once, err := s.Check(d.Name, b.String())
		if err != nil {
			continue
		}
		if twice, err := s.Check(d.Name, once); twice != once || err != nil {
			t.Fatalf("%s=%q: %q, then %q, %v", d.Name, b.String(), once, twice, err)
		}
	}
}

func TestSlug(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"Support answers", "support-answers"}, {"  R&D -- code ", "r-d-code"}, {"été", "t"}, {"日本", ""}, {strings.Repeat("ab ", 50), "ab-"},
	} {
		got := register.Slug(tt.in)
		if !strings.HasPrefix(got, tt.want) || tt.want == "" && got != "" || len(got) > 64 || register.Slug(got) != got {
			t.Errorf("Slug(%q) = %q, then %q", tt.in, got, register.Slug(got))
		}
	}
}

func book(t *testing.T, notes ...inventory.Note) *inventory.Book {
	t.Helper()
	dir := t.TempDir()
	s, err := sqlite.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	v, err := inventory.New(t.Context(), inventory.Config{Dir: dir, Store: s})
	if err != nil {
		t.Fatal(err)
	}
	b, err := v.Write(t.Context(), "ann", func(*inventory.Book) ([]inventory.Note, error) { return notes, nil })
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func field(row, name, value, source string) inventory.Note {
	return inventory.Note{Topic: inventory.TopicField, Subject: inventory.FieldSubject(row, name), Data: inventory.Field{Value: value, Source: source}}
}

func detail(sensors ...string) *inventory.Detail {
	day := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	d := &inventory.Detail{Service: inventory.Service{
		Service: "Claude", ID: "claude", Category: "chatbot", Requests: 100, FirstSeen: day, LastSeen: day, How: traffic.HowRequestShape,
		Findings: map[traffic.Class]int64{traffic.ClassContact: 2}, Coverage: inventory.Coverage{Inspected: 1},
	}}
	for _, s := range sensors {
		d.Sensors = append(d.Sensors, inventory.Use{Name: s, LastSeen: day})
	}
	return d
}

// TestRows lays sensors, catalogue and people over each other.
func TestRows(t *testing.T) {
	b := book(t,
		field("claude", "category", "assistant", "person"), field("claude", "region", "EU", "vendors.csv"), field("claude", "dpa", "yes", "person"), field("claude", "dpa", "", "person"),
		field("claude", "personal_data", "no", "person"), field("claude/support", "purpose", "answers", "person"), field("claude", "purpose", "all", "person"),
		field("claude/support", "intended_use", "", "person"), field("claude", "intended_use", "drafts", "person"),
		inventory.Note{Topic: inventory.TopicUseCase, Subject: "support", Data: register.UseCase{Name: "Support", Services: []string{"claude"}, Departments: []string{"support"}}},
		inventory.Note{Topic: inventory.TopicUseCase, Subject: "old", Data: register.UseCase{Name: "Old", Services: []string{"claude"}, Retired: true}},
		inventory.Note{Topic: inventory.TopicUseCase, Subject: "other", Data: register.UseCase{Name: "Other", Services: []string{"chatgpt"}}},
	)
	cases, err := register.UseCases(b)
	if err != nil || len(cases) != 3 {
		t.Fatalf("%d use cases, %v", len(cases), err)
	}
	rows, err := schema(t).Rows(&register.Input{
		Detail: detail("dns", "proxy", "tls"), Book: b, UseCases: cases, Now: time.Now(), Entries: register.Counts(b)["claude"],
		Catalogue: &rules.Service{Name: "Claude", ID: "claude", Vendor: "Anthropic", Category: "chat", Supplier: rules.Supplier{Region: []string{"US"}, DPA: "on_request", Retention: "30d", Origin: "https://x", Unverified: true}},
		Groups:    map[string]map[string]inventory.Use{"support": {"claude": {Requests: 7}}, "hr": {"claude": {Requests: 9}}},
		Computed:  map[string]register.Stated{"residual_risk": {Value: "12", Provenance: register.Provenance{Source: register.FromComputed, Who: "exposure 1"}}},
	})
	if err != nil || len(rows) != 2 || rows[1].UseCase != "support" {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, tt := range []struct {
		row         int
		field, want string
		source      register.Source
		who         string
		also        string
	}{
		{0, "category", "assistant", register.FromPerson, "ann", "chat chatbot"},
		{0, "region", "EU", register.FromFile, "vendors.csv (ann)", "US"},
		{0, "dpa", "on_request", register.FromCatalogue, "https://x", ""}, // emptied by a person
		{0, "retention_days", "30", register.FromCatalogue, "https://x", ""},
		{0, "personal_data", "no", register.FromPerson, "ann", "yes"},
		{0, "inspection", "decrypted", register.FromSensor, "proxy", ""},
		{0, "requests", "100", register.FromSensor, "proxy", ""},
		{0, "residual_risk", "12", register.FromComputed, "exposure 1", ""},
		{0, "purpose", "all", register.FromPerson, "ann", ""},
		{0, "ledger_entries", "11", register.FromComputed, "ledger", ""},
		{0, "works_council", "", "", "", ""},
		{1, "purpose", "answers", register.FromPerson, "ann", ""},
		{1, "intended_use", "drafts", register.FromPerson, "ann", ""},
		{1, "use_case", "Support", register.FromComputed, "use case", ""},
		{1, "requests", "7", register.FromComputed, "use by support", ""},
		{1, "users", "", "", "", ""},
	} {
		i := slices.IndexFunc(rows[tt.row].Fields, func(v register.Value) bool { return v.Name == tt.field })
		if i < 0 {
			t.Errorf("row %d has no %s", tt.row, tt.field)
			continue
		}
		v := &rows[tt.row].Fields[i]
		var also []string
		for _, a := range v.Also {
			also = append(also, a.Value)
		}
		if v.Value != tt.want || v.Source != tt.source || v.Who != tt.who || strings.Join(also, " ") != tt.also {
			t.Errorf("row %d, %s = %q of %s %s, also %q; want %+v", tt.row, tt.field, v.Value, v.Source, v.Who, also, tt)
		}
		if tt.field == "intended_use" && !v.Inherited {
			t.Error("intended_use of the use case is not marked as the service's")
		}
	}
	if got := len(register.History(b, "claude")); got != register.Counts(b)["claude"] {
		t.Errorf("history has %d entries, counted %d", got, register.Counts(b)["claude"])
	}
}

// TestSensorsRefine: the more a sensor sees, the surer its values.
func TestSensorsRefine(t *testing.T) {
	s := schema(t)
	last := -1.0
	for _, tt := range []struct{ sensor, level string }{{"dns", "dns_only"}, {"log", "log"}, {"tls", "server_name"}, {"proxy", "decrypted"}} {
		rows, err := s.Rows(&register.Input{Detail: detail("dns", tt.sensor), Book: new(inventory.Book), Now: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range rows[0].Fields {
			if v.Name == "inspection" {
				if v.Value != tt.level || v.Confidence <= last {
					t.Errorf("%s: %s with confidence %v after %v", tt.sensor, v.Value, v.Confidence, last)
				}
				last = v.Confidence
			}
			if v.Value != "" && (v.Source == "" || v.Confidence <= 0 || v.Confidence > 1) {
				t.Errorf("%s: %s says not where it is from: %+v", tt.sensor, v.Name, v)
			}
		}
	}
}

func TestNotes(t *testing.T) {
	b := book(t, field("claude", "dpa", "yes", "person"))
	notes, changed := register.Notes(b, []register.Assignment{{Row: "claude", Field: "dpa", Value: "yes"}, {Row: "claude", Field: "dpa", Value: "no"}, {Row: "claude", Field: "region", Value: ""}}, "person", "why")
	if len(notes) != 1 || len(changed) != 1 || changed[0].Was != "yes" || changed[0].Value != "no" {
		t.Errorf("notes %v, changed %v", notes, changed)
	}
}

func TestFilter(t *testing.T) {
	f, err := register.ParseFilter([]string{"category=chat", "category=code", "status=unreviewed"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		category string
		status   traffic.Status
		want     bool
	}{{"chat", "unreviewed", true}, {"Code", "unreviewed", true}, {"chat", "refused", false}, {"image", "unreviewed", false}} {
		if got := f.Match(&inventory.Service{Category: tt.category, Status: tt.status}); got != tt.want {
			t.Errorf("%s, %s: %t", tt.category, tt.status, got)
		}
	}
	for _, bad := range []string{"category", "categori=chat", "status=new", "vendor="} {
		if _, err := register.ParseFilter([]string{bad}); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}

func TestReadCSV(t *testing.T) {
	lines, err := register.ReadCSV("f.csv", []byte("\xef\xbb\xbfService;region\nclaude;EU\n\nchatgpt;\n"), []string{"region"})
	if err != nil || len(lines) != 2 || lines[0].Cells["region"] != "EU" || lines[1].At.Line != 4 || len(lines[1].Cells) != 1 {
		t.Errorf("%+v, %v", lines, err)
	}
	for name, tt := range map[string]struct{ in, want string }{
		"empty": {"", "f.csv"}, "no service": {"region\nEU\n", "column service"}, "unknown": {"service,regoin\n", `did you mean "region"`},
		"twice": {"service,region,region\n", "twice"}, "ragged": {"service,region\na\n", "f.csv:2"}, "nobody": {"service,region\n,EU\n", "f.csv:2"}, "head alone": {"service\n", "names no service"},
	} {
		if _, err := register.ReadCSV("f.csv", []byte(tt.in), []string{"region"}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

// FuzzReadCSV: no text makes the readers of files fail in another way than by an error,
// and every value that they let through can be kept.
func FuzzReadCSV(f *testing.F) {
	for _, seed := range []string{"service,region\nclaude,EU\n", "service;dpa\n\"a\nb\";yes\n", "\xef\xbb\xbfservice\n\xff\n", "", "service,service\n", "\"", "a\rb", "services:\n  - {service: claude, region: EU}\n", "services: [{service: a, service: b}, {x: [1]}]"} {
		f.Add([]byte(seed))
	}
	s := schema(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		lines, err := register.ReadCSV("f.csv", data, s.Settable())
		if err != nil {
			lines = nil
		}
		if more, err := register.ReadYAML("f.yaml", data, s.Settable()); err == nil {
			lines = append(lines, more...)
		}
		for _, l := range lines {
			if l.Cells["service"] == "" {
				t.Fatal("a line without a service")
			}
			for name, value := range l.Cells {
				if name == "service" {
					continue
				}
				if got, err := s.Check(name, value); err == nil && len(got) > 2*2000 {
					t.Fatalf("%s has %d bytes", name, len(got))
				}
			}
		}
	})
}
