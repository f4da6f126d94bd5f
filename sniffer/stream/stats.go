package stream

// End says why a flow ended.
type End uint8

// The ends.
const (
	Closed   End = iota // both sides said so
	Reset               // one side said so
	Replaced            // the ports serve a new connection
	Idle                // nothing came for long
	Evicted             // there was no room for it
	Flushed             // the capture ended
	ends
)

// String returns the name of e as reports show it.
func (e End) String() string {
	if e >= ends {
		return "unknown"
	}
	return [ends]string{"closed", "reset", "replaced", "idle", "evicted", "flushed"}[e]
}

// Stats counts what a Table saw and what it had to give up. All fields only
// grow, save Flows and Held.
type Stats struct {
	Flows    int64 // in the table now
	Held     int64 // bytes held for reassembly now
	TCP, UDP int64 // flows seen
	Midway   int64 // of the TCP flows, those whose start was not seen
	Evicted  int64 // flows that had to make room before their end
	Late     int64 // segments that came before what precedes them
	Gaps     int64 // holes given up: the bytes never came, or were cut off by the capture
	Overflow int64 // directions given up for holding too much
	Memory   int64 // directions given up for the bound on all that is held
}
