package console

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/console/access"
)

// base is where the API lives.
const base = "/api/v1"

// route is one operation of the API: what serves it, and what its description
// (assets/openapi.json) is made of.
type route struct {
	method, path string       // below base
	right        access.Right // that one needs; "": none
	summary      string
	query        []param
	in           reflect.Type // of the body, nil: there is none
	out          reflect.Type // of the answer, nil: media instead
	media        []string     // of an answer that is no JSON: one of them
	big          bool         // the body may be long: lists that people import
	bare         bool         // the body may be left out
	code         int          // of an answer that is good
	serve        func(o *route, s *Server, w http.ResponseWriter, r *http.Request)
}

// none stands for a body that is not there.
type none struct{}

// call is a request on its way.
type call struct {
	r    *http.Request
	who  access.Identity
	book *inventory.Book // as it was when the request came
	q    url.Values

	usual int // how many rows a page has unless more are asked for; 0: pageLimit
}

func (c *call) ctx() context.Context    { return c.r.Context() }
func (c *call) path(name string) string { return c.r.PathValue(name) }

// may reports whether who asks may do something.
func (c *call) may(what access.Right) bool { return c.who.Role.Has(what) }

// operation makes a route of a function that takes JSON and gives JSON.
func operation[In, Out any](method, path string, right access.Right, summary string, f func(*Server, *call, In) (Out, error), query ...param) route {
	r := route{method: method, path: path, right: right, summary: summary, query: query, code: http.StatusOK, out: reflect.TypeFor[Out]()}
	if reflect.TypeFor[In]() != reflect.TypeFor[none]() {
		r.in = reflect.TypeFor[In]()
	}
	r.serve = func(o *route, s *Server, w http.ResponseWriter, req *http.Request) {
		var in In
		if o.in != nil && !(o.bare && bodiless(req)) && !readJSON(w, req, &in, o.room()) {
			return
		}
		c := s.call(req)
		out, err := f(s, c, in)
		if err != nil {
			s.fail(w, err)
			return
		}
		w.Header().Set("ETag", etag(c.book))
		if p, ok := any(out).(placed); ok && o.method == http.MethodPost {
			w.Header().Set("Location", base+p.place())
		}
		writeJSON(w, o.code, out)
	}
	return r
}

// accepted is an operation that goes on after its answer, which says where to ask
// for the outcome.
func accepted(r route) route {
	r.code = http.StatusAccepted
	return r
}

// placed is an answer that is about something with an address of its own.
type placed interface{ place() string }

// imports is an operation whose body may be long.
func imports(r route) route {
	r.big = true
	return r
}

// bare is an operation that needs no body.
func bare(r route) route {
	r.bare = true
	return r
}

// bodiless reports whether a request has no body. One that may turn out to be
// empty is no such request.
func bodiless(r *http.Request) bool { return r.ContentLength == 0 }

// room is how long the body of a request may be.
func (o *route) room() int64 {
	if o.big {
		return maxImport
	}
	return maxBody
}

// stream makes a route of a function that writes something else than JSON.
func stream(method, path string, right access.Right, summary, media string, f func(*Server, *call, http.ResponseWriter) error, query ...param) route {
	return route{
		method: method, path: path, right: right, summary: summary, query: query, code: http.StatusOK, media: strings.Fields(media),
		serve: func(_ *route, s *Server, w http.ResponseWriter, req *http.Request) {
			if err := f(s, s.call(req), w); err != nil {
				s.fail(w, err)
			}
		},
	}
}

func (s *Server) call(r *http.Request) *call {
	c := &call{r: r, who: whoOf(r), q: r.URL.Query()}
	if s.cfg.Inventory != nil {
		c.book = s.cfg.Inventory.Book()
	}
	return c
}

// handler checks what holds for every request to the route.
func (o route) handler(s *Server) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if o.right != "" && !whoOf(r).Role.Has(o.right) {
			writeError(w, http.StatusForbidden, fmt.Sprintf("the role %q may not do this: it needs the right %q", whoOf(r).Role, o.right))
			return
		}
		if sent := r.Header.Values("If-Match"); len(sent) > 1 || len(sent) == 1 && !tag.MatchString(sent[0]) {
			writeError(w, http.StatusBadRequest, "If-Match: send the ETag of the answer that you read")
			return
		}
		if err := o.checkQuery(r.URL); err != nil {
			writeError(w, http.StatusBadRequest, err.Error())
			return
		}
		o.serve(&o, s, w, r)
	})
}

