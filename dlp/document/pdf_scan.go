package document

import (
	"bytes"
)

// pdfFile is an opened PDF file. Its table of objects is made by looking for them:
// the table in the file may be damaged or lie, and one way for all files is simpler
// than two.
type pdfFile struct {
	w       *walk
	data    []byte
	objects map[int]pdfEntry
	cache   map[int]any
	held    int // objects in cache
	trailer pdfDict
	crypt   *pdfCrypt

	packed   []int       // streams with objects inside, in file order
	embedded []int       // streams that are files
	specs    map[int]int // what describes a file, by its stream
	catalog  int
	pages    []int // objects that say that they are pages
	fonts    map[int]*pdfFont
}

// pdfEntry says where an object stands: in the file or in an unpacked stream.
type pdfEntry struct {
	data   []byte // nil: in the file
	off    int    // behind "obj"
	gen    int
	sealed bool // it was in a stream: its strings are not encrypted by themselves
}

// openPDF finds the objects.
func (w *walk) openPDF(data []byte) *pdfFile {
	f := &pdfFile{
		w: w, data: data, objects: map[int]pdfEntry{}, cache: map[int]any{},
		trailer: pdfDict{}, specs: map[int]int{}, fonts: map[int]*pdfFont{},
	}
	f.scan()
	f.trailers()
	return f
}

// scan looks for "12 0 obj". Of two objects with the same number the later counts,
// as in a file that was changed by appending. Streams are passed over: files inside
// have objects of their own.
func (f *pdfFile) scan() {
	work := 0
	for pos := 0; f.w.more(); {
		n := bytes.Index(f.data[pos:], []byte("obj"))
		if n < 0 {
			return
		}
		at := pos + n
		pos = at + 3
		num, gen, ok := objectNumber(f.data[:at])
		if !ok {
			continue
		}
		f.w.ticks += 64
		f.objects[num] = pdfEntry{off: pos, gen: gen}
		l := pdfLex{data: f.data, pos: pos}
		o, _ := l.next(true)
		work += l.pos - pos
		dict, _ := o.(pdfDict)
		if dict == nil {
			if work > maxScanWork*len(f.data) { // strings that never end, one in the other
				pos = max(pos, l.pos)
			}
			continue
		}
		if raw, end := f.streamBytes(&l, dict); raw != nil {
			pos = end
		} else {
			pos = max(pos, l.pos)
		}
		f.note(num, dict)
	}
}

// maxScanWork bounds how often a byte is read while looking for objects.
const maxScanWork = 8

// objectNumber reads "12 0 " backwards from the end of b.
func objectNumber(b []byte) (num, gen int, ok bool) {
	number := func() (int, bool) {
		end := len(b)
		for end > 0 && pdfSpace(b[end-1]) {
			end--
		}
		if end == len(b) {
			return 0, false
		}
		start := end
		for start > 0 && end-start < 10 && b[start-1] >= '0' && b[start-1] <= '9' {
			start--
		}
		n, ok := pdfNumber(b[start:end])
		b = b[:start]
		return int(n), ok
	}
	if gen, ok = number(); !ok {
		return 0, 0, false
	}
	num, ok = number()
	return num, gen, ok
}

// note remembers objects that are looked for later.
func (f *pdfFile) note(num int, d pdfDict) {
	switch d["Type"] {
	case pdfName("ObjStm"):
		f.packed = append(f.packed, num)
	case pdfName("XRef"):
		f.mergeTrailer(d)
	case pdfName("Catalog"):
		f.catalog = num
	case pdfName("Page"):
		f.pages = append(f.pages, num)
	case pdfName("EmbeddedFile"):
		f.embedded = append(f.embedded, num)
	}
	ef, _ := d["EF"].(pdfDict)
	for _, key := range []string{"F", "UF"} {
		if ref, ok := ef[key].(pdfRef); ok {
			f.embedded = append(f.embedded, ref.num)
			f.specs[ref.num] = num
		}
	}
}

func (f *pdfFile) mergeTrailer(d pdfDict) {
	for _, key := range []string{"Root", "Encrypt", "ID", "Info"} {
		if v := d[key]; v != nil {
			f.trailer[key] = v
		}
	}
}

// trailers reads the dictionaries that name the root of all objects.
func (f *pdfFile) trailers() {
	for pos := 0; ; {
		n := bytes.Index(f.data[pos:], []byte("trailer"))
		if n < 0 {
			return
		}
		l := pdfLex{data: f.data, pos: pos + n + 7}
		if o, _ := l.next(true); o != nil {
			if d, ok := o.(pdfDict); ok {
				f.mergeTrailer(d)
			}
		}
		pos += n + 7
	}
}

