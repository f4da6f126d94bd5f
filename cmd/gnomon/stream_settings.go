package main

import (
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
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
	TokenFile string          `yaml:"token_file" json:"token_file,omitempty" help:"file with the token of Splunk or the collector, or the key that signs a webhook's requests"`
	CAFile    string          `yaml:"ca_file" json:"ca_file,omitempty" help:"PEM file with roots that vouch for the receiver, instead of the system's"`
	Queue     strictyaml.Size `yaml:"queue" json:"queue,omitzero" help:"disk for what the receiver has not taken; default 256MiB"`
	Rotate    strictyaml.Size `yaml:"rotate" json:"rotate,omitzero" help:"size at which a file is renamed; default 100MiB"`
	Keep      uint16          `yaml:"keep" json:"keep,omitzero" help:"renamed files that are kept; default 5"`
}

var eventsType = reflect.TypeFor[[]EventSettings]()

// config is how package stream calls the same.
func (e *EventSettings) config() stream.Config {
	return stream.Config{
		Name: e.Name, Format: stream.Format(e.Format), To: e.To, TokenFile: e.TokenFile,
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

// openStreams opens the queues of all streams.
func (g *gateway) openStreams() error {
	host, err := os.Hostname()
	if err != nil {
		return fmt.Errorf("asking for the name of this machine: %w", err)
	}
	from := &stream.Source{Vendor: "Gnomon", Product: "Gnomon", Version: version, Host: host, PID: os.Getpid()}
	var all []*stream.Stream
	for i := range g.settings.Events {
		e := &g.settings.Events[i]
		cfg := e.config()
		cfg.Dir, cfg.From, cfg.Log = filepath.Join(g.settings.StateDir, "streams"), from, g.log
		if e.CAFile != "" {
			roots, err := pki.ReadCertificates(e.CAFile)
			if err != nil {
				return &configError{fmt.Errorf("events: %s: ca_file: %w", e.Name, err)}
			}
			cfg.Roots = x509.NewCertPool()
			for _, c := range roots {
				cfg.Roots.AddCert(c)
			}
		}
		s, err := stream.Open(cfg)
		if err != nil {
			return err
		}
		g.close = append(g.close, s.Close)
		all = append(all, s)
	}
	g.streams = stream.NewGroup(all...)
	return nil
}

// streamServices are the streams as parts of the gateway.
func (g *gateway) streamServices() (all []service) {
	for _, s := range g.streams.Streams() {
		all = append(all, service{"event stream " + s.Name(), s.Run})
	}
	return all
}
