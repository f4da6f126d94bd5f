// Package stream keeps the flows of a network apart: who talks to whom, how
// much in each direction, and the first bytes of TCP in order. In: segments of
// TCP and datagrams of UDP as they come off the wire, one goroutine; out, to a
// Handler: in-order bytes for as long as it wants them, and each flow at its end.
//
// Every size is bounded, because whoever sends packets past us chooses how many
// flows and holes there are: flows (the longest unused goes first, and those that
// never carried data before all others), bytes held of a direction, late segments
// of a direction, bytes held in all. What had to be given up is counted in Stats.
//
// Bytes are metered by the lengths in the headers, so that a capture that cuts
// frames short counts the same, and a retransmission counts once.
package stream
