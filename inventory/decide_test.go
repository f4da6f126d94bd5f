package inventory_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

func catalogue() []rules.Service {
	return []rules.Service{
		{Name: "OpenAI API", ID: "openai-api", Vendor: "OpenAI", Category: "model_api"},
		{Name: "ChatGPT", ID: "chatgpt", Vendor: "OpenAI", Category: "chat"},
		{Name: "Claude", ID: "claude", Vendor: "Anthropic", Category: "chat"},
	}
}

func TestDecide(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	v := newInventory(t, inventory.Config{Dir: dir, Store: openStore(t, dir), Catalogue: catalogue, Now: func() time.Time { return now }})
	if got := v.Status("chatgpt"); got != traffic.StatusUnreviewed {
		t.Errorf("status = %s, want unreviewed", got)
	}
	for _, tt := range []struct {
		name   string
		change inventory.Change
		want   traffic.Status
		owner  string
	}{
		{"first owner is the author", inventory.Change{Service: "ChatGPT", Verb: inventory.Refuse, Reason: "no contract", By: "root"}, traffic.StatusRefused, "root"},
		{"by id, owner", inventory.Change{Service: "chatgpt", Verb: inventory.Review, Owner: "ann", By: "root"}, traffic.StatusInReview, "ann"},
		{"owner stays", inventory.Change{Service: "chatgpt", Verb: inventory.Approve, By: "root"}, traffic.StatusApproved, "ann"},
		{"conditions", inventory.Change{Service: "CHATGPT", Verb: inventory.Approve, Conditions: []string{"no code"}}, traffic.StatusConditional, "ann"},
		{"retire", inventory.Change{Service: "chatgpt", Verb: inventory.Retire}, traffic.StatusRetired, "ann"},
		{"last day", inventory.Change{Service: "chatgpt", Verb: inventory.Approve, Until: "2026-11-21"}, traffic.StatusApproved, "ann"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := v.Decide(t.Context(), tt.change)
			if err != nil {
				t.Fatal(err)
			}
			if s.Status != tt.want || s.Owner != tt.owner || s.Service != "ChatGPT" {
				t.Errorf("Decide = %s, %s, %s; want %s, %s, ChatGPT", s.Status, s.Owner, s.Service, tt.want, tt.owner)
			}
			if got := v.Status("chatgpt"); got != tt.want {
				t.Errorf("Status right after = %s, want %s", got, tt.want)
			}
		})
	}
	d, err := v.Service(t.Context(), "chatgpt")
	if err != nil {
		t.Fatal(err)
	}
	if len(d.History) != 6 || d.History[0].Reason != "no contract" || d.Until != "2026-11-21" {
		t.Errorf("history = %+v, until %q", d.History, d.Until)
	}
	now = now.Add(12 * time.Hour) // 2026-11-22, 00:00
	if got := v.Status("chatgpt"); got != traffic.StatusInReview {
		t.Errorf("status after the last day = %s, want in_review", got)
	}
	if got := row(t, v, "chatgpt").Status; got != traffic.StatusInReview {
		t.Errorf("row after the last day = %s, want in_review", got)
	}
}

func TestRefusalDoesNotLapse(t *testing.T) {
	d := inventory.Decision{Status: traffic.StatusRefused, Until: "2020-01-01"}
	if got := d.StatusAt(time.Now()); got != traffic.StatusRefused {
		t.Errorf("status = %s, want refused", got)
	}
}

func TestDecideErrors(t *testing.T) {
	dir := t.TempDir()
	v := newInventory(t, inventory.Config{Dir: dir, Store: openStore(t, dir), Catalogue: catalogue})
	for _, tt := range []struct {
		name   string
		change inventory.Change
		want   string
	}{
		{"unknown", inventory.Change{Service: "chatgtp", Verb: inventory.Approve}, "did you mean chatgpt?"},
		{"part", inventory.Change{Service: "openai", Verb: inventory.Approve}, "openai-api"},
		{"far", inventory.Change{Service: "zzzzzzzz", Verb: inventory.Approve}, `no service "zzzzzzzz" is known`},
		{"empty", inventory.Change{Verb: inventory.Approve}, "no service"},
		{"verb", inventory.Change{Service: "claude", Verb: "bless"}, "approve, refuse"},
		{"date", inventory.Change{Service: "claude", Verb: inventory.Approve, Until: "31.12.2026"}, "YYYY-MM-DD"},
		{"no such day", inventory.Change{Service: "claude", Verb: inventory.Approve, Until: "2026-02-30"}, "YYYY-MM-DD"},
		{"long", inventory.Change{Service: "claude", Verb: inventory.Approve, Reason: strings.Repeat("x", 5000)}, "longer"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := v.Decide(t.Context(), tt.change)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Decide: %v, want an error with %q", err, tt.want)
			}
		})
	}
	_, err := v.Decide(t.Context(), inventory.Change{Service: "nobody", Verb: inventory.Approve})
	if !errors.Is(err, inventory.ErrUnknown) {
		t.Errorf("error of an unknown service = %v, want ErrUnknown", err)
	}
	rows, err := v.Services(t.Context())
	if err != nil || len(rows) != 0 {
		t.Errorf("%d rows, %v after failed decisions, want none", len(rows), err)
	}
}

// TestOtherProcess decides through another inventory over the same file: the
// running one sees it without being told.
func TestOtherProcess(t *testing.T) {
	dir := t.TempDir()
	running := newInventory(t, inventory.Config{Dir: dir, Store: openStore(t, dir), Catalogue: catalogue})
	start(t, running)
	command := newInventory(t, inventory.Config{Dir: dir, Store: openStore(t, dir), Catalogue: catalogue})
	if _, err := command.Decide(t.Context(), inventory.Change{Service: "claude", Verb: inventory.Refuse, By: "ann"}); err != nil {
		t.Fatal(err)
	}
	await(t, "the refusal", func() bool { return running.Status("claude") == traffic.StatusRefused })
}

func TestUnknownServiceIsDecided(t *testing.T) {
	dir := t.TempDir()
	v := newInventory(t, inventory.Config{Dir: dir, Store: openStore(t, dir), Catalogue: catalogue})
	s := sighting()
	s.Verdict = traffic.Verdict{Service: "llm.example", ID: "unknown:llm.example", How: traffic.HowRequestShape, Features: []string{"path /v1/chat/completions"}}
	saver := v.Saver(t.Context())
	saver.Record(s)
	if err := saver.Flush(); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Decide(t.Context(), inventory.Change{Service: "llm.example", Verb: inventory.Refuse, By: "ann"}); err != nil {
		t.Fatal(err)
	}
	if got := v.Status("unknown:llm.example"); got != traffic.StatusRefused {
		t.Errorf("status = %s, want refused", got)
	}
	d, err := v.Service(t.Context(), "llm.example")
	if err != nil || !slices.Equal(d.Features, s.Verdict.Features) {
		t.Errorf("features = %q, %v; want what led to the verdict", d.Features, err)
	}
}

func TestStatusAllocs(t *testing.T) {
	dir := t.TempDir()
	v := newInventory(t, inventory.Config{Dir: dir, Store: openStore(t, dir), Catalogue: catalogue})
	if _, err := v.Decide(t.Context(), inventory.Change{Service: "claude", Verb: inventory.Refuse}); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(1000, func() { v.Status("claude"); v.Status("chatgpt") }); n != 0 {
		t.Errorf("Status allocates %v times, want 0", n)
	}
}
