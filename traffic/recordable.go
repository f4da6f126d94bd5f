package traffic

import (
	"net/http"
	"slices"
	"strings"
	"sync"
)

// A sighting is kept for months and shown to many, yet some of its fields come
// straight from a client. What does not look like what the field is for is not
// kept, nor is anything in which the scanner finds something.

const (
	maxModel     = 128
	maxUserAgent = 128
)

// modelName returns s when it looks like the name of a model, else "".
func modelName(s string) string {
	if len(s) > maxModel || !plain(s, "-_.:/@+") {
		return ""
	}
	return s
}

// userAgent returns the products of a User-Agent (RFC 9110, section 10.1.5):
// "OpenAI/Python 1.2" and "Mozilla/5.0" say enough, comments say too much.
func userAgent(s string) string {
	var out []string
	depth, size := 0, 0
	for word := range strings.FieldsSeq(s) {
		opened := strings.Count(word, "(")
		if depth += opened; depth == 0 && plain(word, "-_.+/") && size+len(word) < maxUserAgent {
			out = append(out, word)
			size += len(word) + 1
		}
		depth = max(0, depth-strings.Count(word, ")"))
	}
	return strings.Join(out, " ")
}

// method returns a method of HTTP, "OTHER" for any other token.
func method(s string) string {
	switch s {
	case "", http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return s
	}
	return "OTHER"
}

// plain reports whether s has ASCII letters, digits and the given others only.
func plain(s, others string) bool {
	for i := range len(s) {
		c := s[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || isDigit(c) || strings.IndexByte(others, c) >= 0) {
			return false
		}
	}
	return true
}

// withhold empties the fields of s that a client filled with something
// sensitive.
func (s *Sighting) withhold(stages *Stages, known *harmless) {
	var room [512]byte // more goes to the heap: of those that declare many tools
	fields := [...]*string{&s.Model, &s.UserAgent, &s.Path, &s.Account.Organisation, &s.Account.Plan}
	all := room[:0]
	for _, f := range fields {
		all = append(append(all, *f...), '\n')
	}
	for _, list := range [...][]string{s.Tools, s.Servers} {
		for _, name := range list {
			all = append(append(all, name...), '\n')
		}
	}
	if known.has(stages, all) {
		return
	}
	if !finds(stages.Scanner, string(all)) {
		known.add(stages, string(all))
		return
	}
	for _, f := range fields {
		if finds(stages.Scanner, *f) {
			*f = ""
		}
	}
	for _, list := range [...]*[]string{&s.Tools, &s.Servers} {
		*list = slices.DeleteFunc(slices.Clone(*list), func(name string) bool { return finds(stages.Scanner, name) })
	}
}

func finds(scanner Scanner, s string) bool {
	text := []byte(s)
	return len(scanner.Scan(&Prompt{Parts: []Part{{Kind: PartMetadata, Text: text, End: len(text)}}})) > 0
}

// maxHarmless bounds what harmless holds: a client can name anything.
const maxHarmless = 512

// harmless knows texts in which a set of stages has found nothing: most
// requests are of few kinds, and to look them up costs less than to scan them
// again. The zero value knows none. It is safe for concurrent use.
type harmless struct {
	mu    sync.RWMutex
	by    *Stages // who has looked; others may find something
	texts map[string]struct{}
}

func (h *harmless) has(by *Stages, text []byte) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	_, ok := h.texts[string(text)]
	return ok && h.by == by
}

func (h *harmless) add(by *Stages, text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.by != by || len(h.texts) >= maxHarmless {
		h.by, h.texts = by, make(map[string]struct{})
	}
	h.texts[text] = struct{}{}
}
