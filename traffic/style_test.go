package traffic_test

import (
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/traffic"
)

func TestStyles(t *testing.T) {
	const card, print = "4111 1111 1111 1111", "fc27bef4b5160f4d"
	for _, tt := range []struct {
		name, text, value string
		class             traffic.Class
		style             traffic.Style
		want              string
	}{
		{"default", "card " + card, card, traffic.ClassPaymentCard, "", "[REDACTED:payment_card]"},
		{"placeholder", "card " + card, card, traffic.ClassPaymentCard, traffic.StylePlaceholder, "[REDACTED:payment_card]"},
		{"mask", "card " + card, card, traffic.ClassPaymentCard, traffic.StyleMask, "**** **** **** 1111"},
		{"mask of letters", "GB82WEST12345698765432", "GB82WEST12345698765432", traffic.ClassBankAccount, traffic.StyleMask, "********"},
		{"mask of a short number", "12345678Z", "12345678Z", traffic.ClassNationalID, traffic.StyleMask, "********"},
		{"mask of a secret", "1234567890123", "1234567890123", traffic.ClassSecret, traffic.StyleMask, "********"},
		{"hash", "card " + card, card, traffic.ClassPaymentCard, traffic.StyleHash, "[payment_card:" + print + "]"},
		{"remove", "card " + card, card, traffic.ClassPaymentCard, traffic.StyleRemove, ""},
		{"JSON number", `{"card": 4111111111111111}`, "4111111111111111", traffic.ClassPaymentCard, "", `"[REDACTED:payment_card]"`},
		{"JSON number masked", `{"card":4111111111111111,"b":1}`, "4111111111111111", traffic.ClassPaymentCard, traffic.StyleMask, `"************1111"`},
		{"JSON number removed", `[1, 4111111111111111 ]`, "4111111111111111", traffic.ClassPaymentCard, traffic.StyleRemove, "null"},
		{"JSON string", `{"card": "4111111111111111"}`, "4111111111111111", traffic.ClassPaymentCard, "", "[REDACTED:payment_card]"},
		{"CSV", "a,4111111111111111,b", "4111111111111111", traffic.ClassPaymentCard, "", "[REDACTED:payment_card]"},
		{"negative JSON number", `{"card":-4111111111111111}`, "4111111111111111", traffic.ClassPaymentCard, "", "0"},
		{"JSON number with a fraction", `{"card":4111111111111111.0}`, "4111111111111111", traffic.ClassPaymentCard, "", "0"},
		{"assigned", "card := 4111111111111111 // ours", "4111111111111111", traffic.ClassPaymentCard, "", `"[REDACTED:payment_card]"`},
		{"assigned and removed", "int card = 4111111111111111;", "4111111111111111", traffic.ClassPaymentCard, traffic.StyleRemove, `""`},
		{"row of SQL", "INSERT INTO t VALUES (1, 'Anna', 4111111111111111);", "4111111111111111", traffic.ClassPaymentCard, "", "'[REDACTED:payment_card]'"},
		{"next row of SQL", "VALUES\n (1, 'Anna', 4222222222222),\n (2, 'Eva', 4111111111111111);", "4111111111111111", traffic.ClassPaymentCard, traffic.StyleRemove, "''"},
		{"pay in SQL", "INSERT INTO t VALUES ('Anna', 85000.50), (1, 2);", "85000.50", traffic.ClassPersonal, "", "'[REDACTED:personal]'"},
		{"aside", "he paid (with Anna's card, 4111111111111111)", "4111111111111111", traffic.ClassPaymentCard, "", "[REDACTED:payment_card]"},
		{"in a list", "cards = [1, 4111111111111111, 2]", "4111111111111111", traffic.ClassPaymentCard, "", `"[REDACTED:payment_card]"`},
		{"default value", "def pay(card=4111111111111111):", "4111111111111111", traffic.ClassPaymentCard, "", `"[REDACTED:payment_card]"`},
		{"argument", "pay(4111111111111111)", "4111111111111111", traffic.ClassPaymentCard, "", `"[REDACTED:payment_card]"`},
		{"member", "  card: 4111111111111111,\n  n: 1", "4111111111111111", traffic.ClassPaymentCard, "", `"[REDACTED:payment_card]"`},
		{"returned", "\treturn 4111111111111111\n", "4111111111111111", traffic.ClassPaymentCard, "", `"[REDACTED:payment_card]"`},
		{"in a literal", `q := "WHERE card = 4111111111111111"`, "4111111111111111", traffic.ClassPaymentCard, "", "[REDACTED:payment_card]"},
		{"query", "see /pay?card=4111111111111111&x=1", "4111111111111111", traffic.ClassPaymentCard, "", "[REDACTED:payment_card]"},
		{"environment", "CARD=4111111111111111\n", "4111111111111111", traffic.ClassPaymentCard, "", "[REDACTED:payment_card]"},
		{"in brackets", "my card (4111111111111111) is", "4111111111111111", traffic.ClassPaymentCard, "", "[REDACTED:payment_card]"},
		{"end of a line", "Card: 4111111111111111,\nplease", "4111111111111111", traffic.ClassPaymentCard, "", "[REDACTED:payment_card]"},
		{"YAML masked", "a: 1\npassword: s3cretPw9\n", "s3cretPw9", traffic.ClassSecret, traffic.StyleMask, `"********"`},
		{"YAML masked first", "  - password: s3cretPw9\n    b: 1", "s3cretPw9", traffic.ClassSecret, traffic.StyleMask, `"********"`},
		{"sentence masked", "Hello,\npassword: s3cretPw9\nthanks", "s3cretPw9", traffic.ClassSecret, traffic.StyleMask, "********"},
		{"YAML with a comment masked", "a: 1\ntoken: s3cretPw9 # ours\n", "s3cretPw9", traffic.ClassSecret, traffic.StyleMask, `"********"`},
		{"list of YAML masked", "tokens:\n  - a\n  - s3cretPw9\n", "s3cretPw9", traffic.ClassSecret, traffic.StyleMask, `"********"`},
		{"list of prose masked", "my tokens are\n- s3cretPw9\n", "s3cretPw9", traffic.ClassSecret, traffic.StyleMask, "********"},
		{"flow of YAML masked", "app: {password: s3cretPw9, user: anna}", "s3cretPw9", traffic.ClassSecret, traffic.StyleMask, `"********"`},
		{"flow of YAML masked at its end", "{user: anna, password: s3cretPw9 }", "s3cretPw9", traffic.ClassSecret, traffic.StyleMask, `"********"`},
		{"flow of YAML in lines masked", "a: {\n  password: s3cretPw9,\n  b: 1\n}", "s3cretPw9", traffic.ClassSecret, traffic.StyleMask, `"********"`},
		{"flow of YAML removed", "{password: s3cretPw9, user: anna}", "s3cretPw9", traffic.ClassSecret, traffic.StyleRemove, ""},
		{"list in a flow masked", "a: [4111 1111 1111 1111, b]", "4111 1111 1111 1111", traffic.ClassPaymentCard, traffic.StyleMask, `"**** **** **** 1111"`},
		{"list in a flow removed", "a: [s3cretPw9, b]", "s3cretPw9", traffic.ClassSecret, traffic.StyleRemove, `""`},
		{"link of Markdown removed", "see [s3cretPw9](http://a)", "s3cretPw9", traffic.ClassSecret, traffic.StyleRemove, ""},
		{"quoted in a flow masked", `{"password": "s3cretPw9"}`, "s3cretPw9", traffic.ClassSecret, traffic.StyleMask, "********"},
		{"number in a string of JSON", `{"a": "see [4111111111111111] there"}`, "4111111111111111", traffic.ClassPaymentCard, "", "[REDACTED:payment_card]"},
		{"number of JSON in JSON", `{"a": "{\"b\": 4111111111111111}"}`, "4111111111111111", traffic.ClassPaymentCard, "", `\"[REDACTED:payment_card]\"`},
		{"list of JSON in JSON", `{"a": "[4111111111111111, 1]"}`, "4111111111111111", traffic.ClassPaymentCard, "", `\"[REDACTED:payment_card]\"`},
		{"number behind a string of JSON", `["see: ", 4111111111111111]`, "4111111111111111", traffic.ClassPaymentCard, "", `"[REDACTED:payment_card]"`},
		{"prose", "card: 4111111111111111, thanks", "4111111111111111", traffic.ClassPaymentCard, "", "[REDACTED:payment_card]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at := strings.Index(tt.text, tt.value)
			f := traffic.Finding{Class: tt.class, Start: at, End: at + len(tt.value), Print: print}
			if got := tt.style.Replace(&f, []byte(tt.text)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestStylesOfLiterals holds that a number of SQL becomes a string, and that the beginning
// of a statement stays.
func TestStylesOfLiterals(t *testing.T) {
	const text = "INSERT INTO t (a, b) VALUES (1, 54000);"
	for _, s := range append(traffic.Styles(), traffic.StyleToken) {
		head := traffic.Finding{Class: traffic.ClassConfidential, End: len("INSERT INTO t (a, b) VALUES"), Keep: true}
		if got := s.Replace(&head, []byte(text)); got != text[:head.End] {
			t.Errorf("%s: the head is %q", s, got)
		}
		at := strings.Index(text, "54000")
		number := traffic.Finding{Class: traffic.ClassPersonal, Start: at, End: at + 5, Quote: "'"}
		if got := s.Replace(&number, []byte(text)); len(got) < 2 || got[0] != '\'' || got[len(got)-1] != '\'' {
			t.Errorf("%s: the number is %q", s, got)
		}
	}
	blob := traffic.Finding{Class: traffic.ClassConfidential, End: len("X'536162696E65'"), Quote: "'"}
	if got := traffic.StyleMask.Replace(&blob, []byte("X'536162696E65'")); got != "'********'" {
		t.Errorf("masked hexadecimal digits are %q", got)
	}
}

func TestStyleWide(t *testing.T) {
	f := traffic.Finding{Class: "x", Start: 0, End: 4, Via: []string{"utf16"}}
	if got, want := traffic.StyleMask.Replace(&f, []byte("1\x002\x00")), "[\x00R\x00"; !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want %q first", got, want)
	}
	if got, want := traffic.StyleMask.Replace(&f, []byte("\x001\x002")), "\x00[\x00R"; !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want %q first", got, want)
	}
}

// FuzzStyle replaces any place of any text: what stands around it is outside bytes.
func FuzzStyle(f *testing.F) {
	for _, text := range []string{"card: 4111.", `{"a":-41.0}`, "a = 41;", "f(41)", "  a: 41,", "a: 41\nb: 2", "- a: 41\r\n", "VALUES ('a', 41)", "return 41", "[41", "41"} {
		for i := range len(text) {
			f.Add(text, i, 2)
		}
	}
	f.Fuzz(func(t *testing.T, text string, i, n int) {
		if i < 0 || n < 0 || i > len(text) || n > len(text)-i {
			return
		}
		finding := traffic.Finding{Class: traffic.ClassPaymentCard, Start: i, End: i + n}
		for _, s := range traffic.Styles() {
			s.Replace(&finding, []byte(text))
		}
	})
}
