package prompt

import (
	"net/http"
	"strings"

	"github.com/gnomon-proxy/gnomon/traffic"
)

var _ traffic.AnswerCodec = (*Codec)(nil)

// maxHeld bounds a line or a document of an answer that is held until it is
// whole. In a longer one tokens are restored as it passes.
const maxHeld = 128 << 10

// Restorer implements traffic.AnswerCodec.
func (c *Codec) Restorer(x *traffic.Exchange, answer http.Header, t traffic.Tokens) traffic.Restorer {
	kind, _, _ := strings.Cut(strings.ToLower(answer.Get("Content-Type")), ";")
	kind = strings.TrimSpace(kind)
	m := newMatcher(t)
	streams := x.Prompt != nil && x.Prompt.Stream
	switch {
	case kind == "text/event-stream":
		return &sniffing{events: true, m: m, streams: true}
	case kind == "application/vnd.amazon.eventstream":
		return &frameRestorer{m: m, docs: newDocuments(m, true)}
	case strings.Contains(kind, "ndjson"), strings.Contains(kind, "jsonl"), strings.Contains(kind, "stream+json"), strings.Contains(kind, "json-seq"):
		return &valueRestorer{m: m, docs: newDocuments(m, true)}
	case strings.HasPrefix(kind, "application/connect+"), strings.HasPrefix(kind, "application/grpc"):
		return nil
	case kind == "application/json", strings.HasSuffix(kind, "+json"):
		return &sniffing{m: m, streams: streams}
	case kind == "text/plain", kind == "text/markdown", kind == "text/csv":
		return &textRestorer{m: m}
	}
	return nil
}

// sniffing looks at the first byte of what is declared to be events or JSON:
// some services say the one and send the other.
type sniffing struct {
	m       *matcher
	events  bool // as declared
	streams bool
	is      traffic.Restorer // nil: nothing but blanks has come
}

// Append implements traffic.Restorer.
func (r *sniffing) Append(dst, p []byte) []byte {
	if r.is != nil {
		return r.is.Append(dst, p)
	}
	for i, c := range p {
		if isSpace(c) {
			continue
		}
		events := r.events
		switch c {
		case '{', '[':
			events = false
		case 'd', 'e', 'i', 'r', ':': // data, event, id, retry, a comment
			events = true
		}
		if events {
			r.is = &eventRestorer{m: r.m, docs: newDocuments(r.m, true)}
		} else {
			r.is = &valueRestorer{m: r.m, docs: newDocuments(r.m, r.streams)}
		}
		return r.is.Append(append(dst, p[:i]...), p[i:])
	}
	return append(dst, p...)
}

// End implements traffic.Restorer.
func (r *sniffing) End(dst []byte) []byte {
	if r.is == nil {
		return dst
	}
	return r.is.End(dst)
}

// textRestorer restores a plain text.
type textRestorer struct {
	m    *matcher
	text lane
}

// Append implements traffic.Restorer.
func (r *textRestorer) Append(dst, p []byte) []byte {
	dst, _ = r.m.restore(dst, &r.text, p, false)
	r.m.done()
	return dst
}

// End implements traffic.Restorer.
func (r *textRestorer) End(dst []byte) []byte {
	dst, _ = r.m.restore(dst, &r.text, nil, true)
	r.m.done()
	return dst
}
