package evidence

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/CycloneDX/cyclonedx-go"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// BOM returns the bill of materials (CycloneDX 1.7) of the AI services that were
// used in a period, with the data that flows to them, and of their models, which
// run elsewhere. version is that of the program.
func BOM(rows []Row, p Period, made time.Time, version string) *cyclonedx.BOM {
	services, models, dependencies := []cyclonedx.Service{}, []cyclonedx.Component{}, []cyclonedx.Dependency{}
	for i := range rows {
		r := &rows[i]
		if r.Seen.Requests == 0 && r.Seen.Events == 0 {
			continue // decided upon, and not used
		}
		uses := []string{}
		for _, name := range slices.Sorted(maps.Keys(r.Seen.Models)) {
			m := model(r, name)
			models, uses = append(models, m), append(uses, m.BOMRef)
		}
		services = append(services, serviceOf(r))
		dependencies = append(dependencies, cyclonedx.Dependency{Ref: serviceRef(r), Dependencies: &uses})
	}
	b := cyclonedx.NewBOM()
	b.Metadata = &cyclonedx.Metadata{
		Timestamp: made.UTC().Format(time.RFC3339),
		Tools: &cyclonedx.ToolsChoice{Components: &[]cyclonedx.Component{{
			Type: cyclonedx.ComponentTypeApplication, Name: "gnomon", Version: cmp.Or(version, "unknown"),
		}}},
		Component:  &cyclonedx.Component{BOMRef: "organisation", Type: cyclonedx.ComponentTypePlatform, Name: "AI services in use", Version: p.Name},
		Properties: properties("period-from", p.From.Format(time.RFC3339), "period-until", p.Until.Format(time.RFC3339)),
	}
	b.Components, b.Services, b.Dependencies = &models, &services, &dependencies
	return b
}

// WriteBOM writes b with a serial number made of its content.
func WriteBOM(w io.Writer, b *cyclonedx.BOM) error {
	sum := sha256.New()
	if err := cyclonedx.NewBOMEncoder(sum, cyclonedx.BOMFileFormatJSON).EncodeVersion(b, cyclonedx.SpecVersion1_7); err != nil {
		return fmt.Errorf("writing the bill of materials: %w", err)
	}
	id := sum.Sum(nil)[:16]
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80 // version 8 (RFC 9562, section 5.8)
	h := hex.EncodeToString(id)
	b.SerialNumber = "urn:uuid:" + h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
	if err := cyclonedx.NewBOMEncoder(w, cyclonedx.BOMFileFormatJSON).SetPretty(true).EncodeVersion(b, cyclonedx.SpecVersion1_7); err != nil {
		return fmt.Errorf("writing the bill of materials: %w", err)
	}
	return nil
}

func serviceRef(r *Row) string { return "service:" + r.ID }

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

func model(r *Row, name string) cyclonedx.Component {
	elsewhere := true
	m := cyclonedx.Component{
		BOMRef: "model:" + r.ID + "/" + name, Type: cyclonedx.ComponentTypeMachineLearningModel, Group: r.ID, Name: name, IsExternal: &elsewhere,
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
