// Package inventory keeps the register of AI services: what was seen of each,
// and what was decided about it.
//
// In: sightings (traffic.Recorder) and decisions of people. Out: the standing
// of each service for the next request (traffic.Register), the rows of the
// register, and counters. Sightings are merged in batches into a Store; while
// the store is away they wait in a spool on disk, and until they are in either
// in a journal that outlives the process. Names of users and addresses of clients
// reach none of these: they are replaced by keyed pseudonyms at the door, their
// names sealed under a key that is kept apart.
package inventory
