// Package rules is the knowledge of Gnomon as data: services, wire signals,
// detectors and policies, embedded as YAML, overlaid by the administrator's own
// files. In: folders of YAML; out: one immutable Set, or errors that name file,
// line and column.
package rules

import "fmt"

// Position is a place in a rule file.
type Position struct {
	File         string
	Line, Column int
}

// String returns file:line:column.
func (p Position) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column) }

// Set is one consistent state of all rules. It is immutable.
type Set struct {
	Services  []Service
	Signals   []Signal
	Detectors []Detector
	Policies  []Policy // in the order in which they are tried: overlays first
}
