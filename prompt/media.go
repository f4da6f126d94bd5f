package prompt

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gnomon-proxy/gnomon/traffic"
)

const (
	// minMedia is the length below which nothing is taken for base64 data: a
	// key fits into it, a picture does not.
	minMedia = 128
	// sniffBytes is as much as http.DetectContentType looks at, in base64.
	sniffBytes = 512 / 3 * 4
)

// media takes a string at a place where a service expects base64 data, a data:
// URL or a link. Only what is data in fact is passed over: texts are read,
// encoded ones too.
func (r *reader) media(u use, start, end int) {
	switch {
	case r.dataURL(u, start, end), r.base64(u, start, end), end-start < minMetadata:
	case u == asMedia && bytes.IndexByte(r.src[start:end], ' ') >= 0: // a document as plain text
		r.prompt.Files++
		r.add(asFile, "", start, end)
	default:
		r.unknown("", start, end)
	}
}

// mediaByContent passes over data at places that no schema knows, where it is
// sure: a data: URL, or the beginning of a known kind of file.
func (r *reader) mediaByContent(start, end int) bool {
	if r.src[start] == 'd' && r.dataURL(asMedia, start, end) {
		return true
	}
	if end-start < 1024 || bytes.IndexByte(r.src[start:start+sniffBytes], ' ') >= 0 {
		return false
	}
	head, ok := sniff(r.src[start:end])
	if t := http.DetectContentType(head); !ok || (t == "application/octet-stream" || strings.HasPrefix(t, "text/")) && !isWritten(head) && !bytes.HasPrefix(head, compound) {
		return false
	}
	return r.base64(asMedia, start, end)
}

// compound is how Office files begin that are no zip: the old ones, mails of
// Outlook and those with a password.
var compound = []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")

// dataURL reads data:text/plain;base64,… (RFC 2397) and reports whether the
// string is one in base64.
func (r *reader) dataURL(u use, start, end int) bool {
	head := r.src[start:min(end, start+maxID)]
	comma := bytes.IndexByte(head, ',')
	if comma < 0 || !bytes.HasPrefix(head, []byte("data:")) || !bytes.HasSuffix(head[:comma], []byte(";base64")) {
		return false
	}
	if !r.base64(u, start+comma+1, end) {
		r.add(u, "", start, end)
	}
	return true
}

// base64 reads the base64 data src[start:end]: text becomes the text of a file,
// anything else is read as a document. It reports whether it is base64 at all.
func (r *reader) base64(u use, start, end int) bool {
	raw := decode(r.src[start:end], jsonLayer) // PHP writes \/
	head, ok := sniff(raw)
	if !ok {
		return false
	}
	kind := u.kind()
	contentType := http.DetectContentType(head)
	switch {
	case isWritten(head) && len(raw) >= minMedia && r.written(raw, start, end):
		return true
	case strings.HasPrefix(contentType, "text/") && (len(raw) >= minMedia || utf8.Valid(head)):
		text, _, err := decodeBase64(raw)
		if err != nil && end < len(r.src) {
			return false
		}
		s, e := r.origin.span(start, end)
		r.prompt.Files++
		r.prompt.Parts = append(r.prompt.Parts, traffic.Part{
			Kind: traffic.PartFile, Text: text, Start: s, End: e, Layers: append(slices.Clip(r.inside), traffic.LayerBase64),
		})
		return true
	case len(raw) < minMedia && (contentType == "application/octet-stream" || strings.HasPrefix(contentType, "text/")):
		return false // any word is base64 of something
	case strings.HasPrefix(contentType, "image/"):
		kind = traffic.PartImage
	case strings.HasPrefix(contentType, "audio/"):
		kind = traffic.PartAudio
	}
	var data []byte
	if r.files != nil {
		data, _, _ = decodeBase64(raw) // of a body that is cut short: the beginning
	}
	s, e := r.origin.span(start, end)
	r.files.add(r.prompt, traffic.Part{Kind: kind, Start: s, End: e, Layers: r.inside}, data)
	return true
}

// written reads a document that is written in text.
func (r *reader) written(raw []byte, start, end int) bool {
	if r.files == nil {
		return false
	}
	data, _, _ := decodeBase64(raw)
	s, e := r.origin.span(start, end)
	return r.files.addWritten(r.prompt, traffic.Part{Kind: traffic.PartFile, Start: s, End: e, Layers: r.inside}, data)
}

// sniff decodes the beginning of raw and reports whether it is base64.
func sniff(raw []byte) ([]byte, bool) {
	if len(raw) > sniffBytes {
		raw = raw[:sniffBytes]
	}
	head, _, err := decodeBase64(raw)
	return head, err == nil && len(head) > 0
}

// mediaKind tells the kind of data by its first bytes.
func mediaKind(data []byte) traffic.PartKind {
	t := http.DetectContentType(data)
	switch {
	case strings.HasPrefix(t, "image/"):
		return traffic.PartImage
	case strings.HasPrefix(t, "audio/"):
		return traffic.PartAudio
	}
	return traffic.PartFile
}

// unread notes once why something was not read.
func unread(p *traffic.Prompt, reason string) {
	if !slices.Contains(p.Unread, reason) {
		p.Unread = append(p.Unread, reason)
	}
}
