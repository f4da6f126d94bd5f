package proxy

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestLanguages wants every text in every language, with the same gaps to fill.
func TestLanguages(t *testing.T) {
	var texts map[string]map[string]string
	if err := json.Unmarshal(languageJSON, &texts); err != nil {
		t.Fatal(err)
	}
	gaps := func(s string) int { return strings.Count(s, "%s") }
	for code, own := range texts {
		for key, text := range texts[fallback] {
			if own[key] == "" || !strings.HasPrefix(key, "=") && gaps(own[key]) != gaps(text) {
				t.Errorf("%s has %q for %q", code, own[key], key)
			}
		}
		for key := range own {
			if _, ok := texts["de"][key]; !ok {
				t.Errorf("%s alone has %q", code, key)
			}
		}
	}
	said := regexp.MustCompile(`say "([a-z_]+)"`)
	for _, m := range said.FindAllStringSubmatch(ownHTML, -1) {
		if texts[fallback][m[1]] == "" {
			t.Errorf("the page says %q, which has no text", m[1])
		}
	}
}

func TestLanguageOf(t *testing.T) {
	for accept, want := range map[string]string{
		"": "en", "de": "de", "de-CH, en;q=0.8": "de", "en;q=0.3, fr;q=0.9": "fr", "nl, es ; q=0.1": "es", "*": "en", "xx;q=NaN,de;q=nonsense": "en",
		strings.Repeat("x,", 5000) + "de": "en", "DE": "de", "de;q=0": "en",
	} {
		r := httptest.NewRequest("GET", "http://gnomon.proxy/me", nil)
		r.Header.Set("Accept-Language", accept)
		if got := languageOf(r).code; got != want {
			t.Errorf("%.40q: %s, want %s", accept, got, want)
		}
	}
}

// shown is an Own that knows hostile things of everybody.
type shown struct{ known string }

func (o shown) See(context.Context, Asker) (*OwnView, error) {
	const evil = `"><script>alert(1)</script>` + hidden
	now := time.Now()
	return &OwnView{
		Known: o.known, Name: evil, Requests: 7, FirstSeen: now, LastSeen: now, Since: now,
		Services: []OwnService{{Service: evil, Status: evil}}, Data: []OwnCount{{evil, 1}}, Models: []OwnCount{{evil, 1}},
		Recent: []OwnSighting{{Service: evil, Rule: evil, Why: evil, Action: evil, Data: []string{evil}}}, Reviewers: []string{evil}, Streams: []string{evil}, Retention: OwnRetention{Values: "<12h>"},
		Reveals: []OwnReveal{{By: evil, Reviewer: evil, Reason: evil}}, Exceptions: []OwnException{{Service: evil, Rule: evil, State: evil, Answer: evil, Until: evil}},
	}, nil
}

func (shown) Ask(context.Context, Asker, OwnWish) (string, error) { return "x-1", nil }

// hidden holds what steers a page and is not seen.
const hidden = "\u202e\u2066\x1b\x7f\u009b"

// TestOwnEscapes renders what is hostile in every language, for everybody there
// can be: no part of it becomes markup, and who is not known for sure sees
// nothing of a person.
func TestOwnEscapes(t *testing.T) {
	for code := range languages() {
		for _, known := range []string{"user", "address", "shared", "device", "nobody"} {
			s := &Server{own: newOwnPages(shown{known}, traffic.Key{})}
			r := httptest.NewRequest("GET", "http://gnomon.proxy/me?service=%22%3E%3Cscript%3E&until=%22%3E%3Cscript%3E", nil)
			r.Header.Set("Accept", "text/html")
			r.Header.Set("Accept-Language", code)
			w := httptest.NewRecorder()
			s.showOwn(w, r, Asker{Client: netip.MustParseAddr("192.0.2.1")}, languageOf(r))
			page := w.Body.String()
			if strings.ContainsAny(page, hidden) || known == "user" && !strings.Contains(page, `\u202e`) {
				t.Errorf("%s, %s: what can't be seen is not written out", code, known)
			}
			if w.Code != 200 || strings.Contains(page, "<script") || strings.Contains(page, "%!") || !strings.Contains(page, `lang="`+code+`"`) {
				t.Errorf("%s, %s: %d\n%s", code, known, w.Code, page)
			}
			if !strings.Contains(page, "&lt;12h&gt;") {
				t.Errorf("%s, %s: nothing is said of pseudonymised values", code, known)
			}
			sure := known == "user" || known == "address"
			if got := strings.Contains(page, `<form id="ask"`); got != sure {
				t.Errorf("%s, %s: a form: %v", code, known, got)
			}
			if tables := strings.Count(page, "<table>"); (tables > 0) != sure {
				t.Errorf("%s, %s: %d tables", code, known, tables)
			}
		}
	}
}

func TestOwnRate(t *testing.T) {
	o, now := newOwnRate(), time.Now()
	ann, bob := Asker{User: "ann"}, Asker{Client: netip.MustParseAddr("192.0.2.1")}
	looks := func(who Asker, at time.Time) (n int) {
		for o.allow(who, 1, at) {
			n++
		}
		return n
	}
	if n := looks(ann, now); n != ownBurst {
		t.Errorf("%d looks at once, want %d", n, ownBurst)
	}
	if n := looks(Asker{User: "ann", Client: bob.Client}, now); n != 0 {
		t.Errorf("%d looks from another address", n)
	}
	if n := looks(bob, now); n != ownBurst {
		t.Errorf("%d looks of another, want %d", n, ownBurst)
	}
	if n := looks(ann, now.Add(10*ownRefill)); n != 10 {
		t.Errorf("%d looks later, want 10", n)
	}
	for i := range ownAskers + 10 {
		o.allow(Asker{User: "u" + time.Duration(i).String()}, 1, now)
	}
	if len(o.full) > ownAskers {
		t.Errorf("%d people are remembered", len(o.full))
	}
}

// TestRefusalInLanguages shows the page of a refusal in the language of the
// browser, with the way to an exception.
func TestRefusalInLanguages(t *testing.T) {
	s := &Server{cfg: Config{Own: shown{}}}
	n := notice{Code: 403, Kind: "policy", Reason: "No.", Rule: "a rule", Cause: causeData, Host: "ai.example" + hidden, Who: "ann" + hidden, Ask: s.askURL("some-service", "a rule")}
	for code, want := range map[string]string{"en": "Take the named data out", "de": "Nehmen Sie die genannten Daten heraus", "fr": "Retirez les données", "es": "Quite los datos"} {
		r := httptest.NewRequest("GET", "https://ai.example/", nil)
		r.Header.Set("Accept", "text/html")
		r.Header.Set("Accept-Language", code)
		_, page := n.render(r)
		if bytes.ContainsAny(page, hidden) || !bytes.Contains(page, []byte(`ai.example\u202e`)) {
			t.Errorf("%s: what can't be seen is not written out in\n%s", code, page)
		}
		for _, want := range []string{want, `lang="` + code + `"`, `href="http://gnomon.proxy/me?rule=a&#43;rule&amp;service=some-service#ask"`, "No."} {
			if !strings.Contains(string(page), want) {
				t.Errorf("%s: no %q in\n%s", code, want, page)
			}
		}
	}
	if got := (&Server{}).askURL("x", "y"); got != "" {
		t.Errorf("without such a page it is at %q", got)
	}
}
