package testnet

import (
	"encoding/json"
	"net/http"
)

// control answers programs that are not in this process.
func (n *Net) control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_received", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusOK, n.log.all(r.URL.Query().Get("host")))
	})
	mux.HandleFunc("GET /_hangups", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusOK, map[string]int{"hangups": n.log.hangups()})
	})
	mux.HandleFunc("POST /_reset", func(w http.ResponseWriter, r *http.Request) {
		n.log.reset()
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}

func writeJSON(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(v) // an error means that the client left
}
