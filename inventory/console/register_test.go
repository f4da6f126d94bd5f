package console_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/console/access"
)

func TestFieldsOverAPI(t *testing.T) {
	g := whole(t)
	ann, bob := g.token(t, "ann", access.Reviewer), g.token(t, "bob", access.Reviewer)
	ask := func(method, path, body string, want int, with func(*http.Request)) string {
		t.Helper()
		resp, answer := g.ask(t, method, "/api/v1"+path, body, with)
		if resp.StatusCode != want {
			t.Errorf("%s %s %s: %d %s, want %d", method, path, body, resp.StatusCode, answer, want)
		}
		return answer
	}
	const fields = "/services/openai-api/fields"
	if got := ask("PUT", fields, `{"values":{"dpa":"yes","region":"EU"},"preview":true}`, 200, ann); !strings.Contains(got, `"field":"dpa"`) || g.inv.Book().FieldValue("openai-api", "dpa") != "" {
		t.Errorf("preview: %s", got)
	}
	resp, _ := g.ask(t, "GET", "/api/v1/services/openai-api", "", ann)
	tag := resp.Header.Get("ETag")
	match := func(r *http.Request) { ann(r); r.Header.Set("If-Match", tag) }
	ask("PUT", fields, `{"values":{"dpa":"yes","region":"EU"},"reason":"contract 7"}`, 200, bob)
	ask("PUT", fields, `{"values":{"dpa":"no"}}`, 412, match)
	ask("PUT", fields, `{"values":{"terms":"2026-01"}}`, 200, match) // nobody has touched that one
	for _, wrong := range []string{`{"values":{"dpa":"perhaps"}}`, `{"values":{"requests":"7"}}`, `{"values":{"dpas":"yes"}}`, `{"use_case":"none","values":{"dpa":"no"}}`} {
		ask("PUT", fields, wrong, 400, ann)
	}
	ask("POST", "/fields", `{"rows":[{"service":"claude","values":{"dpa":"no"}},{"service":"openai-api","values":{"dpa":"perhaps"}}]}`, 400, ann)
	ask("POST", "/fields", `{"rows":[{"service":"claud","values":{"dpa":"no"}}]}`, 404, ann)
	if v := g.inv.Book().FieldValue("claude", "dpa"); v != "" {
		t.Errorf("half of a bulk was recorded: %q", v)
	}
	if e, _ := g.inv.Book().Last(inventory.TopicField, "openai-api#dpa"); e.By != "token:bob" || !strings.Contains(string(e.Data), "contract 7") {
		t.Errorf("on record: %s by %s", e.Data, e.By)
	}

	ask("PUT", "/use-cases/Bad%20Id", `{"name":"x","services":["claude"]}`, 400, ann)
	ask("PUT", "/use-cases/help", `{"name":"Help","services":["cluade"]}`, 404, ann)
	ask("PUT", "/use-cases/help", `{"name":"Help","services":["Claude","OpenAI API"]}`, 200, ann)
	ask("POST", "/fields", `{"rows":[{"service":"claude","use_case":"help","values":{"purpose":"answers"}}]}`, 200, ann)
	var list struct {
		Rows []struct {
			ID      string
			UseCase string `json:"use_case"`
			Fields  []struct{ Name, Value, Source, Who string }
		}
		Next string
	}
	if err := json.Unmarshal([]byte(ask("GET", "/services/claude/register", "", 200, ann)), &list); err != nil || len(list.Rows) != 2 || list.Rows[1].UseCase != "help" {
		t.Fatalf("rows = %+v, %v", list.Rows, err)
	}
	found := false
	for _, f := range list.Rows[1].Fields {
		found = found || f.Name == "purpose" && f.Value == "answers" && f.Source == "person" && f.Who == "token:ann"
	}
	if !found {
		t.Errorf("purpose is not in %+v", list.Rows[1])
	}
	if got := ask("GET", "/services/claude/history", "", 200, ann); strings.Count(got, `"seq"`) < 2 || !strings.Contains(got, "claude/help#purpose") {
		t.Errorf("history = %s", got)
	}
	ask("POST", "/use-cases/help/retirement", "", 200, ann)
	ask("POST", "/use-cases/none/retirement", "", 404, ann)
	ask("POST", "/fields", `{"rows":[{"service":"claude","use_case":"help","values":{"purpose":"x"}}]}`, 400, ann)
}

