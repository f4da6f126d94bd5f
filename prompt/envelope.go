package prompt

import (
	"bytes"
	"encoding/binary"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// envelopeHead is the length of what precedes each message of a Connect stream:
// one byte of flags, four of length (connectrpc.com/docs/protocol).
const envelopeHead = 5

// enveloped reports whether the body is a stream of Connect messages in JSON.
func enveloped(x *traffic.Exchange) bool {
	return x.From == "" && mediaType(x) == "application/connect+json"
}

// envelopes calls do with the place of each whole message, compressed ones
// excepted, and reports whether that was all of the body.
func envelopes(body []byte, do func(start, end int)) bool {
	for at := 0; at < len(body); {
		if len(body)-at < envelopeHead {
			return false
		}
		size := int64(binary.BigEndian.Uint32(body[at+1:]))
		if body[at]&1 != 0 || size > int64(len(body)-at-envelopeHead) {
			return false
		}
		start := at + envelopeHead
		at = start + int(size)
		do(start, at)
	}
	return true
}

// withEnvelopes adds the new lengths of the messages that splices change.
func withEnvelopes(x *traffic.Exchange, splices []splice) ([]splice, error) {
	if !enveloped(x) || len(splices) == 0 {
		return splices, nil
	}
	var out []splice
	envelopes(x.Body, func(start, end int) {
		size, n := end-start, 0
		for n < len(splices) && splices[n].start < end {
			size += len(splices[n].with) - (splices[n].end - splices[n].start)
			n++
		}
		if n > 0 {
			head := binary.BigEndian.AppendUint32(nil, uint32(size))
			out = append(append(out, splice{start - 4, start, head}), splices[:n]...)
			splices = splices[n:]
		}
	})
	if len(splices) > 0 {
		return nil, errUnwritable
	}
	return out, nil
}

// readEnvelopes reads the JSON messages of a Connect stream.
func (c *Codec) readEnvelopes(x *traffic.Exchange, p *traffic.Prompt, root *node) {
	all := envelopes(x.Body, func(start, end int) {
		if len(bytes.TrimSpace(x.Body[start:end])) > 0 {
			newReader(p, c.files, x.Body[:end], nil, nil).read(root, start)
		}
	})
	if !all {
		unread(p, traffic.ReasonFormat)
	}
}
