package traffic

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// Classifier tells which AI service a flow goes to. Its methods are called
// concurrently.
type Classifier interface {
	// Host classifies by name alone and does not allocate.
	Host(host string) Verdict
	// Request classifies by all that x holds so far (body included when it has
	// been read) and says whose account is used.
	Request(x *Exchange) (Verdict, Account)
	// Response refines both by the answer.
	Response(x *Exchange, a *Answer) (Verdict, Account)
}

// Codec reads and writes the wire formats of AI services.
type Codec interface {
	// Read returns what x.Body and x.RawQuery say. A body that it can't read gives
	// an *UnreadError, and what was read beside it, which may be nil; a request that
	// carries no prompt gives an empty Prompt.
	Read(x *Exchange) (*Prompt, error)
	// Rewrite returns x.Body with the edits (ordered, not overlapping) made in
	// x.Prompt's parts and every other byte as it was, nil where that is the same.
	// Edits in the query it puts into x.RewrittenQuery.
	Rewrite(x *Exchange, edits []Edit) ([]byte, error)
	// Refuse returns an answer in the service's own error shape.
	Refuse(x *Exchange) Refusal
}

// Scanner finds sensitive data. Findings of one part are ordered and don't
// overlap, save that values which are encoded together all have the place of
// what they are encoded in.
type Scanner interface {
	Scan(p *Prompt) []Finding
}

// Policy decides on a request by its verdict, account, status and findings.
type Policy interface {
	Decide(x *Exchange) Decision
}

// Register knows the standing of each service.
type Register interface {
	Status(id string) Status
}

// Recorder keeps sightings. Record never blocks.
type Recorder interface {
	Record(s *Sighting)
}

// Refusal is an answer that takes the place of the service's.
type Refusal struct {
	Code        int
	ContentType string
	Body        []byte
}

// UnreadError says why a body was not read; Reason is one of the reasons of a
// coverage. Raw says that clear text may stand in it all the same.
type UnreadError struct {
	Reason string
	Raw    bool
}

func (e *UnreadError) Error() string { return "body not read: " + e.Reason }

// Stages is one consistent set of the stages that rules configure. A reload
// builds a new one and swaps it.
type Stages struct {
	Classifier Classifier
	Codec      Codec
	Scanner    Scanner
	Policy     Policy
	Answers    AnswerCodec // nil: nothing is restored in answers
}

// Pipeline is the one path from a flow to a sighting. Its methods are safe for
// concurrent use; an Exchange belongs to one goroutine at a time.
type Pipeline struct {
	Stats Stats

	stages   atomic.Pointer[Stages]
	harmless harmless
	register Register
	recorder Recorder
	users    Users    // nil: nobody is known by address
	exempter Exempter // nil: nobody is exempt from anything
	vault    Vault    // nil: what rules pseudonymise is redacted
	extra    func(host string) bool
	log      *slog.Logger
}

// NewPipeline returns a Pipeline over the given stages. extra tells the hosts
// that an administrator wants inspected beyond the catalogue.
func NewPipeline(s *Stages, r Register, rec Recorder, extra func(host string) bool, log *slog.Logger) *Pipeline {
	p := &Pipeline{register: r, recorder: rec, extra: extra, log: log}
	p.stages.Store(s)
	return p
}

// Reload swaps the stages; exchanges under way keep theirs.
func (p *Pipeline) Reload(s *Stages) { p.stages.Store(s) }

// Way is what becomes of a connection before a byte of it is decrypted.
type Way string

// The ways.
const (
	WayTunnel    Way = "tunnel"
	WayIntercept Way = "intercept"
	WayRefuse    Way = "refuse"
)

// Route is the way that a connection takes, and why.
type Route struct {
	Way      Way
	Verdict  Verdict
	Decision Decision
}

