package console

import (
	"crypto/sha256"
	"crypto/subtle"
	"embed"
	"html/template"
	"io/fs"
	"net/http"
)

//go:embed assets
var assets embed.FS

// doors are the two ways in.
type doors struct {
	network http.Handler // needs a session
	local   http.Handler // the Unix socket: who can open it may do all
}

func newDoors(s *Server) (doors, error) {
	page, err := template.ParseFS(assets, "assets/*.html")
	if err != nil {
		return doors{}, err
	}
	static, err := fs.Sub(assets, "assets")
	if err != nil {
		return doors{}, err
	}
	network := http.NewServeMux()
	network.HandleFunc("GET /healthz", s.healthz)
	network.HandleFunc("GET /readyz", s.readyz)
	network.HandleFunc("GET /metrics", s.metrics)
	network.HandleFunc("POST /api/v1/login", s.login)
	network.Handle("/api/v1/", s.needSession(s.api()))
	network.Handle("GET /{$}", s.page(page))
	for _, name := range []string{"console.js", "console.css"} {
		network.HandleFunc("GET /assets/"+name, func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, static, name) })
	}

	local := http.NewServeMux()
	local.Handle("/api/v1/", s.api())
	local.HandleFunc("POST /api/v1/link", s.link)
	local.HandleFunc("GET /healthz", s.healthz)
	local.HandleFunc("GET /readyz", s.readyz)
	return doors{
		network: headers(s.hostAllowed(http.NewCrossOriginProtection().Handler(network))),
		local:   local,
	}, nil
}

// api serves what both doors have.
func (s *Server) api() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/status", s.status)
	mux.HandleFunc("GET /api/v1/pinned", s.pinned)
	mux.HandleFunc("POST /api/v1/reload", s.reload)
	mux.HandleFunc("POST /api/v1/logout", s.logout)
	mux.HandleFunc("GET /api/v1/blind", s.blind)
	mux.HandleFunc("GET /api/v1/services", s.services)
	mux.HandleFunc("GET /api/v1/services/{name}", s.service)
	mux.HandleFunc("POST /api/v1/services/{name}/decision", s.decide)
	return mux
}

// sameSecret compares in constant time. An empty want is never met.
func sameSecret(got, want string) bool {
	g, w := sha256.Sum256([]byte(got)), sha256.Sum256([]byte(want))
	return want != "" && subtle.ConstantTimeCompare(g[:], w[:]) == 1
}
