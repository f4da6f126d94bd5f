package console

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/console/access"
	"github.com/gnomon-proxy/gnomon/inventory/export"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// TableOrder says which table is asked for.
type TableOrder struct {
	Table          string
	Period, Method string    // of risks, and of what rests on them
	Framework      string    // of a statement of applicability,
	Final          bool      // which must be complete
	Since          time.Time // of drift
}

// tableRights are the tables, and the right that one needs to see each.
var tableRights = map[string]access.Right{
	"services": access.Read, "risks": access.Read, "drift": access.Read, "suppliers": access.Read, "statement": access.Read,
	"models": access.Read, "tools": access.Read, "servers": access.Read, "agents": access.Read,
	"register": access.People, "accounts": access.People, "keys": access.People, "users": access.People, "departments": access.People,
}

// The media types of tables.
const (
	mediaCSV  = "text/csv"
	mediaXLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	mediaJSON = "application/json"
)

var tableParams = append([]param{
	{name: "format", kind: kindWord, words: []string{"csv", "xlsx", "json"}, about: "csv (as without it), xlsx, or json: a list of objects"},
	{name: "framework", kind: kindText, about: "of a statement; without it iso42001"},
	{name: "final", kind: kindWord, words: []string{"yes", "no"}, about: "of a statement: yes: only when nothing is missing, else 409 says what is"},
	{name: "since", kind: kindDay, about: "of drift: what was seen from this day on (the first of a month for a viewer); without it 90 days ago"},
}, riskParams...)

// table sends a table as a file.
func (s *Server) table(c *call, w http.ResponseWriter) error {
	name := c.path("table")
	right, ok := tableRights[name]
	switch {
	case !ok:
		return notFound("there is no such table: " + strings.Join(slices.Sorted(maps.Keys(tableRights)), ", "))
	case !c.may(right):
		return &statusError{http.StatusForbidden, "the role " + string(c.who.Role) + " may not see lists of people"}
	case s.cfg.Table == nil:
		return absent("tables")
	}
	if err := s.wholeMonths(c); err != nil {
		return err
	}
	o := TableOrder{
		Table: name, Period: c.q.Get("period"), Method: cmp.Or(c.q.Get("method"), "exposure"), Framework: cmp.Or(c.q.Get("framework"), "iso42001"),
		Final: c.q.Get("final") == "yes", Since: c.since(),
	}
	write, media, ending := (*export.Table).CSV, mediaCSV, "csv"
	switch c.q.Get("format") {
	case "xlsx":
		write, media, ending = (*export.Table).XLSX, mediaXLSX, "xlsx"
	case "json":
		write, media, ending = (*export.Table).JSON, mediaJSON, "json"
	}
	return s.sendAsMade(w, c.r, media, "gnomon-"+name+"."+ending, func(ctx context.Context, w io.Writer) error {
		t, err := s.cfg.Table(ctx, o)
		if err != nil {
			return err
		}
		return write(t, w)
	})
}

// blockParams choose what a block list has.
var blockParams = []param{
	{name: "status", kind: kindText, about: "services of these statuses, by comma; without it refused"},
	{name: "unused", kind: kindWord, words: []string{"yes", "no"}, about: "yes: also services of the catalogue that nobody has used: they are unreviewed"},
	{name: "websites", kind: kindWord, words: []string{"yes", "no"}, about: "yes: also mere web sites of tools, and broad hosts"},
	{name: "otherwise", kind: kindText, about: "pac: what other hosts get; without it DIRECT"},
}

// blockList sends the services that are not allowed as another gateway reads
// them. It looks nothing up: the sets of nftables stay empty.
func (s *Server) blockList(c *call, w http.ResponseWriter) error {
	format := c.path("format")
	if !slices.Contains(export.BlockFormats(), format) {
		return notFound("there is no such form of a block list: " + strings.Join(export.BlockFormats(), ", "))
	}
	set, err := s.rules()
	if err != nil {
		return err
	}
	statuses := strings.Split(cmp.Or(c.q.Get("status"), string(traffic.StatusRefused)), ",")
	for _, one := range statuses {
		if !slices.Contains(traffic.Statuses(), traffic.Status(one)) {
			return &inventory.InvalidError{Problem: fmt.Sprintf("%.40q is no status: use some of %v", one, traffic.Statuses())}
		}
	}
	rows, err := s.cfg.Inventory.Services(c.ctx())
	if err != nil {
		return err
	}
	list := export.NewBlockList(set.Services, export.Blocked(rows, set.Services, statuses, c.q.Get("unused") == "yes"), c.q.Get("websites") == "yes")
	list.Source, list.Made, list.Otherwise = "gnomon "+s.cfg.Version, time.Now(), cmp.Or(c.q.Get("otherwise"), "DIRECT")
	var b bytes.Buffer
	if err := list.Write(&b, format); err != nil {
		return &inventory.InvalidError{Problem: err.Error()}
	}
	send(w, &b, int64(b.Len()), mediaText, "gnomon-"+format+".txt")
	return nil
}

// mediaText is what block lists are.
const mediaText = "text/plain;charset=utf-8"
