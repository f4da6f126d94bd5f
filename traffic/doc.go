// Package traffic holds the words that every stage of Gnomon shares (Flow,
// Verdict, Prompt, Finding, Decision, Sighting) and the one path on which they
// follow each other (Pipeline).
//
// Sensors make flows; the classifier turns a flow into a verdict; a codec reads
// the prompt; the scanner turns its text into findings; the policy decides; the
// inventory keeps a sighting. Stages know these words, never each other.
//
// The package uses the standard library only.
package traffic
