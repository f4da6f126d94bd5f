package evidence

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/CycloneDX/cyclonedx-go"

	"github.com/gnomon-proxy/gnomon/inventory/export"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// WriteBOM writes the bill of materials (CycloneDX 1.7) of the AI services that
// were used in a period, with the data that flows to them, and of their models,
// which run elsewhere. version is that of the program. The serial number is made
// of the content.
func WriteBOM(w io.Writer, rows []Row, p Period, made time.Time, version string) error {
	b := cyclonedx.NewBOM()
	b.Metadata = &cyclonedx.Metadata{
		Timestamp: made.UTC().Format(time.RFC3339),
		Tools: &cyclonedx.ToolsChoice{Components: &[]cyclonedx.Component{{
			Type: cyclonedx.ComponentTypeApplication, Name: "gnomon", Version: cmp.Or(version, "unknown"),
		}}},
		Component:  &cyclonedx.Component{BOMRef: "organisation", Type: cyclonedx.ComponentTypePlatform, Name: "AI services in use", Version: p.Name},
		Properties: properties("period-from", p.From.Format(time.RFC3339), "period-until", p.Until.Format(time.RFC3339)),
	}
	sum := sha256.New()
	if err := writeBOM(sum, "", b, rows); err != nil {
		return fmt.Errorf("writing the bill of materials: %w", err)
	}
	id := sum.Sum(nil)[:16]
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80 // version 8 (RFC 9562, section 5.8)
	h := hex.EncodeToString(id)
	b.SerialNumber = "urn:uuid:" + h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
	if err := writeBOM(w, "  ", b, rows); err != nil {
		return fmt.Errorf("writing the bill of materials: %w", err)
	}
	return nil
}

// writeBOM writes head with the services and models of rows, one at a time: the
// library's encoder holds a copy of all and their text.
func writeBOM(w io.Writer, indent string, head *cyclonedx.BOM, rows []Row) error {
	d := export.NewDocument(w, indent)
	d.Object("", func() {
		d.Members(head)
		export.List(d, "components", models(rows))
		export.List(d, "services", of(rows, serviceOf))
		export.List(d, "dependencies", of(rows, dependency))
	})
	return d.Close()
}

// used yields the rows of services that were used: others were only decided upon.
func used(rows []Row) iter.Seq[*Row] {
	return func(yield func(*Row) bool) {
		for i := range rows {
			if r := &rows[i]; (r.Seen.Requests > 0 || r.Seen.Events > 0) && !yield(r) {
				return
			}
		}
	}
}

// of yields what f makes of each service that was used.
func of[T any](rows []Row, f func(*Row) T) iter.Seq[T] {
	return func(yield func(T) bool) {
		for r := range used(rows) {
			if !yield(f(r)) {
				return
			}
		}
	}
}

func models(rows []Row) iter.Seq[cyclonedx.Component] {
	return func(yield func(cyclonedx.Component) bool) {
		for r := range used(rows) {
			for _, name := range slices.Sorted(maps.Keys(r.Seen.Models)) {
				if !yield(model(r, name)) {
					return
				}
			}
		}
	}
}

func serviceRef(r *Row) string { return "service:" + r.ID }

func modelRef(r *Row, name string) string { return "model:" + r.ID + "/" + name }

func serviceOf(r *Row) cyclonedx.Service {
	outside := true
	s := cyclonedx.Service{
		BOMRef: serviceRef(r), Name: r.Service, Group: r.Category, CrossesTrustBoundary: &outside, TrustZone: "external",
		Properties: properties("status", string(r.Status), "owner", r.Owner, "requests", fmt.Sprint(r.Seen.Requests), "users", r.k.Text(r.Seen.People()),
			"bytes-up", fmt.Sprint(r.Seen.Up), "bytes-down", fmt.Sprint(r.Seen.Down), "first-seen", stamp(r.Seen.First), "last-seen", stamp(r.Seen.Last)),
	}
	if r.Vendor != "" {
		s.Provider = &cyclonedx.OrganizationalEntity{Name: r.Vendor}
	}
	endpoints := []string{}
	for _, host := range slices.Sorted(maps.Keys(r.Seen.Hosts)) {
		if plainHost(host) {
			endpoints = append(endpoints, "https://"+host)
		}
	}
	if len(endpoints) > 0 {
		s.Endpoints = &endpoints
	}
	flows := flowsOf(r.Seen)
	s.Data = &flows
	return s
}

// flowsOf returns what goes to a service: prompts and answers, and of the classes
// of data that were found in prompts, those that were not always kept back.
func flowsOf(f *Figures) []cyclonedx.DataClassification {
	flow := cyclonedx.DataFlowBidirectional
	if f.Down == 0 {
		flow = cyclonedx.DataFlowOutbound
	}
	flows := []cyclonedx.DataClassification{{Flow: flow, Classification: "prompts", Name: "prompts and answers"}}
	for _, class := range slices.Sorted(maps.Keys(f.Findings)) {
		flows = append(flows, cyclonedx.DataClassification{
			Flow: cyclonedx.DataFlowOutbound, Classification: string(class), Name: string(class),
			Description: fmt.Sprintf("%d findings in prompts. Of all requests to the service %d were redacted or pseudonymised and %d blocked before they left.",
				f.Findings[class], f.Actions[traffic.ActionRedact]+f.Actions[traffic.ActionPseudonymise], f.Actions[traffic.ActionBlock]),
		})
	}
	return flows
}

// dependency names the models of a service.
func dependency(r *Row) cyclonedx.Dependency {
	d := cyclonedx.Dependency{Ref: serviceRef(r)}
	var uses []string
	for _, name := range slices.Sorted(maps.Keys(r.Seen.Models)) {
		uses = append(uses, modelRef(r, name))
	}
	if len(uses) > 0 {
		d.Dependencies = &uses
	}
	return d
}

func model(r *Row, name string) cyclonedx.Component {
	elsewhere := true
	m := cyclonedx.Component{
		BOMRef: modelRef(r, name), Type: cyclonedx.ComponentTypeMachineLearningModel, Group: r.ID, Name: name, IsExternal: &elsewhere,
		Properties: properties("requests", fmt.Sprint(r.Seen.Models[name])),
	}
	if r.Vendor != "" {
		m.Supplier = &cyclonedx.OrganizationalEntity{Name: r.Vendor}
	}
	return m
}

// properties returns pairs of a name and a value, without empty values.
func properties(pairs ...string) *[]cyclonedx.Property {
	list := []cyclonedx.Property{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			list = append(list, cyclonedx.Property{Name: "gnomon:" + pairs[i], Value: pairs[i+1]})
		}
	}
	return &list
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// plainHost reports whether a name can be put into a URL as it is.
func plainHost(s string) bool {
	for _, c := range []byte(s) {
		if c != '.' && c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return s != ""
}
