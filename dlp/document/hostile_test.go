package document_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/dlp/document"
)

// TestHostile reads files that are made to do harm. Each must end with a reason,
// and what is sound in it must be there.
func TestHostile(t *testing.T) {
	deepZip := []byte("bottom")
	for range 30 {
		deepZip = zipOf(t, "in.zip", string(deepZip))
	}
	many := make([]string, 0, 2*12_000)
	for i := range 12_000 {
		many = append(many, fmt.Sprint(i, ".txt"), "x")
	}
	locked := zipOf(t, "a.txt", "hidden", "b.txt", "open text")
	setFlags(locked, 0, 1)
	for _, tt := range []struct {
		name   string
		data   []byte
		reason document.Reason
		text   string
	}{
		{"zip bomb", zipOf(t, "zeros", strings.Repeat("\x00", 8<<20), "sound.txt", "sound"), document.Bomb, "sound"},
		{"gzip bomb", gzipOf(t, bytes.Repeat([]byte("AAAA BBBB\n"), 800<<10)), document.Bomb, "AAAA BBBB"},
		{"overlapping zip", overlapZip(t, 50), document.Damaged, "AAAA"},
		{"nested too deep", deepZip, document.TooDeep, ""},
		{"too many files", zipOf(t, many...), document.TooMany, "x"},
		{"lying sizes", lyingZip(t), "", strings.Repeat("truth ", 10)},
		{"encrypted file in zip", locked, document.Encrypted, "open text"},
		{"cut zip", zipOf(t, "a.txt", "words in a file")[:40], document.Damaged, ""},
		{"billion laughs", docxOf(t, "", "word/header1.xml", laughs), document.Entities, "&lol9;"},
		{"a value in an entity", docxOf(t, par("sound"), "word/header1.xml", `<!DOCTYPE x [<!ENTITY a "hidden words">]><w:p><w:r><w:t>&a;</w:t></w:r></w:p>`), document.Entities, "hidden words"},
		{"deep XML", docxOf(t, par("sound"), "word/header1.xml", strings.Repeat("<a>", 10_000)+par("deep")), document.TooDeep, "sound"},
		{"deep JSON", []byte(`{"nbformat":4,"cells":[{"cell_type":"code","metadata":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + `}]}`), document.TooDeep, "nbformat"},
		{"deep RTF", []byte(`{\rtf1 top` + strings.Repeat("{", 10_000)), document.TooDeep, "top"},
		{"deep mail", deepMail(), document.TooDeep, "Subject"},
		{"deep PDF arrays", pagePDF("BT (sound) Tj ET "+strings.Repeat("[", 100_000), ""), "", "sound"},
		{"PDF page loop", pdfOf("<< /Type /Catalog /Pages 2 0 R >>", "<< /Kids [2 0 R 3 0 R 2 0 R] >>", "<< /Type /Page /Contents 4 0 R >>", pdfStreamOf("", "BT (sound) Tj ET")), "", "sound"},
		{"PDF reference loop", pdfOf("<< /Type /Catalog /Pages 2 0 R >>", "<< /Kids [4 0 R] >>", "3 0 R", "<< /Type /Page /Contents 3 0 R /Resources 3 0 R >>"), "", ""},
		{"PDF form loop", pagePDF("BT (sound) Tj ET /X Do", "/XObject << /X 5 0 R >>", pdfStreamOf("/Subtype /Form /Resources << /XObject << /X 5 0 R >> >>", "/X Do /X Do")), "", "sound"},
		{"PDF forms in forms", formBomb(), document.TooMany, "sound"},
		{"PDF flate bomb", pagePDF("BT (sound) Tj ET /X Do", "/XObject << /X 5 0 R >>", pdfStreamOf("/Subtype /Form /Filter /FlateDecode", "\x78\x9c"+string(deflate(strings.Repeat("0 ", 4<<20))))), document.Bomb, "sound"},
		{"PDF without objects", []byte("%PDF-1.7 obj"), "", "%PDF"},
		{"PDF outline loop", pdfOf("<< /Type /Catalog /Pages 9 0 R /Outlines << /First 2 0 R >> >>", "<< /Title (sound) /Next 2 0 R /First 2 0 R >>"), "", "sound"},
		{"PDF of one number", append([]byte("%PDF-1.4\n"), bytes.Repeat([]byte("1 0 obj<</Length 1 0 R>>stream\n"), 20_000)...), "", ""},
		{"PDF strings without end", append([]byte("%PDF-1.4\n"), bytes.Repeat([]byte("1 0 obj ("), 60_000)...), "", ""},
		{"PDF arrays without end", append([]byte("%PDF-1.4\n"), bytes.Repeat([]byte("1 0 obj ["), 60_000)...), "", ""},
		{"PDF objects at one place", pdfOf("<< /Type /Catalog /Pages 9 0 R >>", pdfStreamOf("/Type /ObjStm /First 480000", objectIndex(60_000)+"["+strings.Repeat("1 ", 100_000)+"]")), document.TooMany, ""},
		{"sheet listed often", zipOf(t, "[Content_Types].xml", "<Types/>", "xl/workbook.xml", "<workbook>"+strings.Repeat(`<sheet name="S" r:id="r1"/>`, 50_000),
			"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>`,
			"xl/worksheets/sheet1.xml", `<row><c t="str"><v>`+strings.Repeat("words ", 10_000)+`</v></c></row>`), "", "words"},
		{"shared string bomb", sheetBomb(t), document.TooLarge, "first"},
		{"repeated cells", zipOf(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet", "content.xml",
			`<office:body><office:spreadsheet><table:table table:name="S"><table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384"><text:p>cell</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body>`), "", "cell\tcell"},
		{"CFB loop", loopCFB(), "", ""},
		{"CFB of rubbish", append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), bytes.Repeat([]byte{9, 0}, 4000)...), "", ""},
		{"unclosed tag", docxOf(t, par("sound")+`<w:p a="`), "", "sound"},
		{"many quotes in CSV", []byte("a,b\n1,2\n3,4\n" + strings.Repeat(`"`, 99_999)), "", "3,4"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			start := time.Now()
			text := read(tt.data)
			if d := time.Since(start); d > 60*time.Second { // the limit is 30
				t.Errorf("took %v", d)
			}
			if !bytes.Contains(text.Bytes, []byte(tt.text)) {
				t.Errorf("no %q in %.200q", tt.text, text.Bytes)
			}
			has := func(r document.Reason) bool {
				return slices.ContainsFunc(text.Gaps, func(g document.Gap) bool { return g.Reason == r })
			}
			if tt.reason != "" && !has(tt.reason) {
				t.Errorf("gaps %v, want one of %q", text.Gaps, tt.reason)
			}
			if has(document.ReaderFailed) {
				t.Error("the reader panicked")
			}
			if has(document.OutOfTime) {
				t.Error("only the clock ended it")
			}
			text.Place(len(text.Bytes) / 2)
		})
	}
}

