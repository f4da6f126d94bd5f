package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/rules"
)

func TestException(t *testing.T) {
	dir, now := t.TempDir(), time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	x := exception{finding: "fc27bef4b5160f4d", detector: "payment_card", service: "ChatGPT", until: "2027-01-31", owner: "ann", reason: "test card"}
	if err := x.check(now); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := x.add(dir, now, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"--- /dev/null", "+policies:", "+    # added 2026-11-22 by ann: test card", "+    until: 2027-01-31"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in the diff:\n%s", want, out.String())
		}
	}
	second := x
	second.finding, second.dryRun = "0123456789abcdef", true
	if err := second.add(dir, now, &out); err != nil {
		t.Fatal(err)
	}
	set, err := rules.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if p := set.Policies[0]; p.Name != "exception-fc27bef4b5160f4d-payment_card-ChatGPT" || p.Until.Format(time.DateOnly) != x.until || set.Policies[1].Name == "exception-0123456789abcdef-payment_card-ChatGPT" {
		t.Errorf("first policies %+v", set.Policies[:2])
	}

	before, _ := os.ReadFile(filepath.Join(dir, "policies", "00-exceptions.yaml"))
	for _, bad := range []func(*exception){
		func(x *exception) { x.detector = "payment_cart" },
		func(x *exception) { x.finding = "4111111111111111x" },
		func(*exception) {}, // there is such a rule
	} {
		y := x
		bad(&y)
		if err := y.add(dir, now, &out); err == nil {
			t.Errorf("%+v was added", y)
		}
	}
	if after, _ := os.ReadFile(filepath.Join(dir, "policies", "00-exceptions.yaml")); string(after) != string(before) {
		t.Errorf("the file became\n%s", after)
	}
}

// TestExceptionBesideTables adds one to an overlay whose policies name a table.
func TestExceptionBesideTables(t *testing.T) {
	overlay := t.TempDir()
	writeTo(t, filepath.Join(overlay, "edm", "a.edm"), "gnomon-edm-2\ncustomers\nname\n0 1 0 1\n")
	writeTo(t, filepath.Join(overlay, "policies", "mine.yaml"), "policies:\n  - name: own\n    when: {detector: [customers]}\n    action: alert\n")
	x := exception{finding: "fc27bef4b5160f4d", detector: "customers", service: "ChatGPT", until: "2027-01-31", owner: "ann", reason: "test"}
	if err := x.add(overlay, time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), io.Discard); err != nil {
		t.Error(err)
	}
}

// TestExceptionsAtOnce adds several at the same time: none is lost.
func TestExceptionsAtOnce(t *testing.T) {
	overlay, now := t.TempDir(), time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	const n = 4
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			x := exception{finding: fmt.Sprintf("%016x", i), detector: "payment_card", service: "ChatGPT", until: "2027-01-31", owner: "ann", reason: "test"}
			if err := x.add(overlay, now, io.Discard); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	set, err := rules.Load(overlay)
	if err != nil {
		t.Fatal(err)
	}
	got := 0
	for _, p := range set.Policies {
		if strings.HasPrefix(p.Name, "exception-") {
			got++
		}
	}
	if got != n {
		t.Errorf("%d exceptions are in force, want %d", got, n)
	}
}

// TestExceptionBehindHandiwork adds one to a file that an editor left without a
// line break at its end.
func TestExceptionBehindHandiwork(t *testing.T) {
	overlay := t.TempDir()
	writeTo(t, filepath.Join(overlay, "policies", "00-exceptions.yaml"), "policies:\n  - name: own\n    when: {class: [secret]}\n    action: alert")
	x := exception{finding: "fc27bef4b5160f4d", detector: "payment_card", service: "ChatGPT", until: "2027-01-31", owner: "ann", reason: "test"}
	if err := x.add(overlay, time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), io.Discard); err != nil {
		t.Error(err)
	}
}

// TestExceptionOnOneLine refuses what would end a comment of YAML.
func TestExceptionOnOneLine(t *testing.T) {
	for _, bad := range []string{"a\nb", "a\u0085b", "a\u2028b", "a\u2029b", "a\x1bb", "a\u202eb"} {
		x := exception{finding: "fc27bef4b5160f4d", detector: "payment_card", service: "ChatGPT", until: "2027-01-31", owner: "ann", reason: bad}
		if err := x.check(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)); err == nil {
			t.Errorf("the reason %q was taken", bad)
		}
	}
}
