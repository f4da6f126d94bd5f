// Package prompt reads and writes the wire formats of AI services.
//
// In goes an exchange with the decoded body of a request (or one WebSocket
// message); out comes the prompt: every text in it with its place in the body,
// what kind of text it is and who says it. Edits of those texts are written
// back to exactly the bytes that carry them. A refusal is phrased in the error
// shape of the service, so that its clients show it.
//
// A body that no reader knows is never passed over in silence: unknown JSON is
// read string by string, text as text, and what is left is reported as unread.
package prompt

import "github.com/gnomon-proxy/gnomon/traffic"

// Codec implements traffic.Codec. It is immutable and safe for concurrent use.
type Codec struct{}

// New returns a Codec that knows all formats of this package.
func New() *Codec { return &Codec{} }

var _ traffic.Codec = (*Codec)(nil)

// Read returns what x.Body says. Texts without escapes alias the body. A body
// of a kind that can't be read gives an *traffic.UnreadError; no body gives an
// empty prompt.
func (c *Codec) Read(x *traffic.Exchange) (*traffic.Prompt, error) {
	if len(x.Body) == 0 {
		return &traffic.Prompt{}, nil
	}
	return nil, &traffic.UnreadError{Reason: traffic.ReasonFormat}
}

// Rewrite returns a new body with the edits made in x.Prompt's parts and every
// other byte of x.Body as it was. Edits are ordered by part and place and don't
// overlap. A text that can't be written back gives an *traffic.UnreadError.
func (c *Codec) Rewrite(x *traffic.Exchange, edits []traffic.Edit) ([]byte, error) {
	return nil, &traffic.UnreadError{Reason: traffic.ReasonFormat}
}

// Refuse returns the answer for a blocked exchange in the service's own error
// shape. It names the reason and the rule, never what was found.
func (c *Codec) Refuse(x *traffic.Exchange) traffic.Refusal {
	return traffic.Refusal{Code: 403, ContentType: "text/plain; charset=utf-8", Body: []byte("Gnomon blocked this request.")}
}
