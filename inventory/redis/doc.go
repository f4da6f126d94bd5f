// Package redis keeps the register in a Redis that several gateways share.
//
// A batch of sightings is an entry of a stream. Merge appends with one script
// that holds only while the end of the chain over all batches is the one that
// the gateway looked at: so a batch that was sent and not answered for either
// came first, and its sightings are found by their IDs, or comes too late, and
// is refused. Nothing counts twice, whatever the network does.
//
// Any gateway adds up what any has appended: the stream has a consumer group,
// and a batch leaves its list of pending ones in the script that writes the
// figures it adds to. Batches of a gateway that died are claimed by another.
// Figures are computed here and written where nobody else changed them since.
//
// All keys of an inventory have one hash tag: in a cluster they are on one
// shard, because scripts must reach them together. A cluster gives it another
// node when one fails, not more room; two inventories (name=) may lie on two
// shards.
//
// A Redis that lost its data is not taken for a new one: the inventory knows the
// end of the ledger from a copy (inventory.ErrLost). Sightings that were merged
// before are lost with it, those that come later are taken.
//
// What a method has returned for survives the end of any gateway. Whether it
// survives that of Redis is up to Redis (appendonly), and to its replicas: see
// Options.Replicas.
package redis
