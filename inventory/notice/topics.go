package notice

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
	"github.com/gnomon-proxy/gnomon/inventory/risk"
)

// topic says what is told of the entries of one.
type topic struct {
	title    string
	object   Object
	severity Severity
	read     func(*Notice, *ledger.Entry, *said)
}

// topics are what is told of. Two are not: seals, which the gateway makes day by
// day, and texts of rules, which stand before the entry of the policy.
var topics = map[inventory.Topic]topic{
	inventory.TopicAlert:     {"Alert", "", Medium, readAlert},
	inventory.TopicTrigger:   {"Service to be assessed again", ObjectService, Medium, readTrigger},
	inventory.TopicDecision:  {"Decision on a service", ObjectService, Info, readDecision},
	inventory.TopicException: {"Exception for a person", ObjectException, Low, readException},
	inventory.TopicReveal:    {"Name behind a pseudonym", ObjectPerson, Medium, readStep},
	inventory.TopicDeletion:  {"Deletion", ObjectStore, Info, readDeletion},
	inventory.TopicAccess:    {"API token", ObjectToken, Low, readAccess},
	inventory.TopicRisk:      {"Risk of a service", ObjectService, Info, readRisk},
	inventory.TopicField:     {"Field of the register", ObjectService, Info, readField},
	inventory.TopicUseCase:   {"Use case", ObjectService, Info, readServices},
	inventory.TopicDeclared:  {"List of what is approved", ObjectStore, Low, readNothing},
	inventory.TopicStatement: {"Statement of applicability", ObjectControl, Info, readSubject},
	inventory.TopicPolicy:    {"Policy in force", ObjectPolicy, Low, readSubject},
	inventory.TopicRules:     {"Rules for all gateways", ObjectPolicy, Low, readRules},
	inventory.TopicRulesUse:  {"Rules for all gateways", ObjectGateway, Info, readRulesUse},
	inventory.TopicSettings:  {"Settings in force", ObjectSettings, Low, readSubject},
	inventory.TopicEvidence:  {"Evidence pack handed out", ObjectEvidence, Low, readSubject},
	inventory.TopicRotation:  {"New pseudonyms", ObjectStore, Info, readSubject},
	inventory.TopicBackup:    {"Backup of the inventory", ObjectStore, Low, readNothing},
	inventory.TopicKey:       {"Key of pseudonyms replaced", ObjectStore, Medium, readNothing},
}

// said is what of the entries may be told: words of ours, days, ids, pseudonyms.
// An entry of another version that says something else leaves it empty.
type said struct {
	Kind     string   `json:"kind"`
	About    string   `json:"about"`
	Text     string   `json:"text"`
	Status   string   `json:"status"`
	Step     string   `json:"step"`
	Is       string   `json:"is"`
	Person   string   `json:"person"`
	Services []string `json:"services"`
	Users    []string `json:"users"`
	Revoked  bool     `json:"revoked"`
	Planned  bool     `json:"planned"`
	Refused  int64    `json:"refused"`
	Rules    struct {
		Digest    string `json:"digest"`
		Withdrawn bool   `json:"withdrawn"`
	} `json:"rules"`
	Override  json.RawMessage `json:"override"`
	Withdraw  string          `json:"withdraw"`
	Treatment json.RawMessage `json:"treatment"`
	Assessed  json.RawMessage `json:"assessed"`
}

func saidBy(e *ledger.Entry) *said {
	s := new(said)
	_ = json.Unmarshal(e.Data, s) // what fits is there
	return s
}

// alerts are the kinds of alerts: each is graded, and about something.
var alerts = map[string]topic{
	inventory.KeyInPrompt:   {"API key in a prompt", ObjectKey, High, nil},
	inventory.LedgerChanged: {"Ledger changed from outside", ObjectLedger, High, nil},
	inventory.LedgerPutBack: {"Ledger lost its last entries", ObjectLedger, Medium, nil},
}

