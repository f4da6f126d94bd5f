package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// granted makes a state directory in which ann may use ChatGPT, and returns her
// pseudonym.
func granted(t *testing.T) (pseudonym string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "state")
	t.Setenv("GNOMON_STATE_DIR", dir)
	s := defaultSettings()
	s.StateDir = dir
	k, err := loadKnowledge(nil, passingKey())
	if err != nil {
		t.Fatal(err)
	}
	inv, done, err := openInventory(t.Context(), s, k.set.Services)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	pseudonym = inv.Pseudonym("ann")
	x, err := inv.AskException(t.Context(), inventory.Asking{
		Person: pseudonym, Service: "ChatGPT", Reason: "tender", Until: time.Now().UTC().AddDate(0, 0, 7).Format(time.DateOnly),
	}, "bob")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := inv.GrantException(t.Context(), x.ID, inventory.Grant{}, "rita"); err != nil {
		t.Fatal(err)
	}
	return pseudonym
}

// TestExceptionsAreSaid: who refuses a service learns which exceptions hold on,
// and who asks about a person by pseudonym gets that person's.
func TestExceptionsAreSaid(t *testing.T) {
	ann := granted(t)
	run := func(args ...string) (out, errs string) {
		t.Helper()
		var o, e strings.Builder
		if code := execute(t.Context(), args, strings.NewReader(""), &o, &e); code != 0 {
			t.Fatalf("%v: exit code %d: %s", args, code, e.String())
		}
		return o.String(), e.String()
	}
	for _, args := range [][]string{{"refuse", "ChatGPT"}, {"retire", "ChatGPT", "Claude"}, {"refuse", "ChatGPT", "--json"}} {
		if _, errs := run(append([]string{"inventory"}, args...)...); strings.Count(errs, "may still be used under 1 exception until") != 1 {
			t.Errorf("%v says nothing of the exception that holds: %q", args, errs)
		}
	}
	if _, errs := run("inventory", "approve", "ChatGPT"); strings.Contains(errs, "exception") {
		t.Errorf("an approval speaks of exceptions: %q", errs)
	}
	run("inventory", "refuse", "ChatGPT")
	ask := []string{"rules", "explain", "--host", "chatgpt.com", "--user"}
	for _, user := range []string{"ann", ann} {
		if out, _ := run(append(ask, user)...); !strings.Contains(out, "holds: the service counts as approved with conditions") {
			t.Errorf("as %s, whose exception holds:\n%s", user, out)
		}
	}
	if _, errs := run(append(ask, ann)...); !strings.Contains(errs, "rules that name users are tried as for somebody without a name") {
		t.Errorf("a pseudonym is taken for a name: %q", errs)
	}
	if out, _ := run(append(ask, "u-000000000000")...); strings.Contains(out, "holds") {
		t.Errorf("the exception of another person holds:\n%s", out)
	}
}

// TestAskForUnknown: a slip in a name is noticed before it is on record, or said.
func TestAskForUnknown(t *testing.T) {
	granted(t)
	until := time.Now().UTC().AddDate(0, 0, 7).Format(time.DateOnly)
	ask := func(user string) (code int, errs string) {
		var o, e strings.Builder
		code = execute(t.Context(), []string{"inventory", "exceptions", "ask", "--user", user, "--service", "Claude", "--until", until, "--reason", "why"}, strings.NewReader(""), &o, &e)
		return code, e.String()
	}
	if code, errs := ask("u-000000000000"); code != exitUsage || !strings.Contains(errs, "nobody is known as u-000000000000") {
		t.Errorf("a pseudonym that nobody has: %d, %q", code, errs)
	}
	if _, errs := ask("amn"); !strings.Contains(errs, `nobody called "amn" has been seen`) { // whether it is taken depends on who runs this
		t.Errorf("a name that was not seen: %q", errs)
	}
}

// TestWarnOfDepartment: a department that nobody is of is said, with those like
// it.
func TestWarnOfDepartment(t *testing.T) {
	o := startOffice(t, nil)
	if code, _ := o.chat(t, "hello"); code != 200 {
		t.Fatalf("answer %d", code)
	}
	var said strings.Builder
	if err := warnOfDepartment(t.Context(), &said, o.inventory, "Legl"); err != nil || !strings.Contains(said.String(), `nobody of a department "Legl" has been seen`) {
		t.Errorf("said %q, %v", said.String(), err)
	}
	said.Reset()
	if err := warnOfDepartment(t.Context(), &said, o.inventory, ""); err != nil || said.String() != "" {
		t.Errorf("without a department: %q, %v", said.String(), err)
	}
}
