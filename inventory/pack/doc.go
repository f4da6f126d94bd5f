// Package pack writes sightings in little room, the same for every store. In:
// events. Out: rows of events of about a minute each, with the keys that stand
// for their IDs, and the links of the chain over the rows.
package pack
