package inventory

import (
	"maps"
	"slices"
)

// periodSums is what was seen on the days from one until before another, as it
// was when it was made.
type periodSums struct {
	from, until int64
	blocks      map[span]*block
	byService   map[string]*Sum
}

// period returns the sums of what a plan says.
func (s *digest) period(from, until int64, plan map[span]marks) map[string]*Sum {
	i := slices.IndexFunc(s.periods, func(p *periodSums) bool { return p.from == from && p.until == until })
	p := &periodSums{from: from, until: until, byService: make(map[string]*Sum)}
	if i >= 0 {
		p = s.periods[i]
		s.periods = slices.Delete(s.periods, i, i+1)
	}
	s.periods = slices.Insert(s.periods, 0, p)
	s.periods = slices.Clip(s.periods[:min(len(s.periods), maxPeriods)])
	p.update(s, plan)
	return p.byService
}

// update makes the sums of services anew that have changed.
func (p *periodSums) update(s *digest, plan map[span]marks) {
	changed := make(map[uint32][]*part)
	blocks := make(map[span]*block, len(plan))
	for at := range plan {
		blocks[at] = s.blocks[at]
		blocks[at].differences(p.blocks[at], changed)
	}
	for at, old := range p.blocks {
		if blocks[at] == nil {
			old.differences(nil, changed)
		}
	}
	p.blocks = blocks
	if len(changed) == 0 {
		return
	}
	for _, b := range blocks {
		for service, one := range b.parts {
			if parts, ok := changed[service]; ok {
				changed[service] = append(parts, one)
			}
		}
	}
	next := maps.Clone(p.byService) // others read the one of before
	for service, parts := range changed {
		if name := s.names.of(service); len(parts) == 0 {
			delete(next, name)
		} else {
			next[name] = together(parts, s.names)
		}
	}
	p.byService = next
}
