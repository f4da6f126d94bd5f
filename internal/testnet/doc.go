// Package testnet is a small Internet on loopback: stand-ins for AI services
// that speak the vendors' wire formats over real TLS, clients that reach them
// through a proxy, and the traffic of a made-up office. In: nothing; out: a Net
// whose hosts a gateway reaches through Net.Resolve and trusts through
// Net.CAFile, and a record of every byte that arrived there.
//
// Tests, the demo and the end-to-end driver use it; it needs neither root nor a
// network.
package testnet
