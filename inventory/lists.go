package inventory

import (
	"context"
	"errors"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// ErrMoving says that a store can't tell what it holds at one moment, as figures
// changed meanwhile: try again.
var ErrMoving = errors.New("figures are changing")

// Lister is a Store of which all that it keeps of all time can be read at one
// moment.
type Lister interface {
	// Lists calls what l has with every row. It returns the Seq of the last batch
	// whose sightings are in them, and where the store contradicts itself. The
	// error is ErrMoving when it was counting.
	Lists(ctx context.Context, l *Lists) (through int64, odd []Odd, err error)
}

// Lists is what Lister calls, first to last: with each service, with each value
// that was seen with a subject, with each blind spot, and with each name of a
// person. A function is called by one goroutine.
type Lists struct {
	Service func(*ServiceName) error
	Facet   func(FacetKey, Tally) error
	Blind   func(BlindKey, Tally) error
	Person  func(Person) error
}

// ServiceName is what a row of the register has beside figures.
type ServiceName struct {
	ID, Name, Vendor, Category string
	Last                       time.Time // seen
	How                        traffic.How
	Features                   []string // nil where the store can't tell which come first
}

// Odd is something in which a store contradicts itself.
type Odd struct {
	Text string
	Aged bool // a deletion that was interrupted may have left it
}