// tag is what If-Match may be. An empty one is a mistake of who sends it: without
// the check that was meant, a change could overwrite that of somebody else.
var tag = regexp.MustCompile(`^(\*|"?[0-9]{1,15}"?)$`)

// kind says what a parameter may be.
type kind string

// The kinds of parameters.
const (
	kindText   kind = "text"
	kindNumber kind = "number"
	kindDay    kind = "day" // YYYY-MM-DD
	kindWord   kind = "word"
)

// param is a parameter of a query.
type param struct {
	name  string
	kind  kind
	words []string // of kindWord
	max   int      // of kindNumber
	about string
}

// maxQuery bounds the characters of a parameter.
const maxQuery = 200

// plainText is what a parameter may hold: no control characters.
var plainText = regexp.MustCompile(`^[^\x00-\x1f\x7f]*$`)

// checkQuery refuses parameters that are unknown, repeated or malformed: a
// filter that is silently left out would show too much.
func (o route) checkQuery(u *url.URL) error {
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return fmt.Errorf("the query can't be read")
	}
	for name, values := range q {
		i := slices.IndexFunc(o.query, func(p param) bool { return p.name == name })
		switch {
		case i < 0:
			return fmt.Errorf("unknown parameter %.60q", name)
		case len(values) > 1:
			return fmt.Errorf("parameter %q is there twice", name)
		}
		if err := o.query[i].check(values[0]); err != nil {
			return fmt.Errorf("parameter %q: %w", name, err)
		}
	}
	return nil
}

func (p param) check(v string) error {
	if utf8.RuneCountInString(v) > maxQuery || !utf8.ValidString(v) || !plainText.MatchString(v) {
		return fmt.Errorf("it is longer than %d characters or holds control characters", maxQuery)
	}
	switch p.kind {
	case kindNumber:
		if n, err := strconv.Atoi(v); err != nil || n < 0 || n > p.max {
			return fmt.Errorf("expected a number from 0 to %d", p.max)
		}
	case kindDay:
		day, err := time.Parse(time.DateOnly, v)
		if err != nil {
			return fmt.Errorf("%.40q is no day: write it as YYYY-MM-DD", v)
		}
		if day.After(time.Now()) { // all of them say since when
			return fmt.Errorf("%s is still to come", v)
		}
	case kindWord:
		if !slices.Contains(p.words, v) {
			return fmt.Errorf("expected one of %s", strings.Join(p.words, ", "))
		}
	}
	return nil
}

// number returns a parameter that checkQuery has seen, or what holds without it.
func (c *call) number(name string, without int) int {
	if n, err := strconv.Atoi(c.q.Get(name)); err == nil {
		return n
	}
	return without
}

// etag names the state of the ledger that an answer shows.
func etag(b *inventory.Book) string {
	if b == nil {
		return `"0"`
	}
	return `"` + strconv.FormatInt(b.Chain().Seq, 10) + `"`
}

// movedError says that somebody else was first.
type movedError struct{ by string }

func (e *movedError) Error() string {
	return "this was changed since you read it, by " + e.by + ": read it again"
}

// unmoved returns a check that nothing was put on record on a subject since the
// state of the ledger that If-Match names. Without If-Match all is well.
func (c *call) unmoved(topic inventory.Topic, subject string) func(*inventory.Book) error {
	seq, err := strconv.ParseInt(strings.Trim(c.r.Header.Get("If-Match"), `"`), 10, 64)
	if err != nil { // none, or *: handler has checked it
		return func(*inventory.Book) error { return nil }
	}
	return func(b *inventory.Book) error {
		if e, ok := b.Last(topic, subject); ok && e.Seq > seq {
			return &movedError{e.By}
		}
		return nil
	}
}

// put puts one note on record, unless somebody else was first (If-Match).
func (s *Server) put(c *call, topic inventory.Topic, subject string, data any) error {
	unmoved := c.unmoved(topic, subject)
	book, err := s.cfg.Inventory.Write(c.ctx(), c.who.Name, func(b *inventory.Book) ([]inventory.Note, error) {
		if err := unmoved(b); err != nil {
			return nil, err
		}
		return []inventory.Note{{Topic: topic, Subject: subject, Data: data}}, nil
	})
	if err == nil {
		c.book = book
	}
	return err
}
