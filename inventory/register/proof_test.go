package register_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/register"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestProof looks for what fills itself from the ledger: rules in force, seals,
// packs, exceptions.
func TestProof(t *testing.T) {
	note := func(topic inventory.Topic, subject string, data map[string]any) inventory.Note {
		return inventory.Note{Topic: topic, Subject: subject, Data: data}
	}
	far := time.Now().AddDate(0, 1, 0).UTC().Format(time.DateOnly)
	pack := map[string]any{"from": "2026-10-01T00:00:00Z", "until": "2027-01-01T00:00:00Z", "manifest": strings.Repeat("ab", 32)}
	b := book(t,
		note(inventory.TopicPolicy, strings.Repeat("1", 64), map[string]any{}),
		note(inventory.TopicSeal, "", map[string]any{"events": 3, "first": "2026-11-02T00:00:00Z", "last": "2026-11-20T01:00:00Z"}),
		note(inventory.TopicSeal, "", map[string]any{"events": 3, "first": "2020-01-01T00:00:00Z", "last": "2020-01-02T00:00:00Z"}), // long before
		note(inventory.TopicPolicy, strings.Repeat("2", 64), map[string]any{}),
		note(inventory.TopicEvidence, "2026Q4", pack), note(inventory.TopicEvidence, "2026Q4", pack),
		note(inventory.TopicEvidence, "2020", map[string]any{"from": "2020-01-01T00:00:00Z", "until": "2021-01-01T00:00:00Z", "manifest": "x"}),
		note(inventory.TopicException, "claude", map[string]any{"exception": "x-1", "step": "requested", "person": "u-1", "service": "claude", "until": far}),
		note(inventory.TopicException, "claude", map[string]any{"exception": "x-1", "step": "granted", "until": far}),
		note(inventory.TopicException, "claude", map[string]any{"exception": "x-2", "step": "requested", "person": "u-2", "service": "claude", "until": far}),
	)
	d := detail("proxy")
	d.AccountList = []inventory.AccountUse{{Account: inventory.Account{Kind: traffic.AccountCorporate, Plan: "team"}}, {Account: inventory.Account{Plan: "free"}}, {Account: inventory.Account{Plan: "team"}}}
	rows, err := schema(t).Rows(&register.Input{Detail: d, Book: b, Now: time.Now()})
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for name, want := range map[string]string{
		"policy_version": "222222222222", "event_log": "seal 2, 2026-11-02T00:00:00Z to 2026-11-20T01:00:00Z", "report_ids": "2026Q4 abababababab",
		"exceptions": "1", "exceptions_until": far, "plan": "free, team",
	} {
		if got := rows[0].Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	never := &inventory.Detail{Service: inventory.Service{Service: "ChatGPT", ID: "chatgpt"}}
	rows, err = schema(t).Rows(&register.Input{Detail: never, Book: b, Now: time.Now()})
	if err != nil || rows[0].Get("event_log")+rows[0].Get("report_ids")+rows[0].Get("exceptions") != "" || rows[0].Get("policy_version") == "" {
		t.Errorf("of a service that was never seen: %+v, %v", rows, err)
	}
}
