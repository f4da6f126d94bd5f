// Package learned remembers which name a server address stood for, so that a
// flow without a readable name still gets one. In: names and addresses of DNS
// replies, as package dns reads them; out: the name that a client most likely
// meant by an address, and how sure that is.
//
// Two tables answer. The first is keyed by client and server address: what this
// client was told is nearly certain, even when an address serves thousands of
// names. The second is keyed by the server address alone, for clients whose
// lookups were not seen (a lookup before the capture began, a shared resolver, a
// cache): it answers only when the address stood for one name; All lists them
// otherwise, for a caller that knows names which belong together. A third holds
// the names that a client was given ECH configurations for.
//
// Times are those of the packets. A name is good for its TTL, but at least
// MinTTL, because programs keep addresses longer than they are told, and at most
// MaxTTL. A time before the one at which a name was learned does not find it, so
// captures may be read in any order.
//
// Memory is bounded: with DefaultEntries 17 MB, taken 1.5 KB at a time for the
// keys that share a hash and never given back, and besides them the names, which
// the tables keep alive: hand over interned strings. Names longer than maxName are not learned.
// Tables are set-associative: a key has eight places, of which the one unused for
// the longest gives way, so a flood of replies displaces what is old and can't
// make anything grow. The seed of the hash is random: nobody can aim at a set.
//
// Several machines may share what they learn: Take gives what is new here, Hear
// takes what others have learned.
//
// All methods are safe for concurrent use; locks are striped over the sets. None
// of them allocates, save Learn and LearnECH for the first key of a set.
package learned
