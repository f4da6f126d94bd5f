// Package dlp finds sensitive data in text. In: the detectors of the rules and
// the text parts of a prompt; out: findings with byte offsets, and the text with
// the findings replaced.
//
// A Scanner reads a text once. A filter over pairs of three-byte groups finds
// the places where a keyword of some detector may be, word-wise arithmetic finds
// the groups of digits; only there the detector's pattern, compiled to a small
// deterministic automaton, is tried. Work is bounded per byte, whatever the text.
//
// Where the pass sees signs of a disguise (escapes, base64, look-alike letters,
// digits set apart), a view of the text without it is scanned as well; its hits
// are reported at the bytes that they were made from.
package dlp
