package console

import (
	"context"
	"fmt"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

const (
	// maxChecks bounds the verifications whose outcome is kept: the oldest goes
	// first.
	maxChecks = 16

	// checkWithin bounds one: it reads all there is.
	checkWithin = 6 * time.Hour

	// maxHeads bounds the heads that one may compare.
	maxHeads = 100
)

// Check is a verification of the ledger and the sightings, under way or ended.
type Check struct {
	ID      string                  `json:"id"`
	By      string                  `json:"by"`
	State   JobState                `json:"state"`
	Done    float64                 `json:"done"`    // how much of the sightings was looked at, of 1; their sums are compared after that
	Problem string                  `json:"problem"` // "" unless it could not be made; what it found is in result
	Started time.Time               `json:"started"`
	Ended   time.Time               `json:"ended,omitzero"`
	Result  *inventory.Verification `json:"result,omitempty"` // when it has ended

	from float64 // where the sightings began that retention has left, below 0: not yet
}

func (c Check) place() string { return "/ledger/verifications/" + c.ID }

type checkList struct {
	Verifications []Check `json:"verifications"`
}

// newCheck asks for a verification.
type newCheck struct {
	Heads []string `json:"heads"` // that were noted before, SEQ:HASH: they must be in the ledger
}

// verify starts a verification. One runs at a time, and none beside a pack in the
// making: each reads everything.
func (s *Server) verify(c *call, in newCheck) (Check, error) {
	heads, err := notedAll(in.Heads)
	if err != nil {
		return Check{}, err
	}
	done, err := s.alone()
	if err != nil {
		return Check{}, err
	}
	check := &Check{ID: randomText()[:16], By: c.who.Name, State: JobRuns, Started: time.Now().UTC(), from: -1}
	asked := *check // as it is answered: in the list it is changed under its lock
	if _, ok := s.checks.start(check, maxChecks); !ok {
		done()
		return Check{}, stopping()
	}
	ctx, cancel := context.WithTimeout(s.life, checkWithin) // longer than the request
	go func() {
		defer s.checks.ended()
		defer cancel()
		found, err := s.cfg.Inventory.VerifyTelling(ctx, func(part float64) { s.checks.change(func() { check.tell(part) }) }, heads...)
		if err != nil {
			s.cfg.Log.Error("the verification failed", "by", asked.By, "error", err)
		}
		s.checks.change(func() { check.end(found, err, done) })
	}()
	return asked, nil
}

func notedAll(texts []string) (heads []ledger.Chain, err error) {
	if len(texts) > maxHeads {
		return nil, &inventory.InvalidError{Problem: fmt.Sprintf("heads: more than %d of them", maxHeads)}
	}
	for _, text := range texts {
		head, err := noted(text)
		if err != nil {
			return nil, err
		}
		heads = append(heads, head)
	}
	return heads, nil
}

func (s *Server) verifications(*call, none) (checkList, error) {
	return checkList{s.checks.all()}, nil
}

func (s *Server) verification(c *call, _ none) (Check, error) {
	check, ok := s.checks.find(func(k *Check) bool { return k.ID == c.path("id") })
	if !ok {
		return check, notFound("there is no such verification: ask for it anew")
	}
	return check, nil
}

func (c *Check) tell(part float64) {
	if c.from < 0 {
		c.from = part
	}
	c.Done = (part - c.from) / max(1-c.from, 1e-9)
}

// end notes how a verification ended. Who sees that it has can ask for the next:
// its turn is over by then.
func (c *Check) end(found *inventory.Verification, err error, over func()) {
	defer over()
	c.State, c.Ended, c.Result = JobDone, time.Now().UTC(), found
	if err != nil {
		c.State, c.Problem = JobFailed, "the store could not be read to its end: see the log"
		return
	}
	c.Done = 1
}
