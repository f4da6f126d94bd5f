package controls

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gnomon-proxy/gnomon/rules"
)

// MappingDocument is an OSCAL mapping collection.
type MappingDocument struct {
	Collection MappingCollection `json:"mapping-collection"`
}

// MappingCollection holds mappings from one framework to others.
type MappingCollection struct {
	UUID       string     `json:"uuid"`
	Metadata   Metadata   `json:"metadata"`
	Provenance Provenance `json:"provenance"`
	Mappings   []Mapping  `json:"mappings"`
}

// Provenance says how the mapping was made.
type Provenance struct {
	Method      string     `json:"method"`
	Rationale   string     `json:"matching-rationale"`
	Status      string     `json:"status"`
	Confidence  Confidence `json:"confidence-score"`
	Description string     `json:"mapping-description"`
	Props       []Property `json:"props,omitempty"`
}

// Confidence is a number from 0 to 1.
type Confidence struct {
	Percentage float64 `json:"percentage"`
}

// Mapping relates the controls of two frameworks.
type Mapping struct {
	UUID      string      `json:"uuid"`
	Source    ResourceRef `json:"source-resource"`
	Target    ResourceRef `json:"target-resource"`
	Maps      []Map       `json:"maps"`
	SourceGap *Gap        `json:"source-gap-summary,omitempty"`
	TargetGap *Gap        `json:"target-gap-summary,omitempty"`
}

// ResourceRef names a framework.
type ResourceRef struct {
	Type string `json:"type"`
	Href string `json:"href"`
}

// Map relates one set of controls, together, to another.
type Map struct {
	UUID         string    `json:"uuid"`
	Relationship string    `json:"relationship"`
	Sources      []MapItem `json:"sources"`
	Targets      []MapItem `json:"targets"`
}

// MapItem names a control.
type MapItem struct {
	Type string `json:"type"`
	ID   string `json:"id-ref"`
}

// Gap lists controls that no map names.
type Gap struct {
	UUID     string        `json:"uuid"`
	Unmapped []ControlsRef `json:"unmapped-controls"`
}

// ControlsRef names controls.
type ControlsRef struct {
	IDs []string `json:"with-ids"`
}

// Crosswalk returns the relations of a framework's controls to those of others.
// A framework without relations is an error.
func Crosswalk(set *rules.Set, framework string, h Header) (*MappingDocument, error) {
	f := set.Framework(framework)
	if f == nil {
		return nil, fmt.Errorf("unknown framework %q", framework)
	}
	x := &f.Crosswalk
	c := MappingCollection{
		Metadata: h.metadata("Crosswalk from " + f.Title + " " + f.Edition),
		Provenance: Provenance{
			Method: x.Method, Rationale: x.Rationale, Status: x.Status, Confidence: Confidence{x.Confidence}, Description: line(x.Description),
			Props: []Property{prop("checked-on", day(f.CheckedOn)), prop("source", f.Origin)},
		},
	}
	for _, target := range targets(set, f.ID) {
		to := set.Framework(target)
		if to == nil {
			continue // an overlay removed it
		}
		c.Mappings = append(c.Mappings, mapping(set, f, to, &h))
	}
	if len(c.Mappings) == 0 || *x == (rules.Crosswalk{}) {
		return nil, fmt.Errorf("the framework %q has no crosswalk to another one", framework)
	}
	c.UUID = idOf("mapping-collection", c)
	return &MappingDocument{c}, nil
}

// targets returns the frameworks that the controls of one relate to, in order.
func targets(set *rules.Set, framework string) (ids []string) {
	for _, c := range set.ControlsOf(framework) {
		for _, r := range c.Relations {
			id, _, _ := strings.Cut(r.To, "/")
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

func mapping(set *rules.Set, from, to *rules.Framework, h *Header) Mapping {
	m := Mapping{
		UUID: h.id("mapping", from.ID, to.ID), Source: ResourceRef{"catalog", from.Href}, Target: ResourceRef{"catalog", to.Href},
	}
	for _, c := range set.ControlsOf(from.ID) {
		for _, r := range c.Relations {
			if id, control, _ := strings.Cut(r.To, "/"); id == to.ID {
				m.add(c.ID, control, r.Kind, h)
			}
		}
	}
	m.SourceGap = m.gap(set, from.ID, func(m *Map) []MapItem { return m.Sources }, h)
	m.TargetGap = m.gap(set, to.ID, func(m *Map) []MapItem { return m.Targets }, h)
	return m
}

// add puts a relation into the map that has it to the same control already:
// several controls have it together.
func (m *Mapping) add(from, to string, kind rules.RelationKind, h *Header) {
	source, target := MapItem{"control", token(from)}, MapItem{"control", token(to)}
	for i := range m.Maps {
		if e := &m.Maps[i]; e.Relationship == string(kind) && e.Targets[0] == target {
			e.Sources = append(e.Sources, source)
			return
		}
	}
	m.Maps = append(m.Maps, Map{
		UUID: h.id("map", m.Source.Href, m.Target.Href, string(kind), to), Relationship: string(kind),
		Sources: []MapItem{source}, Targets: []MapItem{target},
	})
}

func (m *Mapping) gap(set *rules.Set, framework string, side func(*Map) []MapItem, h *Header) *Gap {
	mapped := make(map[string]bool)
	for i := range m.Maps {
		for _, item := range side(&m.Maps[i]) {
			mapped[item.ID] = true
		}
	}
	var left []string
	for _, c := range set.ControlsOf(framework) {
		if c.Counted() && !mapped[token(c.ID)] {
			left = append(left, token(c.ID))
		}
	}
	if len(left) == 0 {
		return nil
	}
	return &Gap{h.id("gap", m.UUID, framework), []ControlsRef{{left}}}
}
