package main

import (
	"context"
	"errors"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/learned"
	"github.com/gnomon-proxy/gnomon/sniffer/logs"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// namers name flows that a log tells by address alone, once all that tells names
// has been read. Nothing changes any more: many may ask.
type namers struct {
	lookups *answers       // of DNS logs; nil without any
	packets *learned.Names // of captures; nil without any
	seen    *sites         // what requests in logs reached
	classes func(host string) traffic.Verdict
	rows    map[string]*serviceTally
	servers map[netip.Addr]struct{} // addresses of AI services; nil: any may be
}

// namers returns what t and the inputs have told.
func (d *discovery) namers(t *tally) *namers {
	t.sites.flush()
	n := &namers{lookups: d.answers, packets: d.names, seen: t.sites, classes: d.knowledge.classifier.Host, rows: t.services}
	n.servers = d.servers(n.seen)
	return n
}

// servers returns the addresses that are known to be of AI services; nil where
// captures may tell more.
func (d *discovery) servers(seen *sites) map[netip.Addr]struct{} {
	if d.names != nil {
		return nil
	}
	all := d.answers.allServers()
	for i := range seen.addresses.n {
		if e := seen.addresses.at(i); e.value&^asked > 1 {
			all[e.key.address()] = struct{}{}
		}
	}
	return all
}

// idle reports whether nothing can get a name.
func (n *namers) idle() bool { return n.servers != nil && len(n.servers) == 0 }

// of returns the AI service that a flow went to, by which host. own says that the
// client itself had asked for it, known that the server is known, as something
// else where v is no AI.
func (n *namers) of(client netip.Addr, server netip.AddrPort, at time.Time) (v traffic.Verdict, host string, own, known bool) {
	addr := server.Addr()
	if n.servers != nil {
		if _, ok := n.servers[addr]; !ok {
			_, other := n.lookups.name(client, addr, at)
			return v, "", false, other || n.seen.what(client, server).known
		}
	}
	if f, _ := n.seen.requested(client, server); f.known { // surer than a lookup: the address may have several names
		return n.row(f.id, true)
	}
	m, other := n.lookups.name(client, addr, at)
	if m.How >= learned.ByClientLast {
		return n.named(m.Name, true, !other)
	}
	f := n.seen.what(client, server)
	if f.known && f.own {
		return n.row(f.id, true)
	}
	if n.packets != nil {
		if p := n.packets.Name(client, addr, at); p.Name != "" && (p.How != learned.ByServer || !f.doubt) {
			return n.named(p.Name, p.How != learned.ByServer, true)
		}
	}
	switch {
	case m.Name != "" && (other || f.doubt):
		return v, "", false, false
	case m.Name != "":
		v, host, own, known = n.named(m.Name, false, true)
		return v, host, own, known && (!f.known || f.id == v.ID)
	case f.known:
		return n.row(f.id, false)
	}
	return v, "", false, other
}

func (n *namers) named(name string, own, known bool) (traffic.Verdict, string, bool, bool) {
	return n.classes(name), name, own, known
}

// row is named for a service that has been seen.
func (n *namers) row(id string, own bool) (v traffic.Verdict, host string, _, known bool) {
	if s := n.rows[id]; s != nil {
		return s.verdict, s.host, own, true
	}
	return v, "", own, true
}

// readFlows reads the logs that hold nothing but flows by the first lines, when
// all others are read: what names they tell nevertheless, and what need not wait
// or can't, is added to total. It returns what is left to do.
func (d *discovery) readFlows(ctx context.Context, inputs []*input, reports []*inputReport, total *tally) (later []*late) {
	if len(inputs) == 0 {
		return nil
	}
	who := d.namers(total)
	done := make([]*reading, len(inputs))
	inParallel(len(inputs), func(n int) {
		r := d.newReading(inputs[n])
		if r.before = who; r.in.again {
			r.direct = who
		}
		r.readIn(ctx)
		r.many = r.direct == who && r.told // names stood among its flows
		d.finished.Add(1)
		done[n] = r
	})
	for n, r := range done {
		*reports[n] = r.report
		later = d.gather(later, r, reports[n], total)
	}
	return later
}

// gather adds what was read of an input to total, and its flows to those that
// wait.
func (d *discovery) gather(later []*late, r *reading, report *inputReport, total *tally) []*late {
	total.merge(r.tally)
	if !r.many { // else they are counted again
		d.left += r.left
	}
	if !r.many && (r.told || r.before == nil) { // what was not read yet may have named them
		d.hasty += r.hasty
	}
	if r.many || r.waiting.n > 0 {
		later = append(later, &late{in: r.in, flows: r.waiting, again: r.many, count: r.flows, report: report})
	}
	return later
}

// learnLate has the answers of lookups read, where nothing had told that there
// would be flows.
func (d *discovery) learnLate(ctx context.Context, inputs []*input) {
	d.answers, d.logs.Answers = newAnswers(), true
	inParallel(len(inputs), func(n int) {
		r := d.newReading(inputs[n])
		r.mode = onlyAnswers
		r.readIn(ctx) // what is wrong with it has been told
	})
}

// late is what is done for an input when all else is read: the flows of it that
// wait are named, or where they were too many it is read again for them.
type late struct {
	in     *input
	flows  *waiting
	again  bool  // flows does not have them
	count  int64 // of flows
	report *inputReport
}

// readLate names the flows of inputs and adds them to total.
func (d *discovery) readLate(ctx context.Context, later []*late, total *tally) {
	if len(later) == 0 {
		return
	}
	who := d.namers(total)
	done := make([]*reading, len(later))
	inParallel(len(later), func(n int) { done[n] = later[n].read(ctx, d, who) })
	for i, r := range done {
		total.merge(r.tally)
		d.left += r.left
		later[i].report.err = errors.Join(later[i].report.err, r.report.err)
	}
}

// inParallel calls do with each number below n, on all processors.
func inParallel(n int, do func(int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wg.Wait()
}

func (l *late) read(ctx context.Context, d *discovery, who *namers) *reading {
	r := &reading{d: d, in: l.in, tally: newTally(d.showUsers), ids: newFlowIDs(), who: who, mode: onlyFlows, report: inputReport{Skipped: map[string]int64{}}}
	switch {
	case who.idle():
		r.left = l.count
	case l.again:
		r.readIn(ctx)
	default:
		var err error
		if r.save, err = d.newSaved(); err != nil {
			r.report.err = err
			return r
		}
		r.name(l.flows, who)
		r.report.err = r.save.flush()
	}
	return r
}

// name names the flows that wait, and lets them go.
func (r *reading) name(flows *waiting, who *namers) {
	if flows.n == 0 {
		return
	}
	flows.each(func(rec *logs.Record, id flowID) { r.flow(who, rec, id) })
	flows.clear()
}

// wait keeps a flow until all that names it is read. Where too many wait, those
// of a file are left to be read again, those of a pipe named by what is known so
// far. Those of a file of nothing else don't wait.
func (r *reading) wait(rec *logs.Record) {
	r.flows++
	if r.many {
		return
	}
	id := r.untimed(rec)
	if r.direct == nil && r.waiting.add(rec, id) {
		return
	}
	if r.many = r.in.again && r.direct == nil; r.many {
		r.waiting.clear()
		return
	}
	left := r.left
	if r.direct == nil || !r.in.again && r.told && r.flows%refreshed == 0 {
		r.direct = r.soFar()
	}
	r.name(r.waiting, r.direct)
	r.flow(r.direct, rec, id)
	r.hasty += r.left - left
}

// untimed returns the id of a flow that has no time.
func (r *reading) untimed(rec *logs.Record) (id flowID) {
	if rec.Time.IsZero() {
		id = r.ids.placed("flow")
	}
	return id
}

// refreshed is after how many flows it is seen what else has become known.
const refreshed = 1 << 16

// soFar returns what is known of names before all is read.
func (r *reading) soFar() *namers {
	switch {
	case r.before == nil:
		return r.d.namers(r.tally)
	case !r.told:
		return r.before
	}
	who := *r.before
	who.servers = r.d.servers(who.seen)
	return &who
}

// flow takes a flow, to be named at once. placed is its id where it has no time.
func (r *reading) flow(who *namers, rec *logs.Record, placed flowID) {
	v, host, own, known := who.of(rec.Client, rec.Server, rec.Time)
	if !known {
		r.left++
	}
	if !known || !v.AI() {
		return
	}
	f := recordFlow(rec, "", r.in.name)
	id := placed
	if !rec.Time.IsZero() {
		id = r.ids.flow(f) // by what the line says: what was known of its server may change
	}
	if !r.d.once.first(id) {
		if r.mode == onlyFlows && r.in.flows == logs.OnlyFlows {
			r.d.once.repeated.Add(-1) // it was counted when the input was read for the first time
		}
		return
	}
	f.Host, f.Continued, f.Guess = host, own, sureOfAddress
	if own {
		f.Guess = sureOfLookup
	}
	v.How = traffic.HowLearnedAddress
	who.countOnce(f, rec.Server, v.ID)
	r.tally.service(&v, host, r.seen(f))
	r.save.observe(f, id)
}

// countOnce takes off a flow the bytes that its requests have told themselves.
func (n *namers) countOnce(f *traffic.Flow, server netip.AddrPort, id string) {
	was, r := n.seen.requested(f.Client, server)
	if !was.known || was.id != id {
		return
	}
	if r&upTold != 0 {
		f.Up = 0
	}
	if r&downTold != 0 {
		f.Down = 0
	}
}

// sureOfLookup is how sure it is that a client meant the name that it had looked
// the address up by.
const sureOfLookup = 0.9
