package inventory_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// strict is seenAlice with a look at what people write: "jane@corp.example" is a
// contact, "KEY" a secret.
func strict(t *testing.T) *people {
	t.Helper()
	p := &people{dir: t.TempDir()}
	p.Inventory = newInventory(t, inventory.Config{Dir: p.dir, Store: openStore(t, p.dir), Now: p.now, Personal: func(text string) (found []string, err error) {
		for sign, class := range map[string]traffic.Class{"jane@corp.example": traffic.ClassContact, "KEY": traffic.ClassSecret} {
			if strings.Contains(text, sign) {
				found = append(found, string(class))
			}
		}
		return found, nil
	}})
	stop := start(t, p.Inventory)
	p.Record(sighting())
	stop()
	p.alice = p.Pseudonym("alice@example.org")
	return p
}

func noteOf(t inventory.Topic, subject string, data any) func(*inventory.Book) ([]inventory.Note, error) {
	return func(*inventory.Book) ([]inventory.Note, error) {
		return []inventory.Note{{Topic: t, Subject: subject, Data: data}}, nil
	}
}

// TestWritten keeps personal and secret data out of all that people write and the
// ledger would never forget.
func TestWritten(t *testing.T) {
	p := strict(t)
	ctx := t.Context()
	x := p.askFor(t, "openai-api", "")
	r, err := p.RequestReveal(ctx, p.alice, "incident 12", "ann", reviewers)
	if err != nil {
		t.Fatal(err)
	}
	write := func(topic inventory.Topic, subject string, data any) error {
		_, err := p.Write(ctx, "ann", noteOf(topic, subject, data))
		return err
	}
	field := func(name, value, reason string) error {
		return write(inventory.TopicField, inventory.FieldSubject("openai-api", name), &inventory.Field{Value: value, Source: inventory.FromPerson, Reason: reason})
	}
	decide := func(c inventory.Change) error {
		c.Service, c.Verb, c.By = "openai-api", inventory.Approve, "ann"
		_, err := p.Decide(ctx, c)
		return err
	}
	const contact, key = "as jane@corp.example wanted", "KEY"
	for name, do := range map[string]func() error{
		"reason of a decision": func() error { return decide(inventory.Change{Reason: contact}) },
		"condition":            func() error { return decide(inventory.Change{Conditions: []string{"no customers", contact}}) },
		"owner":                func() error { return decide(inventory.Change{Owner: key}) },
		"many decisions": func() error {
			_, err := p.DecideAll(ctx, []inventory.Change{{Service: "openai-api", Verb: inventory.Refuse, Reason: contact, By: "ann"}}, false)
			return err
		},
		"reveal":         func() error { _, err := p.RequestReveal(ctx, p.alice, contact, "ann", reviewers); return err },
		"refused reveal": func() error { _, err := p.RefuseReveal(ctx, r.Request, contact, "rita", reviewers); return err },
		"rotation":       func() error { _, err := p.Rotate(ctx, contact, "ann"); return err },
		"erasure":        func() error { _, err := p.Erase(ctx, p.alice, contact, "ann"); return err },
		"granted exception": func() error {
			_, err := p.GrantException(ctx, x.ID, inventory.Grant{Reason: contact}, "rita")
			return err
		},
		"refused exception": func() error { _, err := p.RefuseException(ctx, x.ID, contact, "rita"); return err },
		"field":             func() error { return field("purpose", contact, "") },
		"reason of a field": func() error { return field("purpose", "texts", contact) },
		"key as a name":     func() error { return field(inventory.FieldDeputy, key, "") },
		"use case": func() error {
			return write(inventory.TopicUseCase, "u", map[string]any{"name": "x", "description": contact})
		},
		"list": func() error {
			return write(inventory.TopicDeclared, "l", map[string]any{"services": []map[string]string{{"purpose": "x"}, {"note": contact}}})
		},
		"id of a use case": func() error { return write(inventory.TopicUseCase, key, map[string]any{"name": "x"}) },
		"department and model of a list": func() error {
			return write(inventory.TopicDeclared, "l", map[string]any{"services": []map[string][]string{{"departments": {"Sales"}, "models": {contact}}}})
		},
		"vendor": func() error {
			return write(inventory.TopicDeclared, "l", map[string]any{"services": []map[string]string{{"vendor": key}}})
		},
		"plan": func() error {
			return write(inventory.TopicRisk, "r", map[string]any{"treatment": map[string]string{"plan": contact}})
		},
		"statement": func() error { return write(inventory.TopicStatement, "f/c", map[string]string{"how": contact}) },
	} {
		before := p.Book().Chain()
		err := do()
		if bad := (*inventory.InvalidError)(nil); !errors.As(err, &bad) || !strings.Contains(bad.Problem, "stays on record for ever") || strings.Contains(bad.Problem, "corp") {
			t.Errorf("%s: %v, want a refusal that does not repeat it", name, err)
		}
		if p.Book().Chain() != before {
			t.Errorf("%s: something was put on record", name)
		}
	}
	for name, do := range map[string]func() error{
		"names": func() error {
			return decide(inventory.Change{Owner: "jane@corp.example", Deputy: "jane@corp.example", Reason: "fine"})
		},
		"other texts": func() error { return field("purpose", "texts of the press office", "") },
	} {
		if err := do(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := p.RequestReveal(ctx, p.alice, "incident 13", "ann", reviewers); err != nil {
		t.Errorf("a refused erasure has deleted something: %v", err)
	}
}

// TestWrittenBefore lets stay what was on record on the same subject before
// anybody looked.
func TestWrittenBefore(t *testing.T) {
	p := seenAlice(t)
	old := map[string]any{"name": "x", "description": "as jane@corp.example wanted"}
	if _, err := p.Write(t.Context(), "ann", noteOf(inventory.TopicUseCase, "u", old)); err != nil {
		t.Fatal(err)
	}
	v := newInventory(t, inventory.Config{Dir: p.dir, Store: openStore(t, p.dir), Personal: func(text string) ([]string, error) {
		if strings.Contains(text, "@") {
			return []string{"contact"}, nil
		}
		return nil, nil
	}})
	old["retired"] = true
	if _, err := v.Write(t.Context(), "ann", noteOf(inventory.TopicUseCase, "u", old)); err != nil {
		t.Errorf("it can't be retired: %v", err)
	}
	if _, err := v.Write(t.Context(), "ann", noteOf(inventory.TopicUseCase, "v", old)); !invalid(err) {
		t.Errorf("another subject has it: %v", err)
	}
}
