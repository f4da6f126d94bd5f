package controls

import (
	"fmt"

	"github.com/gnomon-proxy/gnomon/rules"
)

// ComponentDocument is an OSCAL component definition.
type ComponentDocument struct {
	Definition ComponentDefinition `json:"component-definition"`
}

// ComponentDefinition says what the program contributes to controls.
type ComponentDefinition struct {
	UUID       string      `json:"uuid"`
	Metadata   Metadata    `json:"metadata"`
	Components []Component `json:"components"`
}

// Component is the program.
type Component struct {
	UUID            string           `json:"uuid"`
	Type            string           `json:"type"`
	Title           string           `json:"title"`
	Description     string           `json:"description"`
	Props           []Property       `json:"props,omitempty"`
	Implementations []Implementation `json:"control-implementations"`
}

// Implementation is what it contributes to one framework.
type Implementation struct {
	UUID         string        `json:"uuid"`
	Source       string        `json:"source"`
	Description  string        `json:"description"`
	Props        []Property    `json:"props,omitempty"`
	Requirements []Requirement `json:"implemented-requirements"`
}

// Requirement is what it contributes to one control.
type Requirement struct {
	UUID        string     `json:"uuid"`
	ControlID   string     `json:"control-id"`
	Description string     `json:"description"`
	Props       []Property `json:"props"`
}

const gatewayText = "Gateway that finds the use of AI services on a network, keeps sensitive data out of prompts, and keeps the record."

// Definition returns what the program contributes to the controls of frameworks:
// those that it covers directly or in part. Nothing in it depends on what was
// observed.
func Definition(set *rules.Set, frameworks []string, h Header) (*ComponentDocument, error) {
	gateway := Component{
		UUID: uuid5("gnomon"), Type: "software", Title: "Gnomon", Description: gatewayText,
		Props: []Property{prop("version", h.Tool)},
	}
	for _, id := range frameworks {
		f := set.Framework(id)
		if f == nil {
			return nil, fmt.Errorf("unknown framework %q", id)
		}
		if i := implementation(set, f, &h); len(i.Requirements) > 0 {
			gateway.Implementations = append(gateway.Implementations, i)
		}
	}
	if len(gateway.Implementations) == 0 {
		return nil, fmt.Errorf("none of the frameworks %q has a control that is covered", frameworks)
	}
	d := ComponentDefinition{Metadata: h.metadata("What Gnomon contributes to controls"), Components: []Component{gateway}}
	d.UUID = idOf("component-definition", d)
	return &ComponentDocument{d}, nil
}

func implementation(set *rules.Set, f *rules.Framework, h *Header) Implementation {
	i := Implementation{
		UUID: h.id("implementation", f.ID), Source: f.Href,
		Description: line(f.Title + " " + f.Edition + ": controls that are shown directly or in part. All others are not shown by this tool."),
		Props:       []Property{prop("checked-on", day(f.CheckedOn))},
	}
	for _, c := range set.ControlsOf(f.ID) {
		if !covered(c) {
			continue
		}
		r := Requirement{UUID: h.id("requirement", c.Key()), ControlID: token(c.ID), Description: line(c.Shows)}
		r.Props = append(r.Props, prop("coverage", string(c.Coverage)))
		for _, q := range c.Evidence {
			r.Props = append(r.Props, prop("evidence", string(q)))
		}
		i.Requirements = append(i.Requirements, r)
	}
	return i
}

func covered(c *rules.Control) bool {
	return c.Counted() && (c.Coverage == rules.CoverageDirect || c.Coverage == rules.CoveragePartial)
}
