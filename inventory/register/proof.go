package register

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// proof is what a state of the ledger holds for all rows: which rules were in
// force last, what was sealed, which packs were handed out, which exceptions
// hold. It is read once for many rows.
type proof struct {
	of         *inventory.Book
	policy     *Stated // nil: none is on record
	seals      []span
	packs      []span
	exceptions map[string]held // by service
}

// span is something on record about a time.
type span struct {
	name        string
	from, until time.Time
}

type held struct {
	n     int
	until string
}

// proven returns the proof of in, made when the book is another one.
func (in *Input) proven() *proof {
	if in.proof == nil || in.proof.of != in.Book {
		in.proof = newProof(in.Book, in.Now)
	}
	return in.proof
}

// newProof passes over entries that can't be read: the row is no place to
// complain of them, verifying the ledger is.
func newProof(b *inventory.Book, now time.Time) *proof {
	p := &proof{of: b, exceptions: make(map[string]held)}
	newest := int64(0)
	for hash, history := range b.Subjects(inventory.TopicPolicy) {
		if e := &history[len(history)-1]; e.Seq > newest {
			newest = e.Seq
			p.policy = &Stated{short(hash), Provenance{Source: FromComputed, Who: fmt.Sprintf("ledger entry %d", e.Seq), When: e.Time, Confidence: 1}}
		}
	}
	for _, e := range b.History(inventory.TopicSeal, "") {
		if s, err := inventory.Read[inventory.Seal](&e); err == nil && s.Events > 0 {
			p.seals = append(p.seals, span{fmt.Sprint(e.Seq), s.First, s.Last})
		}
	}
	for period, history := range b.Subjects(inventory.TopicEvidence) {
		for i := range history {
			n, err := inventory.Read[struct {
				From, Until time.Time
				Manifest    string
			}](&history[i])
			if err == nil {
				p.packs = append(p.packs, span{period + " " + short(n.Manifest), n.From, n.Until})
			}
		}
	}
	list, err := inventory.ExceptionsIn(b, now)
	for i := range list {
		if x := &list[i]; err == nil && x.State == inventory.ExceptionGranted && x.Service != "" {
			h := p.exceptions[x.Service]
			p.exceptions[x.Service] = held{h.n + 1, max(h.until, x.Until)}
		}
	}
	return p
}

// add adds what holds for a service.
func (p *proof) add(d *inventory.Detail, now time.Time, add func(name, value string, from Provenance)) {
	ledger := Provenance{Source: FromComputed, Who: "ledger", When: now, Confidence: 1}
	if p.policy != nil {
		add("policy_version", p.policy.Value, p.policy.Provenance)
	}
	if h := p.exceptions[d.ID]; h.n > 0 {
		add("exceptions", fmt.Sprint(h.n), ledger)
		add("exceptions_until", h.until, ledger)
	}
	if d.FirstSeen.IsZero() {
		return
	}
	if in := within(p.seals, d); len(in) > 0 {
		text := "seal " + in[0].name
		if len(in) > 1 {
			text = "seals " + in[0].name + " to " + in[len(in)-1].name
		}
		add("event_log", text+", "+stamp(in[0].from)+" to "+stamp(in[len(in)-1].until), ledger)
	}
	var reports []string
	for _, s := range within(p.packs, d) {
		reports = append(reports, s.name)
	}
	slices.Sort(reports)
	reports = slices.Compact(reports)
	add("report_ids", strings.Join(reports[max(0, len(reports)-maxShown):], ", "), ledger)
}

// within returns the spans in which the service may have been seen.
func within(all []span, d *inventory.Detail) (some []span) {
	for _, s := range all {
		if !s.until.Before(d.FirstSeen) && !s.from.After(d.LastSeen) {
			some = append(some, s)
		}
	}
	return some
}

// short is enough of a hash to find it.
func short(hash string) string { return hash[:min(12, len(hash))] }
