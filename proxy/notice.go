package proxy

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"html/template"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/gnomon-proxy/gnomon/internal/visible"
)

//go:embed notice.html
var noticeHTML string

//go:embed home.html
var homeHTML string

var (
	homePage = template.Must(template.New("home").Parse(homeHTML))
)

// pageCSP lets a page of ours show its own style and nothing else; the hash is
// not needed as the style is inline by policy and no script can run.
const pageCSP = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// notice is an answer of the gateway itself: a page for a person, JSON for a
// program.
type notice struct {
	Code   int
	Kind   string // a word for programs: "policy", "certificate_expired", ...
	Reason string // a sentence for people
	Rule   string // of the policy, "" when no rule decided
	Cause  cause  // of a policy's refusal
	Host   string
	Who    string // the user as authenticated, "" when unknown
	Ask    string // URL where the person can ask for an exception, "" for none
}

// cause is what a refusal is about, and so what helps.
type cause uint8

const (
	causeService cause = iota // the service, or how it is used
	causeData                 // what was found in the request
	causeUnread               // it could not be checked
)

// Title heads the page.
func (n notice) Title() string {
	switch {
	case strings.HasPrefix(n.Kind, "own_"):
		return "This page can't be shown"
	case n.Rule != "" || n.Kind == "policy":
		return "This request was not sent"
	case n.Kind == "incomplete" || n.Kind == "slow":
		return "This request did not arrive whole"
	case n.Code == http.StatusMisdirectedRequest:
		return "This request was misdirected"
	case n.Code == http.StatusProxyAuthRequired:
		return "Please sign in"
	case n.Code == http.StatusForbidden || n.Code == http.StatusBadRequest || n.Code == http.StatusNotFound:
		return "The gateway does not do this"
	}
	return "The service could not be reached"
}

// Advice says what to do next, sentence by sentence.
func (n notice) Advice() []string {
	switch {
	case n.Rule != "" || n.Kind == "policy":
		return []string{n.Cause.advice(), n.appeal()}
	case strings.HasPrefix(n.Kind, "own_"):
		return nil // the reason says it
	case strings.HasPrefix(n.Kind, "certificate"):
		return []string{"Nothing of your request was sent. If this lasts, tell the operator of the service; an administrator can add a missing authority with proxy.upstream_ca_files."}
	case n.Code >= http.StatusInternalServerError:
		return []string{"Try again in a moment. If this lasts, tell your administrator."}
	}
	return []string{"If you think that this is wrong, tell your administrator."}
}

func (c cause) advice() string {
	switch c {
	case causeData:
		return "Take the named data out and try again, or use a service that your organisation has approved for it."
	case causeUnread:
		return "A shorter request without attachments could be read and might pass."
	}
	return "Use a service that your organisation has approved."
}

func (n notice) appeal() string {
	if n.Rule == "" {
		return "If you think that this is wrong, tell your administrator."
	}
	return "If you think that this is wrong, tell your administrator the name of the rule."
}

// html reports whether a request comes from a person with a browser who would
// see the answer as a page.
func html(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodPost || r.Method == http.MethodHead) &&
		strings.Contains(r.Header.Get("Accept"), "text/html") &&
		(r.Header.Get("Sec-Fetch-Mode") == "" || r.Header.Get("Sec-Fetch-Mode") == "navigate")
}

func (n notice) render(r *http.Request) (contentType string, body []byte) {
	if html(r) {
		var b strings.Builder
		if err := languageOf(r).notice.Execute(&b, n); err == nil {
			return "text/html; charset=utf-8", []byte(visible.Page(b.String())) // a host may hold what turns the text around
		}
	}
	type inner struct {
		Message string `json:"message"`
		Type    string `json:"type"`
		Code    string `json:"code"`
		Rule    string `json:"rule,omitempty"`
	}
	b, _ := json.Marshal(map[string]inner{"error": {Message: n.Reason, Type: "gnomon_gateway", Code: n.Kind, Rule: n.Rule}})
	return "application/json", append(b, '\n')
}

func (n notice) header(contentType string, length int) http.Header {
	h := http.Header{
		"Content-Type":           {contentType},
		"Content-Length":         {strconv.Itoa(length)},
		"Cache-Control":          {"no-store"},
		"X-Content-Type-Options": {"nosniff"},
	}
	if strings.HasPrefix(contentType, "text/html") {
		h.Set("Content-Security-Policy", pageCSP)
		h.Set("Referrer-Policy", "no-referrer")
	}
	return h
}

// response returns the notice as the answer to r.
func (n notice) response(r *http.Request) *http.Response {
	contentType, body := n.render(r)
	return localResponse(r, n.Code, n.header(contentType, len(body)), body)
}

func writeNotice(w http.ResponseWriter, r *http.Request, n notice) {
	contentType, body := n.render(r)
	for k, v := range n.header(contentType, len(body)) {
		w.Header()[k] = v
	}
	w.WriteHeader(n.Code)
	if r.Method != http.MethodHead {
		w.Write(body)
	}
}

func writeHome(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", pageCSP)
	h.Set("X-Content-Type-Options", "nosniff")
	homePage.Execute(w, nil)
}

// localResponse returns an answer that no service has given.
func localResponse(r *http.Request, code int, h http.Header, body []byte) *http.Response {
	return &http.Response{
		StatusCode: code, Status: strconv.Itoa(code) + " " + http.StatusText(code),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: h, ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body)),
	}
}
