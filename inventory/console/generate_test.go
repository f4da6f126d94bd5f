package console_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory/console/access"
)

// generator makes requests from the description of the API: good ones, and such
// as it forbids.
type generator struct {
	*apiDoc
	*rand.Rand
}

// texts are what strings may be: names of things that are there, words that some
// fields want, and what strangers send.
var texts = []string{
	"openai-api", "claude", "iso42001", "A.9.2", "model", "exposure", "2026", "2026-11", "2999-01-01", "approve", "likelihood", "services", "hosts", "answers", "dpa",
	"yes", "", " ", "x", hostile, "../../etc/passwd", "%00", "a/b", "ä\u2028", "=1+1", "'; drop table ledger--", "policies/own.yaml", strings.Repeat("x", 199), strings.Repeat("é", 3000),
}

func (g generator) text() string { return texts[g.IntN(len(texts))] }

// value makes a value that a schema allows.
func (g generator) value(schema map[string]any) any {
	if ref, ok := schema["$ref"].(string); ok {
		return g.value(g.Components.Schemas[strings.TrimPrefix(ref, "#/components/schemas/")])
	}
	if words, ok := schema["enum"].([]any); ok {
		return words[g.IntN(len(words))]
	}
	switch schema["type"] {
	case "string":
		return g.text()
	case "boolean":
		return g.IntN(2) == 0
	case "integer":
		return g.IntN(2000) - 3
	case "number":
		return g.Float64()*12 - 2
	case "array":
		items, _ := schema["items"].(map[string]any)
		list := []any{}
		for range g.IntN(4) {
			list = append(list, g.value(items))
		}
		return list
	case "object":
		return g.object(schema)
	}
	return map[string]any{"service": g.text()} // anything
}

func (g generator) object(schema map[string]any) map[string]any {
	out := make(map[string]any)
	props, _ := schema["properties"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(props)) {
		if g.IntN(4) > 0 {
			out[name] = g.value(props[name].(map[string]any))
		}
	}
	if more, ok := schema["additionalProperties"].(map[string]any); ok {
		for range g.IntN(3) {
			out[g.text()] = g.value(more)
		}
	}
	return out
}

// body makes the body of a request. A spoilt one is not what the schema allows.
func (g generator) body(schema map[string]any, spoilt bool) string {
	o := g.value(schema).(map[string]any)
	if spoilt {
		switch g.IntN(4) {
		case 0:
			o["no_such_field"] = 1
		case 1:
			return "[]"
		case 2:
			return `{"a`
		default:
			ref := strings.TrimPrefix(schema["$ref"].(string), "#/components/schemas/")
			props := g.Components.Schemas[ref]["properties"].(map[string]any)
			o[slices.Sorted(maps.Keys(props))[0]] = []any{[]any{1}} // no field is a list of lists
		}
	}
	b, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// target makes the path and the query of a request. A spoilt query is not what
// the description allows.
func (g generator) target(path string, op *apiOperation, spoilt bool) string {
	path = placeholder.ReplaceAllStringFunc(path, func(string) string {
		for {
			if s := url.PathEscape(g.text()); s != "" && s != "." && s != ".." {
				return s
			}
		}
	})
	q := make(url.Values)
	for _, p := range op.Parameters {
		if p.In == "query" && g.IntN(3) == 0 {
			q.Set(p.Name, fmt.Sprint(g.value(p.Schema)))
		}
	}
	if spoilt {
		q.Set("no_such_parameter", "1")
	}
	return "/api/v1" + path + "?" + q.Encode()
}

// TestGenerated sends what the description allows, and what it forbids, to every
// operation as every role: nobody gets past their rights, nothing fails inside,
// every answer is as described.
func TestGenerated(t *testing.T) {
	gw := whole(t)
	g := generator{description(t, gw), rand.New(rand.NewPCG(1, 2))}
	callers := []struct {
		role access.Role
		with func(*http.Request)
	}{}
	for _, role := range access.Roles() {
		callers = append(callers, struct {
			role access.Role
			with func(*http.Request)
		}{role, gw.token(t, string(role), role)})
	}
	good, bad := 0, 0
	for _, path := range slices.Sorted(maps.Keys(g.Paths)) {
		for _, method := range slices.Sorted(maps.Keys(g.Paths[path])) {
			op := g.Paths[path][method]
			for _, c := range callers {
				turns := 6
				if op.RequestBody == nil {
					turns = 2
				}
				if !c.role.Has(op.Right) {
					turns = 1
				}
				for turn := range turns {
					spoilt := turn%3 == 2 || op.RequestBody == nil && turn == 1
					body, at := "", ""
					if op.RequestBody != nil {
						body, at = g.body(op.RequestBody.Content["application/json"].Schema, spoilt), g.target(path, &op, false)
					} else {
						at = g.target(path, &op, spoilt)
					}
					name := fmt.Sprintf("%s %s as %s, body %.200s", method, at, c.role, body)
					resp, answer := gw.ask(t, strings.ToUpper(method), at, body, c.with)
					switch code := resp.StatusCode; {
					case !c.role.Has(op.Right):
						if code != 403 {
							t.Errorf("%s: %d %s, want 403", name, code, answer)
						}
					case spoilt && code != 400:
						t.Errorf("%s: %d %s, want 400", name, code, answer)
					case !slices.Contains([]int{200, 202, 400, 403, 404, 409, 412, 422, 503}, code):
						t.Errorf("%s: %d %s", name, code, answer)
					}
					for _, wrong := range g.answer(&op, resp, answer) {
						t.Errorf("%s: %d: %s", name, resp.StatusCode, wrong)
					}
					if good++; resp.StatusCode/100 != 2 {
						good, bad = good-1, bad+1
					}
				}
			}
		}
	}
	if good < 100 || bad < 100 {
		t.Errorf("%d good answers and %d refusals: the generator tries too little", good, bad)
	}
	if v, err := gw.inv.Verify(t.Context()); err != nil || len(v.Problems) > 0 {
		t.Errorf("the ledger after all this: %+v, %v", v, err)
	}
}

// answer says in what an answer is not as described.
func (g generator) answer(op *apiOperation, resp *http.Response, body string) []string {
	described := op.Responses["default"]
	if resp.StatusCode/100 == 2 {
		described = op.Responses[strconv.Itoa(resp.StatusCode)]
	}
	media := resp.Header.Get("Content-Type")
	want, ok := described.Content[media]
	if !ok {
		return []string{fmt.Sprintf("answers %q, which is not described", media)}
	}
	if !strings.HasSuffix(media, "json") {
		return nil
	}
	var v any
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		return []string{err.Error()}
	}
	wrong := g.check(want.Schema, v, "answer", true)
	if m, ok := v.(map[string]any); ok && resp.StatusCode/100 != 2 && m["status"] != float64(resp.StatusCode) {
		wrong = append(wrong, fmt.Sprintf("says status %v", m["status"]))
	}
	return wrong
}
