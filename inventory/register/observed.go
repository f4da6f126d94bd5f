package register

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/privacy"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// maxShown bounds the names in one value: the most used first.
const maxShown = 20

// facts returns what is known of a service beside what people filled in.
func (s *Schema) facts(in *Input) map[string][]Stated {
	f := make(map[string][]Stated)
	add := func(name, value string, p Provenance) {
		if value != "" {
			f[name] = append(f[name], Stated{value, p})
		}
	}
	s.observed(in, add)
	s.catalogued(in, add)
	governed(in, add)
	for name, v := range in.Computed {
		add(name, v.Value, v.Provenance)
	}
	computed := Provenance{Source: FromComputed, Who: "ledger", When: in.Now, Confidence: 1}
	in.proven().add(in.Detail, in.Now, add)
	add("ledger_entries", strconv.Itoa(in.Entries), computed)
	add("ledger_head", in.Book.Chain().Head.String(), computed)
	return f
}

// observed adds what sensors saw. Each value is as sure as the best sensor that
// could have seen it.
func (s *Schema) observed(in *Input, add func(name, value string, p Provenance)) {
	d := in.Detail
	computed := func(who string) Provenance {
		return Provenance{Source: FromComputed, Who: who, When: in.Now, Confidence: 1}
	}
	add("id", d.ID, computed("register"))
	seen, level := s.best(d)
	add("inspection", level, seen)
	known := seen
	for _, w := range s.Ways {
		if w.Name == d.How {
			known.Confidence = min(known.Confidence, w.Confidence)
		}
	}
	if d.FirstSeen.IsZero() {
		return
	}
	add("service", d.Service.Service, known)
	add("vendor", d.Vendor, known)
	add("category", d.Category, known)
	add("known_by", string(d.How), known)
	add("detection_reasons", strings.Join(d.Features, ", "), known)
	add("first_seen", stamp(d.FirstSeen), seen)
	add("last_seen", stamp(d.LastSeen), seen)
	for _, n := range []struct {
		name string
		n    int64
	}{
		{"requests", d.Requests}, {"bytes_up", d.Up}, {"bytes_down", d.Down}, {"redactions", d.Decisions[traffic.ActionRedact] + d.Decisions[traffic.ActionPseudonymise]}, {"blocks", d.Decisions[traffic.ActionBlock]},
	} {
		add(n.name, strconv.FormatInt(n.n, 10), seen)
	}
	add("accounts", privacy.K(0).Text(privacy.Number{N: d.Accounts, AtLeast: d.Accounts >= inventory.MaxValues}), seen)
	add("users", in.K.Text(privacy.Number{N: d.Users, AtLeast: d.UsersAtLeast}), seen)
	add("devices", in.K.Text(privacy.Number{N: d.Clients, AtLeast: d.ClientsAtLeast}), seen)
	for _, l := range []struct {
		name string
		uses []inventory.Use
	}{
		{"domains", d.Hosts}, {"models", d.ModelList}, {"departments", d.GroupList}, {"client_kinds", d.Surfaces},
		{"agents", d.AgentList}, {"tools", d.ToolList}, {"mcp_servers", d.ServerList}, {"api_endpoints", d.EndpointList},
	} {
		add(l.name, names(l.uses), seen)
	}
	if d.Coverage.Inspected > 0 { // none can be seen in the rest: so many at least
		part := seen
		part.Confidence *= float64(d.Coverage.Inspected) / float64(max(d.Coverage.Inspected, d.Requests))
		add("files_uploaded", strconv.FormatInt(d.Files[inventory.FilesSent], 10), part)
	}
	add("account_kinds", accountKinds(d.AccountList), seen)
	add("plan", plans(d.AccountList), seen)
	classes := slices.Sorted(maps.Keys(d.Findings))
	add("data_classes", joined(classes), seen)
	data := func(of ...traffic.Class) string {
		if slices.ContainsFunc(of, func(c traffic.Class) bool { return d.Findings[c] > 0 }) {
			return "yes"
		}
		return "" // not seen is not "no"
	}
	add("personal_data", data(traffic.ClassContact, traffic.ClassPersonal, traffic.ClassNationalID, traffic.ClassBankAccount, traffic.ClassPaymentCard, traffic.ClassHealth), computed("findings"))
	add("special_categories", data(traffic.ClassHealth), computed("findings"))
}

// best returns the most believed sensor that saw a service, and what it can see
// of it.
func (s *Schema) best(d *inventory.Detail) (p Provenance, level string) {
	for _, known := range s.Sensors {
		for _, u := range d.Sensors {
			if u.Name != known.Name {
				continue
			}
			if level = known.Level; known.Name == string(traffic.SensorProxy) && d.Coverage.Inspected == 0 {
				level, known.Confidence = "server_name", 0.9 // it was tunnelled
			}
			return Provenance{Source: FromSensor, Who: u.Name, When: u.LastSeen, Confidence: known.Confidence}, level
		}
	}
	return Provenance{Source: FromSensor, When: d.LastSeen, Confidence: 0.5}, "none"
}

