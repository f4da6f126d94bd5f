package console

import (
	"bytes"
	"encoding"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/console/access"
	"github.com/gnomon-proxy/gnomon/inventory/export"
	"github.com/gnomon-proxy/gnomon/inventory/risk"
	"github.com/gnomon-proxy/gnomon/traffic"
)

var update = flag.Bool("update", false, "write assets/openapi.json anew")

// TestDescription holds the description that is served against the routes, their
// types and the comments on these.
func TestDescription(t *testing.T) {
	want, err := json.MarshalIndent(describe(t), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile("assets/openapi.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("assets/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("assets/openapi.json is not what the routes say: go test ./inventory/console -run TestDescription -update")
	}
}

type obj = map[string]any

// describe makes the description.
func describe(t *testing.T) obj {
	s := &schemas{t: t, all: obj{}, comments: make(map[string]map[string]string)}
	paths := obj{}
	for _, o := range routes() {
		if paths[o.path] == nil {
			paths[o.path] = obj{}
		}
		paths[o.path].(obj)[strings.ToLower(o.method)] = o.describe(s)
	}
	s.all["Problem"] = obj{"type": "object", "description": "RFC 9457", "required": []string{"type", "title", "status", "detail"}, "properties": obj{
		"type":   obj{"type": "string"},
		"title":  obj{"type": "string", "description": "the words of the status"},
		"status": obj{"type": "integer"},
		"detail": obj{"type": "string", "description": "what is wrong, and what to do"},
		"name":   obj{"type": "string", "description": "of a service that is not known"},
		"near":   obj{"type": "array", "items": obj{"type": "string"}, "description": "services with a similar name"},
	}}
	return obj{
		"openapi": "3.1.0",
		"info": obj{
			"title": "Gnomon", "version": "1",
			"description": "The register of AI services, and what was decided about them. An ETag names the state of the ledger that an answer shows; " +
				"sent back as If-Match, it keeps a change from overwriting what somebody else has put on record about the same thing meanwhile (412). " +
				"Lists are ordered by id or name; their \"next\", sent as cursor, gives the rows that follow. Users and clients are pseudonyms. " +
				"Whoever changes something stands in the ledger. All that goes wrong is a problem document (RFC 9457).",
			"license": obj{"name": "Apache-2.0", "identifier": "Apache-2.0"},
		},
		"servers":  []obj{{"url": base}},
		"security": []obj{{"token": []string{}}, {"session": []string{}}},
		"paths":    paths,
		"components": obj{
			"schemas":   s.all,
			"responses": refusals(),
			"securitySchemes": obj{
				"token":   obj{"type": "http", "scheme": "bearer", "description": "gnomon access token create NAME --role ROLE"},
				"session": obj{"type": "apiKey", "in": "cookie", "name": cookieName, "description": "of the console, by its link or by OIDC"},
			},
		},
	}
}

var segments = regexp.MustCompile(`\{(\w+)\}`)

func (o *route) describe(s *schemas) obj {
	params := []obj{}
	for _, m := range segments.FindAllStringSubmatch(o.path, -1) {
		params = append(params, obj{"name": m[1], "in": "path", "required": true, "schema": segmentSchema(m[1])})
	}
	for _, p := range o.query {
		params = append(params, obj{"name": p.name, "in": "query", "description": p.about, "schema": p.schema()})
	}
	answer := obj{"description": "done"}
	switch {
	case o.out != nil:
		answer["content"] = obj{"application/json": obj{"schema": s.of(o.out, false)}}
		headers := obj{"ETag": obj{"schema": obj{"type": "string"}, "description": "state of the ledger"}}
		if o.out.Implements(reflect.TypeFor[placed]()) && o.method == "POST" {
			headers["Location"] = obj{"schema": obj{"type": "string"}, "description": "where to ask for the outcome"}
		}
		answer["headers"] = headers
	default:
		content := obj{}
		for _, media := range o.media {
			content[media] = obj{"schema": obj{"type": "string", "contentMediaType": media}}
			if media == "application/json" {
				content[media] = obj{"schema": obj{}}
			}
		}
		answer["content"] = content
	}
	problem := obj{"description": "what is wrong", "content": obj{"application/problem+json": obj{"schema": obj{"$ref": "#/components/schemas/Problem"}}}}
	responses := obj{codeText(o.code): answer, "default": problem}
	for _, code := range o.refusals() {
		responses[codeText(code)] = obj{"$ref": "#/components/responses/" + codeText(code)}
	}
	d := obj{
		"summary": o.summary, "operationId": operationID(o), "x-right": string(o.right), "tags": []string{strings.SplitN(o.path, "/", 3)[1]},
		"responses": responses,
	}
	if o.in != nil {
		d["requestBody"] = obj{"required": !o.bare, "content": obj{"application/json": obj{"schema": s.of(o.in, true)}}}
		params = append(params, obj{"name": "If-Match", "in": "header", "description": "the ETag of the answer that the change is based on", "schema": obj{"type": "string", "pattern": `^(\*|"?[0-9]{1,15}"?)$`}})
	}
	if len(params) > 0 {
		d["parameters"] = params
	}
	return d
}

// refusals are the codes with which an operation may refuse what is asked.
func (o *route) refusals() []int {
	codes := []int{400, 401, 403, 405, 429, 500, 503}
	if strings.Contains(o.path, "{") {
		codes = append(codes, 404)
	}
	if o.in != nil {
		codes = append(codes, 412, 413, 415)
	}
	return codes
}

// refusals describes them.
func refusals() obj {
	limits := obj{
		"RateLimit-Policy": obj{"schema": obj{"type": "string"}, "description": "how many requests (q) one identity may send at once, and in how many seconds (w) there is room for as many again"},
		"RateLimit":        obj{"schema": obj{"type": "string"}, "description": "how many more it may send now (r), and in how many seconds (t) as many as ever"},
	}
	later := obj{"Retry-After": obj{"schema": obj{"type": "integer"}, "description": "seconds"}}
	all := obj{}
	for code, one := range map[int]struct {
		text    string
		headers obj
	}{
		400: {"the request is not what is expected here", nil},
		401: {"nobody known asks: send a token, or log in", obj{"WWW-Authenticate": obj{"schema": obj{"type": "string"}}}},
		403: {"the role may not do this, or the request comes from a page of another site", nil},
		404: {"there is none of this name", nil},
		405: {"the method does not work here", obj{"Allow": obj{"schema": obj{"type": "string"}, "description": "those that do"}}},
		412: {"somebody else has put something on record about the same thing since (If-Match)", nil},
		413: {"the body is too long", nil},
		415: {"the body says that it is no JSON", nil},
		429: {"too many requests", obj{"Retry-After": later["Retry-After"], "RateLimit-Policy": limits["RateLimit-Policy"], "RateLimit": limits["RateLimit"]}},
		500: {"the gateway could not do this: its log says why", nil},
		503: {"the gateway is busy with requests that take long, or is stopping", later},
	} {
		r := obj{"description": one.text, "content": obj{"application/problem+json": obj{"schema": obj{"$ref": "#/components/schemas/Problem"}}}}
		if one.headers != nil {
			r["headers"] = one.headers
		}
		all[codeText(code)] = r
	}
	return all
}

func operationID(o *route) string {
	id := strings.ToLower(o.method)
	for part := range strings.FieldsFuncSeq(o.path, func(r rune) bool { return strings.ContainsRune("/{}._-", r) }) {
		id += strings.ToUpper(part[:1]) + part[1:]
	}
	return id
}

func codeText(code int) string { return strconv.Itoa(code) }

// segmentWords are the segments of paths that are one of some words.
var segmentWords = map[string][]string{
	"kind": wordsOf(maps.Keys(subjectKinds)), "table": wordsOf(maps.Keys(tableRights)), "format": export.BlockFormats(),
}

func wordsOf[T ~string](all iter.Seq[T]) (list []string) {
	for w := range all {
		list = append(list, string(w))
	}
	slices.Sort(list)
	return list
}

// segmentSchema describes a segment of a path. Frameworks are data, to which an
// organisation may add its own: they get an example.
func segmentSchema(name string) obj {
	schema := obj{"type": "string", "minLength": 1}
	if words := segmentWords[name]; words != nil {
		return obj{"type": "string", "enum": words}
	}
	if name == "framework" {
		schema["examples"] = []string{"iso42001"}
	}
	return schema
}

// TestSegmentWords: what the description allows of a path is what there is, and
// all of it.
func TestSegmentWords(t *testing.T) {
	b, err := os.ReadFile("assets/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct {
				Name, In string
				Schema   struct{ Enum, Examples []string }
			}
		}
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for path, methods := range doc.Paths {
		for _, o := range methods {
			for _, p := range o.Parameters {
				if p.In != "path" {
					continue
				}
				seen[p.Name] = true
				if !slices.Equal(p.Schema.Enum, segmentWords[p.Name]) {
					t.Errorf("%s: {%s} is one of %q, want %q", path, p.Name, p.Schema.Enum, segmentWords[p.Name])
				}
				if p.Name == "framework" && len(p.Schema.Examples) == 0 {
					t.Errorf("%s: no example of a framework", path)
				}
			}
		}
	}
	for _, name := range []string{"kind", "table", "format", "framework"} {
		if !seen[name] {
			t.Errorf("no path has a {%s}", name)
		}
	}
}

