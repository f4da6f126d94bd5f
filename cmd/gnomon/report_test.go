package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

const hostileName = `"><script>alert(1)</script><img src=x onerror=alert(2)>.example`

// hostileReport writes a report in which every text that others choose is
// hostile.
func hostileReport(t *testing.T, o discoverOptions) string {
	t.Helper()
	at := time.Date(2026, 3, 2, 9, 15, 0, 0, time.UTC)
	st := &serviceTally{verdict: traffic.Verdict{Service: hostileName, ID: "x"}, blocked: 3, noted: map[string]int64{"token_stream": 2}}
	st.byUser = map[string]int64{`EXAMPLE\alice` + hostileName: 7}
	d := &discovered{
		Services: []foundService{
			{Service: inventory.Service{Service: hostileName, ID: "x", Vendor: hostileName, Category: "chat_assistant", Status: traffic.StatusRefused, Owner: hostileName, Users: 1, Requests: 10, Up: 1500, FirstSeen: at, LastSeen: at.Add(48 * time.Hour), How: traffic.HowRequestShape}},
			{Service: inventory.Service{Service: "Quiet", ID: "y", Status: traffic.StatusUnreviewed, Requests: 1}},
		},
		Unknown: []unknownRow{{Host: hostileName, Confidence: 0.35, Features: []string{"path of a chat completion"}, LastSeen: at}},
		names:   []hiddenName{{blindRow{"doh", 3, 4}, hostileName, at, at}},
		Inputs:  []inputReport{{File: hostileName + ".log", Format: "squid-native", Lines: 12, Skipped: map[string]int64{"time": 2}, notes: []string{"times carry no zone"}}, {File: "odd", Skipped: map[string]int64{"not_recognised": 1}}},
		details: map[string]*serviceTally{"x": st, "y": {}},
		hours:   map[int64]int64{490000: 3, 490030: 7},
		left:    5,
	}
	o.html = filepath.Join(t.TempDir(), "report.html")
	if err := d.writeReport(io.Discard, &o); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(o.html)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// TestReport parses the page as a browser does: nothing of what others chose
// becomes markup, nothing is fetched, tables and charts can be read aloud.
func TestReport(t *testing.T) {
	page := hostileReport(t, discoverOptions{})
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]int)
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		seen[n.Data]++
		for _, a := range n.Attr {
			switch {
			case a.Key == "src" || a.Key == "href" || strings.HasPrefix(a.Key, "on"):
				t.Errorf("<%s> has the attribute %s=%q", n.Data, a.Key, a.Val)
			case a.Key == "role" && a.Val == "img":
				seen["role=img"]++
			case a.Key == "aria-label" && n.Data == "svg":
				seen["labelled svg"]++
			case a.Key == "scope":
				seen["scope"]++
			}
		}
	}
	for _, bad := range []string{"script", "img", "link", "iframe", "object"} {
		if seen[bad] > 0 {
			t.Errorf("the page has %d <%s>", seen[bad], bad)
		}
	}
	if seen["table"] != 4 || seen["svg"] != 4 || seen["labelled svg"] != 4 || seen["scope"] < 30 || seen["title"] < 1 || seen["h1"] != 1 || seen["style"] != 1 {
		t.Errorf("elements = %v", seen)
	}
	checkNesting(t, page)
	for _, want := range []string{
		"2026-03-02 09:15", "squid-native", "2 time", "times carry no zone", "not recognised", "35 %", "3 of them blocked attempts", "noted: 2 token stream",
		"5 flows are known by address only", "@media print", "light-dark(", "default-src 'none'",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "alice") {
		t.Error("a user is named, though nobody asked for it")
	}
	if named := hostileReport(t, discoverOptions{showUsers: true}); !strings.Contains(named, `EXAMPLE\alice`) || strings.Contains(named, "<script>") {
		t.Error("the users are not named, or not escaped, where they were asked for")
	}
}

// checkNesting shows that each element is closed where it should be: parsers
// mend what authors forget.
func checkNesting(t *testing.T, page string) {
	t.Helper()
	void := map[string]bool{"meta": true, "br": true}
	var open []string
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		switch z.Next() {
		case html.ErrorToken:
			if len(open) > 0 {
				t.Errorf("never closed: %q", open)
			}
			return
		case html.StartTagToken:
			if name, _ := z.TagName(); !void[string(name)] {
				open = append(open, string(name))
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			if len(open) == 0 || open[len(open)-1] != string(name) {
				t.Fatalf("</%s> closes %q", name, open)
			}
			open = open[:len(open)-1]
		}
	}
}

func TestReportOfNothing(t *testing.T) {
	o := discoverOptions{html: filepath.Join(t.TempDir(), "report.html")}
	if err := newTally(false).result(nil).writeReport(io.Discard, &o); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(o.html)
	if err != nil {
		t.Fatal(err)
	}
	checkNesting(t, string(page))
	if !strings.Contains(string(page), "No AI service of the catalogue was seen") {
		t.Errorf("page = %s", page)
	}
}
