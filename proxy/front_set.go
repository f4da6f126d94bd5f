package proxy

import "sync"

// The phases of a front.
const (
	phaseIdle  int32 = iota // no byte of a next request has come: it may be ended at once
	phaseBusy               // one is under way
	phaseLast               // and no other may follow
	phaseEnded              // while it idled
)

// fronts knows the connections that are served without net/http, so that they
// can be ended as http.Server.Shutdown ends its own.
type fronts struct {
	mu     sync.Mutex
	all    map[*front]struct{}
	ending bool
}

// add reports whether f may begin.
func (s *fronts) add(f *front) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending {
		return false
	}
	if s.all == nil {
		s.all = make(map[*front]struct{})
	}
	s.all[f] = struct{}{}
	return true
}

func (s *fronts) remove(f *front) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, f)
}

// end ends those that idle at once and has the others end after their request.
// It does not wait.
func (s *fronts) end() {
	s.mu.Lock()
	s.ending = true
	idle := make([]*front, 0, len(s.all))
	for f := range s.all {
		if f.phase.CompareAndSwap(phaseIdle, phaseEnded) {
			idle = append(idle, f)
		} else {
			f.phase.CompareAndSwap(phaseBusy, phaseLast)
		}
	}
	s.mu.Unlock()
	for _, f := range idle {
		f.conn.Close()
	}
}

// abort ends what those that are left wait for: closing the client's connection
// does not, where nobody reads it.
func (s *fronts) abort() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for f := range s.all {
		f.watch.abort()
	}
}
