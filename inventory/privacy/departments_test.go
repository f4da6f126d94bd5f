package privacy_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/privacy"
)

// staff is an organisation: people by department, "" for none. Each has made one
// request.
type staff map[string][]string

func (s staff) Subjects(_ context.Context, kind inventory.Kind, _ int) (list []inventory.Subject, err error) {
	for name, people := range s {
		if name != "" && kind == inventory.KindGroup {
			list = append(list, inventory.Subject{Kind: kind, Name: name, Requests: int64(len(people)), Counts: map[inventory.Kind]int64{inventory.KindUser: int64(len(people))}})
		}
	}
	return list, nil
}

func (s staff) Subject(_ context.Context, kind inventory.Kind, name string) (*inventory.SubjectDetail, error) {
	d := &inventory.SubjectDetail{Facets: make(map[inventory.Kind][]inventory.Use)}
	for _, p := range s[name] {
		d.Facets[inventory.KindUser] = append(d.Facets[inventory.KindUser], inventory.Use{Name: p})
	}
	return d, nil
}

func (s staff) CountSubjects(context.Context, inventory.Kind) (int64, error) {
	all := make(map[string]bool)
	for _, people := range s {
		for _, p := range people {
			all[p] = true
		}
	}
	return int64(len(all)), nil
}

func (s staff) Services(context.Context) ([]inventory.Service, error) {
	n := 0
	for _, people := range s {
		n += len(people)
	}
	return []inventory.Service{{ID: "openai", Requests: int64(n)}}, nil
}

func people(from, n int) (list []string) {
	for i := range n {
		list = append(list, fmt.Sprint("u-", from+i))
	}
	return list
}

// TestNobodysDepartment: who has no department is what is left of the totals once
// the departments are taken away.
func TestNobodysDepartment(t *testing.T) {
	for name, tt := range map[string]struct {
		of   staff
		want string // departments whose figures are shown
	}{
		"all have one":         {staff{"law": people(0, 6), "it": people(10, 9)}, "it law"},
		"one has none":         {staff{"law": people(0, 6), "it": people(10, 9), "": people(30, 1)}, "it"},
		"enough have none":     {staff{"law": people(0, 6), "it": people(10, 9), "": people(30, 5)}, "it law"},
		"one has none, in two": {staff{"law": people(0, 6), "it": people(3, 9), "": people(30, 1)}, "it"},
		"only one department":  {staff{"law": people(0, 6), "": people(30, 1)}, ""},
		"no departments":       {staff{"": people(30, 1)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := privacy.NewDepartments(t.Context(), 5, tt.of)
			if err != nil {
				t.Fatal(err)
			}
			var shown []string
			for _, name := range []string{"it", "law"} {
				if d.Shown(name) {
					shown = append(shown, name)
				}
			}
			if got := strings.Join(shown, " "); got != tt.want {
				t.Errorf("shown %q, want %q", got, tt.want)
			}
		})
	}
}
