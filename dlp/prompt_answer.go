package dlp

import (
	"bytes"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// maxQuestion bounds the end of a message that is looked at for a question.
const maxQuestion = 160

// answers appends to out what the question at the end of one part says of the
// short answer that the next one starts with: "what's the wifi password?", "X".
func (s *Scanner) answers(out []seam, p *traffic.Prompt) []seam {
	var question []byte
	for i := range p.Parts {
		part := &p.Parts[i]
		if !legible(part) || part.Kind == traffic.PartMetadata {
			continue
		}
		if len(question) > 0 {
			out = s.answer(out, question, part.Text, i)
		}
		question = lastQuestion(part.Text)
	}
	return out
}

// answer scans the first line of text below a question.
func (s *Scanner) answer(out []seam, question, text []byte, part int) []seam {
	from := skip(text, 0, 16, &space)
	line := text[from:min(len(text), from+maxSpeaker+maxAnswer)]
	if n := bytes.IndexByte(line, '\n'); n >= 0 {
		line = line[:n]
	} else if from+len(line) < len(text) {
		return out // no short answer
	}
	view := make([]byte, 0, len(question)+1+len(line))
	view = append(append(append(view, question...), '\n'), line...)
	at := len(question) + 1
	for _, h := range s.scanNamed("", view, nil, true, nil, nil) {
		if h.Start >= at {
			h.Start, h.End = h.Start-at+from, h.End-at+from
			out = append(out, seam{part, h})
		}
	}
	clear(view)
	return out
}

// lastQuestion returns the last line of text if it ends as a question, or as what
// announces a value, does.
func lastQuestion(text []byte) []byte {
	text = bytes.TrimRight(text[max(0, len(text)-maxQuestion):], " \t\r\n")
	if n := len(text); n == 0 || text[n-1] != '?' && text[n-1] != ':' {
		return nil
	}
	return text[bytes.LastIndexByte(text, '\n')+1:]
}
