package console

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/console/access"
)

// maxBody bounds what a request may say.
const maxBody = 128 << 10

// Status is what a gateway says of itself.
type Status struct {
	Version   string          `json:"version"`
	Started   time.Time       `json:"started"`
	Healthy   bool            `json:"healthy"`
	Problem   string          `json:"problem"` // "" when healthy
	Inventory inventory.Stats `json:"inventory"`
}

func (s *Server) status(*call, none) (Status, error) { return s.now(), nil }

func (s *Server) now() Status {
	st := Status{Version: s.cfg.Version, Started: s.started.UTC(), Healthy: true, Inventory: s.cfg.Inventory.Stats()}
	if err := s.cfg.Ready(); err != nil {
		st.Healthy, st.Problem = false, err.Error()
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
		http.NotFound(w, r)
	case !s.mayReadMetrics(r):
		writeError(w, http.StatusUnauthorized, "metrics are open to this machine, else they need the token of the settings")
	default:
		s.cfg.Metrics.ServeHTTP(w, r)
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

func notFound(message string) error { return &statusError{http.StatusNotFound, message} }

// fail answers with what went wrong.
func (s *Server) fail(w http.ResponseWriter, err error) {
	if unknown, ok := errors.AsType[*inventory.UnknownError](err); ok {
		writeJSON(w, http.StatusNotFound, apiError{Error: unknown.Error(), Name: unknown.Name, Near: unknown.Near})
		return
	}
	if known, ok := errors.AsType[*statusError](err); ok {
		if known.code == http.StatusServiceUnavailable {
			w.Header().Set("Retry-After", "5")
		}
		writeError(w, known.code, known.message)
		return
	}
	if token, ok := errors.AsType[*access.UnknownTokenError](err); ok {
		writeError(w, http.StatusNotFound, token.Error())
		return
	}
	if moved, ok := errors.AsType[*movedError](err); ok {
		writeError(w, http.StatusPreconditionFailed, moved.Error())
		return
	}
	if invalid, ok := errors.AsType[*inventory.InvalidError](err); ok {
		writeError(w, http.StatusBadRequest, invalid.Error())
		return
	}
	s.cfg.Log.Error("console request failed", "error", err)
	writeError(w, http.StatusInternalServerError, "the store did not answer: see the log")
}

// apiError is the body of every answer that is not 2xx.
type apiError struct {
	Error string   `json:"error"`
	Name  string   `json:"name,omitempty"` // of a service that is not known
	Near  []string `json:"near,omitempty"` // services with a similar name
}

func writeError(w http.ResponseWriter, code int, message string) {
	writeJSON(w, code, apiError{Error: message})
}

func writeJSON(w http.ResponseWriter, code int, v any) {
	b, err := json.Marshal(v) // escapes <, > and &: no browser takes it for a page
	if err != nil {
		code, b = http.StatusInternalServerError, []byte(`{"error":"the answer can't be encoded"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	w.Write(append(b, '\n')) // a client that has gone needs no answer
}

func writePlain(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	w.Write([]byte(text))
}

// readJSON reads the body into v, or answers what is wrong with it.
func readJSON(w http.ResponseWriter, r *http.Request, v any) bool {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	dec.DisallowUnknownFields()
	err := dec.Decode(v)
	if err == nil && dec.More() {
		err = errors.New("more than one value")
	}
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			writeError(w, http.StatusRequestEntityTooLarge, "the request is too large")
			return false
		}
		writeError(w, http.StatusBadRequest, "the request is not the JSON that is expected here")
		return false
	}
	return true
}
