package console_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/console/access"
)

// TestRotateOverAPI: an admin gives people new pseudonyms, under the name that
// came with the token; others may look at most.
func TestRotateOverAPI(t *testing.T) {
	g := whole(t)
	before := g.inv.Pseudonym("ann")
	admin := g.token(t, "boss", access.Admin)
	for _, wrong := range []string{`{}`, `{"reason":"  "}`, `{"reason":"` + strings.Repeat("x", 10000) + `"}`} {
		if resp, body := g.ask(t, "POST", "/api/v1/rotations", wrong, admin); resp.StatusCode/100 != 4 {
			t.Errorf("%.40s: %d %s", wrong, resp.StatusCode, body)
		}
	}
	if resp, body := g.ask(t, "POST", "/api/v1/rotations", `{"reason":"why"}`, g.token(t, "rev", access.Reviewer)); resp.StatusCode != 403 {
		t.Errorf("a reviewer: %d %s", resp.StatusCode, body)
	}
	if after := g.inv.Pseudonym("ann"); after != before {
		t.Fatalf("the pseudonym is %s, was %s, and nobody rotated", after, before)
	}
	resp, body := g.ask(t, "POST", "/api/v1/rotations", `{"reason":"a list went astray"}`, admin)
	var made inventory.Generation
	if err := json.Unmarshal([]byte(body), &made); err != nil || resp.StatusCode != 200 || made.Number != 1 || made.By != "token:boss" || made.Reason != "a list went astray" {
		t.Fatalf("%d %s, %v", resp.StatusCode, body, err)
	}
	if after := g.inv.Pseudonym("ann"); after == before {
		t.Error("the pseudonym is the same")
	}
	var list struct{ Rotations []inventory.Generation }
	_, body = g.ask(t, "GET", "/api/v1/rotations", "", g.token(t, "aud", access.Auditor))
	if err := json.Unmarshal([]byte(body), &list); err != nil || len(list.Rotations) != 2 || list.Rotations[1].By != "token:boss" {
		t.Errorf("%s, %v", body, err)
	}
	if e, ok := g.inv.Book().Last(inventory.TopicRotation, "1"); !ok || e.By != "token:boss" {
		t.Errorf("on record: %+v, %v", e, ok)
	}
}

// TestHeads: a head that was noted over the API is found again; one that is not of
// this ledger is a problem, and what is none is refused.
func TestHeads(t *testing.T) {
	g := whole(t)
	auditor := g.token(t, "aud", access.Auditor)
	var head struct {
		Head, Problem string
		Seq           int64
	}
	_, body := g.ask(t, "GET", "/api/v1/ledger/head", "", auditor)
	if err := json.Unmarshal([]byte(body), &head); err != nil || head.Seq == 0 || head.Problem != "" || head.Head != g.inv.Book().Chain().String() {
		t.Fatalf("%s, %v", body, err)
	}
	verify := func(head string) (code int, v inventory.Verification) {
		t.Helper()
		asked, err := json.Marshal(map[string][]string{"heads": {head}})
		if err != nil {
			t.Fatal(err)
		}
		resp, _ := g.ask(t, "POST", "/api/v1/ledger/verifications", string(asked), auditor)
		if resp.StatusCode != 202 {
			return resp.StatusCode, v
		}
		return 200, *g.outcome(t, resp.Header.Get("Location"), auditor)
	}
	if code, v := verify(head.Head); code != 200 || v.Heads != 1 || len(v.Problems) != 0 {
		t.Errorf("the head that was noted: %d %+v", code, v)
	}
	other := fmt.Sprintf("%d:%s", head.Seq, strings.Repeat("ab", 32))
	beyond := fmt.Sprintf("%d:%s", head.Seq+1000, strings.Repeat("ab", 32))
	for _, wrong := range []string{other, beyond} {
		if code, v := verify(wrong); code != 200 || v.Heads != 0 || len(v.Problems) != 1 {
			t.Errorf("a head that is not of this ledger: %d %+v", code, v)
		}
	}
	for _, wrong := range []string{"x", "0:" + strings.Repeat("00", 32), ",", head.Head + "," + head.Head} {
		if code, _ := verify(wrong); code/100 != 4 {
			t.Errorf("%.40q: %d", wrong, code)
		}
	}
}
