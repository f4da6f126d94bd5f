package prompt

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// kept are tokens of one speaker.
type kept map[string]string

func (k kept) Names() (names []string) {
	for n := range k {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

func (k kept) Value(name string) []byte {
	if v, ok := k[name]; ok {
		return []byte(v)
	}
	return nil
}

var ours = kept{
	"EMAIL_K7Q2MX":  "anna@corp.example",
	"EMAIL_K7Q2M0":  "bob@corp.example",
	"CARD_ZW3T1P":   "4111 1111 1111 1111",
	"SECRET_P00DXE": "a\"b\\c\nd",
	"ID_X4X4X4":     "078-05-1120",
}

func TestMatch(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"as sent", "write to [EMAIL_K7Q2MX].", "write to anna@corp.example."},
		{"two", "[EMAIL_K7Q2MX][CARD_ZW3T1P]", "anna@corp.example4111 1111 1111 1111"},
		{"lower case", "[email_k7q2mx]", "anna@corp.example"},
		{"escaped line", `[EMAIL\_K7Q2MX]`, "anna@corp.example"},
		{"escaped brackets", `\[EMAIL\_K7Q2MX\]`, "anna@corp.example"},
		{"blank for line", "[EMAIL K7Q2MX]", "anna@corp.example"},
		{"hyphen for line", "[Email-K7Q2MX]", "anna@corp.example"},
		{"blanks inside", "[ EMAIL_K7Q2MX ]", "anna@corp.example"},
		{"no brackets", "EMAIL_K7Q2MX,", "anna@corp.example,"},
		{"not closed", "[EMAIL_K7Q2MX, x]", "[anna@corp.example, x]"},
		{"not opened", "EMAIL_K7Q2MX]", "anna@corp.example]"},
		{"O for zero", "[SECRET_POODXE] [EMAIL_K7Q2MO] [CARD_ZW3TIP] [CARD_ZW3Tlp]", "a\"b\\c\nd bob@corp.example 4111 1111 1111 1111 4111 1111 1111 1111"},
		{"in a word", "XEMAIL_K7Q2MX", "XEMAIL_K7Q2MX"},
		{"in a word in brackets", "x[EMAIL_K7Q2MX]y", "xanna@corp.exampley"},
		{"bold", "**[EMAIL_K7Q2MX]**", "**anna@corp.example**"},
		{"in a list", "a[[EMAIL_K7Q2MX]]", "a[anna@corp.example]"},
		{"somebody else's", "[EMAIL_AAAAAA] [EMAIL_K7Q2MY]", "[EMAIL_AAAAAA] [EMAIL_K7Q2MY]"},
		{"cut", "[EMAIL_K7Q2M", "[EMAIL_K7Q2M"},
		{"open at the end", "[EMAIL_K7Q2MX", "[anna@corp.example"},
		{"words", "Email me, I'd card an ID at C:\\[x]", "Email me, I'd card an ID at C:\\[x]"},
		{"blank without brackets", "EMAIL K7Q2MX", "EMAIL K7Q2MX"},
		{"JSON", `{"to":"[SECRET_P00DXE]"}`, `{"to":"a\"b\\c\u000Ad"}`},
		{"JSON list", `[{"to":"[SECRET_P00DXE]"}]`, `[{"to":"a\"b\\c\u000Ad"}]`},
		{"begins with a token", `[SECRET_P00DXE] it is`, "a\"b\\c\nd it is"},
		{"redacted", "[REDACTED:secret]", "[REDACTED:secret]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range 20 {
				if got := inPieces(newMatcher(restoring{ours}), tt.in); got != tt.want {
					t.Fatalf("%q becomes %q, want %q", tt.in, got, tt.want)
				}
			}
			if got, _ := newMatcher(restoring{ours}).restore(nil, new(lane), []byte(tt.in), true); string(got) != tt.want {
				t.Errorf("%q becomes %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

// inPieces restores a text that comes in pieces.
func inPieces(m *matcher, text string) string {
	var out []byte
	var l lane
	for len(text) > 0 {
		n := 1 + rand.IntN(min(len(text), 6))
		out, _ = m.restore(out, &l, []byte(text[:n]), false)
		text = text[n:]
	}
	out, _ = m.restore(out, &l, nil, true)
	return string(out)
}

// TestHeldBack holds that nothing waits but what may become a token, and that
// not for longer than a token is.
func TestHeldBack(t *testing.T) {
	for _, tt := range []struct{ in, out string }{
		{"Hello Anna, ", "Hello Anna, "},
		{"Hello [", "Hello "},
		{"Hello [EMA", "Hello "},
		{"Hello [EMX", "Hello [EMX"},
		{"Hello [EMAIL_K", "Hello "},
		{"Hello [EMAIL_A", "Hello [EMAIL_A"},
		{"Hello EMAIL_K7Q2MX", "Hello anna@corp.example"},
		{"Hello [EMAIL_K7Q2MX", "Hello "},
		{"x := a[i", "x := a"},
		{"x := a[ix", "x := a[ix"},
		{"[x](y) \\", "[x](y) "},
		{"C", ""},
		{"Ca", ""},
		{"Cab", "Cab"},
	} {
		var l lane
		out, _ := newMatcher(restoring{ours}).restore(nil, &l, []byte(tt.in), false)
		if string(out) != tt.out {
			t.Errorf("of %q goes on %q, want %q", tt.in, out, tt.out)
		}
		if len(l.held) > 40 {
			t.Errorf("of %q wait %d bytes", tt.in, len(l.held))
		}
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("a [EMAIL_K7Q2MX] b \\[email\\_k7q2mx\\] [ CARD ZW3T1P ] {\"x\":\"[SECRET_P00DXE]\"}", uint64(1))
	f.Add("[[EMAIL_K7Q2MX][EMAIL_EMAIL_K7Q2M0] IDID_X4X4X4", uint64(7))
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		whole, _ := newMatcher(restoring{ours}).restore(nil, new(lane), []byte(text), true)
		rnd := rand.New(rand.NewPCG(seed, 1))
		var out []byte
		var l lane
		m := newMatcher(restoring{ours})
		for rest := []byte(text); len(rest) > 0; {
			n := 1 + rnd.IntN(min(len(rest), 9))
			out, _ = m.restore(out, &l, rest[:n], false)
			if len(l.held) > 40 {
				t.Fatalf("%d bytes wait: %q", len(l.held), l.held)
			}
			rest = rest[n:]
		}
		out, _ = m.restore(out, &l, nil, true)
		if !bytes.Equal(out, whole) {
			t.Fatalf("%q in pieces becomes %q, whole %q", text, out, whole)
		}
		if !strings.ContainsAny(strings.ToUpper(text), "_ -") && string(whole) != text {
			t.Fatalf("%q has no token and becomes %q", text, whole)
		}
	})
}

// restoring is kept as traffic.Tokens.
type restoring struct{ kept }

func (restoring) Hide(*traffic.Finding, []byte) string { return "" }
func (restoring) Restored(int)                         {}
