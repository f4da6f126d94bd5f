package console

import (
	"errors"
	"strconv"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

func isUnknown(err error) bool { return errors.Is(err, inventory.ErrUnknown) }

// entryList is a page of the ledger.
type entryList struct {
	Entries []ledger.Entry `json:"entries"`
	Next    string         `json:"next"` // "after" of the page that follows, "" at the end
	Ledger  ledger.Chain   `json:"ledger"`
}

// errEnough ends the reading of the ledger.
var errEnough = errors.New("enough")

func (s *Server) entries(c *call, _ none) (out entryList, err error) {
	out.Entries, out.Ledger = []ledger.Entry{}, c.book.Chain()
	limit := c.number("limit", pageLimit)
	if limit == 0 {
		limit = pageLimit
	}
	topic, subject, has := c.q.Get("topic"), c.q.Get("subject"), c.q.Has("subject")
	err = s.cfg.Inventory.Entries(c.ctx(), int64(c.number("after", 0)), func(e *ledger.Entry) error {
		if topic != "" && e.Kind != topic || has && e.Subject != subject {
			return nil
		}
		if len(out.Entries) == limit {
			out.Next = strconv.FormatInt(out.Entries[limit-1].Seq, 10)
			return errEnough
		}
		out.Entries = append(out.Entries, *e)
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return out, err
}

// alone keeps what costs much from running twice at a time.
func (s *Server) alone() (done func(), err error) {
	select {
	case s.heavy <- struct{}{}:
		return func() { <-s.heavy }, nil
	default:
		return nil, &statusError{503, "another long request is under way: try again when it has ended"}
	}
}
