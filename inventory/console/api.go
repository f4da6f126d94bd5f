package console

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/visible"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/console/access"
	"github.com/gnomon-proxy/gnomon/inventory/controls"
	"github.com/gnomon-proxy/gnomon/inventory/published"
)

const (
	// maxBody bounds what a request may say, and maxImport what it may when it
	// brings a list that people made elsewhere.
	maxBody   = 128 << 10
	maxImport = 4 << 20
)

// Status is what a gateway says of itself.
type Status struct {
	Version   string          `json:"version"`
	Started   time.Time       `json:"started"`
	Healthy   bool            `json:"healthy"`
	Problem   string          `json:"problem"` // "" when healthy
	Inventory inventory.Stats `json:"inventory"`

	RulesVersion int64 `json:"rules_version"` // of the rules published for all gateways, as this one has taken them; 0: none
	RulesRefused int64 `json:"rules_refused"` // a version that it can't take; 0: none
}

func (s *Server) status(*call, none) (Status, error) { return s.now(), nil }

func (s *Server) now() Status {
	st := Status{Version: s.cfg.Version, Started: s.started.UTC(), Healthy: true, Inventory: s.cfg.Inventory.Stats()}
	if err := s.cfg.Ready(); err != nil {
		st.Healthy, st.Problem = false, err.Error()
	}
	if s.cfg.RulesTaken != nil {
		st.RulesVersion, st.RulesRefused = s.cfg.RulesTaken()
	}
	return st
}

func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	writePlain(w, http.StatusOK, "ok\n")
}

// readyz says no more than yes or no: it is open to all.
func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	if s.cfg.Ready() != nil {
		writePlain(w, http.StatusServiceUnavailable, "not ready: see the log, or the console\n")
		return
	}
	writePlain(w, http.StatusOK, "ready\n")
}

func (s *Server) metrics(w http.ResponseWriter, r *http.Request) {
	switch {
	case s.cfg.Metrics == nil:
		writeError(w, http.StatusNotFound, "this gateway has no metrics")
	case s.mayReadMetrics(r):
		s.cfg.Metrics.ServeHTTP(w, r)
	default: // from elsewhere, with a token of whatever role
		s.limitedStrangers(s.authenticate(s.cfg.Metrics)).ServeHTTP(w, r)
	}
}

// me says who asks.
func (s *Server) me(c *call, _ none) (access.Identity, error) { return c.who, nil }

// document serves the description of the API.
func (s *Server) document(_ *call, w http.ResponseWriter) error {
	b, err := assets.ReadFile("assets/openapi.json")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(b)
	return nil
}

// statusError is an error with the code of its answer.
type statusError struct {
	code    int
	message string
}

func (e *statusError) Error() string { return e.message }

// absent says that this gateway lacks something.
func absent(what string) error {
	return &statusError{http.StatusNotImplemented, "this gateway has no " + what}
}

// stopping says that nothing can begin any more.
func stopping() error {
	return &statusError{http.StatusServiceUnavailable, "the gateway is stopping"}
}

func notFound(message string) error { return &statusError{http.StatusNotFound, message} }

// fail answers with what went wrong.
func (s *Server) fail(w http.ResponseWriter, err error) {
	if unknown, ok := errors.AsType[*inventory.UnknownError](err); ok {
		p := newProblem(http.StatusNotFound, unknown.Error())
		p.Name, p.Near = unknown.Name, unknown.Near
		p.write(w)
		return
	}
	code, message := s.codeOf(err)
	if code == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	writeError(w, code, message)
}

// codeOf returns the code and the words of the answer to an error.
func (s *Server) codeOf(err error) (code int, message string) {
	if known, ok := errors.AsType[*statusError](err); ok {
		return known.code, known.message
	}
	if token, ok := errors.AsType[*access.UnknownTokenError](err); ok {
		return http.StatusNotFound, token.Error()
	}
	if moved, ok := errors.AsType[*movedError](err); ok {
		return http.StatusPreconditionFailed, moved.Error()
	}
	if moved, ok := errors.AsType[*published.MovedError](err); ok {
		return http.StatusPreconditionFailed, moved.Error()
	}
	if missing, ok := errors.AsType[*controls.NotFinalError](err); ok {
		return http.StatusConflict, missing.Error()
	}
	if invalid, ok := errors.AsType[*inventory.InvalidError](err); ok {
		return http.StatusBadRequest, invalid.Error()
	}
	s.cfg.Log.Error("console request failed", "error", err)
	if noAnswer(err) {
		return http.StatusServiceUnavailable, "the store of the inventory does not answer: try again when it does; meanwhile traffic goes on, and what is seen is kept on disk"
	}
	return http.StatusInternalServerError, "the gateway could not do this: its log says why, and `gnomon inventory ledger` whether the ledger is whole"
}

