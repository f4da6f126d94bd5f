package main

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"sync/atomic"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/sniffer"
	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/sniffer/logs"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// reading is the reading of one input, by one goroutine.
type reading struct {
	d        *discovery
	in       *input
	tally    *tally
	save     *savedFlows // nil: nothing is saved
	report   inputReport
	exchange traffic.Exchange // used again and again
	quiet    [][2]uint64      // hashes of hosts that are nothing special: most lines name one of few
	seed     maphash.Seed
	ids      *flowIDs
	mode     mode
	lookups  bool // it told of some
	told     bool // it named something

	flows   int64    // that were told by address alone
	waiting *waiting // them
	many    bool     // and there are more, so that the input is read again
	who     *namers  // names those of an input that is read again
	before  *namers  // what was known before the input was read; nil: nothing is
	direct  *namers  // names flows for which there is no room
	left    int64    // flows without a name
	hasty   int64    // of them, those that were not waited with
}

// mode is what of an input is wanted.
type mode uint8

const (
	everything  mode = iota
	onlyFlows        // the rest has been read
	onlyAnswers      // to lookups: the rest has been read
)

// inputReport says how one input was read. The first four are the contract of
// --json.
type inputReport struct {
	File    string           `json:"file"`
	Format  string           `json:"format"` // "" when it was not recognised
	Lines   int64            `json:"lines"`  // or packets, or entries
	Skipped map[string]int64 `json:"skipped"`

	records  int64
	examples []logs.Example
	notes    []string
	err      error
}

// unread reports whether there was something and none of it could be read.
func (r *inputReport) unread() bool {
	return r.Format != "" && r.records == 0 && len(r.Skipped) > 0
}

const (
	// captureFormat is the format of all captures.
	captureFormat = "capture"
	// emptyFormat is that of files that have nothing in them.
	emptyFormat = "empty"

	quietHosts = 1 << 15

	// lookAlike is how much an unknown host must resemble AI to be listed.
	lookAlike = 0.3
)

// read reads the input to its end. What is wrong with it is in the report.
func (d *discovery) read(ctx context.Context, in *input) *reading {
	r := d.newReading(in)
	r.readIn(ctx)
	return r
}

func (d *discovery) newReading(in *input) *reading {
	r := &reading{
		d: d, in: in, tally: newTally(d.showUsers), seed: maphash.MakeSeed(), quiet: make([][2]uint64, quietHosts), ids: newFlowIDs(), waiting: &waiting{used: &d.waiting},
		report: inputReport{File: in.name, Skipped: map[string]int64{}},
	}
	return r
}

func (r *reading) readIn(ctx context.Context) {
	r.report.err = r.run(ctx)
	r.report.err = errors.Join(r.report.err, r.save.flush())
}

func (r *reading) run(ctx context.Context) error {
	f, err := r.in.open()
	if err != nil {
		return err
	}
	defer f.Close()
	src := &counted{ctx, f, &r.d.done}
	if r.mode != everything {
		src.n = new(atomic.Int64) // the progress has it
	}
	if r.in.capture {
		return r.packets(ctx, src)
	}
	return r.lines(ctx, src)
}

// lines reads a log.
func (r *reading) lines(ctx context.Context, src io.Reader) error {
	o := r.d.logs
	o.Written = r.in.written
	in, err := logs.New(src, r.in.name, o)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r.report.Skipped["not_recognised"] = 1
		return err
	}
	defer in.Close()
	if in.Format() != emptyFormat && r.mode != onlyAnswers {
		if r.save, err = r.d.newSaved(); err != nil {
			return err
		}
	}
	r.report.Format = in.Format()
	var rec logs.Record
	for n := 0; err == nil; n++ {
		if n&4095 == 0 && ctx.Err() != nil {
			err = ctx.Err()
			break
		}
		if err = in.Next(&rec); err == nil {
			r.record(&rec)
		}
	}
	st := in.Stats()
	r.report.Lines, r.report.records, r.report.examples, r.report.notes = st.Lines, st.Records, st.Examples, st.Notes
	for reason, n := range st.Skipped {
		r.report.Skipped[string(reason)] = n
	}
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return err
}

// record takes one line of a log. The way of a line that is not AI is short.
func (r *reading) record(rec *logs.Record) {
	if rec.Kind != logs.KindAnswer { // which depends on what else is read
		r.ids.line(rec)
	}
	if rec.Host == "" {
		r.nameless(rec)
		return
	}
	if r.mode == onlyFlows {
		return
	}
	r.told = true
	r.lookups = r.lookups || rec.Kind == logs.KindDNS
	hash := maphash.String(r.seed, rec.Host) + uint64(rec.Server.Port())*0x9E3779B97F4A7C15 // some ports hide what others don't
	if hash == 0 {
		hash = 1
	}
	slot := &r.quiet[hash%quietHosts]
	path := rec.Path()
	quiet := slot[0] == hash || slot[1] == hash // no AI, hides nothing, says nothing by its name
	var v traffic.Verdict
	var b rules.Blind
	if !quiet {
		v, b = r.d.knowledge.meaning(rec)
	}
	if rec.Answers.Any() {
		r.d.answers.learn(rec, v.AI())
	}
	switch {
	case rec.Kind == logs.KindAnswer || r.mode == onlyAnswers:
		return
	case v.AI():
		r.known(rec, &v, path)
		return
	case b.Kind != "":
		r.hides(rec, &b)
	case !quiet:
		if !r.lookAlike(rec, rec.Host, path) {
			*slot = [2]uint64{hash, slot[0]}
		}
	case path != "" || rec.UserAgent != "":
		r.lookAlike(rec, "", path)
	}
	r.learn(rec, "")
}

