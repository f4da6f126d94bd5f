package main

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/console/access"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// TestAPIOfGateway asks a gateway that has seen a prompt for what the commands
// show, over the network.
func TestAPIOfGateway(t *testing.T) {
	o := startOffice(t, nil)
	if code, body := o.chat(t, "my key is "+fakeKey); code != 200 {
		t.Fatalf("%d %s", code, body)
	}
	awaitTrue(t, func() bool {
		rows, err := o.inventory.Services(t.Context())
		return err == nil && len(rows) > 0
	})
	secret, err := access.Create(t.Context(), o.inventory, "test", "all", access.Admin, "", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	ask := func(method, path, body string) (int, string) {
		t.Helper()
		return fetch(t, client, method, "http://"+o.console.Addr().String()+"/api/v1"+path, body, "Authorization", "Bearer "+secret)
	}
	for _, tt := range []struct {
		path, want string
		code       int
	}{
		{"/tables/services", "openai-api", 200},
		{"/tables/register", "openai-api", 200},
		{"/tables/risks?period=2026", "exposure", 200},
		{"/tables/risks?period=nonsense", "period", 400},
		{"/tables/risks?method=nonsense", "method", 400},
		{"/tables/drift?format=json", "not_approved", 200},
		{"/tables/suppliers", "OpenAI", 200},
		{"/tables/statement", "A.9.2", 200},
		{"/tables/statement?final=yes", "can't be final", 409},
		{"/tables/statement?framework=nonsense", "framework", 400},
		{"/tables/models", "gpt-4o", 200},
		{"/tables/agents", "requests", 200},
		{"/tables/tools", "requests", 200},
		{"/tables/servers", "requests", 200},
		{"/tables/accounts?format=json", "[", 200},
		{"/tables/keys", "seen_in_prompt", 200},
		{"/tables/users", "requests", 200},
		{"/tables/departments", "requests", 200},
		{"/services/openai-api/register", `"name":"residual_risk"`, 200},
		{"/register", `"openai-api"`, 200},
		{"/suppliers", `"vendor":"OpenAI"`, 200},
		{"/sheet?lang=de", "Einzelne Beobachtungen", 200},
		{"/signer", "BEGIN PUBLIC KEY", 200},
		{"/statements/iso42001", `"query":"declared_observed","text":"differences between what is declared and what is observed","collected":false,"count":0`, 200},
	} {
		if code, body := ask("GET", tt.path, ""); code != tt.code || !strings.Contains(body, tt.want) {
			t.Errorf("%s: %d, want %d with %q in\n%.600s", tt.path, code, tt.code, tt.want, body)
		}
	}
	if code, body := ask("PUT", "/services/openai-api/fields", `{"values":{"dpa":"yes"},"reason":"contract"}`); code != 200 {
		t.Errorf("fields: %d %s", code, body)
	}
	for _, tt := range []struct{ method, path, body string }{
		{"PUT", "/services/openai-api/fields", `{"values":{"purpose":"letters to jane.doe@contoso.com"}}`},
		{"PUT", "/services/openai-api/fields", `{"values":{"region":"EU"},"reason":"as jane.doe@contoso.com said"}`},
		{"POST", "/decisions", `{"decisions":[{"service":"openai-api","verb":"approve","reason":"jane.doe@contoso.com wants it"}]}`},
		{"POST", "/rotations", `{"reason":"jane.doe@contoso.com lost a list"}`},
		{"PUT", "/statements/iso42001/A.9.2", `{"applicable":true,"reason":"see jane.doe@contoso.com"}`},
	} {
		if code, body := ask(tt.method, tt.path, tt.body); code != 400 || !strings.Contains(body, "stays on record for ever") || strings.Contains(body, "contoso") {
			t.Errorf("%s %s: %d %s, want a refusal of what stays on record", tt.path, tt.body, code, body)
		}
	}
	second, err := access.Create(t.Context(), o.inventory, "root", "second", access.Admin, "", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for department, warning := range map[string]string{"Legl": `"warning":"nobody of a department \"Legl\" has been seen`, "": `"state":"granted"`} {
		x, err := o.inventory.AskException(t.Context(), inventory.Asking{
			Person: o.inventory.PersonOf("", netip.MustParseAddr("127.0.0.1")), Service: "openai-api", Reason: "tender", Until: time.Now().UTC().AddDate(0, 0, 7).Format(time.DateOnly),
		}, "token:all")
		if err != nil {
			t.Fatal(err)
		}
		code, body := fetch(t, client, "POST", "http://"+o.console.Addr().String()+"/api/v1/exceptions/"+x.ID+"/grant", `{"department":"`+department+`"}`, "Authorization", "Bearer "+second)
		if code != 200 || !strings.Contains(body, warning) || department == "" && strings.Contains(body, "warning") {
			t.Errorf("granted for %q: %d %s, want %s", department, code, body, warning)
		}
	}
	err = o.inventory.Entries(t.Context(), 0, func(e *ledger.Entry) error {
		if strings.Contains(string(e.Data), "contoso") {
			t.Errorf("on record: %s", e.Data)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if e, ok := o.inventory.Book().Last(inventory.TopicField, "openai-api#dpa"); !ok || e.By != "token:all" {
		t.Errorf("on record: %+v", e)
	}
}