// TestTables asks for tables as who may not see people, and for what is none.
func TestTables(t *testing.T) {
	g := whole(t)
	viewer, auditor := g.token(t, "v", access.Viewer), g.token(t, "a", access.Auditor)
	for _, table := range []string{"accounts", "keys", "users", "departments", "register"} {
		if resp, _ := g.ask(t, "GET", "/api/v1/tables/"+table, "", viewer); resp.StatusCode != 403 {
			t.Errorf("%s for a viewer: %d, want 403", table, resp.StatusCode)
		}
		if resp, _ := g.ask(t, "GET", "/api/v1/tables/"+table, "", auditor); resp.StatusCode != 200 {
			t.Errorf("%s for an auditor: %d, want 200", table, resp.StatusCode)
		}
	}
	for format, want := range map[string]string{"csv": "service,id", "json": "[\n{\"service\":", "xlsx": "PK\x03\x04"} {
		resp, body := g.ask(t, "GET", "/api/v1/tables/services?format="+format, "", viewer)
		if resp.StatusCode != 200 || !strings.HasPrefix(body, want) || !strings.HasPrefix(resp.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("format %q: %d %.60q %v", format, resp.StatusCode, body, resp.Header)
		}
	}
	if _, body := g.ask(t, "GET", "/api/v1/tables/services?format=json", "", viewer); !json.Valid([]byte(body)) {
		t.Errorf("no JSON: %.300s", body)
	}
	if resp, _ := g.ask(t, "GET", "/api/v1/tables/passwords", "", auditor); resp.StatusCode != 404 {
		t.Errorf("no such table: %d, want 404", resp.StatusCode)
	}
	if resp, body := g.ask(t, "POST", "/api/v1/services/openai-api/decision", `{"verb":"refuse"}`, g.token(t, "r", access.Reviewer)); resp.StatusCode != 200 {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	if resp, body := g.ask(t, "GET", "/api/v1/blocklists/hosts", "", viewer); resp.StatusCode != 200 || !strings.Contains(body, "0.0.0.0 openai.com\n") || strings.Contains(body, "anthropic") {
		t.Errorf("block list: %d %s", resp.StatusCode, body)
	}
	for path, want := range map[string]int{"/blocklists/none": 404, "/blocklists/hosts?status=bad": 400} {
		if resp, body := g.ask(t, "GET", "/api/v1"+path, "", viewer); resp.StatusCode != want {
			t.Errorf("%s: %d %s, want %d", path, resp.StatusCode, body, want)
		}
	}
	if _, body := g.ask(t, "GET", "/api/v1/blocklists/pac?otherwise=%22%3Balert(1)", "", viewer); !strings.Contains(body, `"\";alert(1)"`) {
		t.Errorf("what a PAC file answers is no string: %s", body)
	}
}

// TestProblems looks at the form of refusals.
func TestProblems(t *testing.T) {
	g := whole(t)
	viewer := g.token(t, "v", access.Viewer)
	for path, with := range map[string]func(*http.Request){"/api/v1/services/cluade": viewer, "/api/v1/tokens": viewer, "/api/v1/me": nil, "/api/v1/services?x=1": viewer} {
		resp, body := g.ask(t, "GET", path, "", with)
		var p struct {
			Type, Title, Detail string
			Status              int
		}
		if err := json.Unmarshal([]byte(body), &p); err != nil || resp.Header.Get("Content-Type") != "application/problem+json" || p.Status != resp.StatusCode || p.Type != "about:blank" || p.Title != http.StatusText(p.Status) || p.Detail == "" {
			t.Errorf("%s: %d %s, %v", path, resp.StatusCode, body, err)
		}
	}
}

// TestDuties looks on the page for what waits for people.
func TestDuties(t *testing.T) {
	g := whole(t)
	_, page := g.ask(t, "GET", "/", "", g.login(t))
	for _, want := range []string{"1 difference between what is declared and what is seen, of 1 service:", "risk list", "1 client<"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in %s", want, page)
		}
	}
	plain := start(t, nil) // knows neither
	if _, page := plain.ask(t, "GET", "/", "", plain.login(t)); strings.Contains(page, "waits for people") || !strings.Contains(page, "AI services") {
		t.Errorf("page = %s", page)
	}
}
