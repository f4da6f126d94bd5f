package dlp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// Fingerprints recognise documents by parts of them (winnowing: Schleimer,
// Wilkerson and Aiken, 2003). Of each run of 24 letters and digits a keyed hash
// is made, of each 41 hashes in a row the least is kept: a text that shares 64
// letters and digits in a row with a document shares a hash with it. It is
// immutable.
type Fingerprints struct {
	Documents []Fingerprinted

	seed   [2]uint64
	marks  []mark // by hash
	filter []uint64
}

// Fingerprinted is one document.
type Fingerprinted struct {
	Name  string
	Marks int // hashes that are left of it
}

type mark struct {
	hash     uint64
	document uint32
}

const (
	shingle       = 24
	winnowed      = 41
	maxShared     = 3 // documents that may share a hash before it is boilerplate
	leastMarks    = 3 // in a row that show a document
	markReach     = 4 * (shingle + winnowed)
	shingleMagic  = "gnomon-fingerprints-1\n"
	leastShingled = 64 // letters and digits of a text
)

// NewFingerprints makes the fingerprints of documents, by name. What is in more
// than three of them is dropped as boilerplate.
func NewFingerprints(names []string, texts [][]byte, key traffic.Key) *Fingerprints {
	f := &Fingerprints{seed: derive(key, "fingerprint")}
	for d, text := range texts {
		var own []uint64
		f.winnow(text, func(h uint64, _, _ int) { own = append(own, h) })
		slices.Sort(own)
		for _, h := range slices.Compact(own) {
			f.marks = append(f.marks, mark{h, uint32(d)})
		}
		f.Documents = append(f.Documents, Fingerprinted{Name: names[d]})
	}
	f.sort()
	kept := f.marks[:0]
	for i := 0; i < len(f.marks); {
		j := i
		for j < len(f.marks) && f.marks[j].hash == f.marks[i].hash {
			j++
		}
		if j-i <= maxShared {
			kept = append(kept, f.marks[i:j]...)
		}
		i = j
	}
	f.marks = kept
	f.index()
	return f
}

func (f *Fingerprints) sort() {
	slices.SortFunc(f.marks, func(a, b mark) int {
		if a.hash != b.hash {
			if a.hash < b.hash {
				return -1
			}
			return 1
		}
		return int(a.document) - int(b.document)
	})
}

func (f *Fingerprints) index() {
	f.filter = make([]uint64, 1<<10)
	for _, m := range f.marks {
		f.filter[m.hash>>6&1023] |= 1 << (m.hash & 63)
		f.Documents[m.document].Marks++
	}
}

// winnow calls yield with each hash that is kept of text and the bytes that it
// was made of.
func (f *Fingerprints) winnow(text []byte, yield func(h uint64, from, to int)) {
	const base = 0x9e3779b97f4a7c15
	type entry struct {
		hash     uint64
		from, to int
	}
	var chars [shingle]uint64
	var starts [shingle]int
	var window [winnowed]entry
	power := uint64(1)
	for range shingle {
		power *= base
	}
	rolling, n, least := uint64(0), 0, -1
	for i := 0; i < len(text); {
		c, size := uint64(text[i]), 1
		if c >= 0x80 {
			var r rune
			r, size = utf8.DecodeRune(text[i:])
			c = uint64(r)
		}
		at := i
		if i += size; c < 0x80 && !isAlnum(byte(c)) {
			continue
		}
		if c < 0x80 {
			c = uint64(fold(byte(c)))
		}
		c = (c ^ f.seed[0]) * 0xff51afd7ed558ccd
		rolling = rolling*base + c - chars[n%shingle]*power
		chars[n%shingle], starts[n%shingle] = c, at
		if n++; n < shingle {
			continue
		}
		h := (rolling ^ f.seed[1]) * 0xc4ceb9fe1a85ec53
		k := n - shingle
		window[k%winnowed] = entry{h ^ h>>29, starts[n%shingle], i}
		if k+1 < winnowed {
			continue
		}
		if least < 0 || least <= k-winnowed { // it has left the window
			least = k - winnowed + 1
			for x := least; x <= k; x++ {
				if window[x%winnowed].hash <= window[least%winnowed].hash {
					least = x
				}
			}
		} else if window[k%winnowed].hash <= window[least%winnowed].hash {
			least = k
		} else {
			continue
		}
		e := window[least%winnowed]
		yield(e.hash, e.from, e.to)
	}
}

