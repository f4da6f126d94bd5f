package document_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// BenchmarkRead reads a file of each format of about a megabyte of text. The rate
// is that of the text, which is what there is to scan.
func BenchmarkRead(b *testing.B) {
	line := "Die Karte 4539 1488 0343 6467 von Frau Weiß läuft im März ab, bitte prüfen."
	var doc, sheet, rtf, pdf, csv, html, prose strings.Builder
	pdf.WriteString("BT /F 10 Tf 12 TL ")
	html.WriteString("<!doctype html><body>")
	rtf.WriteString(`{\rtf1\ansi `)
	csv.WriteString("id,text,iban\n")
	for i := range 12_000 {
		doc.WriteString(par(line))
		fmt.Fprintf(&sheet, `<row r="%d"><c r="A%[1]d" t="inlineStr"><is><t>%[2]s</t></is></c><c r="B%[1]d"><v>%[1]d</v></c></row>`, i+1, line)
		fmt.Fprintf(&csv, "%d,\"%s\",DE89370400440532013000\n", i, line)
		rtf.WriteString(`{\b ` + strings.NewReplacer("ß", `\'df`, "ä", `\'e4`, "ü", `\'fc`).Replace(line) + `}\par `)
		pdf.WriteString("[(Die Kar) 20 (te 4539 1488 0343 6467 von Frau Wei) -5 (s l\\344uft im M\\344rz ab, bitte pr\\374fen.)] TJ T*\n")
		html.WriteString("<p class=x>" + line + "</p>")
		prose.WriteString(line + "\n")
	}
	rtf.WriteByte('}')
	pdf.WriteString("ET")
	font := "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
	file := func(name string) []byte {
		data, err := os.ReadFile("testdata/files/" + name)
		if err != nil {
			b.Fatal(err)
		}
		return data
	}
	for _, bb := range []struct {
		name string
		data []byte
	}{
		{"text", []byte(prose.String())},
		{"docx", docxOf(b, doc.String())},
		{"xlsx", sheetOf(b, sheet.String())},
		{"pdf", pagePDF(pdf.String(), "/Font << /F 5 0 R >>", font)},
		{"rtf", []byte(rtf.String())},
		{"html", []byte(html.String())},
		{"csv", []byte(csv.String())},
		{"zip", zipOf(b, "a.txt", prose.String())},
		{"gzip", gzipOf(b, []byte(prose.String()))},
		{"mail", []byte("From: a@b.example\nSubject: s\n\n" + prose.String())},
		{"small docx", file("python-docx.docx")},
		{"small pdf", file("qpdf-objstm.pdf")},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(read(bb.data).Bytes)))
			for b.Loop() {
				read(bb.data)
			}
		})
	}
}