// catalogued adds what the catalogue says of a service and its supplier.
func (s *Schema) catalogued(in *Input, add func(name, value string, p Provenance)) {
	c := in.Catalogue
	if c == nil {
		add("service", in.Detail.Service.Service, Provenance{Source: FromComputed, Who: "register", Confidence: 0.5})
		return
	}
	p := Provenance{Source: FromCatalogue, Who: "catalogue", Confidence: 1}
	add("service", c.Name, p)
	add("vendor", c.Vendor, p)
	add("category", c.Category, p)
	hosts := make([]string, 0, len(c.Hosts))
	for _, h := range c.Hosts[:min(len(c.Hosts), maxShown)] {
		hosts = append(hosts, h.Host)
	}
	expected := p
	expected.Confidence = 0.4 // where it may be found, not where it was
	add("domains", strings.Join(hosts, ", "), expected)
	sup := &c.Supplier
	if sup.Empty() {
		return
	}
	p.Who, p.When, p.Confidence = cmp.Or(sup.Origin, "catalogue"), sup.CheckedOn, 0.9
	if sup.Unverified {
		p.Confidence = 0.6
	}
	add("legal_entity", sup.Entity, p)
	add("plan", sup.Plan, p)
	add("region", strings.Join(sup.Region, ", "), p)
	add("dpa", sup.DPA, p)
	add("trains_on_inputs", sup.Trains, p)
	if days, ok := sup.RetentionDays(); ok {
		add("retention_days", strconv.Itoa(days), p)
	}
	add("certifications", strings.Join(sup.Certifications, ", "), p)
	add("terms", sup.Terms, p)
	if !sup.CheckedOn.IsZero() {
		add("checked_on", sup.CheckedOn.Format(time.DateOnly), p)
	}
	add("supplier_source", sup.Origin, p)
}

// governed adds what was decided last.
func governed(in *Input, add func(name, value string, p Provenance)) {
	d := in.Detail
	p := Provenance{Source: FromComputed, Who: "register", When: in.Now, Confidence: 1}
	if n := len(d.History); n > 0 {
		last := &d.History[n-1]
		p = Provenance{Source: FromPerson, Who: last.By, When: last.Time, Confidence: 1, Reason: last.Reason}
		add("approver", last.By, p)
		add("decided_on", stamp(last.Time), p)
	}
	add("status", string(d.Status), p)
	add("owner", d.Owner, p)
	add("reason", d.Reason, p)
	add("conditions", strings.Join(d.Conditions, "; "), p)
	add("until", d.Until, p)
}

// narrowed returns facts as far as they hold for one use case: figures are those
// of its departments, where it has some.
func (s *Schema) narrowed(in *Input, facts map[string][]Stated, u *UseCase) map[string][]Stated {
	f := maps.Clone(facts)
	p := Provenance{Source: FromComputed, Who: "use case", When: in.Now, Confidence: 1}
	f["use_case"] = []Stated{{u.Name, p}}
	if u.Description != "" {
		f["use_case_description"] = []Stated{{u.Description, p}}
	}
	if len(u.Departments) == 0 {
		return f
	}
	f["departments"] = []Stated{{strings.Join(u.Departments, ", "), p}}
	for _, name := range []string{"requests", "bytes_up", "bytes_down", "first_seen", "last_seen", "users", "devices", "accounts", "files_uploaded", "redactions", "blocks"} {
		delete(f, name) // those of the whole service say nothing of a part of it
	}
	if in.Groups == nil {
		return f
	}
	var sum inventory.Use
	for _, g := range u.Departments {
		use, ok := in.Groups[g][in.Detail.ID]
		if !ok {
			continue
		}
		sum.Requests, sum.Up, sum.Down = sum.Requests+use.Requests, sum.Up+use.Up, sum.Down+use.Down
		if sum.FirstSeen.IsZero() || use.FirstSeen.Before(sum.FirstSeen) {
			sum.FirstSeen = use.FirstSeen
		}
		if use.LastSeen.After(sum.LastSeen) {
			sum.LastSeen = use.LastSeen
		}
	}
	p.Who, p.Confidence = "use by "+strings.Join(u.Departments, ", "), 0.7 // a department may have other uses
	for name, value := range map[string]string{
		"requests": strconv.FormatInt(sum.Requests, 10), "bytes_up": strconv.FormatInt(sum.Up, 10), "bytes_down": strconv.FormatInt(sum.Down, 10),
		"first_seen": stamp(sum.FirstSeen), "last_seen": stamp(sum.LastSeen),
	} {
		if value != "" {
			f[name] = []Stated{{value, p}}
		}
	}
	return f
}

func names(list []inventory.Use) string {
	out := make([]string, 0, min(len(list), maxShown))
	for _, u := range list[:min(len(list), maxShown)] {
		out = append(out, u.Name)
	}
	return strings.Join(out, ", ")
}

func accountKinds(list []inventory.AccountUse) string {
	var kinds []traffic.AccountKind
	for _, a := range list {
		if a.Kind != "" && !slices.Contains(kinds, a.Kind) {
			kinds = append(kinds, a.Kind)
		}
	}
	slices.Sort(kinds)
	return joined(kinds)
}

func plans(list []inventory.AccountUse) string {
	var names []string
	for _, a := range list {
		if a.Plan != "" && !slices.Contains(names, a.Plan) {
			names = append(names, a.Plan)
		}
	}
	slices.Sort(names)
	return strings.Join(names[:min(len(names), maxShown)], ", ")
}

func joined[T ~string](list []T) string {
	parts := make([]string, len(list))
	for i, v := range list {
		parts[i] = string(v)
	}
	return strings.Join(parts, ", ")
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