// Connect routes a connection by the name that it asks for: AI hosts are
// intercepted, all others tunnelled.
func (p *Pipeline) Connect(f *Flow) Route {
	v := p.stages.Load().Classifier.Host(f.Host)
	r := Route{Way: WayTunnel, Verdict: v}
	switch {
	case p.extra(f.Host), v.AI() && v.Scope == ScopeHost:
		r.Way = WayIntercept
	case v.AI() && v.Scope == ScopeWebsite: // never decrypted, so refused here or not at all
		x := p.newExchange(f, nil, nil)
		p.identify(&x.Flow)
		x.Verdict = v
		p.stand(x)
		if d := x.stages.Policy.Decide(x); d.Action == ActionBlock {
			r.Way, r.Decision = WayRefuse, d
		}
	}
	p.Stats.connect(r.Way)
	return r
}

// Begin starts the way of a request whose head has been read. It leaves in
// x.Need how much of the body is wanted, and in x.Decision a refusal that needs
// no body.
func (p *Pipeline) Begin(f *Flow, header http.Header, query url.Values) *Exchange {
	x := p.newExchange(f, header, query)
	x.Verdict, x.Account = x.stages.Classifier.Request(x)
	switch {
	case x.Verdict.AI():
		p.adopt(x)
	case f.Method == http.MethodPost || f.Method == http.MethodPut:
		x.Need = NeedShape
	}
	return x
}

// Shape decides by the first bytes of the body, in x.Body, whether a host that
// the catalogue does not know is an AI service after all.
func (p *Pipeline) Shape(x *Exchange) {
	x.Need = NeedNothing
	defer p.survive(x)
	if x.Verdict, x.Account = x.stages.Classifier.Request(x); x.Verdict.AI() {
		p.adopt(x)
	}
}

// Inspect is the heart: the prompt is read out of x.Body, scanned and decided
// upon, and rewritten where the policy says so.
func (p *Pipeline) Inspect(x *Exchange) {
	defer p.survive(x)
	prompt, err := x.read()
	defer prompt.release()
	x.Prompt, x.Coverage = prompt, Coverage{Depth: Inspected}
	x.Account = x.Account.or(prompt.Account)
	prompt.Service, prompt.ServiceID = x.Verdict.Service, x.Verdict.ID
	x.Findings = x.stages.Scanner.Scan(prompt)
	if x.RawQuery != "" {
		x.placeQuery()
	}
	x.Decision = x.stages.Policy.Decide(x)
	switch {
	case err != nil:
		p.Fail(x, reasonOf(err))
	case x.Cut:
		p.Fail(x, ReasonOverLimit)
	case len(prompt.Unread) > 0 && !prompt.heard():
		p.Fail(x, prompt.unread())
	case len(prompt.Unread) > 0:
		p.partly(x, prompt.unread())
	}
	if x.Decision.Action == ActionBlock {
		return
	}
	p.open(x)
	if len(x.Decision.Redact) > 0 {
		p.redact(x)
	}
}

// Fail notes that x can't be inspected and lets the rule that decides say what
// becomes of it.
func (p *Pipeline) Fail(x *Exchange, reason string) {
	x.Coverage = Coverage{Depth: Blind, Reason: reason}
	p.Stats.fail(reason)
	if x.Decision.Action == "" {
		x.Decision = x.stages.Policy.Decide(x)
	}
	x.failClosed("This request could not be checked for sensitive data, and the policy does not let it pass unchecked.")
}

// partly notes that something beside the texts of x was not read. A picture is
// no reason to refuse a request; a file that hides its text is.
func (p *Pipeline) partly(x *Exchange, reason string) {
	x.Coverage.Reason = reason
	p.Stats.fail(reason)
	switch reason {
	case ReasonFormat:
	case ReasonScanWork:
		x.failClosed("More in this request looks like sensitive data than could be checked (" + reason + "), and the policy does not let it pass unchecked.")
	default:
		x.failClosed("A file in this request could not be checked for sensitive data (" + reason + "), and the policy does not let it pass unchecked.")
	}
}

