package dlp

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// allowance takes from the findings what allow-lists name. Values are compared by
// their fingerprints, so that they are known in any disguise and no list of them
// has to be gone through.
type allowance struct {
	lists    []rules.Allow
	prints   map[string][]int // lists, by fingerprint
	patterns [][]*regexp.Regexp
	now      func() time.Time
}

// newAllowance returns nil where there is nothing to allow.
func newAllowance(lists []rules.Allow, s *Scanner, now func() time.Time) (*allowance, error) {
	if len(lists) == 0 {
		return nil, nil
	}
	if now == nil {
		now = time.Now
	}
	a := &allowance{lists: lists, prints: make(map[string][]int), patterns: make([][]*regexp.Regexp, len(lists)), now: now}
	for i := range lists {
		l := &lists[i]
		for _, p := range l.Patterns {
			re, err := regexp.Compile(`\A(?:` + p + `)\z`)
			if err != nil {
				return nil, fmt.Errorf("%s: pattern: %w", l.Source, err)
			}
			a.patterns[i] = append(a.patterns[i], re)
		}
		for _, f := range l.Findings {
			a.prints[f] = append(a.prints[f], i)
		}
		for _, v := range l.Values {
			for _, c := range traffic.Classes() { // numbers have one fingerprint with any separators
				print := s.Print(c, []byte(v))
				if !slices.Contains(a.prints[print], i) {
					a.prints[print] = append(a.prints[print], i)
				}
			}
		}
	}
	return a, nil
}

// by returns the list that allows a value of a finding, nil if none does. A value
// in disguise is known by its fingerprint alone.
func (a *allowance) by(h *Hit, print string, value []byte, service, id string) *rules.Allow {
	now := a.now()
	for _, i := range a.prints[print] {
		if l := &a.lists[i]; l.Covers(h.Detector, h.Class) && l.Holds(service, id, now) {
			return l
		}
	}
	if h.via != 0 {
		return nil
	}
	for i, all := range a.patterns {
		l := &a.lists[i]
		if len(all) == 0 || !l.Covers(h.Detector, h.Class) || !l.Holds(service, id, now) {
			continue
		}
		if slices.ContainsFunc(all, func(re *regexp.Regexp) bool { return re.Match(value) }) {
			return l
		}
	}
	return nil
}

// withoutAllowed takes from the hits in text those that are allowed for a
// service. Hits in disguise must have been fingerprinted.
func (s *Scanner) withoutAllowed(text []byte, hits []Hit, service, id string) []Hit {
	if s.allow == nil {
		return hits
	}
	pr := newPrinter(s.key)
	return slices.DeleteFunc(hits, func(h Hit) bool {
		value := text[h.Start:h.End]
		print := h.print
		if print == "" {
			print = pr.print(h.Class, value)
		}
		return s.allow.by(&h, print, value, service, id) != nil
	})
}
