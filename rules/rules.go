// Package rules is the knowledge of Gnomon as data: services, wire signals,
// detectors, policies, blind spots, controls and risk methods, embedded as YAML,
// overlaid by the administrator's own files. In: folders of YAML; out: one
// immutable Set, or errors that name file, line and column. An Engine decides by
// the policies of a Set.
package rules

import "github.com/gnomon-proxy/gnomon/internal/strictyaml"

// Position is a place in a rule file; its String is file:line:column.
type Position = strictyaml.Position

// Error is one mistake in a rule file.
type Error = strictyaml.Error

// Errors are all mistakes found in the rule files, ordered by file. Load and
// NewEngine return it; errors.AsType finds the single *Error values in it.
type Errors = strictyaml.Errors

// Set is one consistent state of all rules. It is immutable.
type Set struct {
	Services   []Service
	Signals    []Signal
	Detectors  []Detector
	Policies   []Policy // in the order in which they are tried: overlays first
	BlindSpots []BlindSpot
	Allow      []Allow
	Frameworks []Framework
	Controls   []Control // by framework, in its order
	Methods    []RiskMethod

	own []string // names of the organisation's own tables and documents
}
