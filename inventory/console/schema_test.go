package console_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/console/access"
)

// apiDoc is the description that a console serves.
type apiDoc struct {
	Paths      map[string]map[string]apiOperation
	Components struct{ Schemas map[string]map[string]any }
}

type apiOperation struct {
	Summary    string
	Right      access.Right `json:"x-right"`
	Parameters []struct {
		Name, In string
		Schema   map[string]any
	}
	RequestBody *struct {
		Content map[string]struct{ Schema map[string]any }
	}
	Responses map[string]struct {
		Content map[string]struct{ Schema map[string]any }
	}
}

func description(t *testing.T, g *gateway) *apiDoc {
	t.Helper()
	doc := new(apiDoc)
	resp, body := g.ask(t, "GET", "/api/v1/openapi.json", "", g.token(t, "docs", access.Viewer))
	if err := json.Unmarshal([]byte(body), doc); err != nil || resp.StatusCode != 200 {
		t.Fatalf("%d, %v", resp.StatusCode, err)
	}
	return doc
}

// check returns where v is not as the schema says. It knows what our own
// description uses. strict refuses members that the schema does not name.
func (d *apiDoc) check(schema map[string]any, v any, at string, strict bool) (bad []string) {
	if ref, ok := schema["$ref"].(string); ok {
		name := strings.TrimPrefix(ref, "#/components/schemas/")
		if d.Components.Schemas[name] == nil {
			return []string{at + ": no schema " + name}
		}
		return d.check(d.Components.Schemas[name], v, at, strict)
	}
	wrong := func(format string, args ...any) { bad = append(bad, at+": "+fmt.Sprintf(format, args...)) }
	switch schema["type"] {
	case nil:
	case "object":
		m, ok := v.(map[string]any)
		if !ok {
			wrong("%T is no object", v)
			break
		}
		props, _ := schema["properties"].(map[string]any)
		required, _ := schema["required"].([]any)
		for _, name := range required {
			if _, ok := m[name.(string)]; !ok {
				wrong("lacks %q", name)
			}
		}
		more, _ := schema["additionalProperties"].(map[string]any)
		for name, one := range m {
			switch p, ok := props[name].(map[string]any); {
			case ok:
				bad = append(bad, d.check(p, one, at+"."+name, strict)...)
			case more != nil:
				bad = append(bad, d.check(more, one, at+"."+name, strict)...)
			case strict && props != nil:
				wrong("%q is not documented", name)
			}
		}
	case "array":
		list, ok := v.([]any)
		if !ok {
			wrong("%T is no array", v)
		}
		items, _ := schema["items"].(map[string]any)
		for i, one := range list {
			bad = append(bad, d.check(items, one, fmt.Sprintf("%s[%d]", at, i), strict)...)
		}
	case "string":
		s, ok := v.(string)
		if !ok {
			wrong("%T is no string", v)
		}
		if words, ok := schema["enum"].([]any); ok && !slices.Contains(words, v) {
			wrong("%q is none of %v", v, words)
		}
		if schema["format"] == "date-time" {
			if _, err := time.Parse(time.RFC3339, s); err != nil {
				wrong("%q is no time", s)
			}
		}
	case "integer", "number":
		if n, ok := v.(float64); !ok || schema["type"] == "integer" && n != float64(int64(n)) {
			wrong("%v is no %s", v, schema["type"])
		}
	case "boolean":
		if _, ok := v.(bool); !ok {
			wrong("%T is no boolean", v)
		}
	default:
		wrong("unknown type %v", schema["type"])
	}
	return bad
}

