package register

import (
	"fmt"
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

// ParseFilter reads conditions such as "category=chat" and "status=unreviewed":
// those of one key are alternatives, different keys must all hold.
func ParseFilter(conditions []string) (Filter, error) {
	f := make(Filter)
	for _, c := range conditions {
		key, value, ok := strings.Cut(c, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		switch {
		case !ok || value == "":
			return nil, &inventory.InvalidError{Problem: fmt.Sprintf("%q is no condition: write it as category=chat", clip(c))}
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
	of := map[string]string{"category": s.Category, "status": string(s.Status), "vendor": s.Vendor, "owner": s.Owner, "id": s.ID, "how": string(s.How)}
	for key, values := range f {
		if !slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(v, of[key]) }) {
			return false
		}
	}
	return true
}