// streamBytes returns the packed bytes of the stream behind a dictionary and where
// it ends. Its length is believed only if the end stands there.
func (f *pdfFile) streamBytes(l *pdfLex, d pdfDict) (raw []byte, end int) {
	l.skipSpace()
	if !bytes.HasPrefix(l.data[l.pos:], []byte("stream")) {
		return nil, 0
	}
	start := l.pos + 6
	if start < len(l.data) && l.data[start] == '\r' {
		start++
	}
	if start < len(l.data) && l.data[start] == '\n' {
		start++
	}
	rest := l.data[start:]
	length, ok := d["Length"].(float64)
	if ref, isRef := d["Length"].(pdfRef); isRef {
		length, ok = f.lengthAt(ref)
	}
	if ok && length >= 0 && length <= float64(len(rest)) {
		n := int(length)
		if bytes.HasPrefix(bytes.TrimLeft(rest[n:min(len(rest), n+16)], "\r\n \t"), []byte("endstream")) {
			return rest[:n:n], start + n
		}
	}
	n := bytes.Index(rest, []byte("endstream"))
	if n < 0 {
		return rest, len(l.data)
	}
	return rest[:n:n], start + n
}

// lengthAt reads a number that stands in an object of its own, if that is known yet.
func (f *pdfFile) lengthAt(ref pdfRef) (float64, bool) {
	e, ok := f.objects[ref.num]
	if !ok || e.data != nil {
		return 0, false
	}
	l := pdfLex{data: f.data, pos: e.off}
	o, _ := l.next(false)
	n, ok := o.(float64)
	return n, ok
}

// unpackObjects finds the objects inside streams (section 7.5.7).
func (f *pdfFile) unpackObjects() {
	for _, num := range f.packed {
		if !f.w.more() {
			return
		}
		s, ok := f.load(num).(*pdfStream)
		if !ok {
			continue
		}
		data, reason := f.decode(s)
		if reason != "" {
			f.w.gap(reason, "object stream")
		}
		first, _ := f.resolve(s.pdfDict["First"]).(float64)
		if first < 0 || first > float64(len(data)) {
			continue
		}
		f.unpackIndex(data, int(first), f.objects[num].off)
	}
	f.cache, f.held = map[int]any{}, 0
}

// unpackIndex reads the pairs of number and offset. An object that stands later
// in the file is newer.
func (f *pdfFile) unpackIndex(data []byte, first, at int) {
	l := pdfLex{data: data[:first]}
	for work := 0; work <= maxScanWork*len(data); {
		num, ok1 := l.next(false)
		off, ok2 := l.next(false)
		n, isNum := num.(float64)
		o, isOff := off.(float64)
		if !ok1 || !ok2 || !isNum || !isOff {
			return
		}
		if o < 0 || o > float64(len(data)-first) || n < 0 || n > 1e9 {
			continue
		}
		if old, ok := f.objects[int(n)]; ok && old.data == nil && old.off > at {
			continue
		}
		f.objects[int(n)] = pdfEntry{data: data, off: first + int(o), sealed: true}
		lex := pdfLex{data: data, pos: first + int(o)}
		f.w.ticks += 64
		if d, _ := lex.next(true); d != nil && f.w.more() {
			if d, ok := d.(pdfDict); ok {
				f.note(int(n), d)
			}
		}
		work += lex.pos - first - int(o)
	}
	f.w.gap(TooMany, "objects of one stream")
}

// maxCached bounds the parsed objects that are kept: they are bigger than their text.
const maxCached = 20_000

// load returns an object by number.
func (f *pdfFile) load(num int) any {
	if o, ok := f.cache[num]; ok {
		return o
	}
	e, ok := f.objects[num]
	if !ok {
		return nil
	}
	l := pdfLex{data: f.data, pos: e.off}
	if e.data != nil {
		l.data = e.data
	}
	o, _ := l.next(true)
	if d, ok := o.(pdfDict); ok && e.data == nil {
		if raw, _ := f.streamBytes(&l, d); raw != nil {
			o = &pdfStream{pdfDict: d, raw: raw, ref: pdfRef{num, e.gen}}
		}
	}
	if f.crypt != nil && !e.sealed {
		o = f.crypt.strings(o, pdfRef{num, e.gen}, 0)
	}
	if f.held++; f.held > maxCached {
		f.cache, f.held = map[int]any{}, 0
	}
	f.cache[num] = o
	return o
}

// resolve follows references. A chain of them ends.
func (f *pdfFile) resolve(o any) any {
	for range 16 {
		ref, ok := o.(pdfRef)
		if !ok {
			return o
		}
		o = f.load(ref.num)
	}
	return nil
}

func (f *pdfFile) dict(o any) pdfDict {
	switch o := f.resolve(o).(type) {
	case pdfDict:
		return o
	case *pdfStream:
		return o.pdfDict
	}
	return nil
}

func (f *pdfFile) array(o any) pdfArray {
	a, _ := f.resolve(o).(pdfArray)
	return a
}

func (f *pdfFile) number(o any, otherwise float64) float64 {
	if n, ok := f.resolve(o).(float64); ok {
		return n
	}
	return otherwise
}

func (f *pdfFile) name(o any) string {
	n, _ := f.resolve(o).(pdfName)
	return string(n)
}
