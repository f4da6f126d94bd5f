package prompt

import (
	"bytes"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// messageRestorer restores the messages of a WebSocket: JSON, or several records
// of it (SignalR), else text.
type messageRestorer struct {
	m    *matcher
	docs *documents
}

// MessageRestorer implements traffic.AnswerCodec.
func (c *Codec) MessageRestorer(old traffic.MessageRestorer, t traffic.Tokens) traffic.MessageRestorer {
	r, ok := old.(*messageRestorer)
	if !ok {
		m := newMatcher(t)
		return &messageRestorer{m: m, docs: newDocuments(m, true)}
	}
	r.m.tokens = t
	r.m.take(t.Names()) // a message of the client may have brought more
	return r
}

// Restore implements traffic.MessageRestorer.
func (r *messageRestorer) Restore(text []byte) (out [][]byte) {
	first, doc, ok := r.docs.restore(text, nil)
	for _, e := range first {
		out = append(out, bytes.TrimSpace(e.doc))
	}
	if !ok {
		doc, _ = r.m.restore(nil, new(lane), text, true)
	}
	r.m.done()
	return append(out, doc)
}
