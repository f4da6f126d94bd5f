package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/gnomon-proxy/gnomon/inventory/stream"
)

// collectStreams sends the figures of the event streams; their label is a name
// of the settings.
func collectStreams(ch chan<- prometheus.Metric, group *stream.Group) {
	if group == nil || len(group.Streams()) == 0 {
		return
	}
	label := []string{"stream"}
	up := prometheus.NewDesc("gnomon_stream_up", "Whether the last delivery of an event stream succeeded.", label, nil)
	bytes := prometheus.NewDesc("gnomon_stream_queue_bytes", "Bytes of events that wait on disk.", label, nil)
	queued, sent, failures := make(map[string]int64), make(map[string]int64), make(map[string]int64)
	lost := prometheus.NewDesc("gnomon_stream_dropped_total", "Events that an event stream lost, by reason.", []string{"stream", "reason"}, nil)
	for _, s := range group.Streams() {
		st, name := s.Stats(), s.Name()
		ch <- prometheus.MustNewConstMetric(up, prometheus.GaugeValue, float64(truth(!st.Ailing)), name)
		ch <- prometheus.MustNewConstMetric(bytes, prometheus.GaugeValue, float64(st.Bytes), name)
		queued[name], sent[name], failures[name] = st.Queued, st.Sent, st.Failures
		for reason, n := range map[string]int64{"queue": st.Dropped, "refused": st.Refused, "damaged": st.Damaged} {
			ch <- prometheus.MustNewConstMetric(lost, prometheus.CounterValue, float64(n), name, reason)
		}
	}
	byLabel(ch, "gnomon_stream_queued_total", "Events that were queued for another system.", "stream", queued)
	byLabel(ch, "gnomon_stream_sent_total", "Events that another system took.", "stream", sent)
	byLabel(ch, "gnomon_stream_failures_total", "Deliveries that failed and were tried again.", "stream", failures)
}
