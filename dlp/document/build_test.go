package document_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"
)

// zipOf makes an archive of name, content, name, content, ...
func zipOf(t testing.TB, files ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := 0; i < len(files); i += 2 {
		f, err := z.Create(files[i])
		if err == nil {
			_, err = f.Write([]byte(files[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func gzipOf(t testing.TB, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write(data)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func tarOf(t testing.TB, name, content string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := tar.NewWriter(&out)
	z.WriteHeader(&tar.Header{Name: name, Size: int64(len(content)), Mode: 0o600, Typeflag: tar.TypeReg})
	z.Write([]byte(content))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// docxOf makes a Word file of a body and further parts.
func docxOf(t testing.TB, body string, parts ...string) []byte {
	return zipOf(t, append([]string{"[Content_Types].xml", "<Types/>", "word/document.xml", `<w:document xmlns:w="w"><w:body>` + body + `</w:body></w:document>`}, parts...)...)
}

// par is a paragraph of a Word file.
func par(text string) string { return "<w:p><w:r><w:t>" + text + "</w:t></w:r></w:p>" }

// pdfOf makes a PDF file of objects; the first is the root. There is no table:
// readers have to look for the objects.
func pdfOf(objects ...string) []byte {
	var out bytes.Buffer
	out.WriteString("%PDF-1.4\n")
	for i, o := range objects {
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	out.WriteString("trailer << /Root 1 0 R >>\n%%EOF")
	return out.Bytes()
}

func pdfStreamOf(dict, data string) string {
	return fmt.Sprintf("<< %s /Length %d >>\nstream\n%s\nendstream", dict, len(data), data)
}

// pagePDF makes a PDF file of one page with that content and further objects from
// number 5 on.
func pagePDF(content, resources string, more ...string) []byte {
	return pdfOf(append([]string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << " + resources + " >> >>",
		pdfStreamOf("", content),
	}, more...)...)
}

// cfbStorage is a storage of a compound file, or a stream if it has data.
type cfbStorage struct {
	name     string
	data     []byte
	children []cfbStorage
}

// cfbOf makes a compound file; streams below 4 KiB go to the stream of small ones.
func cfbOf(children ...cfbStorage) []byte {
	type dirEntry struct {
		name         string
		kind         byte
		right, child uint32
		start, size  uint32
	}
	const free, end = 0xffffffff, 0xfffffffe
	entries := []dirEntry{{name: "Root Entry", kind: 5, right: free, child: free, start: end}}
	var sectors [][]byte
	var fat []uint32
	add := func(data []byte) uint32 {
		first := uint32(len(sectors))
		for len(data) > 0 {
			s := make([]byte, 512)
			data = data[copy(s, data):]
			sectors = append(sectors, s)
			fat = append(fat, uint32(len(sectors)))
		}
		fat[len(fat)-1] = end
		return first
	}
	var mini []byte
	var minifat []byte
	addMini := func(data []byte) uint32 {
		first := uint32(len(mini) / 64)
		for {
			s := make([]byte, 64)
			data = data[copy(s, data):]
			mini = append(mini, s...)
			next := uint32(len(mini) / 64)
			if len(data) == 0 {
				next = end
			}
			minifat = binary.LittleEndian.AppendUint32(minifat, next)
			if next == end {
				return first
			}
		}
	}
	var place func(parent int, list []cfbStorage)
	place = func(parent int, list []cfbStorage) {
		prev := -1
		for _, c := range list {
			e := dirEntry{name: c.name, kind: 1, right: free, child: free, start: end}
			if c.data != nil {
				e.kind = 2
				e.size = uint32(len(c.data))
				if len(c.data) < 4096 {
					e.start = addMini(c.data)
				} else {
					e.start = add(c.data)
				}
			}
			n := len(entries)
			entries = append(entries, e)
			if prev < 0 {
				entries[parent].child = uint32(n)
			} else {
				entries[prev].right = uint32(n)
			}
			prev = n
			place(n, c.children)
		}
	}
	place(0, children)
	minifatStart := uint32(end)
	if len(mini) > 0 {
		entries[0].start, entries[0].size = add(mini), uint32(len(mini))
		minifatStart = add(minifat)
	}
	var dir []byte
	for _, e := range entries {
		b := make([]byte, 128)
		name := utf16.Encode([]rune(e.name))
		for i, u := range name {
			binary.LittleEndian.PutUint16(b[2*i:], u)
		}
		binary.LittleEndian.PutUint16(b[64:], uint16(2*len(name)+2))
		b[66] = e.kind
		binary.LittleEndian.PutUint32(b[68:], free)
		binary.LittleEndian.PutUint32(b[72:], e.right)
		binary.LittleEndian.PutUint32(b[76:], e.child)
		binary.LittleEndian.PutUint32(b[116:], e.start)
		binary.LittleEndian.PutUint32(b[120:], e.size)
		dir = append(dir, b...)
	}
	dirStart := add(dir)
	head := make([]byte, 512)
	copy(head, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	binary.LittleEndian.PutUint16(head[30:], 9)
	binary.LittleEndian.PutUint32(head[48:], dirStart)
	binary.LittleEndian.PutUint32(head[60:], minifatStart)
	binary.LittleEndian.PutUint32(head[68:], end)
	fatSectors := (len(fat) + 128) / 127
	for i := range 109 {
		n := uint32(free)
		if i < fatSectors {
			n = uint32(len(sectors) + i)
		}
		binary.LittleEndian.PutUint32(head[76+4*i:], n)
	}
	table := make([]byte, fatSectors*512)
	for i := range table {
		table[i] = 0xff
	}
	for i, n := range fat {
		binary.LittleEndian.PutUint32(table[4*i:], n)
	}
	out := head
	for _, s := range sectors {
		out = append(out, s...)
	}
	return append(out, table...)
}

// wide writes a string as UTF-16.
func wide(s string) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return out
}

// msgOf makes an Outlook message with an attachment.
func msgOf() []byte {
	return cfbOf(
		cfbStorage{name: "__properties_version1.0", data: []byte{0}},
		cfbStorage{name: "__substg1.0_0037001F", data: wide("Kundenliste für März")},
		cfbStorage{name: "__substg1.0_1000001F", data: wide("Guten Tag,\r\nAKIAZ7Q4MNPLK3WXR2TJ\r\n")},
		cfbStorage{name: "__recip_version1.0_#00000000", children: []cfbStorage{{name: "__substg1.0_39FE001F", data: wide("max@corp.example")}}},
		cfbStorage{name: "__attach_version1.0_#00000000", children: []cfbStorage{
			{name: "__substg1.0_3707001F", data: wide("notes.txt")},
			{name: "__substg1.0_37010102", data: []byte("line one\nline two " + strings.Repeat("x", 4096))},
		}},
		cfbStorage{name: "__attach_version1.0_#00000001", children: []cfbStorage{
			{name: "__substg1.0_3701000D", children: []cfbStorage{{name: "__substg1.0_0037001F", data: wide("inner message")}}},
		}},
	)
}