func (p *param) schema() obj {
	switch p.kind {
	case kindNumber:
		return obj{"type": "integer", "minimum": 0, "maximum": p.max}
	case kindDay:
		return obj{"type": "string", "format": "date"}
	case kindWord:
		return obj{"type": "string", "enum": p.words}
	}
	return obj{"type": "string", "maxLength": maxQuery, "pattern": `^[^\x00-\x1f\x7f]*$`}
}

// schemas makes schemas of Go types.
type schemas struct {
	t        *testing.T
	all      obj
	comments map[string]map[string]string // of a package: "Type.Field"
}

var (
	timeType = reflect.TypeFor[time.Time]()
	rawType  = reflect.TypeFor[json.RawMessage]()
	textType = reflect.TypeFor[encoding.TextMarshaler]()
)

// words are the values of types that are closed sets.
var words = map[reflect.Type]any{
	reflect.TypeFor[access.Role]():    access.Roles(),
	reflect.TypeFor[inventory.Verb](): inventory.Verbs(),
	reflect.TypeFor[traffic.Status](): traffic.Statuses(),
	reflect.TypeFor[risk.Option]():    append(risk.Options(), ""),
}

func (s *schemas) of(t reflect.Type, request bool) obj {
	switch {
	case t == timeType:
		return obj{"type": "string", "format": "date-time"}
	case t == rawType || t.Kind() == reflect.Interface:
		return obj{}
	case words[t] != nil:
		return obj{"type": "string", "enum": words[t]}
	case t.Implements(textType) || reflect.PointerTo(t).Implements(textType):
		return obj{"type": "string"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.of(t.Elem(), request)
	case reflect.String:
		return obj{"type": "string"}
	case reflect.Bool:
		return obj{"type": "boolean"}
	case reflect.Float64:
		return obj{"type": "number"}
	case reflect.Int, reflect.Int64:
		return obj{"type": "integer"}
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return obj{"type": "string", "contentEncoding": "base64"}
		}
		return obj{"type": "array", "items": s.of(t.Elem(), request)}
	case reflect.Map:
		return obj{"type": "object", "additionalProperties": s.of(t.Elem(), request)}
	case reflect.Struct:
		return s.ref(t, request)
	}
	s.t.Fatalf("no schema for %v", t)
	return nil
}

