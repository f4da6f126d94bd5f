package main

import (
	"context"
	"log/slog"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/sniffer/learned"
	"github.com/gnomon-proxy/gnomon/sniffer/logs"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// logSensor follows one log of another system.
type logSensor struct {
	tail   *logs.Tail
	origin string
	flows  recordFlows
	ids    *flowIDs
	places *logPlaces
	log    *slog.Logger

	up    atomic.Bool
	stats atomic.Pointer[logs.Stats] // the latest, as of the last record
	last  time.Time
}

func newLogSensor(path string, flows recordFlows, places *logPlaces, log *slog.Logger) *logSensor {
	s := &logSensor{flows: flows, ids: newFlowIDs(), places: places, log: log, origin: path}
	s.tail = s.newTail()
	s.stats.Store(&logs.Stats{})
	return s
}

// newTail goes on where the log was left. A log that was empty then is read
// from its start.
func (s *logSensor) newTail() *logs.Tail {
	from, known := s.places.of(s.origin)
	return &logs.Tail{
		Path: s.origin, Options: logs.Options{Location: time.Local, Answers: true}, From: from, Start: known, Idle: s.idle,
	}
}

// Run follows the log until ctx ends. A log that can't be read is tried again:
// the rest of the gateway does not depend on it.
func (s *logSensor) Run(ctx context.Context) error {
	for {
		s.up.Store(true)
		err := s.tail.Run(ctx, s.take)
		s.up.Store(false)
		s.tend()
		if ctx.Err() != nil || err == nil {
			return nil
		}
		s.log.Error("log is not followed, trying again", "log", s.tail.Path, "error", err, "after", retryLogAfter)
		if !waitOr(ctx, retryLogAfter) {
			return nil
		}
		s.tail = s.newTail()
	}
}

func (s *logSensor) take(r *logs.Record) {
	s.flows.take(r, s.origin, s.ids)
	if time.Since(s.last) >= statsEvery {
		s.tend()
	}
}

// idle notes where a log stands that says nothing of interest, or nothing yet.
func (s *logSensor) idle() {
	if time.Since(s.last) >= statsEvery {
		s.tend()
	}
}

// tend notes how far the log was read, and how well.
func (s *logSensor) tend() {
	s.last = time.Now()
	s.places.reached(s.origin, s.tail.Position())
	st := s.tail.Stats()
	s.stats.Store(&st)
}

// retryLogAfter is how long a log that can't be read is left alone.
const retryLogAfter = time.Minute

// recordFlows makes flows and blind spots of the records of logs.
type recordFlows struct {
	knowledge func() *knowledge
	pipeline  *traffic.Pipeline
	names     *learned.Names // what addresses stand for, for records without a name
}

// take records r where it tells of AI, or of what hides it. origin is where it
// comes from.
func (c recordFlows) take(r *logs.Record, origin string, ids *flowIDs) {
	k := c.knowledge()
	if r.Time.IsZero() {
		r.Time = time.Now().UTC()
	}
	c.learn(r)
	if r.Kind == logs.KindAnswer {
		return
	}
	v, b := k.meaning(r)
	if b.Kind != "" {
		spot := recordBlind(r, &b, origin)
		spot.User = strings.Clone(spot.User)
		spot.ID = ids.blind(spot).String()
		c.pipeline.ObserveBlind(spot)
		return
	}
	f := recordFlow(r, r.Path(), origin)
	if f.Host == "" {
		m := c.names.Name(r.Client, r.Server.Addr(), r.Time)
		if m.How == learned.Unknown {
			return
		}
		f.Host, f.Guess = m.Name, sureOfAddress
		v = k.classifier.Host(f.Host)
	}
	if !v.AI() && f.Path == "" {
		return
	}
	own := ownFlow(f)
	own.ID = ids.flow(&own).String()
	c.pipeline.Observe(&own)
}

// learn takes what a lookup got, as the packets of one would be.
func (c recordFlows) learn(r *logs.Record) {
	if !r.Answers.Any() || r.Blocked {
		return
	}
	host := strings.Clone(r.Host)
	r.Answers.Each(func(server netip.Addr, ttl time.Duration) {
		c.names.Learn(r.Client, server, host, max(ttl, learned.MinTTL)+early, r.Time.Add(-early))
	})
}

// meaning returns the service of the catalogue that a record names, else what in
// it hides what its client does: a name that is known hides nothing, wherever it
// was reached.
func (k *knowledge) meaning(r *logs.Record) (v traffic.Verdict, b rules.Blind) {
	if r.Host != "" {
		if v = k.classifier.Host(r.Host); v.AI() {
			return v, b
		}
	}
	if r.Server.IsValid() && r.Kind != logs.KindDNS {
		return v, k.blind.Flow(r.Host, r.Server.Addr(), rules.Port{Number: r.Server.Port(), UDP: r.Kind == logs.KindQUIC}, "")
	}
	return v, k.blind.Host(r.Host)
}

// recordFlow makes a flow of a record. It shares the record's strings.
func recordFlow(r *logs.Record, path, origin string) *traffic.Flow {
	var features []string
	if r.Blocked {
		features = refusedFeatures
	}
	return &traffic.Flow{
		Features: features, Time: r.Time, Sensor: traffic.SensorLog, Client: r.Client, User: recordUser(r), Host: r.Host, Server: r.Server,
		Method: r.Method, Path: path, UserAgent: r.UserAgent, Up: r.Up, Down: r.Down, Origin: origin,
	}
}

// recordBlind makes a blind spot of a record, as recordFlow does.
func recordBlind(r *logs.Record, b *rules.Blind, origin string) *traffic.BlindSpot {
	return &traffic.BlindSpot{
		Time: r.Time, Kind: string(b.Kind), Name: b.Name, Client: r.Client, User: recordUser(r), Flows: 1, Origin: origin, Sensor: traffic.SensorLog,
	}
}

// recordUser returns who a record is about: the device where the log names no
// user.
func recordUser(r *logs.Record) string {
	if r.User == "" && r.Device != "" {
		return traffic.DevicePrefix + r.Device
	}
	return r.User
}
