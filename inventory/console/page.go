package console

import (
	"bytes"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/console/access"
)

// maxRows bounds the page; the API and the commands list everything.
const maxRows = 500

type pageData struct {
	Status   Status
	Services []pageRow
	Left     int // services that are not shown
	Pinned   []Pin
	Blind    []inventory.BlindSpot
}

type pageRow struct {
	inventory.Service
	Found, Decided string
}

// page shows the register, or the login to who has no session.
func (s *Server) page(t *template.Template) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.loggedIn(r) {
			s.render(w, t, "login.html", s.logins != nil)
			return
		}
		rows, err := s.cfg.Inventory.Services(r.Context())
		if err != nil {
			s.fail(w, err)
			return
		}
		data := pageData{Status: s.now(), Left: max(0, len(rows)-maxRows)}
		for _, row := range rows[:min(len(rows), maxRows)] {
			data.Services = append(data.Services, pageRow{row, tally(row.Findings), tally(row.Decisions)})
		}
		if data.Blind, err = s.cfg.Inventory.BlindSpots(r.Context()); err != nil {
			s.fail(w, err)
			return
		}
		data.Blind = data.Blind[:min(len(data.Blind), maxRows)]
		if who, _ := s.session(r); s.cfg.Pinned != nil && who.Role.Has(access.People) {
			data.Pinned = s.cfg.Pinned()
		}
		s.render(w, t, "page.html", data)
	})
}

// render writes a page whole or not at all.
func (s *Server) render(w http.ResponseWriter, t *template.Template, name string, data any) {
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, name, data); err != nil {
		s.fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(b.Bytes())
}

// tally writes counts as a person reads them: "redact 3, allow 12".
func tally[K ~string](counts map[K]int64) string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s %d", strings.ReplaceAll(string(k), "_", " "), counts[k])
	}
	return b.String()
}