func readAlert(n *Notice, e *ledger.Entry, s *said) {
	n.Alert, n.Event, n.Text, n.About, n.Services, n.Users = true, s.Kind, s.Text, s.About, s.Services, s.Users
	if t, ok := alerts[s.Kind]; ok {
		n.Title, n.Object, n.Severity = t.title, t.object, t.severity
	}
	if n.About == "" { // of what is about a place in the ledger alone
		_, n.About, _ = strings.Cut(e.Subject, "=")
	}
}

// worded are the reasons whose value is in words of ours, or a model's name: a
// version of terms is somebody's text.
var worded = map[risk.TriggerKind]bool{risk.NewClass: true, risk.Growth: true, risk.NewModel: true, risk.ReviewPassed: true}

func readTrigger(n *Notice, e *ledger.Entry, s *said) {
	readService(n, e)
	n.Alert, n.Event = true, s.Kind
	if s.Kind == string(risk.NewService) {
		n.Severity = Low
	}
	n.Text = n.Title + ": " + n.About + ", " + s.Kind
	if worded[risk.TriggerKind(s.Kind)] && s.Is != "" {
		n.Text += " " + s.Is
	}
}

func readService(n *Notice, e *ledger.Entry) {
	n.About, n.Services = e.Subject, []string{e.Subject}
}

func readDecision(n *Notice, e *ledger.Entry, s *said) {
	readService(n, e)
	n.Event = s.Status
}

func readException(n *Notice, e *ledger.Entry, s *said) {
	n.About, n.Event = e.Subject, s.Step
	if !strings.HasPrefix(e.Subject, "rule:") {
		n.Services = []string{e.Subject}
	}
	if inventory.IsPseudonym(s.Person) {
		n.Users = []string{s.Person}
	}
}

func readStep(n *Notice, e *ledger.Entry, s *said) {
	n.About, n.Event = e.Subject, s.Step
	n.Users = []string{e.Subject}
}

// readDeletion leaves out who was erased.
func readDeletion(n *Notice, e *ledger.Entry, s *said) {
	n.Event = "done"
	if s.Planned {
		n.Event = "planned"
	}
	if e.Subject != "" {
		n.Title, n.Object, n.Severity = "Erasure of a person", ObjectPerson, Low
	}
}

func readAccess(n *Notice, _ *ledger.Entry, s *said) {
	n.Event = "created"
	if s.Revoked {
		n.Event = "revoked"
	}
}

func readRisk(n *Notice, e *ledger.Entry, s *said) {
	readService(n, e)
	switch {
	case s.Override != nil:
		n.Event = "override"
	case s.Withdraw != "":
		n.Event = "withdrawn"
	case s.Treatment != nil:
		n.Event = "treatment"
	case s.Assessed != nil:
		n.Event = "assessed"
	}
}

// readField tells which field of which service it is: a row is a service, or one
// with a use case, which people name.
func readField(n *Notice, e *ledger.Entry, _ *said) {
	row, field, _ := strings.Cut(e.Subject, "#")
	id, _, _ := strings.Cut(row, "/")
	n.About, n.Services, n.Event = id, []string{id}, field
}

func readRules(n *Notice, _ *ledger.Entry, s *said) {
	n.About, n.Event = s.Rules.Digest, "published"
	if s.Rules.Withdrawn {
		n.Event = "withdrawn"
	}
}

// readRulesUse makes an alert of a gateway that can't take the rules of all: it goes
// on with others.
func readRulesUse(n *Notice, e *ledger.Entry, s *said) {
	n.About, n.Event = e.Subject, "taken"
	if s.Refused > 0 {
		n.Alert, n.Event, n.Severity = true, "rules_refused", Medium
	}
}

func readServices(n *Notice, _ *ledger.Entry, s *said) { n.Services = s.Services }

func readSubject(n *Notice, e *ledger.Entry, _ *said) { n.About = e.Subject }

func readNothing(*Notice, *ledger.Entry, *said) {}

// cut bounds a text, and leaves it valid.
func cut(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= maxText {
		return s
	}
	end := maxText
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}