// failClosed refuses x where its rule does not let pass what was not checked.
func (x *Exchange) failClosed(why string) {
	if x.Decision.Action != ActionBlock && x.Decision.OnFailure == FailClosed {
		x.Decision.Action, x.Decision.Reason = ActionBlock, why
	}
}

// redact writes the placeholders. A redaction that can't be done is a refusal:
// the data must not leave.
func (p *Pipeline) redact(x *Exchange) {
	var err error
	switch {
	case x.Prompt.Signed:
		err = &UnreadError{Reason: ReasonSigned}
	case x.inDocument():
		err = &UnreadError{Reason: ReasonDocument}
	default:
		edits := make([]Edit, 0, len(x.Decision.Redact))
		for k, i := range x.Decision.Redact {
			f := &x.Findings[i]
			if n := len(edits); n > 0 && edits[n-1].Part == f.Part && f.Start < edits[n-1].End {
				continue // they were encoded together, and are gone
			}
			with := p.replacement(x, k, f)
			edits = append(edits, Edit{Part: f.Part, Start: f.Start, End: f.End, With: with})
		}
		x.Rewritten, err = x.stages.Codec.Rewrite(x, edits)
	}
	if err != nil {
		reason := reasonOf(err)
		p.Stats.fail(reason)
		x.Rewritten, x.RewrittenQuery = nil, ""
		x.Decision.Action = ActionBlock
		x.Decision.Reason = "This request contains sensitive data that can't be removed from it (" + reason + ")."
		if reason == ReasonDocument {
			x.Decision.Reason = "An attached file contains sensitive data, and files of its kind can't be cleaned on the way: remove the data from the file and send it again."
		}
	}
}

// inDocument reports whether something that is to be replaced stands in the text
// of a document.
func (x *Exchange) inDocument() bool {
	for _, i := range x.Decision.Redact {
		if x.Prompt.Parts[x.Findings[i].Part].Place != nil {
			return true
		}
	}
	return false
}

// Direction tells who sent a message on a connection that stays open.
type Direction string

// The directions.
const (
	FromClient Direction = "client"
	FromServer Direction = "server"
)

// Message inspects one WebSocket message of x. It returns the payload to pass
// on (which may be payload itself) and whether to pass it on at all. Messages
// of the service only raise alerts.
func (p *Pipeline) Message(x *Exchange, from Direction, payload []byte) (out []byte, d Decision) {
	m := p.newExchange(&x.Flow, x.Header, x.Query)
	m.stages, m.From, m.Body, m.talk = x.stages, from, payload, x.talk
	m.Verdict, m.Status, m.Account, m.Exemptions = x.Verdict, x.Status, x.Account, x.Exemptions
	p.Inspect(m)
	x.hear(m, from)
	if from == FromServer {
		m.Rewritten = nil
		if m.Decision.Action.Rank() > ActionAlert.Rank() {
			m.Decision.Action = ActionAlert
		}
	}
	if m.Prompt != nil {
		if x.Prompt == nil {
			x.Prompt = &Prompt{Format: m.Prompt.Format}
		}
		if m.Prompt.Model != "" {
			x.Prompt.Model = m.Prompt.Model
		}
		x.Prompt.useAll(m.Prompt)
	}
	if m.Coverage.Depth == Inspected || x.Coverage.Depth == "" {
		x.Coverage = m.Coverage
	}
	if len(m.Findings) > 0 || m.Decision.Action == ActionBlock {
		p.record(m, &Answer{Up: int64(len(payload))})
	}
	if m.Rewritten != nil {
		payload = m.Rewritten
	}
	return payload, m.Decision
}

// End closes an exchange with what came back and records the sighting. Further
// calls do nothing.
func (p *Pipeline) End(x *Exchange, a Answer) {
	if x.done {
		return
	}
	x.done = true
	if a.Header != nil {
		x.Verdict, x.Account = x.stages.Classifier.Response(x, &a)
	}
	if !x.Verdict.AI() {
		p.Stats.Other.Add(1)
		return
	}
	p.record(x, &a)
}

