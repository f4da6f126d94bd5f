package main

import (
	"github.com/prometheus/client_golang/prometheus"
)

// collect sends the figures of the passive sensors. Their labels are names of
// the settings, never of users or hosts.
func (s *sensors) collect(ch chan<- prometheus.Metric) {
	up, skipped := make(map[string]int64), make(map[string]int64)
	var packets, drops, freezes, lookups, sessions, faults, lines, records int64
	for _, one := range s.live {
		st := one.now.Load()
		up[one.name] = truth(st.up)
		packets, lookups, sessions, faults = packets+st.seen.Packets, lookups+st.seen.Lookups, sessions+st.seen.Sessions, faults+st.seen.Faults
		drops, freezes = drops+st.kernel.Drops, freezes+st.kernel.Freezes
		for reason, n := range st.malformed {
			skipped["packet_"+reason] += n
		}
	}
	for _, one := range s.logs {
		st := one.stats.Load()
		up[one.origin] = truth(one.up.Load())
		lines, records = lines+st.Lines, records+st.Records
		for reason, n := range st.Skipped {
			skipped["line_"+string(reason)] += n
		}
	}
	if s.syslog != nil {
		st := s.syslog.listener.Stats()
		send(ch, prometheus.CounterValue, "gnomon_syslog_messages_total", "Messages taken by syslog.", st.Messages)
		send(ch, prometheus.CounterValue, "gnomon_syslog_refused_total", "Messages and connections of systems that may not send.", st.Refused)
		send(ch, prometheus.CounterValue, "gnomon_syslog_unproven_total", "Connections whose TLS did not come about.", st.Unproven)
		send(ch, prometheus.CounterValue, "gnomon_syslog_dropped_total", "Messages that came faster than they could be read.", st.Dropped)
		send(ch, prometheus.CounterValue, "gnomon_syslog_crowded_total", "Connections closed because there were too many, silent ones first.", st.Crowded)
		send(ch, prometheus.CounterValue, "gnomon_syslog_broken_total", "Connections that ended in an error, or in the middle of a message.", st.Broken)
		if files := s.syslog.files; files != nil {
			good, until := files.state()
			send(ch, prometheus.GaugeValue, "gnomon_syslog_certificate_up", "Whether the certificate, its key and the senders' roots are those in the files; 0: these can't be used.", truth(good))
			send(ch, prometheus.GaugeValue, "gnomon_syslog_certificate_expires_seconds", "When the certificate in use ends, in seconds since 1970.", until.Unix())
		}
		for _, sender := range st.Senders {
			lines, records = lines+sender.Stats.Lines, records+sender.Stats.Records
			for reason, n := range sender.Stats.Skipped {
				skipped["line_"+string(reason)] += n
			}
		}
	}
	if a := s.addresses; a != nil {
		send(ch, prometheus.CounterValue, "gnomon_addresses_told_total", "What addresses stand for, told to other gateways.", a.told.Load())
		send(ch, prometheus.CounterValue, "gnomon_addresses_heard_total", "And heard from them.", a.heard.Load())
		send(ch, prometheus.CounterValue, "gnomon_addresses_lost_total", "And not told, because there was too much of it.", a.lost.Load()+a.dropped.Load())
		send(ch, prometheus.CounterValue, "gnomon_addresses_closed_total", "Pieces of news that could not be opened or read.", a.closed.Load())
	}
	if len(up) == 0 && s.syslog == nil {
		return
	}
	desc := prometheus.NewDesc("gnomon_sensor_up", "Whether an interface is watched, a log followed.", []string{"sensor"}, nil)
	for name, n := range up {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(n), name)
	}
	counter := func(name, help string, n int64) { send(ch, prometheus.CounterValue, name, help, n) }
	counter("gnomon_sniffer_packets_total", "Packets read from interfaces.", packets)
	counter("gnomon_sniffer_kernel_drops_total", "Packets that the kernel dropped because they were read too slowly.", drops)
	counter("gnomon_sniffer_kernel_freezes_total", "Times that the ring of packets was full.", freezes)
	counter("gnomon_sniffer_lookups_total", "Lookups of AI services and blind spots.", lookups)
	counter("gnomon_sniffer_sessions_total", "Sessions with AI services.", sessions)
	counter("gnomon_sniffer_faults_total", "Faults of ours that packets brought about, survived.", faults)
	counter("gnomon_log_lines_total", "Lines read of other systems' logs.", lines)
	counter("gnomon_log_records_total", "Of them, those that told something.", records)
	byLabel(ch, "gnomon_sensor_skipped_total", "Packets and lines that could not be read.", "reason", skipped)
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
