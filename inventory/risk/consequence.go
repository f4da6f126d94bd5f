package risk

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gnomon-proxy/gnomon/rules"
)

// consequence lists data classes and supplier facts and returns the consequence
// of the worst class with what the facts add.
func (a *Assessment) consequence(c *rules.ConsequenceScale, in *Inputs) int {
	worst := a.worstClass(c, in)
	added := 0
	for i := range c.Adjust {
		added += a.adjust(&c.Adjust[i], in)
	}
	return min(5, max(1, worst+min(added, c.Most)))
}

func (a *Assessment) worstClass(c *rules.ConsequenceScale, in *Inputs) int {
	worst := 0
	for _, d := range in.Classes {
		v, known := c.Classes[d.Class]
		line := Input{Kind: KindDataClass, Name: string(d.Class), Value: "declared", Source: d.Source, Result: v}
		line.Threshold = fmt.Sprintf("%s counts as %d", d.Class, v)
		if !known {
			line.Result = c.Unknown
			line.Threshold = fmt.Sprintf("%s is not in the method: counts as %d, like unknown data", d.Class, c.Unknown)
		}
		switch {
		case d.Count > 0:
			line.Value = strconv.FormatInt(d.Count, 10) + " prompts"
		case !d.Declared:
			continue
		}
		a.Inputs = append(a.Inputs, line)
		worst = max(worst, line.Result)
	}
	// What was not read may hold anything: a declared class does not make it known.
	if in.Read <= 0 {
		a.Inputs = append(a.Inputs, Input{
			Kind: KindAssumption, Name: "data", Value: unknown, Source: "no prompt was read", Result: c.Unknown,
			Threshold: fmt.Sprintf("unknown data counts as %d", c.Unknown),
		})
		return max(worst, c.Unknown)
	}
	if worst == 0 {
		a.Inputs = append(a.Inputs, Input{
			Kind: KindDataClass, Name: "data", Value: "none", Source: fmt.Sprintf("%d prompts read", in.Read), Result: c.None,
			Threshold: fmt.Sprintf("no data class counts as %d", c.None),
		})
	}
	return max(worst, c.None)
}

// adjust lists a supplier fact, whether it adds something or not, and returns
// what it adds.
func (a *Assessment) adjust(r *rules.Adjustment, in *Inputs) int {
	f, known := in.Supplier[r.Fact]
	known = known && f.Value != "" && f.Value != unknown
	line := Input{Kind: KindAdjustment, Name: string(r.Fact), Value: f.Value, Source: f.Source, Threshold: condition(r)}
	if f.Unverified {
		line.Source += " (unverified)"
	}
	if !known {
		line.Kind, line.Value, line.Source = KindAssumption, unknown, "nobody recorded it"
	}
	if meets(r, f.Value, known) {
		line.Result = r.Add
	}
	a.Inputs = append(a.Inputs, line)
	return line.Result
}

// meets reports whether a fact adds. Of several values (regions) the worst
// counts. What is not a number is no reason to think that it is small.
func meets(r *rules.Adjustment, value string, known bool) bool {
	if !known {
		return slices.Contains(r.Is, unknown)
	}
	for v := range strings.SplitSeq(value, ",") {
		v = strings.TrimSpace(v)
		if slices.Contains(r.Is, v) || len(r.NotIn) > 0 && !slices.Contains(r.NotIn, v) {
			return true
		}
		if r.Above > 0 {
			if n, err := strconv.ParseFloat(v, 64); err != nil || n != n || n > r.Above {
				return true
			}
		}
	}
	return false
}

func condition(r *rules.Adjustment) string {
	var parts []string
	if len(r.Is) > 0 {
		parts = append(parts, "is "+strings.Join(r.Is, ", "))
	}
	if len(r.NotIn) > 0 {
		parts = append(parts, "is none of "+strings.Join(r.NotIn, ", "))
	}
	if r.Above > 0 {
		parts = append(parts, "above "+number(r.Above))
	}
	return fmt.Sprintf("adds %d when %s: %s", r.Add, strings.Join(parts, " or "), r.Why)
}