// TestQuine reads an archive that contains itself: depth ends it.
func TestQuine(t *testing.T) {
	// A file that unpacks to itself is too long to write here; the same happens
	// where each level holds two archives: their number is bounded.
	data := []byte("bottom")
	for range 7 {
		data = zipOf(t, "a.zip", string(data), "b.zip", string(data), "c.zip", string(data), "d.zip", string(data))
	}
	text := document.Read(context.Background(), data, document.Options{Entries: 500})
	if !slices.ContainsFunc(text.Gaps, func(g document.Gap) bool { return g.Reason == document.TooMany }) {
		t.Errorf("gaps %.300v, want one of %q", text.Gaps, document.TooMany)
	}
}

// TestTextLimit checks that the text is bounded, with the list of places.
func TestTextLimit(t *testing.T) {
	data := zipOf(t, "a.txt", strings.Repeat("word ", 1000), "b.txt", "never read")
	text := document.Read(context.Background(), data, document.Options{Text: 3000})
	if n := len(text.Bytes); n > 3000 {
		t.Errorf("%d bytes of text, want at most 3000", n)
	}
	if len(text.Gaps) != 1 || text.Gaps[0].Reason != document.TooLarge {
		t.Errorf("gaps %v, want one of %q", text.Gaps, document.TooLarge)
	}
}

// TestTime checks that a context that is over ends the reading.
func TestTime(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	data := docxOf(t, strings.Repeat(par("words"), 100_000))
	text := document.Read(ctx, data, document.Options{})
	if len(text.Gaps) != 1 || text.Gaps[0].Reason != document.OutOfTime {
		t.Errorf("gaps %v, want one of %q", text.Gaps, document.OutOfTime)
	}
}

// TestMemory checks that a bomb does not fill the memory.
func TestMemory(t *testing.T) {
	data := formBomb()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	read(data)
	runtime.ReadMemStats(&after)
	if n := (after.TotalAlloc - before.TotalAlloc) >> 20; n > 1024 {
		t.Errorf("allocated %d MiB", n)
	}
}

