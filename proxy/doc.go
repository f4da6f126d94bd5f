// Package proxy turns sockets into flows: the explicit proxy (CONNECT and
// absolute-form), tunnels, the interception of TLS, WebSocket and streams, and
// what a person reads when a request is refused.
//
// In: connections of clients; out: exchanges on the traffic.Pipeline, and
// requests to services that differ from the client's only where the pipeline
// rewrote them. Only hosts that the pipeline names are decrypted; all others
// are spliced.
//
// A connection passes these files: listen.go (limits), access.go (who may use
// it), connect.go (tunnel, refuse or intercept), tunnel.go or intercept.go,
// front.go (requests of the usual kind) or inner.go (HTTP/2 and all others, by
// net/http: do all names agree), exchange.go (the way of a request),
// upstream.go, lean.go and dial.go (where it may go).
package proxy
