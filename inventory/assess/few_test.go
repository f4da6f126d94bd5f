package assess_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/assess"
	"github.com/gnomon-proxy/gnomon/inventory/risk"
	"github.com/gnomon-proxy/gnomon/rules"
)

// TestFewUsers: whether one, two or four people used a service, nothing that is
// told of its risk differs, an override's "instead of" included.
func TestFewUsers(t *testing.T) {
	v := seeded(t)
	rows := func(people int) string {
		r := register(t, v)
		seen := r.Figures["claude"]
		r.K = 5
		r.Figures = map[string]*assess.Figures{"claude": {
			Requests: seen.Requests, Up: seen.Up, People: people, Depths: seen.Depths, Actions: seen.Actions, Classes: seen.Classes, Models: seen.Models,
		}}
		list, err := r.Rows()
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	check := func(inputs string) {
		t.Helper()
		one := rows(1)
		for _, n := range []int{2, 3, 4} {
			if got := rows(n); got != one {
				t.Errorf("%s: %d people:\n%s\none:\n%s", inputs, n, got, one)
			}
		}
		if !strings.Contains(one, "\"\\u003c5\"") {
			t.Errorf("%s: it is not said that they are few: %s", inputs, one)
		}
		if many := rows(60); many == one || !strings.Contains(many, `"60"`) {
			t.Errorf("%s: 60 people are told as few, or not at all: %s", inputs, many)
		}
	}
	check("as observed")
	note(t, v, inventory.TopicRisk, "claude", assess.Note{Override: &risk.Override{What: "input/active_users", Value: 40, Reason: "licences", By: "ann"}})
	check("with the input overridden")
	note(t, v, inventory.TopicRisk, "claude", assess.Note{Override: &risk.Override{What: "likelihood", Value: 2, Reason: "pilot", By: "ann"}})
	check("with the likelihood overridden")
}

// TestFewCountAsTheBound: fewer than k count as k, the most that they can be and
// one more: a risk is never told too small.
func TestFewCountAsTheBound(t *testing.T) {
	r := register(t, seeded(t)) // three users
	result := func() int {
		rows, err := r.Some([]string{"claude"})
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range rows[0].Assessment.Inputs {
			if in.Name == string(rules.ActiveUsers) {
				return in.Result
			}
		}
		return 0
	}
	exact := result()
	r.K = 1000
	if bound := result(); bound <= exact {
		t.Errorf("users count as %d of fewer than 1000 users, %d of three", bound, exact)
	}
	r.K = 1
	if again := result(); again != exact {
		t.Errorf("users count as %d where all is shown, want %d", again, exact)
	}
}
