package console

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
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

func (s *Server) status(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, s.now()) }

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

func (s *Server) services(w http.ResponseWriter, r *http.Request) {
	rows, err := s.cfg.Inventory.Services(r.Context())
	if err != nil {
		s.fail(w, err)
		return
	}
	if rows == nil {
		rows = []inventory.Service{}
	}
	writeJSON(w, http.StatusOK, map[string]any{"services": rows})
}

func (s *Server) blind(w http.ResponseWriter, r *http.Request) {
	spots, err := s.cfg.Inventory.BlindSpots(r.Context())
	if err != nil {
		s.fail(w, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"blind": append([]inventory.BlindSpot{}, spots...)})
}

func (s *Server) service(w http.ResponseWriter, r *http.Request) {
	d, err := s.cfg.Inventory.Service(r.Context(), r.PathValue("name"))
	if err != nil {
		s.fail(w, err)
		return
	}
	writeJSON(w, http.StatusOK, d)
}

func (s *Server) decide(w http.ResponseWriter, r *http.Request) {
	var c inventory.Change
	if !readJSON(w, r, &c) {
		return
	}
	c.Service = r.PathValue("name")
	if c.By == "" {
		c.By = "console"
	}
	row, err := s.cfg.Inventory.Decide(r.Context(), c)
	if err != nil {
		s.fail(w, err)
		return
	}
	writeJSON(w, http.StatusOK, row)
}

func (s *Server) pinned(w http.ResponseWriter, _ *http.Request) {
	pins := []Pin{}
	if s.cfg.Pinned != nil {
		pins = append(pins, s.cfg.Pinned()...)
	}
	writeJSON(w, http.StatusOK, map[string]any{"pinned": pins})
}

func (s *Server) reload(w http.ResponseWriter, _ *http.Request) {
	if s.cfg.Reload == nil {
		writeError(w, http.StatusNotImplemented, "this gateway reloads nothing")
		return
	}
	if err := s.cfg.Reload(); err != nil { // names file, line and column
		writeError(w, http.StatusUnprocessableEntity, "nothing was changed: "+err.Error())
		return
	}
	writeJSON(w, http.StatusOK, map[string]bool{"reloaded": true})
}

// fail answers with what went wrong.
func (s *Server) fail(w http.ResponseWriter, err error) {
	if unknown, ok := errors.AsType[*inventory.UnknownError](err); ok {
		writeJSON(w, http.StatusNotFound, apiError{Error: unknown.Error(), Name: unknown.Name, Near: unknown.Near})
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
	if err := dec.Decode(v); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			writeError(w, http.StatusRequestEntityTooLarge, "the request is too large")
			return false
		}
		writeError(w, http.StatusBadRequest, "the request is not the JSON that is expected here")
		return false
	}
	return true
}
