// Package ledger keeps what may never be changed unseen: an append-only list of
// entries, each of which holds the hash of the one before it, and Merkle trees
// over sets of records too large to be listed.
//
// In: entries and leaves. Out: their hashes, or where a list is broken. It
// stores nothing.
//
// The hash of an entry is SHA-256 over "gnomon-ledger-1" and, in this order,
// Seq, Time in Unix milliseconds (both 8 bytes, big endian), Kind, Subject, By,
// Data (each behind its length in 8 bytes, big endian) and Prev. Trees follow
// RFC 6962, section 2.1.
package ledger
