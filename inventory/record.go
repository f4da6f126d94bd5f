package inventory

import (
	"strings"
	"unicode/utf8"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// Record queues a sighting, which must not change any more. It never blocks:
// when the queue is full the sighting goes to the spool, and when that can't
// keep up either it is dropped and counted.
func (v *Inventory) Record(s *traffic.Sighting) {
	v.gate.RLock()
	defer v.gate.RUnlock()
	if v.closed {
		v.count.dropped.Add(1)
		return
	}
	if !v.queue.put(s) && !v.overflow.put(s) {
		v.count.dropped.Add(1)
	}
}

// maxText bounds each string of an event, maxList each list: a client chooses
// its user agent, its model and, at an unknown service, everything.
const (
	maxText = 256
	maxList = 64
)

// event makes what is kept of a sighting. It shares the maps, which do not
// change any more.
func (v *Inventory) event(s *traffic.Sighting) Event {
	e := Event{
		ID: text(s.ID), Time: s.Time.UTC(), Sensor: s.Sensor, Origin: text(s.Origin),
		Groups: texts(s.Groups), Host: text(s.Host), Method: text(s.Method), Path: text(s.Path), UserAgent: text(s.UserAgent),
		ServiceID: text(s.Verdict.ID), Service: text(s.Verdict.Service), Vendor: text(s.Verdict.Vendor), Category: text(s.Verdict.Category),
		Surface: s.Verdict.Surface, How: s.Verdict.How, Confidence: s.Verdict.Confidence, Features: texts(s.Verdict.Features),
		Account: Account{
			Kind: s.Account.Kind, Organisation: text(s.Account.Organisation),
			Plan: text(s.Account.Plan), Key: text(s.Account.Key),
		},
		Model: text(s.Model), Format: text(s.Format),
		Findings: s.Findings, Classes: s.Classes, Prints: texts(s.Prints),
		Action: s.Decision.Action, Rule: text(s.Decision.Rule),
		Depth: s.Coverage.Depth, Why: text(s.Coverage.Reason),
		Noted: texts(s.Features), Blind: text(s.Blind),
		Agent: agent(s.UserAgent), Tools: texts(s.Tools), Servers: texts(s.Servers), Files: int64(max(0, s.Files)),
		Requests: max(0, s.Requests), Up: max(0, s.Up), Down: max(0, s.Down), Code: s.Code, Took: s.Duration,
		Fresh: !s.Again,
	}
	if e.ID == "" {
		e.ID = traffic.NewID(e.Time)
	}
	if e.ServiceID == "" && e.Blind == "" {
		e.ServiceID = "unknown:" + e.Host
	}
	if e.Service == "" && e.Blind == "" {
		e.Service = e.Host
	}
	e.User, e.People = v.mask.user(e.People, s.User)
	e.Client, e.People = v.mask.client(e.People, s.Client)
	return e
}

// text bounds s and makes it valid UTF-8. It keeps no big buffer alive.
func text(s string) string {
	if len(s) > maxText {
		cut := maxText
		for cut > maxText-utf8.UTFMax && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = strings.Clone(s[:cut])
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

func texts(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	out := make([]string, 0, min(len(list), maxList))
	for _, s := range list[:min(len(list), maxList)] {
		out = append(out, text(s))
	}
	return out
}