// noAnswer reports whether a store elsewhere could not be reached, or did not answer
// in time.
func noAnswer(err error) bool {
	_, network := errors.AsType[net.Error](err)
	return network || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, io.EOF)
}

// problem is the body of every answer that is not 2xx (RFC 9457).
type problem struct {
	Type   string   `json:"type"`
	Title  string   `json:"title"`
	Status int      `json:"status"`
	Detail string   `json:"detail"`
	Name   string   `json:"name,omitempty"` // of a service that is not known
	Near   []string `json:"near,omitempty"` // services with a similar name
}

func newProblem(code int, detail string) *problem {
	return &problem{Type: "about:blank", Title: http.StatusText(code), Status: code, Detail: detail}
}

func (p *problem) write(w http.ResponseWriter) { writeAs(w, p.Status, "application/problem+json", p) }

func writeError(w http.ResponseWriter, code int, message string) { newProblem(code, message).write(w) }

func writeJSON(w http.ResponseWriter, code int, v any) { writeAs(w, code, "application/json", v) }

func writeAs(w http.ResponseWriter, code int, media string, v any) {
	b, err := json.Marshal(v) // escapes <, > and &: no browser takes it for a page
	if err != nil {
		writeError(w, http.StatusInternalServerError, "the answer can't be encoded")
		return
	}
	w.Header().Set("Content-Type", media)
	w.WriteHeader(code)
	w.Write(append(visible.JSON(b), '\n')) // a client that has gone needs no answer
}

func writePlain(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	w.Write([]byte(text))
}

// readJSON reads the body, an object, into v, or answers what is wrong with it.
func readJSON(w http.ResponseWriter, r *http.Request, v any, room int64) bool {
	if !isJSON(r.Header) {
		writeError(w, http.StatusUnsupportedMediaType, "send JSON, and say so: Content-Type: application/json")
		return false
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, room))
	if err == nil {
		err = strictly(body, v)
	}
	if err == nil {
		return true
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		writeError(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("the request is longer than %d KiB", room>>10))
		return false
	}
	writeError(w, http.StatusBadRequest, "the request is not the JSON that is expected here: "+err.Error())
	return false
}

// isJSON reports whether a body says that it is JSON, or says nothing. Nothing
// else is taken for it: what pages of other sites can send without being asked
// first is text or a form (Fetch, section 2.2.2).
func isJSON(h http.Header) bool {
	said := h.Get("Content-Type")
	media, _, err := mime.ParseMediaType(said)
	return said == "" || err == nil && media == "application/json"
}

// singleKeys refuses an object that names a member twice: which one counts is
// not the same for all that read it (RFC 8259, section 4). Letter case does not
// tell members apart, as it doesn't for the decoder.
func singleKeys(dec *json.Decoder) error {
	var open []map[string]bool // of the objects around; nil for an array
	key := false               // a member's name comes next, unless the object ends
	for {
		t, err := dec.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		name, isText := t.(string)
		switch {
		case t == json.Delim('{'):
			open = append(open, make(map[string]bool))
		case t == json.Delim('['):
			open = append(open, nil)
		case t == json.Delim('}') || t == json.Delim(']'):
			open = open[:len(open)-1]
		case isText && key:
			in := open[len(open)-1]
			if name = strings.ToLower(name); in[name] {
				return fmt.Errorf("%.80q is there twice", name)
			}
			in[name], key = true, false
			continue // its value comes
		}
		key = len(open) > 0 && open[len(open)-1] != nil
	}
}

// strictly decodes one object and nothing else.
func strictly(body []byte, v any) error {
	if body = bytes.TrimSpace(body); len(body) == 0 || body[0] != '{' {
		return errors.New("send an object")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	err := dec.Decode(v)
	if err == nil {
		if _, more := dec.Token(); more != io.EOF {
			err = errors.New("more than one value")
		}
	}
	if err == nil {
		err = singleKeys(json.NewDecoder(bytes.NewReader(body)))
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%.80q is no %s", wrong.Field, wrong.Type.Kind())
	}
	if text := ""; err != nil { // it may repeat the name of a field, and that may be long
		if text = err.Error(); len(text) > 120 {
			text = text[:120]
		}
		return errors.New(strings.ToValidUTF8(strings.TrimPrefix(text, "json: "), "\uFFFD"))
	}
	return nil
}
