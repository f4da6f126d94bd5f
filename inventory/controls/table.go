package controls

import (
	"fmt"
	"strings"
	"time"
)

// Columns names the cells of the rows of Records.
func Columns() []string {
	return []string{
		"control", "title", "applicable", "reason", "risks_treated", "status", "how", "owner", "evidence",
		"coverage", "observed", "stated_by", "stated_on", "date", "version", "state",
	}
}

// Records returns the rows as text, for CSV or a spreadsheet. People chose some
// of it: a writer has to keep cells from being run as formulas.
func (s *SoA) Records() [][]string {
	out := make([][]string, 0, len(s.Rows))
	for i := range s.Rows {
		r := &s.Rows[i]
		out = append(out, []string{
			r.Control, r.Title, yesNo(r.Applicable), r.Reason, strings.Join(r.Risks, "; "), string(r.Status), r.How, r.Owner, r.references(),
			string(r.Coverage), string(r.Observed), r.StatedBy, day(r.StatedAt), day(s.At), s.Version, s.State,
		})
	}
	return out
}

// references writes the evidence as one cell: "decisions: 12 (decisions.json)".
func (r *Row) references() string {
	parts := make([]string, len(r.Evidence))
	for i, e := range r.Evidence {
		parts[i] = string(e.Query) + ": not collected"
		if e.Collected {
			parts[i] = fmt.Sprintf("%s: %d", e.Query, e.Count)
			if e.Ref != "" {
				parts[i] += " (" + e.Ref + ")"
			}
		}
	}
	return strings.Join(parts, "; ")
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}