// examples are good requests: each operation has at least one. $1, $2 ... stand
// for what earlier ones answered.
var examples = []struct{ name, path, body string }{
	{"GET /status", "/status", ""},
	{"GET /me", "/me", ""},
	{"GET /openapi.json", "/openapi.json", ""},
	{"GET /services", "/services", ""},
	{"POST /decisions", "/decisions", `{"decisions":[{"service":"claude","verb":"approve","conditions":["no secrets"],"until":"2999-01-01"}],"preview":false}`},
	{"POST /services/{name}/decision", "/services/openai-api/decision", `{"verb":"approve","reason":"contract"}`},
	{"GET /services/{name}", "/services/openai-api", ""},
	{"PUT /use-cases/{id}", "/use-cases/answers", `{"name":"Answers","services":["openai-api"],"departments":["support"]}`},
	{"GET /use-cases", "/use-cases", ""},
	{"PUT /services/{name}/fields", "/services/openai-api/fields", `{"values":{"dpa":"yes","region":"EU, US"},"reason":"contract"}`},
	{"POST /fields", "/fields", `{"rows":[{"service":"claude","values":{"purpose":"texts"}},{"service":"openai-api","use_case":"answers","values":{"purpose":"answers"}}]}`},
	{"GET /fields", "/fields", ""},
	{"GET /register", "/register?limit=1", ""},
	{"GET /services/{name}/register", "/services/openai-api/register", ""},
	{"GET /services/{name}/history", "/services/openai-api/history", ""},
	{"POST /use-cases/{id}/retirement", "/use-cases/answers/retirement", ""},
	{"GET /accounts", "/accounts?service=openai-api", ""},
	{"GET /suppliers", "/suppliers", ""},
	{"GET /tables/{table}", "/tables/services", ""},
	{"GET /tables/{table}", "/tables/register?format=xlsx", ""},
	{"GET /tables/{table}", "/tables/risks?format=json&period=2026", ""},
	{"GET /blocklists/{format}", "/blocklists/hosts?status=refused,unreviewed&unused=yes", ""},
	{"GET /blocklists/{format}", "/blocklists/pac?otherwise=PROXY%20p.example:8080", ""},
	{"GET /queries", "/queries", ""},
	{"GET /signer", "/signer", ""},
	{"GET /sheet", "/sheet?lang=de", ""},
	{"GET /blind", "/blind", ""},
	{"GET /subjects/{kind}", "/subjects/client", ""},
	{"GET /subjects/{kind}", "/subjects/client?top=3", ""},
	{"GET /subjects/{kind}/{name}", "/subjects/client/$client", ""},
	{"PUT /declared/{name}", "/declared/it", `{"services":[{"service":"openai-api","data":["none"]}]}`},
	{"GET /declared", "/declared", ""},
	{"GET /drift", "/drift?since=2026-01-01", ""},
	{"GET /risks", "/risks", ""},
	{"POST /risks/{name}/override", "/risks/openai-api/override", `{"what":"consequence","value":3,"reason":"public texts"}`},
	{"POST /risks/{name}/override", "/risks/openai-api/override", `{"what":"consequence","withdraw":true,"reason":"no longer"}`},
	{"PUT /risks/{name}/treatment", "/risks/openai-api/treatment", `{"option":"modify","plan":"redact","owner":"ann","due":"2999-01-01"}`},
	{"PUT /risks/{name}/acceptance", "/risks/openai-api/acceptance", `{"by":"Ann Lee","until":"$soon","reason":"pilot"}`},
	{"POST /risks/{name}/assessment", "/risks/openai-api/assessment", `{"reason":"looked at it"}`},
	{"GET /risks/{name}", "/risks/openai-api", ""},
	{"GET /triggers", "/triggers", ""},
	{"GET /figures", "/figures", ""},
	{"GET /frameworks", "/frameworks", ""},
	{"GET /frameworks/{framework}", "/frameworks/iso42001", ""},
	{"PUT /statements/{framework}/{control}", "/statements/iso42001/A.9.2", `{"applicable":true,"reason":"staff use AI"}`},
	{"GET /statements/{framework}", "/statements/iso42001", ""},
	{"POST /replays", "/replays", `{"files":{}}`},
	{"PUT /rules/published", "/rules/published", `{"files":{"policies/own.yaml":"policies: []"},"reason":"a test"}`},
	{"GET /rules/published", "/rules/published", ""},
	{"POST /rules/published/withdrawal", "/rules/published/withdrawal", `{"reason":"it has ended"}`},
	{"GET /streams", "/streams", ""},
	{"GET /pinned", "/pinned", ""},
	{"POST /reveals", "/reveals", `{"pseudonym":"$client","reason":"incident 7"}`},
	{"GET /reveals", "/reveals", ""},
	{"POST /reveals/{request}/allow", "/reveals/$request/allow", ""},
	{"POST /reveals/{request}/name", "/reveals/$request/name", ""},
	{"POST /reveals", "/reveals", `{"pseudonym":"$client","reason":"incident 8"}`},
	{"POST /reveals/{request}/refuse", "/reveals/$request/refuse", `{"reason":"no"}`},
	{"POST /exceptions", "/exceptions", `{"person":"$client","service":"claude","reason":"tender 12","until":"$soon"}`},
	{"GET /exceptions", "/exceptions?state=pending", ""},
	{"POST /exceptions/{id}/grant", "/exceptions/$exception/grant", `{"reason":"for the tender"}`},
	{"POST /exceptions/{id}/refuse", "/exceptions/$exception/refuse", `{"reason":"the tender is over"}`},
	{"POST /erasures", "/erasures", `{"pseudonym":"$client","reason":"asked for it"}`},
	{"GET /deletions", "/deletions", ""},
	{"POST /evidence", "/evidence", `{"period":"2026","organisation":"Example"}`},
	{"GET /evidence/{id}", "/evidence/$id", ""},
	{"GET /evidence", "/evidence", ""},
	{"GET /evidence/{id}/pack", "/evidence/$id/pack", ""},
	{"GET /ledger", "/ledger?topic=decision", ""},
	{"GET /ledger/head", "/ledger/head", ""},
	{"POST /ledger/verifications", "/ledger/verifications", `{"heads":["$head"]}`},
	{"GET /ledger/verifications/{id}", "/ledger/verifications/$id", ""},
	{"GET /ledger/verifications", "/ledger/verifications", ""},
	{"POST /rotations", "/rotations", `{"reason":"a list went astray"}`},
	{"GET /rotations", "/rotations", ""},
	{"POST /tokens", "/tokens", `{"name":"new","role":"viewer"}`},
	{"GET /tokens", "/tokens", ""},
	{"POST /tokens/{name}/revocation", "/tokens/new/revocation", `{"reason":"test"}`},
	{"POST /reload", "/reload", ""},
	{"POST /backup", "/backup", ""},
}

