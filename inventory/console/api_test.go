package console_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/assess"
	"github.com/gnomon-proxy/gnomon/inventory/console"
	"github.com/gnomon-proxy/gnomon/inventory/console/access"
	"github.com/gnomon-proxy/gnomon/inventory/controls"
	"github.com/gnomon-proxy/gnomon/inventory/declared"
	"github.com/gnomon-proxy/gnomon/inventory/export"
	"github.com/gnomon-proxy/gnomon/inventory/published"
	"github.com/gnomon-proxy/gnomon/inventory/register"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// whole starts a console with all that it can have.
func whole(t *testing.T) *gateway {
	var g *gateway
	scratch := t.TempDir()
	g = start(t, func(c *console.Config) {
		c.Limits = console.Limits{PerSecond: 1e6, Burst: 1e6, Failures: 1e6}
		c.Reload = func() error { return nil }
		c.Rules = rules.Embedded
		c.Scratch = scratch
		c.Pinned = func() []console.Pin { return []console.Pin{{Client: "192.0.2.1", Host: "a.test"}} }
		board := &published.Board{Shelf: shelf{}}
		c.Published = func() (*published.State, error) { board.Inventory = g.inv; return board.State() }
		c.Publish = func(ctx context.Context, o published.Order) (*published.Version, error) {
			board.Inventory = g.inv
			return board.Publish(ctx, o)
		}
		c.Streams = func() []console.Stream { return []console.Stream{{Name: "siem"}} }
		c.Drift = func(context.Context, time.Time) ([]declared.Difference, []string, error) {
			return []declared.Difference{{Kind: declared.NotApproved, ID: "openai-api", Status: traffic.StatusUnreviewed}}, nil, nil
		}
		c.Risks = func(ctx context.Context, period, method string) (*assess.Register, error) {
			if method != "" && method != "exposure" {
				return nil, &inventory.InvalidError{Problem: "no such method"}
			}
			return risksOf(ctx, g.inv)
		}
		c.Statement = func(_ context.Context, r *assess.Register, rows []assess.Row, framework string) (*controls.SoA, error) {
			return controls.Draft(r.Set, controls.Input{Framework: framework, At: r.Now})
		}
		c.Register = func(ctx context.Context, ids []string) (rows []register.Row, err error) {
			schema, err := register.NewSchema()
			if err != nil {
				return nil, err
			}
			in := register.Input{Book: g.inv.Book(), Now: time.Now()}
			if in.UseCases, err = register.UseCases(in.Book); err != nil {
				return nil, err
			}
			for _, id := range ids {
				if in.Detail, err = g.inv.Service(ctx, id); err != nil {
					return nil, err
				}
				some, err := schema.Rows(&in)
				if err != nil {
					return nil, err
				}
				rows = append(rows, some...)
			}
			return rows, nil
		}
		c.Table = func(ctx context.Context, o console.TableOrder) (*export.Table, error) {
			rows, err := g.inv.Services(ctx)
			return export.Services(rows), err
		}
		c.Sheet = func(lang string) []console.SheetRow { return []console.SheetRow{{Topic: "fields", Title: lang}} }
		c.Signer = func() (string, string, error) { return "sha256:1", "PEM", nil }
		c.Evidence = func(_ context.Context, by, period, organisation, dir string) (int, error) {
			if err := os.Mkdir(dir, 0o700); err != nil {
				return 0, err
			}
			return 3, os.WriteFile(dir+"/manifest.json", []byte("{}"), 0o600)
		}
		c.Backup = func(context.Context, string) (*os.File, error) {
			if err := os.WriteFile(scratch+"/copy", []byte("copy"), 0o600); err != nil {
				return nil, err
			}
			return os.Open(scratch + "/copy")
		}
		c.Reviewers = func() []string { return []string{"second", "reviewer"} }
	})
	return g
}

