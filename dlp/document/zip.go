package document

import (
	"archive/zip"
	"bytes"
	"cmp"
	"compress/bzip2"
	"io"
	"slices"
	"strings"
)

// Compression methods of zip files (APPNOTE.TXT, section 4.4.5) that we read.
const (
	methodStore   = 0
	methodDeflate = 8
	methodBzip2   = 12
	methodZstd    = 93
	flagEncrypted = 1
)

// archive is an opened zip file. Sizes in it are not believed: content is read up
// to the limits.
type archive struct {
	w     *walk
	files []*zip.File
	start map[*zip.File]int64 // of the data of each file that may be read
}

// zip reads an archive, or the document that it is.
func (w *walk) zip(data []byte) error {
	a, err := w.openZip(data)
	if err != nil {
		return err
	}
	switch {
	case a.has("[Content_Types].xml"):
		return w.ooxml(a)
	case a.has("mimetype") && a.has("content.xml"), a.has("META-INF/manifest.xml") && a.has("content.xml"):
		return w.odf(a)
	}
	for _, f := range a.files {
		if !w.more() {
			break
		}
		if f.FileInfo().IsDir() {
			continue
		}
		content, reason := a.content(f)
		w.member(f.Name, content, reason)
	}
	return nil
}

// openZip reads the directory. Files whose data overlap those of another are
// left out: so are bombs made.
func (w *walk) openZip(data []byte) (*archive, error) {
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, Damaged
	}
	a := &archive{w: w, files: r.File, start: make(map[*zip.File]int64, len(r.File))}
	a.layOut(int64(len(data)))
	return a, nil
}

// layOut finds where the data of each file starts and leaves out overlaps.
func (a *archive) layOut(size int64) {
	order := make([]*zip.File, 0, len(a.files))
	for _, f := range a.files {
		if off, err := f.DataOffset(); err == nil && f.CompressedSize64 <= uint64(size-off) {
			a.start[f] = off
			order = append(order, f)
		}
	}
	slices.SortStableFunc(order, func(x, y *zip.File) int { return cmp.Compare(a.start[x], a.start[y]) })
	end := int64(0)
	for _, f := range order {
		start := a.start[f]
		if start < end {
			delete(a.start, f)
			continue
		}
		end = start + int64(f.CompressedSize64)
	}
}

func (a *archive) has(name string) bool { return a.find(name) != nil }

// find returns the first file of that name. Some producers write a leading slash
// or backslashes.
func (a *archive) find(name string) *zip.File {
	for _, f := range a.files {
		if strings.EqualFold(partName(f), name) {
			return f
		}
	}
	return nil
}

// partName returns the name of a file as Office files refer to it.
func partName(f *zip.File) string {
	return strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/")
}

// content unpacks a file.
func (a *archive) content(f *zip.File) ([]byte, Reason) {
	if _, ok := a.start[f]; !ok {
		return nil, Damaged
	}
	if f.Flags&flagEncrypted != 0 {
		return nil, Encrypted
	}
	in, err := f.OpenRaw() // Open would believe the size and the checksum
	if err != nil {
		return nil, Damaged
	}
	from := &source{r: in, size: int64(f.CompressedSize64), hint: int64(min(f.UncompressedSize64, 1<<40))}
	raw := io.Reader(from)
	switch f.Method {
	case methodStore:
	case methodDeflate:
		raw = newFlate(raw)
	case methodBzip2:
		raw = bzip2.NewReader(raw)
	case methodZstd:
		z, err := newZstd(raw)
		if err != nil {
			return nil, Damaged
		}
		defer z.Close()
		raw = z
	default:
		return nil, Unsupported
	}
	return a.w.readAll(raw, from)
}
