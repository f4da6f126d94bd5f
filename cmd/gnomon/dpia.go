package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/evidence"
	"github.com/gnomon-proxy/gnomon/inventory/privacy"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// dpiaSection is one section of a data protection impact assessment: what this
// program can say of itself, and what people must add.
type dpiaSection struct {
	Topic string   `json:"topic"`
	Title string   `json:"title"`
	Facts []string `json:"facts"`
	Risks []risked `json:"risks,omitempty"`
	Human []string `json:"to_fill_in"` // by people
}

// risked is a risk to people, how it is treated, and what was measured.
type risked struct {
	Risk      string `json:"risk"`
	Treatment string `json:"treatment"`
	Measured  string `json:"measured"`
}

// measured are the facts of a deployment that an assessment rests on.
type measured struct {
	Requests, Inspected, Metadata, Blind int64
	Blocked, Redacted, Findings          int64
	People                               string // as a report shows it
	RevealsAsked, RevealsShown           int
	Erasures, Deletions                  int
	LastDeletion                         time.Time
	Asked, Granted                       int // exceptions
	Changes                              int // of rules and settings, on record
	Entries                              int64
	Differ                               []string // settings in which the gateway that ran last differs
	Since                                time.Time
	Unread                               []string // hosts whose services are never decrypted
}

// measure reads the record; inv is nil where there is none yet.
func measure(ctx context.Context, inv *inventory.Inventory, s *Settings, set *rules.Set, now time.Time) (m measured, err error) {
	for i := range set.Services {
		if v := &set.Services[i]; traffic.Scope(v.Scope) == traffic.ScopeWebsite {
			m.Unread = append(m.Unread, v.Name)
		}
	}
	if inv == nil {
		m.People = privacy.K(s.Privacy.K).Count(0)
		return m, nil
	}
	services, err := inv.Services(ctx)
	if err != nil {
		return m, err
	}
	for i := range services {
		m.count(&services[i])
	}
	people, err := inv.Seen().CountSubjects(ctx, inventory.KindUser)
	if err != nil {
		return m, err
	}
	m.People = privacy.K(s.Privacy.K).Count(people)
	return m, m.onRecord(inv, s, now)
}

func (m *measured) count(s *inventory.Service) {
	m.Requests += s.Requests
	m.Inspected, m.Metadata, m.Blind = m.Inspected+s.Coverage.Inspected, m.Metadata+s.Coverage.MetadataOnly, m.Blind+s.Coverage.Blind
	m.Blocked += s.Decisions[traffic.ActionBlock]
	m.Redacted += s.Decisions[traffic.ActionRedact] + s.Decisions[traffic.ActionPseudonymise]
	for _, n := range s.Findings {
		m.Findings += n
	}
	if m.Since.IsZero() || !s.FirstSeen.IsZero() && s.FirstSeen.Before(m.Since) {
		m.Since = s.FirstSeen
	}
}

// onRecord counts what the ledger holds.
func (m *measured) onRecord(inv *inventory.Inventory, s *Settings, now time.Time) error {
	book := inv.Book()
	m.Entries = book.Chain().Seq
	reveals, err := inv.Reveals()
	m.RevealsAsked = len(reveals)
	for _, r := range reveals {
		if r.State == inventory.RevealShown {
			m.RevealsShown++
		}
	}
	exceptions, failed := inventory.ExceptionsIn(book, now)
	m.Asked = len(exceptions)
	for _, x := range exceptions {
		if x.State == inventory.ExceptionGranted {
			m.Granted++
		}
	}
	for subject, history := range book.Subjects(inventory.TopicDeletion) {
		if subject != "" {
			m.Erasures++
			continue
		}
		m.Deletions, m.LastDeletion = len(history), history[len(history)-1].Time
	}
	for _, topic := range []inventory.Topic{inventory.TopicPolicy, inventory.TopicSettings} {
		for _, history := range book.Subjects(topic) {
			m.Changes += len(history)
		}
	}
	return errors.Join(err, failed, m.running(book, s))
}

// running compares the settings with those that the gateway which started last
// runs with.
func (m *measured) running(book *inventory.Book, s *Settings) error {
	var last *evidence.SettingsNote
	seq := int64(0)
	for _, history := range book.Subjects(inventory.TopicSettings) {
		e := &history[len(history)-1]
		if e.Seq < seq {
			continue
		}
		note, err := inventory.Read[evidence.SettingsNote](e)
		if err != nil {
			return err
		}
		last, seq = &note, e.Seq
	}
	if last == nil {
		return nil
	}
	text := func(v any) string { b, _ := json.Marshal(v); return string(b) }
	now := settingsShown(s)
	for _, key := range slices.Sorted(maps.Keys(now)) {
		if was, ok := last.Settings[key]; ok && text(was) != text(now[key]) {
			m.Differ = append(m.Differ, key)
		}
	}
	return nil
}

// share prints a part of a whole in percent.
func share(part, whole int64) string {
	if whole == 0 {
		return "0 %"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(whole))
}

// dpia writes the sections for settings and what was measured, in English or
// German.
func dpia(s *Settings, m *measured, german bool) []dpiaSection {
	d := &dpiaWriter{german: german}
	sheet := make(map[string]sheetRow)
	for _, row := range dataSheet(*s, german) {
		sheet[row.Topic] = row
	}
	d.purpose(m)
	d.data(s, m, sheet)
	d.people(s, m, sheet)
	d.risks(s, m)
	d.council(s)
	d.sign()
	return d.list
}

// dpiaWriter collects sections in one language.
type dpiaWriter struct {
	german bool
	list   []dpiaSection
}

// say returns the text in the language.
func (d *dpiaWriter) say(en, de string, args ...any) string {
	text := en
	if d.german {
		text = de
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

func (d *dpiaWriter) add(topic, title string, facts, human []string) {
	d.list = append(d.list, dpiaSection{Topic: topic, Title: title, Facts: slices.DeleteFunc(facts, func(f string) bool { return f == "" }), Human: human})
}

func (d *dpiaWriter) names(l []string) string {
	return cmp.Or(strings.Join(l, ", "), d.say("none", "keine"))
}
