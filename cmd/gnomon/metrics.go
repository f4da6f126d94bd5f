package main

import (
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/gnomon-proxy/gnomon/dlp/vault"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/stream"
	"github.com/gnomon-proxy/gnomon/proxy"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// newMetricsHandler serves the figures of the gateway in the Prometheus format.
// No label names a user or a host: neither privacy nor cardinality allow it.
func newMetricsHandler(p *traffic.Pipeline, px *proxy.Server, inv *inventory.Inventory, sens *sensors, streams *stream.Group, v *vault.Vault, shared *publishedRules, log *slog.Logger) http.Handler {
	reg := prometheus.NewRegistry()
	reg.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		&figures{pipeline: p, proxy: px, inventory: inv, sensors: sens, streams: streams, vault: v, published: shared},
	)
	return promhttp.HandlerFor(reg, promhttp.HandlerOpts{ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)})
}

// figures reads the counters of all parts when they are asked for.
type figures struct {
	pipeline  *traffic.Pipeline
	proxy     *proxy.Server
	inventory *inventory.Inventory
	sensors   *sensors
	streams   *stream.Group
	vault     *vault.Vault
	published *publishedRules // nil: the store is of one gateway
}

// Describe sends nothing: which labels there are shows only as they occur.
func (f *figures) Describe(chan<- *prometheus.Desc) {}

// Collect reads every figure once.
func (f *figures) Collect(ch chan<- prometheus.Metric) {
	counter := func(name, help string, n int64) { send(ch, prometheus.CounterValue, name, help, n) }
	gauge := func(name, help string, n int64) { send(ch, prometheus.GaugeValue, name, help, n) }

	t := &f.pipeline.Stats
	counter("gnomon_sightings_total", "Uses of AI services, and blind spots, that were recorded.", t.Sightings.Load())
	counter("gnomon_other_total", "Requests and connections that were no AI: all that is kept of them.", t.Other.Load())
	byLabel(ch, "gnomon_blind_flows_total", "Flows that hid from passive sensors what they were: a resolver behind TLS, a VPN.", "kind", t.BlindSpots())
	byLabel(ch, "gnomon_connections_total", "Connections by the way that they took.", "way", map[traffic.Way]int64{
		traffic.WayTunnel: t.Tunnels.Load(), traffic.WayIntercept: t.Intercept.Load(), traffic.WayRefuse: t.Refused.Load(),
	})
	byLabel(ch, "gnomon_decisions_total", "Decisions of the policy.", "action", t.Actions())
	byLabel(ch, "gnomon_inspection_failures_total", "Requests that could not be inspected or rewritten.", "reason", t.Failures())

	i := f.inventory.Stats()
	counter("gnomon_sightings_durable_total", "Sightings on disk, in the store or the spool.", i.Durable)
	counter("gnomon_sightings_journalled_total", "Sightings that were on their way there and survived the end of the process.", i.Journalled)
	counter("gnomon_sightings_spilled_total", "Sightings that went to the disk spool.", i.Spilled)
	counter("gnomon_sightings_replayed_total", "Sightings that came back from the disk spool.", i.Replayed)
	counter("gnomon_sightings_dropped_total", "Sightings that were lost.", i.Dropped)
	counter("gnomon_spool_damaged_total", "Records of the disk spool that could not be read.", i.Damaged)
	counter("gnomon_store_errors_total", "Batches that the store refused.", i.StoreErrors)
	counter("gnomon_store_foreign_total", "Entries and values in the store that no gateway wrote: left out.", i.Foreign)
	gauge("gnomon_sightings_queue_length", "Sightings waiting in memory.", int64(i.Queue))
	gauge("gnomon_sightings_queue_capacity", "Sightings that may wait in memory.", int64(i.QueueCap))
	gauge("gnomon_ledger_reachable", "1 while the ledger in the store can be read and is the one that is known here.", truth(f.inventory.Lapse() == nil))
	gauge("gnomon_ledger_entries", "Entries of the ledger that are known here.", f.inventory.Book().Chain().Seq)
	gauge("gnomon_spool_bytes", "Bytes waiting in the disk spool.", i.SpoolBytes)

	collectStreams(ch, f.streams)
	collectVault(ch, f.vault)
	collectPublished(ch, f.published)
	f.sensors.collect(ch)

	x := f.proxy.Stats()
	counter("gnomon_proxy_connections_total", "Connections accepted from clients.", x.Connections.Load())
	gauge("gnomon_proxy_connections_active", "Client connections open now.", x.Active.Load())
	counter("gnomon_proxy_connections_turned_away_total", "Connections closed because too many were open.", x.Turned.Load())
	counter("gnomon_proxy_handshakes_total", "TLS handshakes done with clients.", x.Handshakes.Load())
	counter("gnomon_proxy_handshakes_resumed_total", "Of them, resumed sessions.", x.Resumed.Load())
	counter("gnomon_proxy_certificates_minted_total", "Leaf certificates made.", x.Minted.Load())
	byLabel(ch, "gnomon_proxy_handshake_failures_total", "TLS handshakes with clients that failed.", "reason", x.Failed.All())
	counter("gnomon_proxy_requests_total", "Requests served.", x.Requests.Load())
	counter("gnomon_proxy_mismatches_total", "CONNECT, SNI, Host and URI that disagree.", x.Mismatches.Load())
	counter("gnomon_proxy_not_tls_total", "Intercepted connections closed because they spoke something else.", x.NotTLS.Load())
	byLabel(ch, "gnomon_proxy_denied_total", "Requests turned away by the rules of access.", "reason", x.Denied.All())
	byLabel(ch, "gnomon_proxy_destinations_refused_total", "Destinations refused by the guard against private addresses.", "kind", x.Dials.All())
	byLabel(ch, "gnomon_proxy_upstream_errors_total", "Requests that got no answer from upstream.", "kind", x.Upstream.All())
	gauge("gnomon_proxy_pinned", "Clients known to refuse our certificate.", int64(len(f.proxy.Pinned())))
	counter("gnomon_proxy_pinned_spliced_total", "Connections of such clients that were spliced.", x.PinPassed.Load())
	counter("gnomon_proxy_websockets_total", "WebSocket connections relayed.", x.WebSockets.Load())
	counter("gnomon_proxy_websocket_messages_total", "WebSocket texts inspected.", x.Messages.Load())
	counter("gnomon_proxy_websocket_dropped_total", "WebSocket texts not passed on.", x.Dropped.Load())
	byLabel(ch, "gnomon_proxy_bytes_total", "Bytes of bodies, messages and tunnels.", "direction", map[string]int64{"up": x.Up.Load(), "down": x.Down.Load()})
}

func send(ch chan<- prometheus.Metric, kind prometheus.ValueType, name, help string, n int64) {
	ch <- prometheus.MustNewConstMetric(prometheus.NewDesc(name, help, nil, nil), kind, float64(n))
}

func byLabel[K ~string](ch chan<- prometheus.Metric, name, help, label string, values map[K]int64) {
	desc := prometheus.NewDesc(name, help, []string{label}, nil)
	for v, n := range values {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(n), string(v))
	}
}
