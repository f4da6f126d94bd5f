package inventory

import (
	"context"
	"time"
)

// Store keeps the register. Its methods are safe for concurrent use. A store
// may be shared with other processes.
type Store interface {
	// Merge adds events to the register, all of them or (on an error) none, and
	// is idempotent: an event whose ID was merged before changes nothing. What
	// it has returned for survives the end of the process.
	Merge(ctx context.Context, events []Event) error
	// Settle adds to the figures what was merged and not added so far: a store
	// may leave that for later, and must have done it in what Services and
	// Service return.
	Settle(ctx context.Context) error
	// Services returns a row for each service that was seen or decided upon.
	// Of a service that was never seen only ID, Status and Owner are filled in.
	Services(ctx context.Context) ([]Service, error)
	// Service returns what is known of one service, ErrUnknown when it was
	// neither seen nor decided upon.
	Service(ctx context.Context, id string) (*Detail, error)
	// BlindSpots returns a row for each thing that hid the traffic of clients.
	BlindSpots(ctx context.Context) ([]BlindSpot, error)
	// Decide appends to the history of a service.
	Decide(ctx context.Context, d *Decision) error
	// Standings returns the newest decision on each service.
	Standings(ctx context.Context) ([]Decision, error)
	// Version returns a number that is another one after each Decide, from
	// whatever process. It is called several times a second.
	Version(ctx context.Context) (int64, error)
	// Prune deletes sightings and roll-ups older than the given times.
	// Decisions stay.
	Prune(ctx context.Context, sightings, rollups time.Time) error
}
