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
	seen    *nameless      // what requests in logs reached
	classes func(host string) traffic.Verdict
	rows    map[string]*serviceTally
	servers map[netip.Addr]struct{} // addresses of AI services; nil: any may be
}

// namers returns what t and the inputs have told. t must have no flows to add.
func (d *discovery) namers(t *tally) *namers {
	t.nameless.flush()
	n := &namers{lookups: d.answers, packets: d.names, seen: t.nameless, classes: d.knowledge.classifier.Host, rows: t.services}
	if d.names != nil {
		return n
	}
	n.servers = make(map[netip.Addr]struct{})
	if d.answers != nil {
		n.servers = d.answers.servers
	}
	for i := range t.nameless.addresses.n {
		if e := t.nameless.addresses.at(i); e.value != 0 && e.value != 1 {
			n.servers[e.key.address()] = struct{}{}
		}
	}
	return n
}

// idle reports whether nothing can get a name.
func (n *namers) idle() bool { return n.servers != nil && len(n.servers) == 0 }

// of returns the AI service that a flow went to, by which host. own says that the
// client itself had asked for it, known that the server is known, as something
// else where v is no AI.
func (n *namers) of(client, server netip.Addr, at time.Time) (v traffic.Verdict, host string, own, known bool) {
	if n.servers != nil {
		if _, ok := n.servers[server]; !ok {
			_, other := n.lookups.name(client, server, at)
			_, _, told := n.seen.what(client, server)
			return v, "", false, other || told
		}
	}
	m, other := n.lookups.name(client, server, at)
	if m.How >= learned.ByClientLast {
		return n.named(m.Name, true, !other)
	}
	id, own, told := n.seen.what(client, server)
	if told && own {
		return n.row(id, true)
	}
	if n.packets != nil {
		if p := n.packets.Name(client, server, at); p.Name != "" {
			return n.named(p.Name, p.How != learned.ByServer, true)
		}
	}
	switch {
	case m.Name != "" && other:
		return v, "", false, false
	case m.Name != "":
		v, host, own, known = n.named(m.Name, false, true)
		return v, host, own, known && (!told || id == v.ID)
	case told:
		return n.row(id, false)
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

// what returns what a client reached at a server, as far as that is one thing:
// the id of a service, "" for no AI.
func (n *nameless) what(client, server netip.Addr) (id string, own, known bool) {
	to := n.addresses.find(bitsOf(server))
	if to < 0 {
		return "", false, false
	}
	if from := n.addresses.find(bitsOf(client)); from >= 0 {
		return n.service(pairOf(from, to))
	}
	r := n.addresses.at(to).value
	if r == 0 || r&mixed != 0 {
		return "", false, false
	}
	return n.services[r-1], false, true
}

// readLate reads flows, when all else is read: the logs of nothing but flows, and
// once more those that have others, too. It adds them to total.
func (d *discovery) readLate(ctx context.Context, later []*late, total *tally) {
	who := d.namers(total)
	var next atomic.Int64
	var wg sync.WaitGroup
	done := make([]*reading, len(later))
	for range min(runtime.GOMAXPROCS(0), len(later)) {
		wg.Go(func() {
			for n := int(next.Add(1)) - 1; n < len(later); n = int(next.Add(1)) - 1 {
				done[n] = later[n].read(ctx, d, who)
			}
		})
	}
	wg.Wait()
	for i, r := range done {
		if r == nil {
			continue
		}
		total.merge(r.tally)
		d.left += r.left
		if report := later[i].report; later[i].again {
			report.err = errors.Join(report.err, r.report.err)
		} else {
			*report = r.report
		}
	}
}

// late is an input that is read when all else is.
type late struct {
	in     *input
	again  bool  // its other lines have been read
	flows  int64 // that it has, where it is read again
	report *inputReport
}

func (l *late) read(ctx context.Context, d *discovery, who *namers) *reading {
	r := d.newReading(l.in)
	if r.who, r.again = who, l.again; !l.again {
		defer d.finished.Add(1)
	} else if r.left = l.flows; who.idle() {
		return r
	}
	r.left = 0
	r.readIn(ctx)
	return r
}

// flow takes a flow, to be named at once.
func (r *reading) flow(rec *logs.Record) {
	v, host, own, known := r.who.of(rec.Client, rec.Server.Addr(), rec.Time)
	if !known {
		r.left++
	}
	if !known || !v.AI() {
		return
	}
	f := recordFlow(rec, "", r.in.name)
	id := r.ids.flow(f) // by what the line says: what was known of its server may change
	if !r.d.once.first(id) {
		return
	}
	f.Host, f.Continued, f.Guess = host, own, sureOfAddress
	if own {
		f.Guess = sureOfLookup
	}
	v.How = traffic.HowLearnedAddress
	r.tally.service(&v, host, r.seen(f))
	r.save.observe(f, id)
}

// sureOfLookup is how sure it is that a client meant the name that it had looked
// the address up by.
const sureOfLookup = 0.9
