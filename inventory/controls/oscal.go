package controls

import (
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"hash"
	"io"
	"strings"
	"time"
	"unicode"
)

// What follows are the parts of OSCAL 1.2.3 that the three documents need, by
// hand: field names and order are those of NIST's JSON schema.

const (
	oscalVersion = "1.2.3"
	projectURL   = "https://github.com/gnomon-proxy/gnomon"
	namespace    = projectURL + "/ns/oscal"
)

// Header is what an OSCAL document says about itself.
type Header struct {
	Organisation string    // whose document it is
	Version      string    // of the document
	At           time.Time // last modified
	Tool         string    // version of the program
}

// Metadata heads an OSCAL document.
type Metadata struct {
	Title        string  `json:"title"`
	LastModified string  `json:"last-modified"`
	Version      string  `json:"version"`
	OSCALVersion string  `json:"oscal-version"`
	Parties      []Party `json:"parties,omitempty"`
}

// Party is an organisation or person.
type Party struct {
	UUID string `json:"uuid"`
	Type string `json:"type"`
	Name string `json:"name"`
}

// Property is a name and a value in a namespace.
type Property struct {
	Name  string `json:"name"`
	NS    string `json:"ns"`
	Value string `json:"value"`
}

// Link refers to something else.
type Link struct {
	Href string `json:"href"`
	Rel  string `json:"rel,omitempty"`
}

// BackMatter holds what is referred to.
type BackMatter struct {
	Resources []Resource `json:"resources"`
}

// Resource is one of BackMatter.
type Resource struct {
	UUID        string         `json:"uuid"`
	Title       string         `json:"title"`
	Description string         `json:"description"`
	Links       []ResourceLink `json:"rlinks"`
}

// ResourceLink says where a Resource is explained.
type ResourceLink struct {
	Href string `json:"href"`
}

func (h *Header) metadata(title string) Metadata {
	m := Metadata{
		Title: line(title), LastModified: stamp(h.At), Version: line(h.Version), OSCALVersion: oscalVersion,
	}
	if strings.TrimSpace(h.Organisation) != "" {
		m.Parties = []Party{{UUID: h.id("party"), Type: "organization", Name: line(h.Organisation)}}
	}
	return m
}

// id returns the same identifier for the same thing of the same organisation in
// every version of a document.
func (h *Header) id(parts ...string) string {
	return uuid5(strings.Join(append([]string{h.Organisation}, parts...), "\x1f"))
}

// documentID is an identifier that changes with a document's content, which is
// written to it.
type documentID struct{ hash.Hash }

func newDocumentID(kind string) documentID {
	d := documentID{sha1.New()}
	d.Write(space[:])
	io.WriteString(d, kind+"\x1f")
	return d
}

func (d documentID) String() string { return uuidText(version5(d.Sum(nil))) }

// idOf returns the identifier of a document that is held in memory.
func idOf(kind string, document any) string {
	text, err := json.Marshal(document)
	if err != nil {
		panic("controls: a document of plain fields must marshal: " + err.Error())
	}
	d := newDocumentID(kind)
	d.Write(text)
	return d.String()
}

// space is the name space of our identifiers (RFC 9562, section 5.5): the one of
// URLs with the name of ours.
var space = func() [16]byte {
	urls := [16]byte{0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8}
	return named(urls, namespace)
}()

func uuid5(name string) string { return uuidText(named(space, name)) }

func named(space [16]byte, name string) [16]byte {
	sum := sha1.Sum(append(space[:], name...))
	return version5(sum[:])
}

// version5 makes a UUID of a SHA-1.
func version5(sum []byte) (u [16]byte) {
	copy(u[:], sum)
	u[6] = u[6]&0x0f | 0x50
	u[8] = u[8]&0x3f | 0x80
	return u
}

func uuidText(u [16]byte) string {
	h := hex.EncodeToString(u[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// line makes text fit where OSCAL wants one line that is not empty and has no
// outer spaces.
func line(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if s = strings.Join(strings.Fields(s), " "); s == "" {
		return "-"
	}
	return s
}

// token makes the number of a control fit where OSCAL wants a token: "GOVERN
// 1.6" becomes GOVERN-1.6; Annex A of ISO/IEC 27001 numbers 5.7 what others
// write as A.5.7.
func token(id string) string {
	id = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || strings.ContainsRune("._-", r) {
			return r
		}
		return '-'
	}, strings.ToValidUTF8(id, "-"))
	id = strings.Trim(id, "-")
	switch {
	case id == "":
		return "_"
	case unicode.IsLetter([]rune(id)[0]) || id[0] == '_':
		return id
	}
	return "A." + id
}

func prop(name, value string) Property { return Property{name, namespace, line(value)} }
