package classifier

import (
	"fmt"
	"net/http"
	"net/textproto"
	"strings"
)

// headerSignals finds signals by header name.
type headerSignals struct {
	n      int // signals so far
	exact  map[string][]headerSignal
	prefix []headerSignal
}

// maxHeaderSignals is the number of bits by which score knows them.
const maxHeaderSignals = 64

type headerSignal struct {
	number  int
	name    string // feature
	weight  int
	header  string // canonical; of prefix signals the start
	value   string // what the value starts with, "" for anything
	contain bool   // it may stand anywhere
}

func (h *headerSignals) add(g signal) error {
	if h.n == maxHeaderSignals {
		return fmt.Errorf("more than %d signals of this kind", maxHeaderSignals)
	}
	h.n++
	for _, v := range g.values {
		name, value, _ := strings.Cut(v, ":")
		s := headerSignal{number: h.n, name: g.name, weight: g.weight}
		s.value, s.contain = strings.CutPrefix(strings.ToLower(strings.TrimSpace(value)), "*")
		if start, ok := strings.CutSuffix(name, "*"); ok {
			s.header = textproto.CanonicalMIMEHeaderKey(start)
			h.prefix = append(h.prefix, s)
			continue
		}
		s.header = textproto.CanonicalMIMEHeaderKey(name)
		if h.exact == nil {
			h.exact = make(map[string][]headerSignal)
		}
		h.exact[s.header] = append(h.exact[s.header], s)
	}
	return nil
}

// score adds the weight of each signal once, however many headers show it.
func (h *headerSignals) score(header http.Header, c *score) {
	var seen uint64
	note := func(s *headerSignal, values []string) {
		if bit := uint64(1) << (s.number - 1); seen&bit == 0 && s.matches(values) {
			seen |= bit
			c.add(s.name, s.weight)
		}
	}
	for name, values := range header {
		list := h.exact[name]
		for i := range list {
			note(&list[i], values)
		}
		for i := range h.prefix {
			if strings.HasPrefix(name, h.prefix[i].header) {
				note(&h.prefix[i], values)
			}
		}
	}
}

func (s *headerSignal) matches(values []string) bool {
	for _, v := range values {
		if s.contain {
			if len(v) <= 1024 && strings.Contains(strings.ToLower(v), s.value) {
				return true
			}
		} else if len(v) >= len(s.value) && strings.EqualFold(v[:len(s.value)], s.value) {
			return true
		}
	}
	return false
}
