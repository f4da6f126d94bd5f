package inventory

import (
	"context"
	"errors"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// ErrMoved says that entries don't follow from the end of the ledger any more:
// another process was first.
var ErrMoved = errors.New("the ledger has moved on")

// Store keeps what was seen, and the ledger of what was decided. Its methods are
// safe for concurrent use. A store may be shared with other processes.
type Store interface {
	// Merge adds events to the register, all of them or (on an error) none, and
	// is idempotent: an event whose ID was merged before changes nothing. What
	// it has returned for survives the end of the process.
	Merge(ctx context.Context, events []Event) error
	// Settle adds to the figures what was merged and not added so far: a store
	// may leave that for later, and must have done it in what its reading methods
	// return.
	Settle(ctx context.Context) error
	// Prune deletes what is past its time and says how much that was. The ledger
	// stays.
	Prune(ctx context.Context, c Cutoffs) (Pruned, error)

	// Append adds entries to the ledger, all of them or (on an error) none. They
	// are complete (ledger.Chain.Extend). It returns ErrMoved when the first does
	// not follow from the last one in the store.
	Append(ctx context.Context, entries []ledger.Entry) error
	// Entries calls f with the entries after a Seq, in order.
	Entries(ctx context.Context, after int64, f func(*ledger.Entry) error) error
	// Version returns the Seq of the last entry. It is called several times a
	// second.
	Version(ctx context.Context) (int64, error)

	Reader
}

// Reader is how a Store is read. What f is given holds until f returns.
type Reader interface {
	// Services returns a row for each service that was seen, without Status and
	// Owner. The rows are shared: nobody may change them or their maps. While
	// nothing changes they may be the very same ones.
	Services(ctx context.Context) ([]Service, error)
	// Service returns what is known of one service, ErrUnknown when it was not
	// seen.
	Service(ctx context.Context, id string) (*Detail, error)
	// Subjects returns the most used subjects of a kind (see Of), no more than
	// limit.
	Subjects(ctx context.Context, kind Kind, limit int) ([]Subject, error)
	// SubjectsAfter returns subjects of a kind in the order of their names, which
	// come after one, no more than limit.
	SubjectsAfter(ctx context.Context, kind Kind, after string, limit int) ([]Subject, error)
	// CountSubjects returns how many subjects of a kind there are.
	CountSubjects(ctx context.Context, kind Kind) (int64, error)
	// Subject returns what is known of one, ErrUnknown when it was not seen.
	Subject(ctx context.Context, kind Kind, name string) (*SubjectDetail, error)
	// BlindSpots returns a row for each thing that hid the traffic of clients.
	BlindSpots(ctx context.Context) ([]BlindSpot, error)
	// Person returns the sealed name behind a pseudonym, ErrUnknown when there is
	// none (any more).
	Person(ctx context.Context, id string) (Person, error)

	// Usage calls f with who used what on the days from one until before
	// another, in the order of days.
	Usage(ctx context.Context, from, until int64, f func(UsageKey, UsageTally) error) error
	// Days does so with what was seen with each service on a day.
	Days(ctx context.Context, from, until int64, f func(DayKey, Tally) error) error
	// Hours does so with the hours of each service.
	Hours(ctx context.Context, from, until int64, f func(HourKey, UsageTally) error) error

	// Marks returns the marks of the days from one until before another. What was
	// merged before is in them.
	Marks(ctx context.Context, from, until int64) (Marks, error)

	// Sightings calls f with the single sightings from one time until before
	// another, roughly in the order of time, without People.
	Sightings(ctx context.Context, from, until time.Time, f func(*Event) error) error
	// Batches calls f with the batches of sightings after a Seq, in order: the
	// rows of the log that seals are made of.
	Batches(ctx context.Context, after int64, f func(*Batch) error) error
}

// Batch is what a store wrote down at once.
type Batch struct {
	Seq    int64       // ascending, with gaps where batches were pruned
	Merged time.Time   // when it was written
	Until  time.Time   // its sightings are of before that: Prune deletes it unless this is after Cutoffs.Sightings
	N      int         // events in it
	Chain  ledger.Hash // over this batch and all before it; it must be what ledger.Hash.Then gives
	Intact bool        // the store has computed Chain again and it holds
	Events func(f func(*Event) error) error
}

// Cutoffs says what is past its time: all before these times.
type Cutoffs struct {
	Sightings time.Time `json:"sightings"`
	Hours     time.Time `json:"hours"`
	Rollups   time.Time `json:"rollups"` // days, users, clients, accounts, models and other subjects
	People    time.Time `json:"people"`  // names behind pseudonyms that were last seen before
}

// Pruned counts what was deleted.
type Pruned struct {
	Batches int64 `json:"batches"`
	Through int64 `json:"through"` // Seq of the last batch deleted, 0: none
	Events  int64 `json:"events"`
	Hours   int64 `json:"hours"`
	Days    int64 `json:"days"` // rows of days and of usage
	Facets  int64 `json:"facets"`
	Blind   int64 `json:"blind"`
	People  int64 `json:"people"`
}
