package main

import (
	"crypto/x509"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/gnomon-proxy/gnomon/internal/strictyaml"
	"github.com/gnomon-proxy/gnomon/inventory/stream"
	"github.com/gnomon-proxy/gnomon/proxy/pki"
)

// EventSettings are those of one stream of events to another system. Only a
// settings file can hold them.
type EventSettings struct {
	Name      string          `yaml:"name" json:"name" help:"name of the stream, in figures and in the state directory"`
	Format    string          `yaml:"format" json:"format,omitempty" enum:"json,ocsf,ecs,cef,leef,syslog,otlp,otlp_metrics" help:"encoding; none: the one that the receiver expects"`
	To        string          `yaml:"to" json:"to" help:"receiver: file:///path, syslog+tcp://, syslog+tls://, syslog+udp://, splunk+https://, https:// (webhook), otlp+https://"`
	Kinds     []string        `yaml:"kinds" json:"kinds,omitempty" enum:"sighting,finding,blind,alert,audit" help:"what is sent: sighting, finding (a sighting with sensitive data in it), blind, alert, audit (changes); none: all"`
	TokenFile string          `yaml:"token_file" json:"token_file,omitempty" help:"file with the token of Splunk or the collector, or the key that signs a webhook's requests"`
	CAFile    string          `yaml:"ca_file" json:"ca_file,omitempty" help:"PEM file with roots that vouch for the receiver, instead of the system's"`
	Queue     strictyaml.Size `yaml:"queue" json:"queue,omitzero" help:"disk for what the receiver has not taken; default 256MiB"`
	Rotate    strictyaml.Size `yaml:"rotate" json:"rotate,omitzero" help:"size at which a file is renamed; default 100MiB"`
	Keep      uint16          `yaml:"keep" json:"keep,omitzero" help:"renamed files that are kept; default 5"`
}

var eventsType = reflect.TypeFor[[]EventSettings]()

// config is how package stream calls the same.
func (e *EventSettings) config() stream.Config {
	kinds := make([]stream.Kind, len(e.Kinds))
	for i, k := range e.Kinds {
		kinds[i] = stream.Kind(k)
	}
	return stream.Config{
		Name: e.Name, Kinds: kinds, Format: stream.Format(e.Format), To: e.To, TokenFile: e.TokenFile,
		QueueBytes: int64(e.Queue), RotateBytes: int64(e.Rotate), Keep: int(e.Keep),
	}
}

// checkEvents notes what is wrong with the streams.
func checkEvents(list []EventSettings, note func(key string, err error, sub ...any)) {
	seen := make(map[string]bool)
	for i, e := range list {
		cfg := e.config()
		note("events", cfg.Check(), i)
		if seen[e.Name] {
			note("events", fmt.Errorf("two streams are called %.40q", e.Name), i)
		}
		seen[e.Name] = true
		if tls := strings.HasPrefix(e.To, "https:") || strings.Contains(e.To, "+https:") || strings.Contains(e.To, "+tls:"); e.CAFile != "" && !tls {
			note("events", fmt.Errorf("ca_file: %.40s does not speak TLS", e.To), i)
		}
		if file := strings.HasPrefix(e.To, "file:"); !file && (e.Rotate != 0 || e.Keep != 0) {
			note("events", fmt.Errorf("rotate, keep: they are for file://"), i)
		}
	}
}

// move makes the paths of the streams relative to the settings file.
func moveEvents(list []EventSettings, move func(string) string) {
	for i := range list {
		list[i].TokenFile, list[i].CAFile = move(list[i].TokenFile), move(list[i].CAFile)
	}
}

// streamConfigs returns the configurations of all streams that s names.
func (g *gateway) streamConfigs(s *Settings) ([]stream.Config, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("asking for the name of this machine: %w", err)
	}
	from := &stream.Source{Vendor: "Gnomon", Product: "Gnomon", Version: version, Host: host, PID: os.Getpid()}
	all := make([]stream.Config, 0, len(s.Events))
	for i := range s.Events {
		e := &s.Events[i]
		cfg := e.config()
		cfg.Dir, cfg.From, cfg.Log = filepath.Join(g.settings.StateDir, streamsDir), from, g.log
		if e.CAFile != "" {
			roots, err := pki.ReadCertificates(e.CAFile)
			if err != nil {
				return nil, &configError{fmt.Errorf("events: %s: ca_file: %w", e.Name, err)}
			}
			cfg.Roots = x509.NewCertPool()
			for _, c := range roots {
				cfg.Roots.AddCert(c)
			}
		}
		all = append(all, cfg)
	}
	return all, nil
}

// streamsDir holds the queues of the event streams, in the state directory.
const streamsDir = "streams"

// openStreams opens the queues of all streams.
func (g *gateway) openStreams() error {
	g.streams = stream.NewGroup()
	g.close = append(g.close, g.streams.Close)
	change, err := g.changeStreams(&g.settings)
	if err != nil {
		return err
	}
	change.Apply()
	g.warnOfLeft()
	return nil
}

// changeStreams prepares the streams of s in place of those of now.
func (g *gateway) changeStreams(s *Settings) (*stream.Change, error) {
	configs, err := g.streamConfigs(s)
	if err != nil {
		return nil, err
	}
	return g.streams.Prepare(configs)
}

// warnOfLeft says which events nobody will get: streams were removed from the
// settings while the gateway was down, or before their receivers had taken all.
func (g *gateway) warnOfLeft() {
	dir := filepath.Join(g.settings.StateDir, streamsDir)
	var names []string
	for _, s := range g.streams.Streams() {
		names = append(names, s.Name())
	}
	left, err := stream.Left(dir, names)
	if err != nil {
		g.log.Warn("the queues of the event streams can't be looked at", "error", err)
	}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		g.log.Warn("events wait for a stream that the settings do not name: name it again, or remove its queue",
			"stream", name, "bytes", left[name], "queue", filepath.Join(dir, name))
	}
}
