// Package stream sends what the inventory records to the systems that a
// security team already has, and what it puts on record. In: inventory.Event
// and notice.Notice values; out: lines in OCSF, ECS, CEF, LEEF, RFC 5424,
// OpenTelemetry or plain JSON, delivered to a file, a syslog server, Splunk, a
// webhook or an OpenTelemetry collector.
//
// The encoders are pure functions from a Record to bytes. People are the
// pseudonyms that an Event or a Notice holds; there is no query and no value of a
// finding in either, so there is none in a stream.
//
// A Stream is one format sent to one place. It keeps events in a bounded queue
// on disk (package spool) until the receiver has taken them: at least once,
// also after kill -9. When the queue is full the oldest events are lost, and
// counted. Receivers tell repetitions by the id of the sighting or the notice,
// which is the same from each gateway.
package stream
