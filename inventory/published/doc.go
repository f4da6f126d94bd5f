// Package published keeps the rules that are published for all gateways of an
// inventory. In: an overlay of rules that somebody has checked; out: the versions
// that are on record, and the rules of one of them.
//
// The ledger says which versions there are, with a seal under a key that the store
// never sees; the rules lie beside it, encrypted. Whoever can write to the store alone can
// neither make a version nor bring an old one back: versions only grow, and the
// number is part of what is sealed. What can be done there is to keep gateways from
// seeing a new one.
package published
