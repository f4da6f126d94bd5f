package console

import (
	"fmt"
	"net/http"
	"path"
	"strings"
)

// problems answers what no route of mux does by a problem document, as all else
// that goes wrong: mux itself has a line of text.
func problems(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := r.URL.EscapedPath(); r.Method != http.MethodConnect && p != cleaned(p) { // mux would send a page that leads elsewhere
			writeError(w, http.StatusNotFound, "there is nothing by this path: write it without \"//\", \"/./\" and \"/../\"")
			return
		}
		h, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		a := answer{header: make(http.Header), code: http.StatusOK}
		h.ServeHTTP(&a, r) // it knows which of the two it is, and what is allowed
		switch a.code {
		case http.StatusMethodNotAllowed:
			allow := a.header.Get("Allow")
			w.Header().Set("Allow", allow)
			writeError(w, a.code, fmt.Sprintf("%.20q does not work here: use %s", r.Method, allow))
		case http.StatusNotFound:
			writeError(w, a.code, "there is nothing by this path: GET "+base+"/openapi.json lists what there is")
		default: // a path that is written otherwise
			mux.ServeHTTP(w, r)
		}
	})
}

// cleaned is a path as mux knows it.
func cleaned(p string) string {
	short := path.Clean("/" + p)
	if strings.HasSuffix(p, "/") && short != "/" {
		short += "/"
	}
	return short
}

// answer keeps the head of an answer, and forgets its body.
type answer struct {
	header http.Header
	code   int
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) Write(b []byte) (int, error) { return len(b), nil }
func (a *answer) WriteHeader(code int)        { a.code = code }