const laughs = `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol1 "&lol;&lol;&lol;&lol;">` +
	`<!ENTITY lol9 "&lol1;&lol1;&lol1;">]><w:hdr><w:p><w:r><w:t>&lol9;</w:t></w:r></w:p></w:hdr>`

func deflate(s string) []byte {
	var out bytes.Buffer
	z, _ := flate.NewWriter(&out, 6)
	io.WriteString(z, s)
	z.Close()
	return out.Bytes()
}

// overlapZip makes an archive whose entries all point at the same data.
func overlapZip(t *testing.T, n int) []byte {
	one := zipOf(t, "a", strings.Repeat("AAAA ", 1000))
	end := bytes.LastIndex(one, []byte("PK\x05\x06"))
	dir := bytes.LastIndex(one[:end], []byte("PK\x01\x02"))
	record := one[dir:end]
	out := bytes.Clone(one[:dir])
	for range n {
		out = append(out, record...)
	}
	tail := bytes.Clone(one[end:])
	binary.LittleEndian.PutUint16(tail[8:], uint16(n))
	binary.LittleEndian.PutUint16(tail[10:], uint16(n))
	binary.LittleEndian.PutUint32(tail[12:], uint32(n*len(record)))
	return append(out, tail...)
}

// setFlags sets the flags of an entry in the directory.
func setFlags(data []byte, entry int, flags uint16) {
	at := 0
	for range entry + 1 {
		at += bytes.Index(data[at:], []byte("PK\x01\x02")) + 4
	}
	binary.LittleEndian.PutUint16(data[at+4:], flags)
}

// lyingZip makes an archive whose entry claims one byte and a wrong checksum.
func lyingZip(t *testing.T) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	packed := deflate(strings.Repeat("truth ", 1000))
	w, err := z.CreateRaw(&zip.FileHeader{Name: "a.txt", Method: zip.Deflate, CRC32: crc32.ChecksumIEEE([]byte("x")), UncompressedSize64: 1, CompressedSize64: uint64(len(packed))})
	if err != nil {
		t.Fatal(err)
	}
	w.Write(packed)
	z.Close()
	return out.Bytes()
}

// objectIndex lists n objects that all stand at offset 0.
func objectIndex(n int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, "%d 0 ", i+10_000)
	}
	return out.String()
}

func deepMail() []byte {
	var out strings.Builder
	out.WriteString("From: a@b.example\nSubject: s\nContent-Type: multipart/mixed; boundary=b0\n\n")
	for i := range 2000 {
		fmt.Fprintf(&out, "--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n", i, i+1)
	}
	return []byte(out.String())
}

// formBomb is a page whose forms draw ten others, each of which draws ten.
func formBomb() []byte {
	calls := strings.Repeat("/X Do ", 10)
	objects := []string{}
	for i := range 10 {
		objects = append(objects, pdfStreamOf(fmt.Sprintf("/Subtype /Form /Resources << /XObject << /X %d 0 R >> >>", i+6), calls+"BT (x) Tj ET"))
	}
	objects = append(objects, pdfStreamOf("/Subtype /Form", "BT (end) Tj ET"))
	return pagePDF("BT (sound) Tj ET /X Do", "/XObject << /X 5 0 R >>", objects...)
}

// sheetBomb uses one long string in very many cells.
func sheetBomb(t *testing.T) []byte {
	return zipOf(t, "[Content_Types].xml", "<Types/>",
		"xl/workbook.xml", `<workbook><sheets><sheet name="S" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Target="sharedStrings.xml"/></Relationships>`,
		"xl/sharedStrings.xml", `<sst><si><t>first `+strings.Repeat("word", 20_000)+`</t></si></sst>`,
		"xl/worksheets/sheet1.xml", `<worksheet>`+strings.Repeat(`<row><c t="s"><v>0</v></c></row>`, 20_000)+`</worksheet>`)
}

// loopCFB is a compound file whose directory chain and tree turn in circles.
func loopCFB() []byte {
	data := cfbOf(cfbStorage{name: "WordDocument", data: bytes.Repeat([]byte("words "), 1000)})
	dir := int(binary.LittleEndian.Uint32(data[48:]))
	at := (dir+1)*512 + 128
	binary.LittleEndian.PutUint32(data[at+68:], 1)
	binary.LittleEndian.PutUint32(data[at+76:], 0)
	fat := (int(binary.LittleEndian.Uint32(data[76:])) + 1) * 512
	binary.LittleEndian.PutUint32(data[fat+4*dir:], uint32(dir))
	return data
}
