package console

import (
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/assess"
	"github.com/gnomon-proxy/gnomon/inventory/console/access"
)

// wholeMonths refuses any other period to who gets reports on groups only: of two
// periods of many people each that differ by a day, the difference is what few
// did on it.
func (s *Server) wholeMonths(c *call) error {
	if s.cfg.K < 2 || c.may(access.People) {
		return nil
	}
	const who = ": who may not see single pseudonyms can't tell days apart (privacy.k)"
	period, err := assess.ParsePeriod(c.q.Get("period"), time.Now())
	if err == nil && (period.From.Day() != 1 || period.Until.Day() != 1) {
		return &inventory.InvalidError{Problem: "period: choose whole months, as 2026-11 or 2026Q4" + who}
	}
	since, err := time.Parse(time.DateOnly, c.q.Get("since"))
	if err == nil && since.Day() != 1 {
		return &inventory.InvalidError{Problem: "since: choose the first day of a month" + who}
	}
	return nil
}
