package inventory

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// prose names the members of what goes on record in which people write as they
// like, and how an error calls them.
var prose = map[string]string{
	"reason": "reason", "conditions": "condition", "plan": "plan", "how": "description", "description": "description",
	"purpose": "purpose", "note": "note", "use_case": "use case",
	"service": "service", "departments": "department", "department": "department", "models": "model", "terms": "terms",
}

// callers are the members that say who it is: names and addresses belong there,
// keys and numbers of cards do not.
var callers = map[string]string{"owner": "owner", "accepted_by": "name", "group": "department", "vendor": "vendor"}

// people are the fields of the register that do so.
var people = map[string]bool{FieldDeputy: true, "checked_by": true, "legal_entity": true}

// writers are the topics that people write on.
var writers = map[Topic]bool{
	TopicDecision: true, TopicUseCase: true, TopicField: true, TopicDeclared: true, TopicRisk: true, TopicStatement: true,
	TopicReveal: true, TopicRotation: true, TopicDeletion: true, TopicAccess: true, TopicException: true, TopicRules: true,
}

// said is a text that somebody wrote.
type said struct {
	text string
	name string // of what it is
	who  bool   // it says who somebody is
}

// checkNotes refuses notes in which somebody wrote personal or secret values: the
// ledger never forgets. What was on record on their subjects before may stay.
func (v *Inventory) checkNotes(b *Book, notes []Note, clean map[string]bool) error {
	if v.cfg.Personal == nil {
		return nil
	}
	fresh := make(map[string]said)
	for i := range notes {
		n := &notes[i]
		if !writers[n.Topic] || n.Topic == TopicDeletion && n.Subject == "" {
			continue
		}
		list, err := written(n)
		if err != nil {
			return err
		}
		var old map[string]bool
		for _, s := range list {
			if clean[s.text] {
				continue
			}
			if old == nil {
				old = v.writtenBefore(b, n)
			}
			if _, strict := fresh[s.text]; !old[s.text] && !(strict && s.who) {
				fresh[s.text] = s
			}
		}
	}
	return v.checkSaid(fresh, clean)
}

// checkSaid looks at all texts at once, which is nearly always enough, and at each
// where something was found.
func (v *Inventory) checkSaid(fresh map[string]said, clean map[string]bool) error {
	texts := slices.Sorted(maps.Keys(fresh))
	if len(texts) == 0 {
		return nil
	}
	found, err := v.cfg.Personal(strings.Join(texts, "\n\n"))
	if err != nil {
		return fmt.Errorf("looking for personal data: %w", err)
	}
	for _, t := range texts {
		if len(found) > 0 || len(texts) == 1 {
			if err := v.checkText(fresh[t]); err != nil {
				return err
			}
		}
		clean[t] = true
	}
	return nil
}

// CheckText refuses a text that somebody wrote for documents that are handed on,
// with personal or secret values in it.
func (v *Inventory) CheckText(name, text string) error {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return v.checkText(said{text: text, name: name})
}

// checkText refuses a text with personal or secret values in it.
func (v *Inventory) checkText(s said) error {
	if v.cfg.Personal == nil {
		return nil
	}
	found, err := v.cfg.Personal(s.text)
	if err != nil {
		return fmt.Errorf("looking for personal data in the %s: %w", s.name, err)
	}
	if s.who {
		found = slices.DeleteFunc(found, func(class string) bool {
			return class == string(traffic.ClassContact) || class == string(traffic.ClassPersonal)
		})
	}
	if len(found) > 0 {
		return &InvalidError{fmt.Sprintf("the %s stays on record for ever, and has personal or secret data in it (%s): say it without", s.name, strings.Join(found, ", "))}
	}
	return nil
}

// writtenBefore returns the texts of the entry before on a note's subject.
func (v *Inventory) writtenBefore(b *Book, n *Note) map[string]bool {
	old := make(map[string]bool)
	if last, ok := b.Last(n.Topic, n.Subject); ok {
		list, _ := written(&Note{n.Topic, n.Subject, last.Data}) // what can't be read is not the same
		for _, s := range list {
			old[s.text] = true
		}
	}
	return old
}

// written returns the texts in a note that people have written.
func written(n *Note) (list []said, err error) {
	data, err := json.Marshal(n.Data)
	if err != nil {
		return nil, fmt.Errorf("encoding a note on %s %q: %w", n.Topic, n.Subject, err)
	}
	var all any
	if err := json.Unmarshal(data, &all); err != nil {
		return nil, fmt.Errorf("reading a note on %s %q: %w", n.Topic, n.Subject, err)
	}
	w := walk{topic: n.Topic}
	if n.Topic == TopicField {
		_, w.field, _ = strings.Cut(n.Subject, "#")
	}
	w.value("", all)
	if n.Topic == TopicUseCase { // whose id somebody chose
		w.list = append(w.list, said{text: n.Subject, name: "id"})
	}
	return w.list, nil
}

// walk collects the texts of one note.
type walk struct {
	topic Topic
	field string
	list  []said
}

func (w *walk) value(key string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for key, v := range v {
			w.value(key, v)
		}
	case []any:
		for _, v := range v {
			w.value(key, v)
		}
	case string:
		if strings.TrimSpace(v) != "" {
			w.text(key, v)
		}
	}
}

func (w *walk) text(key, text string) {
	name, ok := prose[key]
	_, who := callers[key]
	switch {
	case ok:
	case who:
		name = callers[key]
	case key == "value" && w.topic == TopicField:
		name, who = "field "+w.field, people[w.field]
	case key == "name" && (w.topic == TopicUseCase || w.topic == TopicDeclared):
		name = "name"
	default:
		return
	}
	w.list = append(w.list, said{text, name, who})
}
