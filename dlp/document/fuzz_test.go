package document_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/dlp/document"
)

// fuzzReader reads any bytes after the first ones of a format: no panic, no text
// beyond the limits, each offset has a place, the same each time.
func fuzzReader(f *testing.F, pattern string, seeds ...[]byte) {
	files, _ := filepath.Glob(filepath.Join("testdata/files", pattern))
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, s := range seeds {
		f.Add(s)
	}
	o := document.Options{Unpacked: 4 << 20, Text: 1 << 20, Time: 5 * time.Second, Entries: 100}
	f.Fuzz(func(t *testing.T, data []byte) {
		text := document.Read(context.Background(), data, o)
		if int64(len(text.Bytes)) > max(o.Text, int64(len(data))) {
			t.Errorf("%d bytes of text from %d", len(text.Bytes), len(data))
		}
		for _, g := range text.Gaps {
			switch g.Reason {
			case document.ReaderFailed:
				t.Fatalf("panic while reading %v", g)
			case document.OutOfTime:
				t.Fatalf("out of time while reading %v", g)
			}
		}
		for off := 0; off < len(text.Bytes); off += 1 + len(text.Bytes)/50 {
			_ = text.Place(off).String()
		}
	})
}

func FuzzPDF(f *testing.F)  { fuzzReader(f, "*.pdf", formBomb()) }
func FuzzMail(f *testing.F) { fuzzReader(f, "*.eml", deepMail()) }
func FuzzRTF(f *testing.F)  { fuzzReader(f, "*.rtf") }
func FuzzHTML(f *testing.F) { fuzzReader(f, "*.html") }
func FuzzOLE(f *testing.F)  { fuzzReader(f, "*.msg", msgOf(), loopCFB()) }
func FuzzText(f *testing.F) {
	fuzzReader(f, "*.ipynb", []byte("a;b;c\n1;2;3\n4;5;6\n"), append([]byte("\xff\xfe"), wide("words")...))
}

func FuzzArchive(f *testing.F) {
	fuzzReader(f, "*.none", zipOf(f, "a.txt", "words", "b.zip", "PK"), gzipOf(f, tarOf(f, "a", "b")), tarOf(f, "a", "b"))
}

// FuzzOffice reads XML in the place of each part: fuzzing through the packing of a
// zip file would find little.
func FuzzOffice(f *testing.F) {
	f.Add("word/document.xml", []byte(par("words")))
	f.Add("word/comments.xml", []byte("<w:comment w:author='a'>"+par("words")+"</w:comment>"))
	f.Add("xl/worksheets/sheet1.xml", []byte(`<row r="1"><c r="A1" t="s" s="1"><v>0</v><f>"x"</f></c><c><is><t>a</t></is></c></row>`))
	f.Add("xl/sharedStrings.xml", []byte(`<sst><si><t>first</t></si></sst>`))
	f.Add("xl/styles.xml", []byte(`<numFmt numFmtId="165" formatCode="000-00"/><cellXfs><xf numFmtId="165"/><xf numFmtId="14"/></cellXfs>`))
	f.Add("xl/comments1.xml", []byte(`<comment ref="B2"><text><t>x</t></text></comment>`))
	f.Add("ppt/slides/slide1.xml", []byte(`<p:sld show="0"><a:p><a:r><a:t>x</a:t></a:r></a:p></p:sld>`))
	f.Add("docProps/custom.xml", []byte(`<property name="MSIP_Label_1"><vt:lpwstr>x</vt:lpwstr></property>`))
	f.Add("content.xml", []byte(`<office:spreadsheet><table:table table:name="S"><table:table-row><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row></table:table>`))
	f.Add("meta.xml", []byte(`<dc:title>x</dc:title>`))
	o := document.Options{Unpacked: 4 << 20, Text: 1 << 20, Time: 5 * time.Second}
	f.Fuzz(func(t *testing.T, name string, xml []byte) {
		if name == "" || strings.HasSuffix(name, "/") {
			return // a folder
		}
		data := zipOf(t, "[Content_Types].xml", "<Types/>", "word/document.xml", "<w:document/>",
			"xl/workbook.xml", `<workbook><sheets><sheet name="S" r:id="r1"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Target="sharedStrings.xml"/><Relationship Id="r3" Target="styles.xml"/></Relationships>`,
			"xl/worksheets/_rels/sheet1.xml.rels", `<Relationships><Relationship Id="r1" Target="../comments1.xml"/></Relationships>`,
			name, string(xml))
		if name == "content.xml" || name == "meta.xml" {
			data = zipOf(t, "mimetype", "application/vnd.oasis.opendocument.text", "content.xml", string(xml), "meta.xml", string(xml))
		}
		text := document.Read(context.Background(), data, o)
		for _, g := range text.Gaps {
			if g.Reason == document.ReaderFailed || g.Reason == document.OutOfTime {
				t.Fatalf("gap %v", g)
			}
		}
		for off := 0; off < len(text.Bytes); off += 1 + len(text.Bytes)/50 {
			_ = text.Place(off).String()
		}
	})
}
