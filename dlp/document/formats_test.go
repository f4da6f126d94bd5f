package document_test

import (
	"bytes"
	"compress/zlib"
	"encoding/ascii85"
	"fmt"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp/document"
)

// TestPlaces reads files made for one thing each: a line of the text must stand at
// the place named.
func TestPlaces(t *testing.T) {
	deflated := func(s string) string {
		var out bytes.Buffer
		z := zlib.NewWriter(&out)
		z.Write([]byte(s))
		z.Close()
		return out.String()
	}
	a85 := func(s string) string {
		out := make([]byte, ascii85.MaxEncodedLen(len(s)))
		return string(out[:ascii85.Encode(out, []byte(s))]) + "~>"
	}
	inner := docxOf(t, par("deep text"))
	for _, tt := range []struct {
		name string
		data []byte
		want string // a line of show
	}{
		{"docx runs", docxOf(t, `<w:p><w:r><w:t>4539 14</w:t></w:r><w:r><w:t xml:space="preserve">88 0343</w:t></w:r></w:p>`), "[paragraph 1] 4539 1488 0343"},
		{"docx entities", docxOf(t, par("a &amp; b &#x41;&unknown;")), "[paragraph 1] a & b A&unknown;"},
		{"docx pages", docxOf(t, par("one")+`<w:p><w:r><w:lastRenderedPageBreak/><w:t>two</w:t></w:r></w:p>`+par("three")), "[page 2] three"},
		{"docx header", docxOf(t, "", "word/header1.xml", `<w:hdr>`+par("top")+`</w:hdr>`), "[header, paragraph 1] top"},
		{"docx text box", docxOf(t, `<w:p><w:r><w:t>be</w:t></w:r><mc:AlternateContent><mc:Choice><w:txbxContent>`+par("boxed")+`</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>`+par("boxed")+`</w:txbxContent></mc:Fallback></mc:AlternateContent><w:r><w:t>side</w:t></w:r></w:p>`),
			"[paragraph 1] beside\n[text box, paragraph 1] boxed\n"},
		{"docx deletion", docxOf(t, `<w:p><w:r><w:t>4539 </w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:t>1488</w:t></w:r></w:p>`), "[paragraph 1] 4539 1488\n[deleted text, paragraph 1] gone"},
		{"docx lone deletion", docxOf(t, par("one")+`<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>`+par("three")), "[paragraph 1] one\n[deleted text, paragraph 2] gone\n[paragraph 3] three"},
		{"docx label", docxOf(t, "", "docProps/custom.xml", `<Properties><property name="MSIP_Label_2f4e_Name"><vt:lpwstr>Secret</vt:lpwstr></property></Properties>`), "[sensitivity label, MSIP_Label_2f4e_Name] MSIP_Label_2f4e_Name: Secret"},
		{"removed label", docxOf(t, "", "docMetadata/LabelInfo.xml", `<clbl:labelList><clbl:label id="{2f4e}" removed="1"/></clbl:labelList>`), "[sensitivity label] label id={2f4e} removed=1"},
		{"new label", docxOf(t, "", "docMetadata/LabelInfo.xml", `<clbl:labelList><clbl:label id="{2f4e}" enabled="1" method="Privileged" siteId="{aa}"/></clbl:labelList>`), "[sensitivity label] label id=MSIP_Label_2f4e siteId={aa} method=Privileged enabled=1"},
		{"custom XML", docxOf(t, "", "customXml/item1.xml", `<data><ssn>123-45-6789</ssn></data>`), "[other part, item1.xml] 123-45-6789"},
		{"embedded", docxOf(t, "", "word/embeddings/inner.docx", string(inner)), "[inner.docx > paragraph 1] deep text"},
		{"UTF-16 XML", docxOf(t, "", "word/footer1.xml", "\xff\xfe"+string(wide(`<w:ftr>`+par("wide")+`</w:ftr>`))), "[footer, paragraph 1] wide"},
		{"link", docxOf(t, "", "word/_rels/document.xml.rels", `<Relationships><Relationship Id="r" Target="https://h.example/?t=1" TargetMode="External"/></Relationships>`), "[link] https://h.example/?t=1"},
		{"xlsx inline", sheetOf(t, `<row r="2"><c r="B2" t="inlineStr"><is><t>in</t></is></c><c r="D2"><v>4.539148803436467E+15</v></c></row>`), "[sheet \"Kunden\", cell B2] in\t4539148803436467"},
		{"xlsx cell after a gap", sheetOf(t, `<row r="3"><c r="AA3"><v>7</v></c></row>`), "[sheet \"Kunden\", cell AA3] 7"},
		{"xlsx shared", sheetOf(t, `<row r="1"><c r="A1" t="s"><v>1</v></c></row>`), "[sheet \"Kunden\", cell A1] second"},
		{"xlsx choice", sheetOf(t, `</sheetData><dataValidations><dataValidation prompt="say it"><formula1>"AKIA,b"</formula1></dataValidation></dataValidations><sheetData>`), "[sheet \"Kunden\", comments] say it\n[sheet \"Kunden\", formula] \"AKIA,b\""},
		{"xlsx formula", sheetOf(t, `<row r="1"><c r="A1"><f>"AK"&amp;"IA"</f><v>x</v></c></row>`), "[sheet \"Kunden\", cell A1] x\t=\"AK\"&\"IA\""},
		{"ods value alone", zipOf(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet", "content.xml", `<o><spreadsheet><table name="One"><table-row><table-cell value="4539"><p> </p></table-cell><table-cell value="7"><p>seven</p></table-cell></table-row></table></spreadsheet></o>`), "[sheet \"One\", cell A1] 4539\tseven"},
		{"odt hidden text", zipOf(t, "mimetype", "application/vnd.oasis.opendocument.text", "content.xml", `<o><text><p>a<hidden-text string-value="secret"/></p></text></o>`), "[paragraph 1] asecret"},
		{"CSV", []byte("name;iban\nA;1\n\"B\n;\";2\nC;3\n"), "[row 4, column \"name\"] C;3"},
		{"TSV without headings", []byte("1\t2\n3\t4\n5\t6\n"), "[row 3, column 1] 5\t6"},
		{"html", []byte("<!doctype html><p>Gr&uuml;&szlig;e <b>fett</b></p><pre>a\n b</pre>"), "[line 1] Grüße fett\n[line 2] a\n[line 3]  b"},
		{"html parts", []byte("<!doctype html>one<noscript>two</noscript><template>three</template>four<nav>five</nav>"), "[line 1] one\n[line 2] two\n[line 3] three\n[line 4] four\n[line 5] five"},
		{"html attribute", []byte(`<html><img alt="Karte 4539"><script>var k="x"</script>`), "[attribute, img alt] Karte 4539\n[script, script] var k=\"x\""},
		{"html data URL", []byte(`<html><a href="data:text/plain;base64,aGVsbG8gd29ybGQ=">x</a>`), "[a href > line 1] hello world"},
		{"html latin-1", []byte("<html><meta charset=iso-8859-1><p>Gr\xfc\xdfe"), "[line 1] Grüße"},
		{"rtf", []byte(`{\rtf1\ansi\ansicpg1252 Gr\'fc\u223\'dfe {\b 45}39\par next{\header top}}`), "[line 1] Grüße 4539\n[line 2] next\n[header] top"},
		{"rtf code page", []byte(`{\rtf1\ansi\ansicpg1251 \'cf\'f0\'e8}`), "[line 1] При"},
		{"mail words", []byte("From: a@b.example\nSubject: =?iso-8859-1?Q?Gr=FC=DFe?=\n\nbody\n"), "[header, Subject] Subject: Grüße"},
		{"mail quoted-printable", []byte("From: a@b.example\nSubject: s\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nGr=C3=BC=C3=9Fe 45=\n39\n"), "[line 1] Grüße 4539"},
		{"mail in parts", []byte("From: a@b.example\nSubject: s\nContent-Type: multipart/mixed; boundary=X\n\n--X\n\nfirst\n--X\nContent-Disposition: attachment; filename=\"k.txt\"\nContent-Transfer-Encoding: base64\n\nc2Vjb25k\n"), "[k.txt > line 1] second"},
		{"mailbox", []byte("From a Mon Jan 1\nFrom: a@b.example\nSubject: one\n\nbody\n\nFrom b Mon Jan 1\nFrom: b@b.example\nSubject: two\n\nbody2\n"), "[message 2 > line 1] body2"},
		{"msg", msgOf(), "[header, Subject] Subject: Kundenliste für März"},
		{"msg body", msgOf(), "[line 2] AKIAZ7Q4MNPLK3WXR2TJ"},
		{"msg recipient", msgOf(), "[header, Address] Address: max@corp.example"},
		{"msg attachment", msgOf(), "[notes.txt > line 1] line one"},
		{"msg in msg", msgOf(), "[attachment > header, Subject] Subject: inner message"},
		{"word 97", cfbOf(cfbStorage{name: "WordDocument", data: append([]byte{1, 2, 3}, wide("Karte 4539 und Grüße")...)}), "[other part, WordDocument] Karte 4539 und Grüße"},
		{"notebook", []byte(`{"nbformat":4,"cells":[{"cell_type":"code","source":["a\n","b"],"outputs":[{"text":"out"}]}]}`), "[cell, 1, line 2] b\n[output, 1, line 1] out"},
		{"gzip", gzipOf(t, []byte("packed\n")), "[content > line 1] packed"},
		{"tar", tarOf(t, "d/a.txt", "x\ny\n"), "[d/a.txt > line 2] y"},
		{"tar.gz in zip", zipOf(t, "a.tgz", string(gzipOf(t, tarOf(t, "b.txt", "deep\n")))), "[a.tgz > content > b.txt > line 1] deep"},
		{"file name", zipOf(t, "Mustermann 4539.txt", "x"), "[file name] Mustermann 4539.txt"},
		{"utf-16", append([]byte("\xff\xfe"), wide("Grüße\n")...), "[line 1] Grüße"},
		{"utf-16 without mark", wide("plain words here\n"), "[line 1] plain words here"},
		{"utf-32", []byte("\x00\x00\xfe\xff\x00\x00\x00A\x00\x01\xf6\x00"), "[line 1] A😀"},
		{"pdf", pagePDF("BT /F 12 Tf (Hello) Tj 0 -20 Td (Line \\(two\\)) Tj ET", ""), "[page 1] Hello\n[page 1] Line (two)"},
		{"pdf spaces by distance", pagePDF("BT /F 10 Tf [(Hello) -400 (World) -20 (s)] TJ ET", "/Font << /F 5 0 R >>", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"), "[page 1] Hello Worlds"},
		{"pdf columns", pagePDF("BT /F 10 Tf 0 0 Td (Name) Tj 200 0 Td (IBAN) Tj ET", "/Font << /F 5 0 R >>", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"), "[page 1] Name\tIBAN"},
		{"pdf differences", pagePDF("BT /F 10 Tf (\\001\\002\\003x) Tj ET", "/Font << /F 5 0 R >>", "<< /Type /Font /Subtype /Type1 /Encoding << /Differences [1 /eacute /fi /uni20AC] >> >>"), "[page 1] éfi€x"},
		{"pdf ToUnicode", pagePDF("BT /F 10 Tf <000100020003> Tj ET", "/Font << /F 5 0 R >>",
			"<< /Type /Font /Subtype /Type0 /Encoding /Identity-H /ToUnicode 6 0 R /DescendantFonts [<< /DW 600 >>] >>",
			pdfStreamOf("", "1 begincodespacerange <0000> <ffff> endcodespacerange 1 beginbfrange <0001> <0002> <0041> endbfrange 1 beginbfchar <0003> <D83DDE00> endbfchar")), "[page 1] AB😀"},
		{"pdf flate", pagePDF("/X Do", "/XObject << /X 5 0 R >>", pdfStreamOf("/Subtype /Form /Filter /FlateDecode", deflated("BT (in a form) Tj ET"))), "[page 1] in a form"},
		{"pdf ascii85 of flate", pagePDF("/X Do", "/XObject << /X 5 0 R >>", pdfStreamOf("/Subtype /Form /Filter [/A85 /Fl]", a85(deflated("BT (twice packed) Tj ET")))), "[page 1] twice packed"},
		{"pdf hex", pagePDF("/X Do", "/XObject << /X 5 0 R >>", pdfStreamOf("/Subtype /Form /Filter /ASCIIHexDecode", fmt.Sprintf("%x>", "BT (hex) Tj ET"))), "[page 1] hex"},
		{"pdf lzw", pagePDF("/X Do", "/XObject << /X 5 0 R >>", pdfStreamOf("/Subtype /Form /Filter /LZWDecode", lzwOf("BT (aaaaaaaabbbbaaaaaaaabbbb) Tj ET"))), "[page 1] aaaaaaaabbbbaaaaaaaabbbb"},
		{"pdf object stream", pdfOf("<< /Type /Catalog /Pages 10 0 R >>", pdfStreamOf("", "BT (from 11) Tj ET"),
			pdfStreamOf("/Type /ObjStm /N 2 /First 11", "10 0 11 38 << /Type /Pages /Kids [11 0 R]      >> << /Type /Page /Contents 2 0 R >>")), "[page 1] from 11"},
		{"pdf without a tree", pdfOf("<< /Type /Page /Contents 2 0 R >>", pdfStreamOf("", "BT (lost page) Tj ET")), "[page 1] lost page"},
		{"pdf changed by appending", append(pagePDF("BT (old) Tj ET", ""), []byte("\n4 0 obj\n"+pdfStreamOf("", "BT (new) Tj ET")+"\nendobj\n")...), "[page 1] new"},
		{"pdf cut off", cutAfter(pagePDF("BT (words before the cut) Tj ET", ""), "Tj"), "[page 1] words before the cut"},
		{"pdf property", append(pagePDF("", ""), []byte("\ntrailer << /Root 1 0 R /Info << /MSIP_Label_1_Name (Secret) >> >>")...), "[sensitivity label, MSIP_Label_1_Name] MSIP_Label_1_Name: Secret"},
		{"pdf annotation", pdfOf("<< /Type /Catalog /Pages 2 0 R >>", "<< /Kids [3 0 R] >>", "<< /Type /Page /Annots [<< /Subtype /Text /Contents (note) >> << /A << /URI (https://h.example/) >> >>] >>"), "[page 1, annotation] note\n[page 1, link] https://h.example/"},
		{"pdf field without a page", pdfOf("<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [3 0 R] >> >>", "<< /Kids [] >>", "<< /T (all) /V (Eva) /Kids [4 0 R] >>", "<< /Parent 3 0 R /Kids [5 0 R] >>", "<< /Parent 4 0 R >>"), "[form field, all] all: Eva"},
		{"pdf XFA", pdfOf("<< /Type /Catalog /Pages 2 0 R /AcroForm << /XFA [(template) 9 0 R (datasets) 3 0 R] >> >>", "<< /Kids [] >>", pdfStreamOf("", "<xfa:data><form><ssn>536-22-1234</ssn></form></xfa:data>")), "[form field, ssn] ssn: 536-22-1234"},
		{"pdf outline", pdfOf("<< /Type /Catalog /Pages 2 0 R /Outlines << /First 3 0 R >> >>", "<< /Kids [] >>", "<< /Title <FEFF00DC> /Next 3 0 R >>"), "[outline] Ü"},
		{"text with a stray control character", zipOf(t, "a", strings.Repeat("some words ", 20)+"\x01\x00"), "[a > line 1] some words"},
		{"sfx", append([]byte("MZ\x00\x01\x02"), zipOf(t, "a.txt", "x")...), "[a.txt > line 1] x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := read(tt.data)
			if got := show(text); !strings.Contains(got, tt.want) {
				t.Errorf("no %q in\n%s", tt.want, got)
			}
			for _, g := range text.Gaps {
				if g.Reason == document.ReaderFailed {
					t.Errorf("the reader panicked")
				}
			}
		})
	}
}

// sheetOf makes an Excel file of one sheet.
func sheetOf(t testing.TB, rows string) []byte {
	return zipOf(t, "[Content_Types].xml", "<Types/>",
		"xl/workbook.xml", `<workbook><sheets><sheet name="Kunden" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Target="sharedStrings.xml"/></Relationships>`,
		"xl/sharedStrings.xml", `<sst><si><t>first</t></si><si><r><t>sec</t></r><r><t>ond</t></r></si></sst>`,
		"xl/worksheets/sheet1.xml", `<worksheet><sheetData>`+rows+`</sheetData></worksheet>`)
}

func cutAfter(data []byte, mark string) []byte {
	return data[:bytes.Index(data, []byte(mark))+len(mark)]
}

// lzwOf packs as PDF does, with early change.
func lzwOf(s string) string {
	var out []byte
	bits, n, width := uint32(0), uint(0), uint(9)
	put := func(code int) {
		bits, n = bits<<width|uint32(code), n+width
		for n >= 8 {
			n -= 8
			out = append(out, byte(bits>>n))
		}
	}
	put(256)
	table := map[string]int{}
	code := func(w string) int {
		if len(w) == 1 {
			return int(w[0])
		}
		return table[w]
	}
	w := s[:1]
	for i := 1; i < len(s); i++ {
		next := w + s[i:i+1]
		if _, ok := table[next]; ok {
			w = next
			continue
		}
		put(code(w))
		table[next] = 258 + len(table)
		w = s[i : i+1]
	}
	put(code(w))
	put(257)
	if n > 0 {
		out = append(out, byte(bits<<(8-n)))
	}
	return string(out)
}

// TestPlainText checks that the offsets of text are those of the file.
func TestPlainText(t *testing.T) {
	for _, in := range []string{
		"nothing special\n", "name,value\nA,1\nB,2\n", "%PDF-1.7 is a file format", "GIF89a, what is that?", "PK is not a zip file",
		"From here on, it: is prose\n", "{\"nbformat\": 1}", "", "\x00\x01\x02 unknown binary \xff\xfe\x00",
		"Dear all,\nfirst, we\nsecond, they\n",
	} {
		text := read([]byte(in))
		if string(text.Bytes) != in {
			t.Errorf("Read(%q) = %q, want the bytes of the file", in, text.Bytes)
		}
	}
}

// TestUnmarkedPlaces checks that plain text has no place.
func TestUnmarkedPlaces(t *testing.T) {
	text := read([]byte("some words\nmore words\n"))
	if got := text.Place(12).String(); got != "" {
		t.Errorf("place of plain text = %q, want none", got)
	}
	if got := text.Place(1 << 20).String(); got != "" {
		t.Errorf("place behind the text = %q, want none", got)
	}
}

// TestWorkbookData reads what a workbook keeps of its data outside of sheets.
func TestWorkbookData(t *testing.T) {
	text := read(zipOf(t, "[Content_Types].xml", "<Types/>",
		"xl/workbook.xml", `<workbook><sheets/></workbook>`,
		"xl/pivotCache/pivotCacheDefinition1.xml", `<pivotCacheDefinition><cacheFields><cacheField name="Kunde"><sharedItems><s v="Anna &amp; Co"/></sharedItems></cacheField></cacheFields></pivotCacheDefinition>`,
		"xl/pivotCache/pivotCacheRecords1.xml", `<pivotCacheRecords><r><x v="0"/><n v="4539148803436467"/><s v="late"/></r></pivotCacheRecords>`,
		"xl/connections.xml", `<connections><connection id="1"><dbPr connection="Server=db;PWD=geheim" command="SELECT 1"/></connection></connections>`))
	got := string(text.Bytes)
	for _, want := range []string{"Kunde\nAnna & Co\n", "4539148803436467\nlate\n", "Server=db;PWD=geheim\nSELECT 1\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
}
