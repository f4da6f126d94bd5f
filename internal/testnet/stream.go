package testnet

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// slowEvery is the pace of a slow stream, that of a quick model.
const slowEvery = 20 * time.Millisecond

// stream writes server-sent events, each with one write and one flush, as the
// vendors do. It stops when the client has left, and notes that it has.
type stream struct {
	c    *call
	pace time.Duration
	gone bool
}

func (c *call) stream(model string) *stream {
	h := c.w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	c.w.WriteHeader(http.StatusOK)
	s := &stream{c: c}
	if strings.HasPrefix(model, "slow") {
		s.pace = slowEvery
	}
	return s
}

// send sends an event; name may be empty.
func (s *stream) send(name string, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // our own literals
	}
	if name != "" {
		name = "event: " + name + "\n"
	}
	s.raw(name + "data: " + string(data) + "\n\n")
}

func (s *stream) raw(text string) {
	if s.gone {
		return
	}
	if s.pace > 0 {
		s.wait(s.pace)
	}
	if s.gone {
		return
	}
	fmt.Fprint(s.c.w, text)
	if http.NewResponseController(s.c.w).Flush() != nil {
		s.leave()
	}
}

func (s *stream) wait(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.c.r.Context().Done():
		s.leave()
	}
}

func (s *stream) leave() {
	s.gone = true
	s.c.log.hungUp()
}

// pieces cuts an answer as a model does: a few characters at a time.
func pieces(text string) []string {
	const size = 6
	var out []string
	r := []rune(text)
	for len(r) > size {
		out = append(out, string(r[:size]))
		r = r[size:]
	}
	return append(out, string(r))
}

// bigAnswer is the text that a model whose name starts with "big" answers.
const bigAnswer = 8 << 20

// reply is what a model says to text: it repeats it, so that a client sees what
// the service was told.
func reply(model, text string) string {
	if strings.HasPrefix(model, "big") {
		return strings.Repeat("All work and no play makes a dull model. ", bigAnswer/41+1)[:bigAnswer]
	}
	return "You said: " + text
}
