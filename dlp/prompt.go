package dlp

import (
	"bytes"
	"slices"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// Scan returns the findings in the text parts of p, by part and place. Images
// and audio are left alone. A value that is split over two parts is two findings
// of one fingerprint. What was skipped in a part it notes in p.Unread and p.Gaps.
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
		var skipped Skipped
		hits = s.scanNamed(part.Name, part.Text, hits[:0], true, &skipped, nil)
		skipped.unread(p, i)
		for len(seams) > 0 && seams[0].part == i {
			hits = append(hits, seams[0].hit)
			seams = seams[1:]
		}
		if len(hits) == 0 {
			continue
		}
		if hits = s.withoutAllowed(part.Text, settle(part.Text, hits), p.Service, p.ServiceID); len(hits) == 0 {
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
				Confidence: h.Confidence, Print: h.print, Via: h.Via(), Quote: h.quote.String(), Keep: h.keep,
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
	seamReach  = 256 // bytes on both sides of a seam that are looked at
	maxChain   = 8   // parts that a value may be split over
	seamLeast  = 4   // letters or digits in a row that a half of a value has
	seamWord   = 24  // of them that are looked at
	seamBlanks = 8   // white space between them and the end of their part
)

// seams looks for what only several parts show: answers to the part before, and
// values that begin at the end of one part and go on at the start of the next:
// "sk-ant-api03-AbC" and "dEf...". Only parts that end and
// start in the middle of a word can hold one. A part that is nothing but a piece
// of a word may be the middle of one.
func (s *Scanner) seams(p *traffic.Prompt) (out []seam) {
	var chain []int // parts of which each goes on in the next
	for i := range p.Parts {
		part := &p.Parts[i]
		if !legible(part) || part.Kind == traffic.PartMetadata || len(part.Text) == 0 {
			continue
		}
		if n := len(chain); n > 0 && meetInWord(p.Parts[chain[n-1]].Text, part.Text) {
			if n > 1 && (n == maxChain || !isPiece(p.Parts[chain[n-1]].Text)) {
				out = s.chain(out, p, chain)
				chain = append(chain[:0], chain[n-1])
			}
			chain = append(chain, i)
			continue
		} else if n > 1 {
			out = s.chain(out, p, chain)
		}
		chain = append(chain[:0], i)
	}
	if len(chain) > 1 {
		out = s.chain(out, p, chain)
	}
	out = s.answers(out, p)
	slices.SortStableFunc(out, func(a, b seam) int { return a.part - b.part })
	return out
}

// chain scans a chain of parts, or that part of it in which something is found: a
// value may begin or end where two parts meet.
func (s *Scanner) chain(out []seam, p *traffic.Prompt, parts []int) []seam {
	n := len(out)
	for size := len(parts); size > 1 && len(out) == n; size-- {
		for from := 0; from+size <= len(parts) && len(out) == n; from++ {
			out = s.seam(out, p, parts[from:from+size])
		}
	}
	return out
}

// piece is the part of a text that stands in a view of a seam.
type piece struct{ part, from, at, end int } // from: in the part; at and end: in the view

// seam scans the places where the parts of a chain meet as one text.
func (s *Scanner) seam(out []seam, p *traffic.Prompt, chain []int) []seam {
	glues := []string{""}
	if digitsMeet(p, chain) {
		glues = []string{"", " "} // 4111 1111, 1111 1111
	}
	pr := newPrinter(s.key)
	for _, glue := range glues {
		view, pieces := joinParts(p, chain, glue)
		n := len(out)
		for _, h := range s.scanNamed("", view, nil, true, nil, nil) {
			if s.byChance(h) { // any two words that meet could be such
				continue
			}
			if h.print == "" {
				h.print = pr.print(h.Class, view[h.Start:h.End])
			}
			h.via = ways(waySplit).then(h.via)
			first := len(out)
			for _, x := range pieces {
				part := h
				part.Start, part.End = max(h.Start, x.at)-x.at+x.from, min(h.End, x.end)-x.at+x.from
				if part.Start < part.End {
					out = append(out, seam{x.part, part})
				}
			}
			if len(out) == first+1 { // in one part: found there
				out = out[:first]
			}
		}
		clear(view)
		if len(out) > n {
			break
		}
	}
	return out
}

// joinParts returns the end of the first part of a chain, the parts between and
// the start of the last one as one text.
func joinParts(p *traffic.Prompt, chain []int, glue string) (view []byte, pieces []piece) {
	for k, i := range chain {
		text := p.Parts[i].Text
		from, to := 0, len(text)
		if k > 0 {
			from = to - len(bytes.TrimLeft(text, " \t\r\n"))
			view = append(view, glue...)
		}
		if k < len(chain)-1 {
			to = len(bytes.TrimRight(text, " \t\r\n"))
		}
		if k == 0 {
			from = max(0, to-seamReach)
		} else if k == len(chain)-1 {
			to = min(to, from+seamReach)
		}
		pieces = append(pieces, piece{i, from, len(view), len(view) + to - from})
		view = append(view, text[from:to]...)
	}
	return view, pieces
}

// digitsMeet reports whether all parts of a chain meet in digits.
func digitsMeet(p *traffic.Prompt, chain []int) bool {
	for k := range chain[1:] {
		left, right := bytes.TrimRight(p.Parts[chain[k]].Text, " \t\r\n"), bytes.TrimLeft(p.Parts[chain[k+1]].Text, " \t\r\n")
		if !isDigit(left[len(left)-1]) || !isDigit(right[0]) {
			return false
		}
	}
	return true
}

// isPiece reports whether text is one short word or number.
func isPiece(text []byte) bool {
	text = bytes.TrimSpace(text)
	if len(text) > seamReach {
		return false
	}
	for _, c := range text {
		if value64[c] > 63 && c != ' ' && c != '.' {
			return false
		}
	}
	return true
}

// meetInWord reports whether left ends and right starts in letters and digits, with
// a digit or a dash among them: prose ends in a full stop or a word.
func meetInWord(left, right []byte) bool {
	left, right = trimmedEnd(left), trimmedStart(right)
	n, m := 0, 0
	marked := false
	for n < len(left) && n < seamWord && value64[left[len(left)-1-n]] < 64 {
		n++
		marked = marked || !isAlpha(left[len(left)-n])
	}
	for n >= seamLeast && m < len(right) && m < seamWord && value64[right[m]] < 64 && !(marked && m >= seamLeast) {
		marked = marked || !isAlpha(right[m])
		m++
	}
	return marked && n >= seamLeast && m >= seamLeast
}

// trimmedEnd returns text without the white space behind it, a few bytes at most.
func trimmedEnd(text []byte) []byte {
	for n := 0; n < seamBlanks && len(text) > 0 && space[text[len(text)-1]]; n++ {
		text = text[:len(text)-1]
	}
	return text
}

// trimmedStart returns text without the white space before it, a few bytes at most.
func trimmedStart(text []byte) []byte {
	for n := 0; n < seamBlanks && len(text) > 0 && space[text[0]]; n++ {
		text = text[1:]
	}
	return text
}
