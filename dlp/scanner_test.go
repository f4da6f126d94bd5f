package dlp_test

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

var detectors = sync.OnceValue(func() []rules.Detector {
	set, err := rules.Load("")
	if err != nil {
		panic(err)
	}
	return set.Detectors
})

// plain is the scanner of all detectors that most tests share: it is immutable, and
// takes seconds to be built under the race detector.
var plain = sync.OnceValues(func() (*dlp.Scanner, error) {
	return dlp.New(detectors(), traffic.Key{1}, dlp.Options{})
})

// newListScanner returns a scanner with all detectors but those of the tagger: what lists of words
// find by themselves.
func newListScanner(t testing.TB) *dlp.Scanner {
	t.Helper()
	lists := slices.DeleteFunc(slices.Clone(detectors()), func(d rules.Detector) bool { return d.Anchor == rules.AnchorTagged })
	s, err := dlp.New(lists, traffic.Key{1}, dlp.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newScanner(t testing.TB, opts dlp.Options) *dlp.Scanner {
	t.Helper()
	if reflect.ValueOf(opts).IsZero() {
		s, err := plain()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s, err := dlp.New(detectors(), traffic.Key{1}, opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestEmbedded runs every example of every detector that ships.
func TestEmbedded(t *testing.T) {
	for _, err := range dlp.Check(detectors()) {
		t.Error(err)
	}
	count := make(map[traffic.Class]int)
	for _, d := range detectors() {
		count[d.Class]++
	}
	if count[traffic.ClassSecret] < 60 || count[traffic.ClassNationalID] < 10 {
		t.Errorf("detectors by class: %v, want at least 60 secrets and 10 national ids", count)
	}
}

// TestTogether scans with all detectors at once: the overlaps must leave the
// right one.
func TestTogether(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for _, tt := range []struct {
		text, detector, value string
	}{
		{"my key AKIAIOSFODNN7EXAMPLE leaked", "aws_access_key_id", "AKIAIOSFODNN7EXAMPLE"},
		{"card 4111 1111 1111 1111, thanks", "payment_card", "4111 1111 1111 1111"},
		{"card 4111\u00a01111\u00a01111\u00a01111", "payment_card", "4111\u00a01111\u00a01111\u00a01111"},
		{"卡号4111111111111111，谢谢", "payment_card", "4111111111111111"}, // no blank in front
		{`{"card":"4111111111111111"}`, "payment_card", "4111111111111111"},
		{"pay to GB82WEST12345698765432.", "iban", "GB82WEST12345698765432"},
		{"pay to gb82 west 1234 5698 7654 32.", "iban", "gb82 west 1234 5698 7654 32"},
		{"SSN: 536-90-4399", "us_ssn", "536-90-4399"},
		{"NI number AB123456C", "uk_nino", "AB123456C"},
		{"mail jane.doe+hr@mail.example.co.uk!", "email", "jane.doe+hr@mail.example.co.uk"},
		{"call +44 20 7946 0958", "phone_international", "+44 20 7946 0958"},
		{"call (202) 555-0142", "phone_north_america", "(202) 555-0142"},
		{"NIR 2 95 10 99 126 111 93", "fr_nir", "2 95 10 99 126 111 93"},
		{"sk-proj-a1B2c3D4e5F6g7H8i9J0k1L2", "openai_api_key", "sk-proj-a1B2c3D4e5F6g7H8i9J0k1L2"},
		{"use postgres://app:Tr0ub4dor&3x@db:5432/x", "url_password", "Tr0ub4dor&3x"},
		{`line one\nAKIAIOSFODNN7EXAMPLE`, "aws_access_key_id", "AKIAIOSFODNN7EXAMPLE"},
		{"my password is Gr8!Falke92", "assigned_secret", "Gr8!Falke92"},
	} {
		hits := s.ScanText([]byte(tt.text), nil)
		if len(hits) != 1 || hits[0].Detector != tt.detector || tt.text[hits[0].Start:hits[0].End] != tt.value {
			t.Errorf("ScanText(%q) = %+v, want %s %q", tt.text, hits, tt.detector, tt.value)
		}
	}
}

func TestNothing(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for _, text := range []string{
		"", "1", "12", "x", strings.Repeat("1", 7), "550e8400-e29b-41d4-a716-446655440000",
		"commit 9fceb02d0ae598e95dc970b74767f19372d61af8", "v1.2.3-20240115123456-abcdef123456",
		"2024-01-15T10:20:30.123456789Z", "192.168.100.200:8080", "ticket 4111111111111112",
		"the password is required", "token := newToken(ctx, 16)", "git@github.com:org/repo.git",
	} {
		if hits := s.ScanText([]byte(text), nil); len(hits) != 0 {
			t.Errorf("ScanText(%q) = %+v, want nothing", text, hits)
		}
	}
}

// TestEveryPlace moves a value through all alignments of the eight-byte loads,
// and to both ends of the text.
func TestEveryPlace(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for _, value := range []string{"AKIAIOSFODNN7EXAMPLE", "hf_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7", "4111111111111111", "DE89370400440532013000", "max@firma.example.de", "536-90-4399"} {
		for before := range 20 {
			for after := range 10 {
				text := strings.Repeat(" ", before) + value + strings.Repeat(" ", after)
				hits := s.ScanText([]byte(text), nil)
				if len(hits) != 1 || hits[0].Start != before || hits[0].End != before+len(value) {
					t.Fatalf("%q after %d and before %d bytes: %+v", value, before, after, hits)
				}
			}
		}
	}
}

func TestConfidence(t *testing.T) {
	s := newScanner(t, dlp.Options{MinConfidence: -1})
	for _, tt := range []struct {
		text     string
		min, max float64
	}{
		{"no 44051401359 sold", 0.4, 0.4}, // a bare checksum number
		{"44051401359", 0.5, 0.5},         // that is all of its text
		{"PESEL 44051401359", 0.75, 1},
		{"390.533.447-05", 0.5, 0.9},
		{"CPF 390.533.447-05", 0.9, 1},
	} {
		hits := s.ScanText([]byte(tt.text), nil)
		if len(hits) != 1 || hits[0].Confidence < tt.min || hits[0].Confidence > tt.max {
			t.Errorf("ScanText(%q) = %+v, want a confidence from %v to %v", tt.text, hits, tt.min, tt.max)
		}
	}
}

func TestScan(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	got := s.Scan(&traffic.Prompt{Parts: []traffic.Part{
		{Kind: traffic.PartText, Text: []byte("card 4111 1111 1111 1111 and mail a@example.com")},
		{Kind: traffic.PartImage, Text: []byte("4111 1111 1111 1111")},
		{Kind: traffic.PartAudio, Text: []byte("4111 1111 1111 1111")},
		{Kind: traffic.PartToolResult, Text: []byte("4111-1111-1111-1111")},
	}})
	if len(got) != 3 || got[0].Part != 0 || got[1].Part != 0 || got[2].Part != 3 || got[1].Class != traffic.ClassContact {
		t.Fatalf("Scan = %+v, want a card and a mail in part 0 and a card in part 3", got)
	}
	if got[0].Print == "" || got[0].Print != got[2].Print {
		t.Errorf("fingerprints of one card written in two ways: %q, %q", got[0].Print, got[2].Print)
	}
	other, err := dlp.New(detectors(), traffic.Key{2}, dlp.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if p := other.Print(traffic.ClassPaymentCard, []byte("4111111111111111")); p == got[0].Print {
		t.Error("two keys give one fingerprint")
	}
}

func TestRedact(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	text := []byte("Ünï AKIAIOSFODNN7EXAMPLE, 4111111111111111.")
	want := "Ünï [REDACTED:secret], [REDACTED:payment_card]."
	if got := dlp.Redact(text, s.ScanText(text, nil)); string(got) != want {
		t.Errorf("Redact = %q, want %q", got, want)
	}
}

// TestOverlap holds the rule by which rivals for the same bytes are settled.
func TestOverlap(t *testing.T) {
	d := func(name string, class traffic.Class, pattern string, confidence float64) rules.Detector {
		return rules.Detector{Name: name, Class: class, Pattern: pattern, Confidence: confidence}
	}
	for _, tt := range []struct {
		name string
		set  []rules.Detector
		want []string
	}{
		{"confidence", []rules.Detector{d("a", "secret", "key-[a-z]{4}-[a-z]{4}", 0.6), d("b", "secret", "key-[a-z]{4}", 0.9)}, []string{"b"}},
		{"length", []rules.Detector{d("a", "secret", "key-[a-z]{4}", 0.9), d("b", "secret", "key-[a-z]{4}-[a-z]{4}", 0.9)}, []string{"b"}},
		{"class", []rules.Detector{d("a", "custom", "key-[a-z]{4}", 0.9), d("b", "secret", "key-[a-z]{4}", 0.9)}, []string{"b"}},
		{"order", []rules.Detector{d("a", "secret", "key-[a-z]{4}", 0.9), d("b", "secret", "key-[a-z]{4}", 0.9)}, []string{"a"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := dlp.New(tt.set, traffic.Key{}, dlp.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, h := range s.ScanText([]byte("x key-abcd-efgh y"), nil) {
				got = append(got, h.Detector)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestNewErrors(t *testing.T) {
	ok := rules.Detector{Name: "x", Class: traffic.ClassSecret, Pattern: "key-[a-z]{4}", Confidence: 0.9}
	for _, tt := range []struct {
		name, want string
		change     func(*rules.Detector)
	}{
		{"name", "needs a name", func(d *rules.Detector) { d.Name = "" }},
		{"class", "unknown class", func(d *rules.Detector) { d.Class = "secrets" }},
		{"anchor", "unknown anchor", func(d *rules.Detector) { d.Anchor = "digits" }},
		{"pattern", "error parsing regexp", func(d *rules.Detector) { d.Pattern = "key-[" }},
		{"assertion", "assertions", func(d *rules.Detector) { d.Pattern = `key-\b` }},
		{"empty", "keyword", func(d *rules.Detector) { d.Pattern = "" }},
		{"empty match", "empty text", func(d *rules.Detector) { d.Pattern, d.Keywords = "(?:key-)?", []string{"key-"} }},
		{"no keyword", "the pattern starts with no literal", func(d *rules.Detector) { d.Pattern = "[a-z]{4}-key" }},
		{"short keyword", "keyword", func(d *rules.Detector) { d.Keywords = []string{"ke"} }},
		{"foreign keyword", "does not occur", func(d *rules.Detector) { d.Keywords = []string{"token"} }},
		{"number keyword", "a number has no keywords", func(d *rules.Detector) { d.Anchor, d.Keywords = "number", []string{"card"} }},
		{"too big", "states", func(d *rules.Detector) { d.Pattern = "key-(?:[a-z]{1,300}[0-9a-z]{1,300}){2}x" }},
		{"two groups", "2 groups, of which only one can be the value", func(d *rules.Detector) { d.Pattern = "key-(?:([a-z]{4})|(?P<value>[0-9]{4}))" }},
		{"alternative without the group", "there are matches without the group", func(d *rules.Detector) { d.Pattern = "key-(?:([a-z]{4})|[0-9]{4})" }},
		{"group left out", "there are matches without the group", func(d *rules.Detector) { d.Pattern = "key-[a-z]{4}(?P<value>[0-9]{4})?" }},
		{"group repeated none", "there are matches without the group", func(d *rules.Detector) { d.Pattern = "key-[a-z]{4}(?P<value>[0-9]{4}){0,2}" }},
		{"validator", "unknown validator", func(d *rules.Detector) { d.Validator = "lunh" }},
		{"allow", "allow", func(d *rules.Detector) { d.Allow = []string{"("} }},
		{"context", "context word", func(d *rules.Detector) { d.Context = []string{""} }},
		{"within", "context_within", func(d *rules.Detector) { d.Within = 100000 }},
		{"confidence", "between 0 and 1", func(d *rules.Detector) { d.Confidence = 9 }},
		{"no confidence", "missing", func(d *rules.Detector) { d.Confidence = 0 }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := ok
			d.Source = rules.Position{File: "a.yaml", Line: 3, Column: 5}
			tt.change(&d)
			_, err := dlp.New([]rules.Detector{ok, d}, traffic.Key{}, dlp.Options{})
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "a.yaml:3:5: ") {
				t.Errorf("New: %v, want an error at a.yaml:3:5 with %q", err, tt.want)
			}
		})
	}
}

// TestCheck shows that the examples can fail.
func TestCheck(t *testing.T) {
	d := rules.Detector{Name: "x", Class: traffic.ClassSecret, Pattern: "key-[a-z]{4}", Confidence: 0.9}
	if errs := dlp.Check([]rules.Detector{d}); len(errs) != 1 {
		t.Errorf("without examples: %v, want one error", errs)
	}
	d.Match, d.NoMatch = []string{"key-abcd", "key-abc"}, []string{"key-ab", "key-efgh"}
	if errs := dlp.Check([]rules.Detector{d}); len(errs) != 2 {
		t.Errorf("with one bad example of each kind: %v, want two errors", errs)
	}
}

func TestScanAllocs(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for _, text := range [][]byte{clean(64 << 10), []byte("Please forget the milk, drop the eggs and skip the sugar; what do you ignore or override in this recipe?")} {
		if n := testing.AllocsPerRun(20, func() { s.ScanText(text, nil) }); n != 0 {
			t.Errorf("scanning clean text allocates %v times, want 0: %.90q", n, text)
		}
	}
}

// TestHostile holds that no hostile text takes more steps a byte than the bound, and
// four times the text not much more than four times the steps. Steps are counted,
// as time says nothing on a busy machine.
func TestHostile(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for name, write := range hostileTexts() {
		size := 16 << 10
		if strings.HasPrefix(name, "any ") { // in random order: a short one lacks much
			size = 64 << 10
		}
		small, large := dlp.StepsOf(s, write(size)), dlp.StepsOf(s, write(4*size))
		if most := dlp.MostSteps(4 * size); large > most {
			t.Errorf("%s: %d steps for %d KB, want %d at most", name, large, 4*size>>10, most)
		}
		if large > 5*small+dlp.MostSteps(0) {
			t.Errorf("%s: %d steps for %d KB, %d for %d KB", name, small, size>>10, large, 4*size>>10)
		}
	}
}

// TestHostileToDetectors holds the same of what each detector looks for, over and
// over: its keywords, alone and with what is assigned to them, its examples and the
// heads of these.
func TestHostileToDetectors(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	tried := make(map[string]bool)
	for _, r := range detectors() {
		for _, unit := range hostileTo(&r) {
			if unit == "" || tried[unit] {
				continue
			}
			tried[unit] = true
			text := repeat(unit, 8<<10)
			if n, most := dlp.StepsOf(s, text), dlp.MostSteps(len(text)); n > most {
				t.Errorf("%s: %d steps for %d bytes of %.60q, want %d at most", r.Name, n, len(text), unit, most)
			}
		}
	}
	if len(tried) < 2000 {
		t.Errorf("%d texts", len(tried))
	}
}

// hostileTo returns what a detector takes the longest look at.
func hostileTo(r *rules.Detector) (units []string) {
	for _, k := range r.Keywords[:min(2, len(r.Keywords))] {
		units = append(units, k, k+`: "`)
	}
	for _, k := range r.Context[:min(1, len(r.Context))] {
		units = append(units, k+" 123456789 ")
	}
	for _, m := range r.Match[:min(1, len(r.Match))] {
		units = append(units, m+" ", m[:len(m)/2+1])
	}
	return units
}

// TestDense holds that a text full of values is read to its end.
func TestDense(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for _, value := range []string{"4111111111111111\n", "card 5555-5555-5555-4444,", "a.b@example.com;", "ssn 536-90-4399 ", "AKIAIOSFODNN7EXAMPLE "} {
		text := repeat(value, 256<<10)
		if got, want := len(s.ScanText(text, nil)), len(text)/len(value); got < want {
			t.Errorf("%q: %d of %d found", value, got, want)
		}
	}
}

var hostile = map[string]string{
	"inserts": "insert ", "insert comments": "insert /*", "columns of SQL": "insert into t (", "open rows": "insert into t (name) values ('", "rows amiss": "insert into t (name) values ('a\\'b', 'c')\n",
	"short inserts": "insert into users (name, phone) values (1,2);\n", "comments of SQL": "insert into t (name) values /*", "tables of SQL": "create table t (name,", "using": "using (values (", "copies": "copy t (name, phone) from stdin;\n", "updates": "update t set name='a',",
	"assignments": "password=", "keywords": "sk-", "keywords apart": "sk- ", "jwt": "eyJ-", "jwt dots": "eyJ.", "at": "@", "a at": "a@", "addresses": "a@b.co ",
	"key=": "key=", "api_key": "api_key: ", "anthropic": "sk-ant-api03-", "pem": "-----BEGIN PRIVATE KEY-----", "url": "a://b:c", "schemes": "://",
	"bearer": "bearer ", "slack": "xoxb-1", "tilde": "~", "azure": "a1Q~", "mailchimp": "-us", "curl": " -u a:", "session": "session_token=aaaaaa",
	"digits": "1", "numbers": "1234567890 ", "groups": "1234 ", "pairs": "12 ", "dashes": "12-", "cards": "4111111111111111 ", "ssn": "ssn 123456789 ",
	"letters and digits": "AB12 ", "plus": "+12 ", "brackets": "(12 ", "iban": "GB82 WEST 1234 ", "nul": "\x00", "high": "\xff\xc2\xa0",
	"percent": "%34%31", "percents": "%25", "escapes": `\u0034`, "backslashes": `\`, "entities": "&#52;", "ampersands": "&a;", "quoted": "=34", "soft": "=\n",
	"base64": "NDExMSAxMTExIDExMTEg", "base64 words": "NDExMSAxMTExIDExMTEg ", "base64 lines": "NDExMSAxMTExIDExMTEgNDExMSAxMTExIDExMTEgNDExMSAxMTExIDExMTEg\n",
	"gzips": "H4sIAAAAAAAAAzM0NDQEAA\"", "hex": "3431313131", "hex words": "343131313131313131 ", "apart": "4 ", "apart by dots": "4.", "groups by dots": "4111.1111.1111.1111 ",
	"joined": `"a" + "b" + `, "joints": `" + `, "quotation marks": `"`, "reversed": "-tna-ks ", "reverse": "revers ", "full width": "４", "hidden": "a\u200b", "look-alikes": "aа", "Cyrillic": "а",
	"telephones": "+44 20 7946 0958 ", "telephones near a word": "tel 020 7946 0958 ", "vat numbers": "TVA FR 83 404 833 048 ", "soft hyphens": "a\u00ad", "groups by slashes": "4111/1111/1111/1111 ",
	"codes": "52, 49, ", "code": "52 ", "hex codes": "0x34, ", "bits": "00110100 ", "words for digits": "seven one ", "Morse": "....- .---- ", "ROT13": "rot13 a", "tags": "<b>4</b>", "bold": "4**1**",
	"UTF-7": "+ADQANA-", "shifts": "+AD", "ascii85": "<~87cURDZ~>", "ascii85 begins": "<~", "base32": "MFRGGZDFMZTWQ2LK ", "deflate": "c0vJTEpOTgEAy0jNyckvzy/KSQEA ", "selectors": "\U000e0124\U000e0125",
	"orders": "ignore a b c d e f g h i\n", "wide": "4\x00", "pairs of eight": "41 11 11 11 11 11 11 11. ",
}

func repeat(unit string, n int) []byte {
	return bytes.Repeat([]byte(unit), n/len(unit)+1)[:n-n%len(unit)]
}

func clean(n int) []byte {
	return repeat(`{"model":"gpt-4o","messages":[{"role":"system","content":"You are a helpful assistant. Answer in short sentences."},`+
		`{"role":"user","content":"Please summarise the minutes of yesterday's meeting: the team agreed to move the release to the 14th of March 2025, `+
		`because the review of the new invoice module takes longer than planned. They will write to the customers; she looks after the migration of the `+
		`3,200 old records, which has to be done before the audit begins."}],"temperature":0.7,"max_tokens":1024,"stream":true}`+"\n", max(n, 700))[:n]
}
