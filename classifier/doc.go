// Package classifier tells which AI service a flow goes to. In: the host, and
// where they can be seen the path, the headers and the first bytes of both
// bodies; out: a traffic.Verdict with the evidence for it, and whose account is
// used.
//
// Hosts of the catalogue are found in an index without allocation. A host that
// the catalogue does not know is judged by its wire: each signal of
// rules/signals has a weight, and those seen must add up, so that no single
// key, path or header makes an AI service.
//
// Everything here reads outside bytes: work is bounded by the length of the
// input, depth by constants, and nothing is trusted. Tokens are looked into for
// the account that they name; their signatures are not checked, since only the
// service can do that. Neither tokens nor keys are kept: an API key leaves as a
// keyed hash.
package classifier