// TestExamples drives every operation and holds requests and answers against the
// description.
func TestExamples(t *testing.T) {
	g := whole(t)
	doc := description(t, g)
	admin, second := g.token(t, "admin", access.Admin), g.token(t, "second", access.Admin)
	values := map[string]string{"$soon": time.Now().AddDate(0, 0, 20).Format(time.DateOnly)}
	tried := make(map[string]bool)
	for _, e := range examples {
		for k, v := range values {
			e.path, e.body = strings.ReplaceAll(e.path, k, v), strings.ReplaceAll(e.body, k, v)
		}
		method, pattern, _ := strings.Cut(e.name, " ")
		op, ok := doc.Paths[pattern][strings.ToLower(method)]
		if !ok {
			t.Errorf("%s is not described", e.name)
			continue
		}
		tried[e.name] = true
		if op.RequestBody != nil {
			for _, bad := range doc.check(op.RequestBody.Content["application/json"].Schema, parsed(t, e.body), "request", true) {
				t.Errorf("%s: %s", e.name, bad)
			}
		} else if e.body != "" {
			t.Errorf("%s: no body is described", e.name)
		}
		who := admin
		if slices.ContainsFunc([]string{"/allow", "/refuse", "/grant"}, func(end string) bool { return strings.HasSuffix(pattern, end) }) {
			who = second
		}
		resp, body := g.ask(t, method, "/api/v1"+e.path, e.body, who)
		for range 6000 { // a minute for a pack or a verification in the making
			if (!strings.HasSuffix(pattern, "/pack") || resp.StatusCode != 409) && (pattern != "/ledger/verifications/{id}" || !strings.Contains(body, `"state":"running"`)) {
				break
			}
			time.Sleep(10 * time.Millisecond)
			resp, body = g.ask(t, method, "/api/v1"+e.path, e.body, who)
		}
		code := strconv.Itoa(resp.StatusCode)
		if resp.StatusCode/100 != 2 || op.Responses[code].Content == nil {
			t.Errorf("%s: %d %s", e.name, resp.StatusCode, body)
			continue
		}
		media, ok := op.Responses[code].Content[resp.Header.Get("Content-Type")]
		if !ok {
			t.Errorf("%s: answers %s, which is not described", e.name, resp.Header.Get("Content-Type"))
		}
		if resp.Header.Get("Content-Type") != "application/json" {
			continue
		}
		for _, bad := range doc.check(media.Schema, parsed(t, body), "answer", true) {
			t.Errorf("%s: %s", e.name, bad)
		}
		for key, pattern := range map[string]string{"$client": `"(c-[\w-]{8,})"`, "$request": `"request":"(r-\w+)"`, "$exception": `"exception":"([\w-]+)"`, "$id": `^\{"id":"([\w-]{16})"`, "$head": `"head":"(\d+:\w+)"`} {
			if m := regexp.MustCompile(pattern).FindStringSubmatch(body); m != nil {
				values[key] = m[1]
			}
		}
	}
	for path, methods := range doc.Paths {
		for method := range methods {
			if name := strings.ToUpper(method) + " " + path; !tried[name] {
				t.Errorf("%s is described and not tried", name)
			}
		}
	}
	// The check can fail.
	if bad := doc.check(map[string]any{"$ref": "#/components/schemas/Problem"}, map[string]any{"detial": 1.0}, "x", true); len(bad) != 5 {
		t.Errorf("a wrong answer passes: %q", bad)
	}
}

func parsed(t *testing.T, text string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return v
}
