package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer"
	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/sniffer/learned"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// sensors are the passive sensors that a gateway has beside the proxy. They
// feed the same pipeline, and share what addresses stand for.
type sensors struct {
	live   []*liveSensor
	logs   []*logSensor
	places *logPlaces
	syslog *syslogSensor // nil: none

	addresses *addressNews // shared with other gateways; nil: with none
}

// openSensors opens what the settings name, so that what is wrong with it shows
// before anything runs.
func (g *gateway) openSensors(ctx context.Context) error {
	s, names := g.settings.Sniffer, learned.New(0)
	if len(s.Interfaces)+len(s.Logs) > 0 || s.takesSyslog() {
		if err := g.openAddressNews(names); err != nil {
			return err
		}
	}
	filter, err := capture.ParseFilter(s.Filter)
	if err != nil {
		return &configError{fmt.Errorf("sniffer.filter: %w", err)}
	}
	sink := sniffer.Sink{
		Flow:  func(f *traffic.Flow) { g.pipeline.Observe(f) },
		Blind: g.pipeline.ObserveBlind,
	}
	for _, name := range unique(s.Interfaces) {
		one := &liveSensor{
			name: name, options: capture.Options{Filter: filter, Promiscuous: true},
			knowledge: g.knowledge.Load, names: names, sink: sink, log: g.log,
		}
		if err := one.open(ctx); err != nil {
			return fmt.Errorf("sniffer.interfaces: %w", err)
		}
		g.close = append(g.close, one.Close)
		g.sensors.live = append(g.sensors.live, one)
	}
	records := recordFlows{knowledge: g.knowledge.Load, pipeline: g.pipeline, names: names}
	if g.sensors.places, err = readLogPlaces(filepath.Join(g.settings.StateDir, logPlacesFile), g.log); err != nil {
		return err
	}
	for _, path := range unique(s.Logs) {
		g.sensors.logs = append(g.sensors.logs, newLogSensor(path, records, g.sensors.places, g.log))
	}
	return g.openSyslog(records)
}

// services are the sensors as parts of the gateway.
func (s *sensors) services() (all []service) {
	if len(s.logs) > 0 {
		all = append(all, service{"log positions", s.places.Run})
	}
	for _, one := range s.live {
		all = append(all, service{"interface " + one.name, one.Run})
	}
	for _, one := range s.logs {
		all = append(all, service{"log " + one.tail.Path, one.Run})
	}
	if s.syslog != nil {
		all = append(all, service{"syslog", s.syslog.Run})
	}
	if s.addresses != nil {
		all = append(all, service{"addresses", s.addresses.Run})
	}
	return all
}

// waitOr waits for d, or returns false as soon as ctx ends.
func waitOr(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

func unique(names []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(names)))
}
