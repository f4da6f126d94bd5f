package notice_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
	"github.com/gnomon-proxy/gnomon/inventory/notice"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func entry(topic inventory.Topic, subject, by, data string) *ledger.Entry {
	e := &ledger.Entry{Time: noon, Kind: string(topic), Subject: subject, By: by, Data: json.RawMessage(data)}
	c := ledger.Chain{Seq: 16}
	c.Extend(e)
	return e
}

// masked stands for Inventory.Actor.
func masked(name string) string {
	if name == "gnomon" {
		return name
	}
	return "hidden"
}

func TestOf(t *testing.T) {
	for _, tt := range []struct {
		name string
		e    *ledger.Entry
		want string // alert, event, severity, about, object, services, users, text
	}{
		{
			"key in a prompt", entry(inventory.TopicAlert, "key_in_prompt=8d96", "gnomon", `{"kind":"key_in_prompt","about":"8d96","text":"Revoke it.","services":["claude"],"users":["u-1"],"seen":"2026-11-21T12:00:00Z"}`),
			"true key_in_prompt high 8d96 api_key [claude] [u-1] Revoke it.",
		},
		{"ledger changed", entry(inventory.TopicAlert, "ledger_changed=7", "gnomon", `{"kind":"ledger_changed","about":"7","text":"Look."}`), "true ledger_changed high 7 ledger [] [] Look."},
		{"ledger put back", entry(inventory.TopicAlert, "ledger_put_back=7", "gnomon", `{"kind":"ledger_put_back","text":"Look."}`), "true ledger_put_back medium 7 ledger [] [] Look."},
		{"alert to come", entry(inventory.TopicAlert, "flood=x", "gnomon", `{"kind":"flood","about":"x"}`), "true flood medium x  [] [] Alert: x (flood)"},
		{
			"new class", entry(inventory.TopicTrigger, "claude", "gnomon", `{"kind":"new_data_class","was":"","is":"health"}`),
			"true new_data_class medium claude service [claude] [] Service to be assessed again: claude, new_data_class health",
		},
		{
			"terms in somebody's words", entry(inventory.TopicTrigger, "claude", "gnomon", `{"kind":"terms_changed","was":"a","is":"as Ann Miller says"}`),
			"true terms_changed medium claude service [claude] [] Service to be assessed again: claude, terms_changed",
		},
		{
			"decision", entry(inventory.TopicDecision, "claude", "os:ann", `{"time":"2026-11-21T12:00:00Z","id":"claude","status":"approved","owner":"Ann Miller","reason":"Bob asked","conditions":["ask Carl"],"until":"","by":"os:ann"}`),
			"false approved info claude service [claude] [] Decision on a service: claude (approved)",
		},
		{"reveal", entry(inventory.TopicReveal, "u-7f3a90cc01ab", "os:ann", `{"request":"r-1","step":"shown","reason":"Bob","reviewers":["Carl"]}`), "false shown medium u-7f3a90cc01ab person [] [u-7f3a90cc01ab] Name behind a pseudonym: u-7f3a90cc01ab (shown)"},
		{
			"exception", entry(inventory.TopicException, "claude", "ann", `{"exception":"x-1","step":"requested","person":"u-7f3a90cc01ab","service":"claude","reason":"for Bob"}`),
			"false requested low claude exception [claude] [u-7f3a90cc01ab] Exception for a person: claude (requested)",
		},
		{"exception of one called by name", entry(inventory.TopicException, "rule:block", "ann", `{"step":"granted","person":"Ann Miller"}`), "false granted low rule:block exception [] [] Exception for a person: rule:block (granted)"},
		{"token", entry(inventory.TopicAccess, "ann-laptop", "os:ann", `{"role":"admin","sha256":"00"}`), "false created low hidden api_token [] [] API token: hidden (created)"},
		{"token ended", entry(inventory.TopicAccess, "ann-laptop", "os:ann", `{"role":"admin","revoked":true,"reason":"Ann left"}`), "false revoked low hidden api_token [] [] API token: hidden (revoked)"},
		{"erasure", entry(inventory.TopicDeletion, "u-7f3a90cc01ab", "os:ann", `{"reason":"Bob","planned":true}`), "false planned low  person [] [] Erasure of a person (planned)"},
		{"retention", entry(inventory.TopicDeletion, "", "gnomon", `{"before":{},"deleted":{}}`), "false done info  inventory [] [] Deletion (done)"},
		{"field", entry(inventory.TopicField, "claude/letters-of-ann#owner", "os:ann", `{"value":"Ann","source":"person"}`), "false owner info claude service [claude] [] Field of the register: claude (owner)"},
		{"use case", entry(inventory.TopicUseCase, "letters-of-ann", "os:ann", `{"id":"letters-of-ann","name":"Ann","services":["claude"]}`), "false use_case info  service [claude] [] Use case"},
		{"risk", entry(inventory.TopicRisk, "claude", "os:ann", `{"treatment":{"owner":"Ann"},"reason":"Bob"}`), "false treatment info claude service [claude] [] Risk of a service: claude (treatment)"},
		{"declared", entry(inventory.TopicDeclared, "list-of-ann", "os:ann", `{"name":"list-of-ann"}`), "false declared low  inventory [] [] List of what is approved"},
		{"policy", entry(inventory.TopicPolicy, "00ff", "gnomon", `{"gateway":"host-of-ann","files":[{"name":"ann.yaml"}],"hash":"00ff"}`), "false policy low 00ff policy [] [] Policy in force: 00ff"},
		{"rules published", entry(inventory.TopicRules, "", "os:ann", `{"rules":{"version":3,"by":"os:ann","reason":"Bob","digest":"00ff","files":[{"name":"-ann.yaml"}]},"seal":"00"}`), "false published low 00ff policy [] [] Rules for all gateways: 00ff (published)"},
		{"rules withdrawn", entry(inventory.TopicRules, "", "os:ann", `{"rules":{"version":4,"withdrawn":true}}`), "false withdrawn low  policy [] [] Rules for all gateways (withdrawn)"},
		{"rules taken", entry(inventory.TopicRulesUse, "egress-1", "gnomon", `{"gateway":"egress-1","version":3,"refused":0}`), "false taken info egress-1 gateway [] [] Rules for all gateways: egress-1 (taken)"},
		{"rules refused", entry(inventory.TopicRulesUse, "egress-1", "gnomon", `{"gateway":"egress-1","version":2,"refused":3,"problem":"ann-rule"}`), "true rules_refused medium egress-1 gateway [] [] Rules for all gateways: egress-1 (rules_refused)"},
		{"of another version", entry(inventory.TopicDecision, "claude", "os:ann", `{"status":{"is":"new"}}`), "false decision info claude service [claude] [] Decision on a service: claude"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n, ok := notice.Of(tt.e, masked)
			if !ok {
				t.Fatal("nothing is told")
			}
			got := strings.Join([]string{
				strconv.FormatBool(n.Alert), n.Event, string(n.Severity), n.About, string(n.Object), "[" + strings.Join(n.Services, " ") + "]", "[" + strings.Join(n.Users, " ") + "]", n.Text,
			}, " ")
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if n.ID != "ledger-17-"+tt.e.Hash.String()[:16] || n.Entry != 17 || !n.Time.Equal(noon) || n.Title == "" {
				t.Errorf("got %+v", n)
			}
			all, err := json.Marshal(n)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"-ann", "ann-", "os:ann", "Ann", "Bob", "Carl"} {
				if strings.Contains(string(all), name) {
					t.Errorf("%s is named in %s", name, all)
				}
			}
		})
	}
}

