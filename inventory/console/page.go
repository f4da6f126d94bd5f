package console

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gnomon-proxy/gnomon/internal/visible"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/console/access"
	"github.com/gnomon-proxy/gnomon/inventory/privacy"
)

// maxRows bounds the page; the API and the commands list everything.
const maxRows = 500

type pageData struct {
	Status   Status
	Services []pageRow
	Left     int // services that are not shown
	Pinned   []Pin
	Blind    []pageBlind
	K        privacy.K // what is withheld from who may not see people; 0: nothing
	Duties   duties
}

type pageRow struct {
	inventory.Service
	Found, Decided  string
	People, Devices string
}

type pageBlind struct {
	inventory.BlindSpot
	Devices string
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
		who, _ := s.session(r)
		data := pageData{Status: s.now(), Left: max(0, len(rows)-maxRows)}
		if !who.Role.Has(access.People) && s.cfg.K > 1 {
			data.K = s.cfg.K
		}
		for _, row := range rows[:min(len(rows), maxRows)] {
			data.Services = append(data.Services, pageRow{row, tally(row.Findings), tally(row.Decisions), data.K.Text(privacy.Number{N: row.Users, AtLeast: row.UsersAtLeast}), data.K.Text(privacy.Number{N: row.Clients, AtLeast: row.ClientsAtLeast})})
		}
		spots, err := s.cfg.Inventory.BlindSpots(r.Context())
		if err != nil {
			s.fail(w, err)
			return
		}
		data.Duties = s.duties.now(r.Context(), s)
		for _, b := range spots[:min(len(spots), maxRows)] {
			data.Blind = append(data.Blind, pageBlind{b, data.K.Count(b.Clients)})
		}
		if s.cfg.Pinned != nil && who.Role.Has(access.People) {
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
	io.WriteString(w, visible.Page(b.String()))
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