// ref returns a reference to the schema of a struct.
func (s *schemas) ref(t reflect.Type, request bool) obj {
	name := t.Name()
	if p := filepath.Base(t.PkgPath()); p != "console" {
		name = p + "." + name
	}
	if request {
		name += ".new"
	}
	if s.all[name] == nil {
		out := obj{"type": "object"}
		s.all[name] = out // before its fields, which may hold it
		props, required := obj{}, []string{}
		s.fields(t, props, &required, request)
		out["properties"] = props
		if request {
			out["additionalProperties"] = false
		} else if len(required) > 0 {
			out["required"] = required
		}
		if text := s.comment(t, ""); text != "" {
			out["description"] = text
		}
	}
	return obj{"$ref": "#/components/schemas/" + name}
}

func (s *schemas) fields(t reflect.Type, props obj, required *[]string, request bool) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-" || !f.IsExported() && !f.Anonymous:
			continue
		case f.Anonymous && name == "":
			s.fields(f.Type, props, required, request)
			continue
		case name == "":
			name = f.Name
		}
		one := s.of(f.Type, request)
		if text := s.comment(t, f.Name); text != "" {
			one["description"] = text
		}
		props[name] = one
		if !strings.Contains(options, "omit") {
			*required = append(*required, name)
		}
	}
}

// comment returns what the source says of a type, or of a field of it.
func (s *schemas) comment(t reflect.Type, field string) string {
	pkg := t.PkgPath()
	if s.comments[pkg] == nil {
		s.comments[pkg] = readComments(s.t, filepath.Join("../..", strings.TrimPrefix(pkg, "github.com/gnomon-proxy/gnomon")))
	}
	return s.comments[pkg][t.Name()+"."+field]
}

func readComments(t *testing.T, dir string) map[string]string {
	out := make(map[string]string)
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no sources in %s: %v", dir, err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range g.Specs {
				if ts, ok := spec.(*ast.TypeSpec); ok {
					readType(out, ts, g.Doc)
				}
			}
		}
	}
	return out
}

func readType(out map[string]string, ts *ast.TypeSpec, doc *ast.CommentGroup) {
	st, ok := ts.Type.(*ast.StructType)
	if !ok {
		return
	}
	line := func(c *ast.CommentGroup) string { return strings.Join(strings.Fields(c.Text()), " ") }
	if doc != nil && ast.IsExported(ts.Name.Name) {
		out[ts.Name.Name+"."] = line(doc)
	}
	for _, f := range st.Fields.List {
		text := line(f.Doc)
		if f.Comment != nil {
			text = line(f.Comment)
		}
		for _, n := range f.Names {
			out[ts.Name.Name+"."+n.Name] = text
		}
	}
}
