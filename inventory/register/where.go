package register

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gnomon-proxy/gnomon/internal/strictyaml"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Filter chooses services: by key, the values of which one must hold.
type Filter map[string][]string

// filterKeys are what services are chosen by.
var filterKeys = []string{"category", "status", "vendor", "owner", "id", "how"}

// ParseFilter reads conditions such as "vendor=OpenAI" and "status=unreviewed":
// those of one key are alternatives, different keys must all hold.
func ParseFilter(conditions []string) (Filter, error) {
	f := make(Filter)
	for _, c := range conditions {
		key, value, ok := strings.Cut(c, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		switch {
		case !ok || value == "":
			return nil, &inventory.InvalidError{Problem: fmt.Sprintf("%q is no condition: write it as status=unreviewed", clip(c))}
		case !slices.Contains(filterKeys, key):
			return nil, &inventory.InvalidError{Problem: fmt.Sprintf("%q: choose by %s%s", clip(key), strings.Join(filterKeys, ", "), strictyaml.DidYouMean(key, filterKeys))}
		case key == "status" && !slices.Contains(traffic.Statuses(), traffic.Status(value)):
			return nil, &inventory.InvalidError{Problem: fmt.Sprintf("%q is no status: it is one of %s", clip(value), joined(traffic.Statuses()))}
		}
		f[key] = append(f[key], value)
	}
	return f, nil
}

// Match reports whether a service is chosen.
func (f Filter) Match(s *inventory.Service) bool {
	of := filtered(s)
	for key, values := range f {
		if !slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(v, of[key]) }) {
			return false
		}
	}
	return true
}

// filtered returns what services are chosen by of one.
func filtered(s *inventory.Service) map[string]string {
	return map[string]string{"category": s.Category, "status": string(s.Status), "vendor": s.Vendor, "owner": s.Owner, "id": s.ID, "how": string(s.How)}
}

// Misfit says why no service is chosen: which values there are of the keys of
// which none fits, else that no service has all.
func (f Filter) Misfit(rows []inventory.Service) string {
	var parts []string
	for _, key := range filterKeys {
		if len(f[key]) == 0 {
			continue
		}
		one, values := Filter{key: f[key]}, make(map[string]bool)
		fits := false
		for i := range rows {
			fits = fits || one.Match(&rows[i])
			if v := filtered(&rows[i])[key]; v != "" {
				values[v] = true
			}
		}
		if !fits {
			list := slices.Sorted(maps.Keys(values))
			more := ""
			if len(list) > maxValues {
				list, more = list[:maxValues], ", ..."
			}
			parts = append(parts, fmt.Sprintf("no service has %s=%s: there is %s%s", key, clip(strings.Join(f[key], " or ")), cmp.Or(strings.Join(list, ", "), "none that has any "+key), more))
		}
	}
	if len(parts) == 0 {
		parts = append(parts, "no service meets all conditions at once")
	}
	return strings.Join(parts, "; ")
}

// maxValues bounds how many values of a key an error lists.
const maxValues = 20