// fingerprints looks for parts of documents.
func (c *scan) fingerprints() {
	for _, f := range c.s.prints {
		if len(c.text) >= leastShingled {
			c.fingerprint(f)
		}
	}
}

// passage is a run of marks of one document in a text.
type passage struct{ from, to, marks, all int }

func (c *scan) fingerprint(f *Fingerprints) {
	open := make(map[uint32]*passage)
	var done []Hit
	finish := func(d uint32, p *passage) {
		if p.marks >= min(leastMarks, f.Documents[d].Marks) {
			share := float64(p.all) / float64(max(1, f.Documents[d].Marks))
			done = append(done, Hit{Detector: f.Documents[d].Name, Start: p.from, End: p.to, Confidence: containment(share)})
		}
	}
	f.winnow(c.text, func(h uint64, from, to int) {
		if f.filter[h>>6&1023]>>(h&63)&1 == 0 {
			return
		}
		i, _ := slices.BinarySearchFunc(f.marks, h, func(m mark, h uint64) int {
			if m.hash < h {
				return -1
			}
			return 1
		})
		for ; i < len(f.marks) && f.marks[i].hash == h; i++ {
			d := f.marks[i].document
			p := open[d]
			if p != nil && from-p.to > markReach {
				finish(d, p)
				*p = passage{from: from, to: to, all: p.all}
			}
			if p == nil {
				p = &passage{from: from, to: to}
				open[d] = p
			}
			p.to, p.marks, p.all = max(p.to, to), p.marks+1, p.all+1
		}
	})
	for d, p := range open {
		finish(d, p)
	}
	for _, h := range done {
		c.own(h.Detector, len(c.s.edm), traffic.ClassConfidential, h.Start, h.End, h.Confidence)
	}
}

// containment turns the share of a document that a text holds into a confidence.
func containment(share float64) float64 {
	switch {
	case share >= 0.9:
		return 0.95
	case share >= 0.7:
		return 0.9
	case share >= 0.5:
		return 0.85
	}
	return 0.75
}

// Write writes the fingerprints without their key.
func (f *Fingerprints) Write(w io.Writer) error {
	out := fmt.Appendf(nil, "%s%d %d\n", shingleMagic, len(f.Documents), len(f.marks))
	for _, d := range f.Documents {
		out = append(out, d.Name...)
		out = append(out, '\n')
	}
	for _, m := range f.marks {
		out = binary.LittleEndian.AppendUint64(out, m.hash)
		out = binary.LittleEndian.AppendUint32(out, m.document)
	}
	_, err := w.Write(out)
	return err
}

// ReadFingerprints reads what Write wrote.
func ReadFingerprints(data []byte, key traffic.Key) (*Fingerprints, error) {
	errDamaged := errors.New("the fingerprints are damaged: make them again with gnomon rules fingerprint")
	rest, ok := bytes.CutPrefix(data, []byte(shingleMagic))
	line, rest, _ := bytes.Cut(rest, []byte("\n"))
	var documents, marks int
	if _, err := fmt.Sscanf(string(line), "%d %d", &documents, &marks); err != nil || !ok || documents < 0 || marks < 0 || documents > len(rest) || marks > len(rest)/12 {
		return nil, errDamaged
	}
	f := &Fingerprints{seed: derive(key, "fingerprint")}
	for range documents {
		var name []byte
		if name, rest, ok = bytes.Cut(rest, []byte("\n")); !ok {
			return nil, errDamaged
		}
		f.Documents = append(f.Documents, Fingerprinted{Name: string(name)})
	}
	if len(rest) != 12*marks {
		return nil, errDamaged
	}
	for ; len(rest) > 0; rest = rest[12:] {
		m := mark{binary.LittleEndian.Uint64(rest), binary.LittleEndian.Uint32(rest[8:])}
		if int(m.document) >= documents {
			return nil, errDamaged
		}
		f.marks = append(f.marks, m)
	}
	f.sort()
	f.index()
	return f, nil
}
