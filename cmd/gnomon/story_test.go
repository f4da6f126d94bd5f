package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// story is thirty days of 300 people who use 60 services, all but two of them
// for work; the numbers are the same in each run.
type story struct {
	t     *testing.T
	state string
	today time.Time // the day after the last one, at midnight

	services []rules.Service
	requests map[string]int64 // by service
}

const (
	storyDays     = 30
	storyUsers    = 300
	storyServices = 60
)

func newStory(t *testing.T) *story {
	s := &story{t: t, state: filepath.Join(t.TempDir(), "state"), today: time.Now().UTC().Truncate(24 * time.Hour), requests: make(map[string]int64)}
	for _, c := range rules.Embedded().Services {
		if len(s.services) < storyServices && len(c.Hosts) > 0 && !strings.Contains(c.Hosts[0].Host, "*") {
			s.services = append(s.services, c)
		}
	}
	return s
}

// run runs a command over the story's state and returns what it prints.
func (s *story) run(code int, args ...string) string {
	s.t.Helper()
	var out, talk bytes.Buffer
	if got := execute(s.t.Context(), append([]string{"--state-dir", s.state}, args...), strings.NewReader(""), &out, &talk); got != code {
		s.t.Fatalf("gnomon %s: exit %d, want %d\n%s%s", strings.Join(args, " "), got, code, out.String(), talk.String())
	}
	return out.String()
}

// live records the thirty days.
func (s *story) live() {
	s.t.Helper()
	settings := defaultSettings()
	settings.StateDir = s.state
	inv, done, err := openInventory(s.t.Context(), settings, rules.Embedded().Services)
	if err != nil {
		s.t.Fatal(err)
	}
	defer done()
	r := rand.New(rand.NewPCG(30, 300))
	saver := inv.Saver(s.t.Context())
	for day := range storyDays {
		for user := range storyUsers {
			for range r.IntN(2) {
				saver.Record(s.sighting(r, day, user))
			}
		}
		if day%10 == 9 {
			if err := saver.Flush(); err != nil {
				s.t.Fatal(err)
			}
			if _, err := inv.SealNow(s.t.Context()); err != nil {
				s.t.Fatal(err)
			}
		}
	}
	if err := saver.Flush(); err != nil {
		s.t.Fatal(err)
	}
}

// sighting is one request. Low numbers of services are used by many; the last
// ten are only seen on the wire, the last one from the 21st day on.
func (s *story) sighting(r *rand.Rand, day, user int) *traffic.Sighting {
	n := min(r.IntN(storyServices), r.IntN(storyServices))
	switch {
	case day >= 20 && user == 7:
		n = storyServices - 1
	case n == storyServices-1:
		n = 0
	}
	c := &s.services[n]
	s.requests[c.ID]++
	at := s.today.AddDate(0, 0, day-storyDays).Add(time.Duration(r.IntN(24*3600)) * time.Second)
	out := &traffic.Sighting{
		ID: traffic.NewID(at), Time: at, Sensor: traffic.SensorProxy, User: fmt.Sprintf("person%03d@corp.test", user), Groups: []string{[]string{"sales", "support", "research"}[user%3]},
		Client: netip.AddrFrom4([4]byte{10, 1, byte(user >> 8), byte(user)}), Host: c.Hosts[0].Host, Method: "POST", UserAgent: "OpenAI/Python 1.99.0",
		Verdict: traffic.Verdict{Service: c.Name, ID: c.ID, Vendor: c.Vendor, Category: c.Category, Surface: traffic.SurfaceAPI, How: traffic.HowCatalogue, Confidence: 1},
		Account: traffic.Account{Kind: traffic.AccountCorporate, Key: fmt.Sprintf("key-%d", user%40)}, Model: fmt.Sprintf("model-%d", n%5), Format: "openai.chat",
		Coverage: traffic.Coverage{Depth: traffic.Inspected}, Decision: traffic.Decision{Action: traffic.ActionAllow}, Requests: 1, Up: int64(500 + r.IntN(5000)), Down: 3000, Code: 200,
	}
	switch {
	case n >= storyServices-10:
		out.Coverage = traffic.Coverage{Depth: traffic.MetadataOnly, Reason: traffic.ReasonPassive}
		out.Sensor, out.Decision, out.Model = traffic.SensorTLS, traffic.Decision{}, ""
	case r.IntN(20) == 0:
		out.Findings, out.Classes = map[string]int{"aws-access-key-id": 1}, map[traffic.Class]int{traffic.ClassSecret: 1}
		out.Decision = traffic.Decision{Action: traffic.ActionRedact, Rule: "redact-secrets-cards-and-ids"}
	case n == 1 && r.IntN(3) == 0:
		out.Account.Kind = traffic.AccountPersonal
	}
	return out
}

// TestStory goes from thirty days of use through register, decisions, drift and
// risk to a signed pack, verifies it, and then tampers with each of its files.
func TestStory(t *testing.T) {
	s := newStory(t)
	s.live()

	// The register knows all that was used, and people only by pseudonym.
	rows := s.run(0, "inventory", "list", "--json")
	seen := make(map[string]inventory.Service)
	for line := range strings.Lines(rows) {
		var row inventory.Service
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		seen[row.ID] = row
	}
	if len(seen) != storyServices {
		t.Errorf("%d services in the register, want %d", len(seen), storyServices)
	}
	for id, n := range s.requests {
		if seen[id].Requests != n {
			t.Errorf("%s: %d requests, want %d", id, seen[id].Requests, n)
		}
	}
	if strings.Contains(rows, "person0") || strings.Contains(rows, "corp.test") {
		t.Error("the register names people")
	}

	s.decide()
	s.assess()
	pack := s.pack()
	s.tamper(pack)
}

