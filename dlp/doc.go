// Package dlp finds sensitive data in text. In: the detectors of the rules and
// the text parts of a prompt; out: findings with byte offsets, and the text with
// the findings replaced.
//
// A Scanner reads a text once. A filter over pairs of three-byte groups finds
// the places where a keyword of some detector may be, word-wise arithmetic finds
// the groups of digits; only there the detector's pattern, compiled to a small
// deterministic automaton, is tried. Work is bounded per byte, whatever the text.
//
// Text is scanned as it stands: disguises (escapes, base64, look-alike letters)
// are undone by a step before the scanner, which maps its offsets back.
package dlp