// Tunnelled records a connection to an AI service that ended without having
// been decrypted; why is a reason of coverage.
func (p *Pipeline) Tunnelled(f *Flow, r Route, why string, up, down int64) {
	if !r.Verdict.AI() {
		p.Stats.Other.Add(1)
		return
	}
	x := p.newExchange(f, nil, nil)
	x.Verdict, x.Status, x.Decision = r.Verdict, p.register.Status(r.Verdict.ID), r.Decision
	x.Coverage = Coverage{Depth: MetadataOnly, Reason: why}
	if why == ReasonPinned {
		x.Coverage.Depth = Blind
	}
	p.record(x, &Answer{Up: up, Down: down})
}

func (p *Pipeline) newExchange(f *Flow, header http.Header, query url.Values) *Exchange {
	return &Exchange{Flow: *f, Header: header, Query: query, stages: p.stages.Load(), start: time.Now()}
}

// adopt prepares an exchange with an AI service.
func (p *Pipeline) adopt(x *Exchange) {
	x.Need = NeedAll
	p.identify(&x.Flow)
	p.stand(x)
	x.Decision = x.stages.Policy.Decide(x)
	x.Coverage = Coverage{Depth: Inspected}
}

// Refuse returns the answer for a blocked exchange in the service's own shape.
func (p *Pipeline) Refuse(x *Exchange) Refusal { return x.stages.Codec.Refuse(x) }

func (p *Pipeline) record(x *Exchange, a *Answer) {
	p.identify(&x.Flow)
	s := &Sighting{
		ID: x.Flow.sightingID(), Again: x.Flow.ID != "", Time: x.Flow.Time, Sensor: x.Flow.Sensor, Origin: x.Flow.Origin,
		Client: x.Flow.Client, User: x.Flow.User, Groups: x.Flow.Groups,
		Host: x.Flow.Host, Method: method(x.Flow.Method), Path: PathTemplate(x.Flow.Path), UserAgent: userAgent(x.Flow.UserAgent),
		Features: x.Flow.Features,
		Verdict:  x.Verdict, Account: x.Account, Decision: x.Decision, Coverage: x.Coverage,
		Requests: 1, Up: a.Up, Down: a.Down, Code: a.Code, Duration: x.Flow.Duration,
	}
	if x.Flow.Continued {
		s.Requests = 0
	}
	if s.Duration == 0 && x.Coverage.Reason != ReasonPassive {
		s.Duration = time.Since(x.start)
	}
	if x.Prompt != nil {
		s.Model, s.Format = modelName(x.Prompt.Model), x.Prompt.Format
		s.Tools, s.Servers, s.Files = x.Prompt.Tools, x.Prompt.Servers, x.Prompt.Files
	}
	s.withhold(x.stages, &p.harmless)
	s.tally(x.Findings)
	p.Stats.Sightings.Add(1)
	p.Stats.decide(s.Decision.Action)
	p.recorder.Record(s)
	p.logDecision(s)
}

// survive keeps a fault in a reader of outside bytes from ending the gateway:
// the exchange fails as its rule says.
func (p *Pipeline) survive(x *Exchange) {
	if r := recover(); r != nil {
		// The value of a panic may quote the body: only its type and place go to the log.
		p.log.Error("fault while inspecting", "host", x.Flow.Host, "panic", fmt.Sprintf("%T", r), "stack", string(debug.Stack()))
		x.Rewritten, x.RewrittenQuery = nil, ""
		p.Fail(x, ReasonReaderFailure)
	}
}

func reasonOf(err error) string {
	if u, ok := errors.AsType[*UnreadError](err); ok {
		return u.Reason
	}
	return ReasonReaderFailure
}
