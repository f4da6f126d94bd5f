package inventory

import "github.com/gnomon-proxy/gnomon/traffic"

// queue holds sightings until one goroutine takes them.
type queue struct {
	waiting chan *traffic.Sighting
	crowded chan struct{} // holds one when half of the room is taken
}

func newQueue(n int) *queue {
	return &queue{waiting: make(chan *traffic.Sighting, n), crowded: make(chan struct{}, 1)}
}

// put reports whether there was room. It never blocks.
func (q *queue) put(s *traffic.Sighting) bool {
	select {
	case q.waiting <- s:
	default:
		return false
	}
	if 2*len(q.waiting) >= cap(q.waiting) {
		select {
		case q.crowded <- struct{}{}:
		default:
		}
	}
	return true
}