func risksOf(ctx context.Context, inv *inventory.Inventory) (*assess.Register, error) {
	now := time.Now().UTC()
	p := assess.Period{From: now.AddDate(0, 0, -90), Until: now.AddDate(0, 0, 1)}
	services, err := inv.Services(ctx)
	if err != nil {
		return nil, err
	}
	figures, err := assess.Collect(ctx, inv, p)
	book, set := inv.Book(), rules.Embedded()
	return &assess.Register{
		Set: set, Method: set.Method("exposure"), Book: book, Services: services, Figures: figures, Period: p, Now: now,
		Known: func(id string) assess.Known { return assess.KnownOf(book, id) },
	}, err
}

// token makes a token of a role and returns how to send it.
func (g *gateway) token(t *testing.T, name string, role access.Role) func(*http.Request) {
	t.Helper()
	secret, err := access.Create(t.Context(), g.inv, "root", name, role, "", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return bearer(secret)
}

func bearer(token string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

// who may use each operation: v(iewer), r(eviewer), a(uditor), A(dmin).
var matrix = map[string]string{
	"GET /status": "vraA", "GET /me": "vraA", "GET /openapi.json": "vraA",
	"GET /services": "vraA", "GET /services/{name}": "vraA", "POST /services/{name}/decision": "rA", "POST /decisions": "rA",
	"GET /register": "raA", "GET /services/{name}/register": "raA", "GET /services/{name}/history": "raA", "PUT /services/{name}/fields": "rA",
	"GET /fields": "vraA", "POST /fields": "rA", "GET /use-cases": "vraA", "PUT /use-cases/{id}": "rA", "POST /use-cases/{id}/retirement": "rA",
	"GET /accounts": "raA", "GET /suppliers": "vraA", "GET /tables/{table}": "vraA", "GET /blocklists/{format}": "vraA",
	"GET /blind": "vraA", "GET /subjects/{kind}": "vraA", "GET /subjects/{kind}/{name}": "vraA",
	"GET /declared": "vraA", "PUT /declared/{name}": "rA", "GET /drift": "vraA",
	"GET /risks": "vraA", "GET /risks/{name}": "vraA", "POST /risks/{name}/override": "rA", "PUT /risks/{name}/treatment": "rA",
	"PUT /risks/{name}/acceptance": "rA", "POST /risks/{name}/assessment": "rA", "GET /triggers": "vraA", "GET /figures": "vraA",
	"GET /frameworks": "vraA", "GET /frameworks/{framework}": "vraA", "GET /statements/{framework}": "vraA", "PUT /statements/{framework}/{control}": "rA",
	"GET /queries": "vraA", "GET /signer": "vraA", "GET /sheet": "vraA", "GET /deletions": "aA", "POST /erasures": "A",
	"GET /exceptions": "raA", "POST /exceptions": "rA", "POST /exceptions/{id}/grant": "rA", "POST /exceptions/{id}/refuse": "rA",
	"POST /replays": "rA", "GET /rules/published": "aA", "PUT /rules/published": "A", "POST /rules/published/withdrawal": "A", "GET /streams": "vraA", "GET /pinned": "raA",
	"GET /reveals": "raA", "POST /reveals": "rA", "POST /reveals/{request}/allow": "rA", "POST /reveals/{request}/refuse": "rA", "POST /reveals/{request}/name": "rA",
	"GET /evidence": "aA", "POST /evidence": "aA", "GET /evidence/{id}": "aA", "GET /evidence/{id}/pack": "aA",
	"GET /ledger": "aA", "GET /ledger/verifications": "aA", "POST /ledger/verifications": "aA", "GET /ledger/verifications/{id}": "aA", "GET /ledger/head": "aA", "GET /rotations": "raA", "POST /rotations": "A",
	"GET /tokens": "aA", "POST /tokens": "A", "POST /tokens/{name}/revocation": "A", "POST /reload": "A", "POST /backup": "A",
}

var placeholder = regexp.MustCompile(`\{\w+\}`)

// TestMatrix tries every operation with every role, and with what is no token.
func TestMatrix(t *testing.T) {
	g := whole(t)
	doc := description(t, g)
	callers := map[string]func(*http.Request){
		"v": g.token(t, "viewer", access.Viewer), "r": g.token(t, "reviewer", access.Reviewer),
		"a": g.token(t, "auditor", access.Auditor), "A": g.token(t, "admin", access.Admin), "link": g.login(t),
	}
	gone := g.token(t, "gone", access.Admin)
	if err := access.Revoke(t.Context(), g.inv, "test", "gone", ""); err != nil {
		t.Fatal(err)
	}
	strangers := map[string]func(*http.Request){
		"no token": nil, "wrong": bearer("gnomon_" + strings.Repeat("x", 43)), "empty": bearer(""), "revoked": gone, "expired": g.expired(t),
		"other scheme": func(r *http.Request) { r.SetBasicAuth("admin", "admin") },
		"token that is a hash": func(r *http.Request) {
			sum := sha256.Sum256([]byte("x"))
			bearer(fmt.Sprintf("%x", sum))(r)
		},
		"made-up cookie":            func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "gnomon_session", Value: "x"}) },
		"wrong token, good session": func(r *http.Request) { callers["link"](r); bearer("wrong")(r) },
	}
	seen := 0
	for path, methods := range doc.Paths {
		for method := range methods {
			seen++
			name := strings.ToUpper(method) + " " + path
			who, ok := matrix[name]
			if !ok {
				t.Errorf("%s is in no line of the matrix", name)
			}
			url := "/api/v1" + placeholder.ReplaceAllString(path, "x")
			if path == "/subjects/{kind}" || path == "/subjects/{kind}/{name}" {
				url = strings.Replace(url, "/x", "/model", 1)
			}
			for caller, with := range callers {
				resp, body := g.ask(t, strings.ToUpper(method), url, "", with)
				if may := caller == "link" || strings.Contains(who, caller); may == (resp.StatusCode == 403) || resp.StatusCode == 401 {
					t.Errorf("%s as %s: %d %s, allowed %v", name, caller, resp.StatusCode, body, may)
				}
			}
			for stranger, with := range strangers {
				resp, body := g.ask(t, strings.ToUpper(method), url, "", with)
				if resp.StatusCode != 401 || resp.Header.Get("WWW-Authenticate") == "" {
					t.Errorf("%s with %s: %d %s, want 401", name, stranger, resp.StatusCode, body)
				}
			}
		}
	}
	if seen != len(matrix) {
		t.Errorf("%d operations, the matrix has %d", seen, len(matrix))
	}
}

