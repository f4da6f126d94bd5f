package dlp_test

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
)

// TestBesideDisguise finds values in disguise beside and inside what a reader of
// the disguise could take for a part of it, or could throw away.
func TestBesideDisguise(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	const key = "AKIAZ7Q4MNPLK3WXR2TJ"
	sentence := "the key is " + key + " for prod"
	digits := hex.EncodeToString([]byte(sentence))
	full := mapped(key, fullWidth)
	for _, tt := range []struct{ name, text string }{
		{"hex before a word", "look: " + digits + " thanks"},
		{"hex before a line", "look: " + digits + "\nthanks"},
		{"hex in lines before a word", digits[:64] + "\n" + digits[64:] + " thanks"},
		{"0x before a word", "look: 0x" + digits + " thanks"},
		{"UTF-16 in hex", "look: " + hex.EncodeToString([]byte(strings.Join(strings.Split(sentence, ""), "\x00")+"\x00")) + " ."},
		{"hex before a hexadecimal word", "look: " + digits + " bad"},
		{"base64 of letters beyond ASCII before a word", "look: " + base64.RawStdEncoding.EncodeToString([]byte(full)) + " thanks"},
		{"base32 before a word", "look: " + strings.TrimRight(base32.StdEncoding.EncodeToString([]byte(sentence)), "=") + " thanks"},
		{"base32 of letters beyond ASCII", "look: " + base32.StdEncoding.EncodeToString([]byte(full))},
		{"full width in a comment", "<p>a</p><!-- " + full + " -->"},
		{"look-alikes in a comment", "<!-- " + strings.ReplaceAll(key, "A", "\u0410") + " -->"},
		{"percent in an attribute", `<a href="/?k=%41KIAZ7Q4MNPLK3WXR2TJ">a</a>`},
		{"entities in an attribute", `<span title="&#65;KIAZ7Q4MNPLK3WXR2TJ">a</span>`},
		{"escapes in a comment", `<!-- \u0041KIAZ7Q4MNPLK3WXR2TJ -->`},
		{"emphasis", "the key _" + key + "_ is old"},
		{"strong emphasis", "__" + key + "__"},
		{"emphasis of some words", "_the key " + key + "_, and another_name"},
		{"emphasis behind others", strings.Repeat("_version 1.2.3.4.5_ and ", 50) + "_" + key + "_"},
		{"comment in the value", "AKIAZ7Q4<!-- x -->MNPLK3WXR2TJ"},
	} {
		if hits := s.ScanText([]byte(tt.text), nil); len(hits) != 1 || hits[0].Detector != "aws_access_key_id" {
			t.Errorf("%s: %+v in %q", tt.name, hits, tt.text)
		}
	}
}

// mapped returns v with each character as f writes it.
func mapped(v string, f func(rune) string) string {
	var b strings.Builder
	for _, r := range v {
		b.WriteString(f(r))
	}
	return b.String()
}