// TestBounds: a notice is bounded and valid, whatever the ledger holds.
func TestBounds(t *testing.T) {
	long := strings.Repeat("é", 5000)
	list, err := json.Marshal(slices.Repeat([]string{long}, 500))
	if err != nil {
		t.Fatal(err)
	}
	n, _ := notice.Of(entry(inventory.TopicAlert, long+"\xff", long, `{"kind":"`+long+`","text":"a`+long+`","about":"`+long+`","services":`+string(list)+`}`), strings.ToLower)
	b, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	if len(n.Text) != 999 || len(n.Services) != 50 || len(b) > 60_000 {
		t.Errorf("a text of %d bytes, %d services, %d bytes in all", len(n.Text), len(n.Services), len(b))
	}
}

// TestEachTopic: of each topic is decided whether other systems are told, and
// those that they are not told of are those listed here.
func TestEachTopic(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../topic.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var silent []string
	ast.Inspect(file, func(node ast.Node) bool {
		value, ok := node.(*ast.BasicLit)
		if !ok || value.Kind != token.STRING {
			return true
		}
		topic, err := strconv.Unquote(value.Value)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := notice.Of(entry(inventory.Topic(topic), "s", "gnomon", "{}"), masked); !ok {
			silent = append(silent, topic)
		}
		return true
	})
	if want := []string{"seal", "rule_file"}; !slices.Equal(silent, want) {
		t.Errorf("nobody is told of %q, want %q", silent, want)
	}
}