// expired puts a token on record whose last day is long past.
func (g *gateway) expired(t *testing.T) func(*http.Request) {
	t.Helper()
	_, err := g.inv.Write(t.Context(), "test", func(*inventory.Book) ([]inventory.Note, error) {
		n := &access.Note{Role: access.Admin, Sum: sha256.Sum256([]byte("gnomon_old")), Until: "2020-01-01"}
		return []inventory.Note{{Topic: inventory.TopicAccess, Subject: "old", Data: n}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return bearer("gnomon_old")
}

// TestViewerSeesNoPeople looks for the one client in all that a viewer may read.
func TestViewerSeesNoPeople(t *testing.T) {
	g := whole(t)
	viewer, auditor := g.token(t, "viewer", access.Viewer), g.token(t, "auditor", access.Auditor)
	_, list := g.ask(t, "GET", "/api/v1/subjects/client", "", auditor)
	person := regexp.MustCompile(`c-[\w-]{8,}`).FindString(list)
	if person == "" {
		t.Fatalf("no client in %s", list)
	}
	for name, who := range matrix {
		method, path, _ := strings.Cut(name, " ")
		if method != "GET" || !strings.Contains(who, "v") {
			continue
		}
		path = strings.NewReplacer("{kind}", "model", "{name}", "openai-api", "{framework}", "iso42001").Replace(path)
		if _, body := g.ask(t, "GET", "/api/v1"+path, "", viewer); strings.Contains(body, person) {
			t.Errorf("%s shows a viewer %s", name, person)
		}
	}
	if _, body := g.ask(t, "GET", "/api/v1/services/openai-api", "", auditor); !strings.Contains(body, person) {
		t.Errorf("an auditor does not see who uses a service: %s", body)
	}
	for _, kind := range []string{"user", "client", "key", "group"} {
		if resp, _ := g.ask(t, "GET", "/api/v1/subjects/"+kind, "", viewer); resp.StatusCode != 403 {
			t.Errorf("list of %s for a viewer: %d, want 403", kind, resp.StatusCode)
		}
	}
}

func TestAuthor(t *testing.T) {
	g := whole(t)
	reviewer := g.token(t, "ci", access.Reviewer)
	resp, body := g.ask(t, "POST", "/api/v1/services/claude/decision", `{"verb":"refuse","reason":"no contract","by":"the boss"}`, reviewer)
	if resp.StatusCode != 200 {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	if e, _ := g.inv.Book().Last(inventory.TopicDecision, "claude"); e.By != "token:ci" || strings.Contains(string(e.Data), "the boss") {
		t.Errorf("on record by %q: %s; want by token:ci", e.By, e.Data)
	}
}

// TestLostUpdate lets two people decide on what both have read.
func TestLostUpdate(t *testing.T) {
	g := whole(t)
	ann, bob := g.token(t, "ann", access.Reviewer), g.token(t, "bob", access.Reviewer)
	resp, _ := g.ask(t, "GET", "/api/v1/services/claude", "", ann)
	tag := resp.Header.Get("ETag")
	match := func(with func(*http.Request), tag string) func(*http.Request) {
		return func(r *http.Request) { with(r); r.Header.Set("If-Match", tag) }
	}
	decide := func(with func(*http.Request)) (*http.Response, string) {
		return g.ask(t, "POST", "/api/v1/services/claude/decision", `{"verb":"approve"}`, with)
	}
	if resp, body := g.ask(t, "POST", "/api/v1/services/openai-api/decision", `{"verb":"review"}`, match(bob, tag)); resp.StatusCode != 200 {
		t.Errorf("another service: %d %s", resp.StatusCode, body)
	}
	resp, body := decide(match(bob, tag))
	if resp.StatusCode != 200 {
		t.Errorf("first: %d %s", resp.StatusCode, body)
	}
	if again, body := decide(match(ann, tag)); again.StatusCode != 412 || !strings.Contains(body, "token:bob") {
		t.Errorf("second: %d %s, want 412 that names token:bob", again.StatusCode, body)
	}
	if again, body := decide(match(bob, resp.Header.Get("ETag"))); again.StatusCode != 200 {
		t.Errorf("with the ETag of the own change: %d %s", again.StatusCode, body)
	}
	if again, _ := decide(match(bob, "x")); again.StatusCode != 400 {
		t.Errorf("malformed If-Match: %d, want 400", again.StatusCode)
	}
	bulk := `{"decisions":[{"service":"openai-api","verb":"retire"},{"service":"claude","verb":"refuse"}]}`
	if again, _ := g.ask(t, "POST", "/api/v1/decisions", bulk, match(ann, tag)); again.StatusCode != 412 {
		t.Errorf("bulk on what has moved: %d, want 412", again.StatusCode)
	}
	if e, _ := g.inv.Book().Last(inventory.TopicDecision, "openai-api"); strings.Contains(string(e.Data), "retired") {
		t.Error("half of the bulk was recorded")
	}
}

func TestPages(t *testing.T) {
	g := whole(t)
	in := g.token(t, "v", access.Viewer)
	var ids []string
	for cursor := ""; ; {
		resp, body := g.ask(t, "GET", "/api/v1/services?limit=1&cursor="+cursor, "", in)
		var list struct {
			Services []struct{ ID string }
			Next     string
		}
		if err := json.Unmarshal([]byte(body), &list); err != nil || resp.StatusCode != 200 || len(list.Services) != 1 {
			t.Fatalf("%d %s", resp.StatusCode, body)
		}
		ids = append(ids, list.Services[0].ID)
		if cursor = list.Next; cursor == "" {
			break
		}
	}
	if len(ids) != 2 || ids[0] != "openai-api" {
		t.Errorf("ids = %q, want both, in order", ids)
	}
	for query, want := range map[string]int{
		"?cursor=!": 400, "?limit=-1": 400, "?limit=10001": 400, "?limit=x": 400, "?limit=1&limit=2": 400, "?lmit=1": 400, "?status=good": 400,
		"?seen_since=today": 400, "?q=%00": 400, "?%zz": 400, "?status=unreviewed&vendor=openai&q=API&seen_since=2020-01-01": 200,
	} {
		if resp, body := g.ask(t, "GET", "/api/v1/services"+query, "", in); resp.StatusCode != want {
			t.Errorf("%s: %d %s, want %d", query, resp.StatusCode, body, want)
		}
	}
	if _, body := g.ask(t, "GET", "/api/v1/services?vendor=nobody", "", in); body != `{"services":[],"next":""}`+"\n" {
		t.Errorf("of no vendor: %s", body)
	}
}

// TestPackAsked has a pack end while its request is answered: the answer says
// what was asked for, whole.
func TestPackAsked(t *testing.T) {
	scratch := t.TempDir()
	g := start(t, func(c *console.Config) {
		c.Limits = console.Limits{PerSecond: 1e6, Burst: 1e6, Failures: 1e6}
		c.Scratch = scratch
		c.Evidence = func(context.Context, string, string, string, string) (int, error) { return 0, errors.New("no room") }
	})
	in := g.token(t, "auditor", access.Auditor)
	started := 0
	for range 200 {
		resp, body := g.ask(t, "POST", "/api/v1/evidence", `{"period": "2026Q3", "organisation": ""}`, in)
		switch {
		case resp.StatusCode == 200 && strings.Contains(body, `"state":"running","problem":"",`):
			started++
		case resp.StatusCode != 503: // the one before still ends
			t.Fatalf("%d %s", resp.StatusCode, body)
		}
	}
	if started == 0 {
		t.Error("no pack was started")
	}
}

func TestLimits(t *testing.T) {
	g := start(t, func(c *console.Config) { c.Limits = console.Limits{PerSecond: 0.001, Burst: 20, Failures: 3} })
	in := g.token(t, "v", access.Viewer)
	codes := make(map[int]int)
	for range 25 {
		resp, _ := g.ask(t, "GET", "/api/v1/me", "", in)
		codes[resp.StatusCode]++
		if resp.StatusCode == 429 && resp.Header.Get("Retry-After") == "" {
			t.Error("429 without Retry-After")
		}
	}
	if codes[200] != 20 || codes[429] != 5 {
		t.Errorf("codes = %v, want 20 good and 5 of 429", codes)
	}
	if resp, _ := g.ask(t, "GET", "/readyz", "", nil); resp.StatusCode != 200 {
		t.Errorf("health check while limited: %d", resp.StatusCode)
	}
	g = start(t, func(c *console.Config) { c.Limits = console.Limits{PerSecond: 1e3, Burst: 1e3, Failures: 3} })
	in = g.token(t, "v", access.Viewer)
	for i := range 5 {
		resp, _ := g.ask(t, "GET", "/api/v1/me", "", bearer("wrong"))
		if want := map[bool]int{true: 401, false: 429}[i < 3]; resp.StatusCode != want {
			t.Errorf("wrong token %d: %d, want %d", i+1, resp.StatusCode, want)
		}
	}
	if resp, _ := g.ask(t, "GET", "/api/v1/me", "", in); resp.StatusCode != 200 {
		t.Errorf("a good token from an address at which somebody guesses: %d, want 200", resp.StatusCode)
	}
	if resp, _ := g.ask(t, "GET", "/api/v1/me", "", bearer("wrong")); resp.StatusCode != 429 {
		t.Errorf("one more guess: %d, want 429", resp.StatusCode)
	}
}
