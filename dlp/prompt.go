package dlp

import (
	"bytes"
	"slices"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// Scan returns the findings in the text parts of p, by part and place. Images
// and audio are left alone. A value that is split over two parts is two findings
// of one fingerprint.
func (s *Scanner) Scan(p *traffic.Prompt) []traffic.Finding {
	var out []traffic.Finding
	var hits []Hit
	var pr *printer // made for the first finding: most prompts have none
	seams := s.seams(p)
	for i := range p.Parts {
		part := &p.Parts[i]
		if !legible(part) {
			continue
		}
		hits = s.scanNamed(part.Name, part.Text, hits[:0], true)
		for len(seams) > 0 && seams[0].part == i {
			hits = append(hits, seams[0].hit)
			seams = seams[1:]
		}
		if len(hits) == 0 {
			continue
		}
		if hits = s.withoutAllowed(part.Text, resolve(hits), p.Service, p.ServiceID); len(hits) == 0 {
			continue
		}
		if pr == nil {
			pr = newPrinter(s.key)
		}
		out = slices.Grow(out, len(hits))
		for k := range hits {
			h := &hits[k]
			f := traffic.Finding{
				Detector: h.Detector, Class: h.Class, Part: i, Start: h.Start, End: h.End,
				Confidence: h.Confidence, Print: h.print, Via: h.Via(),
			}
			if f.Print == "" {
				f.Print = pr.print(h.Class, part.Text[h.Start:h.End])
			}
			if part.Place != nil {
				f.Place = part.Place(h.Start)
			}
			out = append(out, f)
		}
	}
	return out
}

// legible reports whether a part is text, or a picture that text was read in.
func legible(p *traffic.Part) bool {
	return p.Kind != traffic.PartImage && p.Kind != traffic.PartAudio || p.Place != nil
}

// seam is a hit in one part that goes on in another.
type seam struct {
	part int
	hit  Hit
}

const (
	seamReach = 256 // bytes on both sides of a seam that are looked at
	seamLeast = 4   // letters or digits in a row that a half of a value has
)

// seams looks for values that begin at the end of one part and go on at the
// start of the next: "sk-ant-api03-AbC" and "dEf...". Only parts that end and
// start in the middle of a word can hold one.
func (s *Scanner) seams(p *traffic.Prompt) (out []seam) {
	last := -1
	for i := range p.Parts {
		part := &p.Parts[i]
		if !legible(part) || part.Kind == traffic.PartMetadata || len(part.Text) == 0 {
			continue
		}
		if last >= 0 && endsInWord(p.Parts[last].Text) && startsInWord(part.Text) {
			out = s.seam(out, p, last, i)
		}
		last = i
	}
	slices.SortStableFunc(out, func(a, b seam) int { return a.part - b.part })
	return out
}

func (s *Scanner) seam(out []seam, p *traffic.Prompt, a, b int) []seam {
	left, right := bytes.TrimRight(p.Parts[a].Text, " \t\r\n"), p.Parts[b].Text
	lead := len(right) - len(bytes.TrimLeft(right, " \t\r\n"))
	from, to := max(0, len(left)-seamReach), min(len(right), lead+seamReach)
	glues := []string{""}
	if isDigit(left[len(left)-1]) && isDigit(right[lead]) {
		glues = []string{"", " "} // 4111 1111, 1111 1111
	}
	pr := newPrinter(s.key)
	for _, glue := range glues {
		view := slices.Concat(left[from:], []byte(glue), right[lead:to])
		cut, on := len(left)-from, len(left)-from+len(glue)
		n := len(out)
		for _, h := range s.scanNamed("", view, nil, true) {
			if h.Start >= cut || h.End <= on {
				continue
			}
			if h.print == "" {
				h.print = pr.print(h.Class, view[h.Start:h.End])
			}
			h.via = ways(waySplit).then(h.via)
			first, second := h, h
			first.Start, first.End = from+h.Start, len(left)
			second.Start, second.End = lead, lead+h.End-on
			out = append(out, seam{a, first}, seam{b, second})
		}
		clear(view)
		if len(out) > n {
			break
		}
	}
	return out
}

// endsInWord reports whether text ends in letters and digits, with a digit or a
// dash among them: prose ends in a full stop or a word.
func endsInWord(text []byte) bool {
	i := len(text)
	for i > 0 && len(text)-i < 8 && space[text[i-1]] {
		i--
	}
	end := i
	marked := false
	for i > 0 && end-i < 24 && value64[text[i-1]] < 64 {
		i--
		marked = marked || !isAlpha(text[i])
	}
	return end-i >= seamLeast && marked
}

// startsInWord reports whether text starts with letters and digits.
func startsInWord(text []byte) bool {
	i := 0
	for i < len(text) && i < 8 && space[text[i]] {
		i++
	}
	n := 0
	for i+n < len(text) && n < seamLeast && value64[text[i+n]] < 64 {
		n++
	}
	return n >= seamLeast
}
