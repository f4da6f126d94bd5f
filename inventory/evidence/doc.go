// Package evidence writes evidence packs and checks them: a folder that shows an
// auditor on another machine what the record holds of a period.
//
// In: the sealed sightings and the ledger of a store (Source), files that other
// packages make of the record, a signing key. Out: a folder, or what is wrong
// with one.
//
// The form of a pack:
//
//	manifest.json      what is in the pack: each file with size and SHA-256, counts, seals, head of the ledger
//	manifest.sig       Ed25519 signature over the bytes of manifest.json
//	signer.pem         the public key that goes with it
//	ledger.jsonl       every entry of the ledger; of those after the period that prove nothing of it, only their place in the chain
//	events/N.jsonl.zst the sightings under the seal that is entry N of the ledger, one line for each leaf of its tree, in order:
//	                   the sighting's JSON when its time lies in the period, else its leaf hash as a JSON string
//	days.jsonl.zst     the sums by service and day that the store keeps, one a line; the seals in the ledger say what they must be
//	register.json      the register of the period, counted from those sightings where all of them are there
//
// and the files made from these for people and other programs. Verify needs the
// folder alone.
package evidence
