package dlp

import "github.com/gnomon-proxy/gnomon/traffic"

// The window that a stream reads through, unless it is given a larger one. It moves
// on by what lies between the two overlaps, each of which holds the longest match
// and the words around it; what they hold is read twice.
const (
	streamWindow  = 60 << 10
	streamOverlap = maxMatch + 1<<10
)

// Stream scans a text of any size that arrives in pieces. It holds one window of
// it and finds what ScanText finds in the whole, with these exceptions: a run of
// base64 or the like that is longer than 9 KiB is read in parts, so that it is
// reported once a window and a compressed one is not read to its end; blocks of
// source code end with the window; and parts of protected documents are weighed
// within a window. A Stream is for one goroutine.
type Stream struct {
	s       *Scanner
	size    int // of the window
	report  func(traffic.Finding)
	text    []byte // the window
	base    int    // where it lies in the whole
	from    int    // what starts before this byte of the whole has been reported
	end     int    // of the latest finding
	hits    []Hit
	printer *printer
	skipped Skipped
	carry   tableCarry
}

// Stream returns a stream that calls report for each finding, in order. The
// places of findings are bytes of the whole text. A window of so many bytes is held,
// 60 KiB if that is more.
func (s *Scanner) Stream(window int, report func(traffic.Finding)) *Stream {
	return &Stream{s: s, size: max(window, streamWindow), report: report}
}

// Write scans p as the next piece. It does not keep p and never fails.
func (st *Stream) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		k := min(len(p), st.size-len(st.text))
		if len(st.text)+k > cap(st.text) {
			st.grow(len(st.text) + k)
		}
		st.text = append(st.text, p[:k]...)
		p = p[k:]
		if len(st.text) == st.size && len(p) > 0 {
			st.scan(len(st.text) - streamOverlap)
			st.advance()
		}
	}
	return n, nil
}

// Settled returns the byte of the whole before which every finding that starts
// there has been reported.
func (st *Stream) Settled() int { return st.from }

// Skipped tells what has been skipped so far. What lies in two windows may count
// twice.
func (st *Stream) Skipped() Skipped { return st.skipped }

// grow makes room for n bytes, of which small texts need few.
func (st *Stream) grow(n int) {
	size := st.size
	if len(st.text) == 0 {
		size = n
	}
	old := st.text
	st.text = append(make([]byte, 0, size), old...)
	clear(old)
}

// Close scans what is left and wipes the window.
func (st *Stream) Close() error {
	st.scan(len(st.text))
	clear(st.text[:cap(st.text)])
	st.text, st.hits = nil, nil
	return nil
}

// scan reports what starts in the window before its byte upto.
func (st *Stream) scan(upto int) {
	var skipped Skipped
	st.carry.at = st.step()
	st.hits = st.s.withoutAllowed(st.text, st.s.scanNamed("", st.text, st.hits[:0], true, &skipped, &st.carry), "", "")
	st.skipped.add(skipped, st.base)
	for i := range st.hits {
		h := &st.hits[i]
		start, end := st.base+h.Start, st.base+h.End
		if (h.whole || h.literal && !h.keep) && start < st.from && end > st.end { // a run or a literal that goes on from the last window
			start = max(st.from, st.end)
		}
		if h.Start >= upto || start < st.from || start < st.end && !h.whole || start >= end {
			continue
		}
		if st.printer == nil {
			st.printer = newPrinter(st.s.key)
		}
		f := traffic.Finding{Detector: h.Detector, Class: h.Class, Start: start, End: end, Confidence: h.Confidence, Print: h.print, Via: h.Via(), Quote: h.quote.String(), Keep: h.keep}
		if f.Print == "" {
			f.Print = st.printer.print(h.Class, st.text[h.Start:h.End])
		}
		st.report(f)
		st.end = max(st.end, end)
	}
	st.from = st.base + upto
}

// step returns by how much the window moves on: whole units of wide characters.
func (st *Stream) step() int { return (len(st.text) - 2*streamOverlap) &^ 3 }

// advance moves the window on.
func (st *Stream) advance() {
	by := st.step()
	st.text = st.text[:copy(st.text, st.text[by:])]
	st.base += by
}