// decide approves, refuses and declares, and looks at the differences.
func (s *story) decide() {
	s.t.Helper()
	a, b, last := s.services[0], s.services[1], s.services[storyServices-1]
	s.run(0, "inventory", "approve", a.ID, "--owner", "ann", "--reason", "contract", "--until", "2099-12-31")
	s.run(0, "inventory", "approve", b.ID, "--owner", "bob", "--reason", "pilot", "--condition", "corporate accounts only")
	s.run(0, "inventory", "refuse", s.services[2].ID, "--reason", "no contract")
	list := filepath.Join(s.t.TempDir(), "list.yaml")
	text := fmt.Sprintf("name: IT list\nservices:\n  - {service: %s, departments: [sales], accounts: [corporate], data: [contact]}\n  - {service: %s, accounts: [corporate]}\n", a.ID, b.ID)
	if err := os.WriteFile(list, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.run(0, "inventory", "declare", list)
	drift := s.run(0, "inventory", "drift", "--json")
	for _, want := range []string{
		`"kind":"beyond_department","service":` + quoted(a.Name), `"kind":"beyond_data","service":` + quoted(a.Name),
		`"kind":"beyond_account","service":` + quoted(b.Name), `"kind":"refused","service":` + quoted(s.services[2].Name), `"kind":"not_approved","service":` + quoted(last.Name),
	} {
		if !strings.Contains(drift, want) {
			s.t.Errorf("drift lacks %s", want)
		}
	}
}

func quoted(s string) string {
	b, _ := json.Marshal(s) // a string
	return string(b)
}

// assess treats and accepts risks and states the applicability of a control.
func (s *story) assess() {
	s.t.Helper()
	a, b := s.services[0].ID, s.services[1].ID
	if !strings.Contains(s.run(0, "risk", "show", a), "active_users") {
		s.t.Error("the risk of the first service does not show its users")
	}
	s.run(0, "risk", "assess", a, "--reason", "first assessment")
	s.run(0, "risk", "treat", a, "--option", "modify", "--owner", "ann", "--due", "2099-01-01", "--plan", "redact")
	s.run(0, "risk", "override", b, "consequence", "2", "--reason", "public texts only")
	s.run(0, "risk", "accept", b, "--by", "Ann Lee", "--until", s.today.AddDate(0, 0, 30).Format(time.DateOnly), "--reason", "pilot")
	s.run(0, "soa", "set", "A.9.2", "--applicable", "yes", "--reason", "people use AI", "--owner", "ann")
	s.run(1, "soa", "export", "--final")
}

// pack exports the evidence of the thirty days and verifies it.
func (s *story) pack() string {
	s.t.Helper()
	dir := filepath.Join(s.t.TempDir(), "pack")
	period := s.today.AddDate(0, 0, -storyDays).Format(time.DateOnly) + ".." + s.today.Format(time.DateOnly)
	s.run(0, "evidence", "export", "--period", period, "--out", dir)
	key := strings.Fields(s.run(0, "evidence", "key"))
	if len(key) == 0 {
		s.t.Fatal("no fingerprint of the key")
	}
	s.run(0, "evidence", "verify", dir)
	for _, file := range s.files(dir) {
		b, err := os.ReadFile(file)
		if err != nil {
			s.t.Fatal(err)
		}
		if bytes.Contains(b, []byte("corp.test")) || bytes.Contains(b, []byte("person0")) {
			s.t.Errorf("%s names people", file)
		}
	}
	return dir
}

func (s *story) files(dir string) (list []string) {
	s.t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			list = append(list, path)
		}
		return err
	})
	if err != nil || len(list) < 10 {
		s.t.Fatalf("%d files in the pack, %v", len(list), err)
	}
	return list
}

// tamper changes, removes and adds to each file: verify notices every time.
func (s *story) tamper(dir string) {
	for i, file := range s.files(dir) {
		whole, err := os.ReadFile(file)
		if err != nil {
			s.t.Fatal(err)
		}
		middle := slices.Clone(whole)
		if len(middle) > 0 {
			middle[len(middle)/2] ^= 1
		}
		tampered := []struct {
			name string
			data []byte
		}{{"changed", middle}, {"longer", append(slices.Clone(whole), '\n')}, {"cut", whole[:len(whole)/2]}, {"gone", nil}}
		c := tampered[i%4] // package evidence tries each on all
		if c.name == "gone" {
			err = os.Remove(file)
		} else {
			err = os.WriteFile(file, c.data, 0o600)
		}
		if err != nil {
			s.t.Fatal(err)
		}
		var out, talk bytes.Buffer
		if code := execute(s.t.Context(), []string{"evidence", "verify", dir}, strings.NewReader(""), &out, &talk); code != exitFailure {
			s.t.Errorf("%s %s: exit %d, want %d", filepath.Base(file), c.name, code, exitFailure)
		}
		if err := os.WriteFile(file, whole, 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
	s.run(0, "evidence", "verify", dir)
}