// known takes a line that names a host of the catalogue.
func (r *reading) known(rec *logs.Record, v *traffic.Verdict, path string) {
	f := recordFlow(rec, path, r.in.name)
	if path != "" {
		r.exchange.Flow = *f
		if *v, _ = r.d.knowledge.classifier.Request(&r.exchange); !v.AI() {
			r.learn(rec, "")
			return // a shared host, beside its AI
		}
	}
	id := r.ids.flow(f)
	if !r.d.once.first(id) {
		return
	}
	st := r.tally.service(v, f.Host, r.seen(f))
	if rec.Blocked {
		st.blocked++
	}
	r.learn(rec, st.verdict.ID)
	r.save.observe(f, id)
}

// learn notes what a client reached at the address of a server, "" for no AI.
func (r *reading) learn(rec *logs.Record, id string) {
	if !rec.Server.IsValid() {
		return
	}
	switch rec.Kind {
	case logs.KindTLS, logs.KindQUIC:
		r.tally.sites.learn(rec.Client, rec.Server.Addr(), id)
	case logs.KindHTTP:
		if !rec.Proxied {
			r.tally.sites.learnRequest(rec, id)
		}
	}
}

// seen makes an observation of a flow, with the user whom leases tell.
func (r *reading) seen(f *traffic.Flow) *seen {
	s := &seen{time: f.Time, client: f.Client, user: f.User, requests: 1, up: f.Up, down: f.Down}
	if f.Continued {
		s.requests = 0
	}
	if s.user == "" && r.d.users != nil {
		if user, device, ok := r.d.users.Lookup(f.Client, f.Time); ok {
			if s.user = user; user == "" && device != "" {
				s.user = traffic.DevicePrefix + device
			}
		}
	}
	return s
}

// lookAlike reports whether a line to an unknown host looks like AI, and counts
// it. name is the host, or "" when that is known to say nothing.
func (r *reading) lookAlike(rec *logs.Record, name, path string) bool {
	f := traffic.Flow{Host: name, Path: path, UserAgent: rec.UserAgent}
	confidence, features := r.d.knowledge.classifier.Resemblance(&f)
	if confidence < lookAlike {
		return confidence > 0 && name != ""
	}
	full := recordFlow(rec, path, r.in.name)
	if id := r.ids.flow(full); r.d.once.first(id) {
		r.tally.resembles(rec.Host, confidence, features, r.seen(full))
		r.save.observe(full, id) // kept where the shape suffices for a verdict
	}
	return true
}

// hides counts a line that shows something that hides what a client does.
func (r *reading) hides(rec *logs.Record, b *rules.Blind) {
	r.blind(recordBlind(rec, b, r.in.name))
}

func (r *reading) blind(b *traffic.BlindSpot) {
	id := r.ids.blind(b)
	if !r.d.once.first(id) {
		return
	}
	r.tally.hides(b.Kind, b.Name, &seen{time: b.Time, client: b.Client, user: b.User, requests: max(1, b.Flows)})
	r.save.observeBlind(b, id)
}

// nameless takes a line that tells a flow by address alone.
func (r *reading) nameless(rec *logs.Record) {
	if !rec.Server.IsValid() || !rec.Client.IsValid() || r.mode == onlyAnswers {
		return
	}
	_, b := r.d.knowledge.meaning(rec)
	switch {
	case b.Kind != "" && r.mode == everything:
		r.hides(rec, &b)
	case b.Kind != "":
	case r.mode == onlyFlows:
		r.flow(r.who, rec, r.untimed(rec))
	default:
		r.wait(rec)
	}
}

// packets reads a capture.
func (r *reading) packets(ctx context.Context, src io.Reader) error {
	r.report.Format = captureFormat
	file, err := capture.New(src)
	if err != nil {
		return fmt.Errorf("reading capture %q: %w", r.in.name, err)
	}
	defer file.Close()
	if r.save, err = r.d.newSaved(); err != nil {
		return err
	}
	sn := sniffer.New(sniffer.Config{
		Origin: r.in.name, Classify: r.d.knowledge.classifier.Host, Blind: r.d.knowledge.blind, Names: r.d.names,
	}, sniffer.Sink{Observation: r.observation, Flow: r.session, Blind: r.blind})
	if err = sn.Run(ctx, file); err != nil {
		err = fmt.Errorf("reading capture %q: %w", r.in.name, err)
	}
	st := sn.Stats()
	r.report.Lines, r.report.records = st.Packets, st.Packets
	for reason, n := range st.Malformed() {
		r.report.Skipped[reason] = n
	}
	return err
}

// session takes a lookup of an AI service, or a session with one.
func (r *reading) session(f *traffic.Flow) {
	v := r.d.knowledge.classifier.Host(f.Host)
	if !v.AI() {
		return
	}
	id := r.ids.flow(f)
	if !r.d.once.first(id) {
		return
	}
	if f.Guess > 0 {
		v.How = traffic.HowLearnedAddress
	}
	r.tally.service(&v, f.Host, r.seen(f)).noteAll(f.Features)
	r.save.observe(f, id)
}

// observation takes a name that a packet shows.
func (r *reading) observation(o *sniffer.Observation) {
	if o.Verdict.AI() || o.Kind == sniffer.KindReply {
		return
	}
	f := traffic.Flow{Time: o.Time, Client: o.Client, Host: o.Name}
	if confidence, features := r.d.knowledge.classifier.Resemblance(&f); confidence >= lookAlike {
		r.tally.resembles(o.Name, confidence, features, r.seen(&f))
	}
}

// Notes returns what had to be assumed about the input.
func (r *inputReport) Notes() []string { return r.notes }
