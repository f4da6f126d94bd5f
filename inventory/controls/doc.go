// Package controls says how far an organisation meets the controls of a
// framework (rules/controls). In: the frameworks as data, Facts that the record
// shows, Statements that people made, the risks that a control treats. Out: a
// statement of applicability with status and evidence filled in and reasons left
// to people, as rows, JSON and OSCAL 1.2.3 (mapping collection of a crosswalk,
// component definition, assessment results). All functions are pure: no store,
// no clock, no I/O, the same input makes the same bytes.
//
// What the record can't show is never said to be met: organisational controls
// stay "not shown" until a person states their status.
package controls
