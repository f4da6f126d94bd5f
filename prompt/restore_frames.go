package prompt

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
)

// frameRestorer restores the event stream of AWS: frames of a length, the length
// of the headers, a checksum of both, headers, a payload and a checksum of all.
// The payload is JSON, and that of "chunk" has JSON inside in base64.
type frameRestorer struct {
	m      *matcher
	docs   *documents
	frame  []byte
	inside bool // docs are those in the base64 of chunks
	off    bool // that is no event stream after all
}

const (
	frameHead = 12
	frameTail = 4
)

// Append implements traffic.Restorer.
func (r *frameRestorer) Append(dst, p []byte) []byte {
	if r.off {
		return append(dst, p...)
	}
	r.frame = append(r.frame, p...)
	for len(r.frame) >= frameHead {
		size := int64(binary.BigEndian.Uint32(r.frame))
		headers := int64(binary.BigEndian.Uint32(r.frame[4:]))
		if size > maxHeld || headers+frameHead+frameTail > size || crc32.ChecksumIEEE(r.frame[:8]) != binary.BigEndian.Uint32(r.frame[8:]) {
			r.off = true
			dst = append(dst, r.frame...)
			r.frame = nil
			return dst
		}
		if int64(len(r.frame)) < size {
			break
		}
		dst = r.restore(dst, r.frame[:size], int(headers))
		r.frame = append(r.frame[:0], r.frame[size:]...)
	}
	r.m.done()
	return dst
}

// restore takes a frame.
func (r *frameRestorer) restore(dst, frame []byte, headers int) []byte {
	head := frame[frameHead : frameHead+headers]
	payload := frame[frameHead+headers : len(frame)-frameTail]
	before, after, inner := chunk(payload)
	if inner != nil {
		payload = inner
	}
	first, out, ok := r.docs.restore(payload, head)
	r.inside = r.inside || inner != nil
	for _, e := range first {
		dst = r.appendFrame(dst, e)
	}
	switch {
	case !ok || string(out) == string(payload):
		return append(dst, frame...)
	case inner != nil:
		out = wrap(before, out, after)
	}
	return appendFrame(dst, head, out)
}

func (r *frameRestorer) appendFrame(dst []byte, e extra) []byte {
	if r.inside {
		return appendFrame(dst, e.label, wrap([]byte(`{"bytes":"`), e.doc, []byte(`"}`)))
	}
	return appendFrame(dst, e.label, e.doc)
}

// chunk returns the JSON in {"bytes":"..."}, nil where payload is no such, and
// what stands before and behind it.
func chunk(payload []byte) (before, after, inner []byte) {
	start, end := -1, -1
	members(payload, func(key, value []byte) bool {
		if string(key) == "bytes" && len(value) >= 2 && value[0] == '"' {
			start = cap(payload) - cap(value) + 1
			end = start + len(value) - 2
		}
		return start < 0
	})
	if start < 0 {
		return nil, nil, nil
	}
	inner, err := base64.StdEncoding.AppendDecode([]byte{}, payload[start:end])
	if err != nil || len(inner) == 0 {
		return nil, nil, nil
	}
	return payload[:start], payload[end:], inner
}

func wrap(before, doc, after []byte) []byte {
	out := append([]byte(nil), before...)
	return append(base64.StdEncoding.AppendEncode(out, doc), after...)
}

func appendFrame(dst, headers, payload []byte) []byte {
	at := len(dst)
	dst = binary.BigEndian.AppendUint32(dst, uint32(frameHead+len(headers)+len(payload)+frameTail))
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(headers)))
	dst = binary.BigEndian.AppendUint32(dst, crc32.ChecksumIEEE(dst[at:]))
	dst = append(append(dst, headers...), payload...)
	return binary.BigEndian.AppendUint32(dst, crc32.ChecksumIEEE(dst[at:]))
}

// End implements traffic.Restorer.
func (r *frameRestorer) End(dst []byte) []byte {
	for _, e := range r.docs.flush("") {
		dst = r.appendFrame(dst, e)
	}
	dst = append(dst, r.frame...)
	r.frame = nil
	r.m.done()
	return dst
}
