package export

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// The parts of a workbook that are the same in each (ECMA-376, part 1: packages
// 9, sheets 18.3, styles 18.8). Style 1 is bold.
const (
	xmlHead      = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	relations    = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	spreadsheet  = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	sheetMedia   = "application/vnd.openxmlformats-officedocument.spreadsheetml."
	contentTypes = xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="` + sheetMedia + `sheet.main+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="` + sheetMedia + `worksheet+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="` + sheetMedia + `styles+xml"/></Types>`
	packageParts = xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="` + relations + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	workbookParts = xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="` + relations + `/worksheet" Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="rId2" Type="` + relations + `/styles" Target="styles.xml"/></Relationships>`
	styles = xmlHead + `<styleSheet xmlns="` + spreadsheet + `">` +
		`<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
		`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
		`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
		`<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>` +
		`<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`
)

const (
	// maxSheetRows is how many lines a sheet has room for, maxCell how many
	// characters a cell: Excel refuses a file with more.
	maxSheetRows = 1 << 20
	maxCell      = 32767
)

// XLSX writes a workbook with one sheet: column names that stay in view and can
// be filtered, and a line for each row. Figures are numbers. No row is held.
func (t *Table) XLSX(w io.Writer) error {
	z := zip.NewWriter(w)
	if err := t.workbook(z); err != nil {
		return fmt.Errorf("writing the workbook: %w", err)
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("writing the workbook: %w", err)
	}
	return nil
}

func (t *Table) workbook(z *zip.Writer) error {
	for _, part := range []struct{ name, text string }{
		{"[Content_Types].xml", contentTypes},
		{"_rels/.rels", packageParts},
		{"xl/workbook.xml", xmlHead + `<workbook xmlns="` + spreadsheet + `" xmlns:r="` + relations + `"><sheets><sheet name="` + escaped(sheetName(t.Name)) + `" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", workbookParts},
		{"xl/styles.xml", styles},
	} {
		f, err := z.Create(part.name)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(f, part.text); err != nil {
			return err
		}
	}
	f, err := z.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return err
	}
	return t.sheet(f)
}

// sheet writes the lines. What follows them says how many they are.
func (t *Table) sheet(w io.Writer) error {
	s := sheetWriter{out: bufio.NewWriter(w)}
	fmt.Fprintf(s.out, `%s<worksheet xmlns="%s"><sheetViews><sheetView workbookViewId="0"><pane xSplit="1" ySplit="1" topLeftCell="B2" activePane="bottomRight" state="frozen"/></sheetView></sheetViews>`, xmlHead, spreadsheet)
	fmt.Fprintf(s.out, `<cols><col min="1" max="%d" width="16" customWidth="1"/></cols><sheetData>`, len(t.Columns))
	head := make([]any, len(t.Columns))
	for i, name := range t.Columns {
		head[i] = name
	}
	if err := s.line(head, ` s="1"`); err != nil {
		return err
	}
	if err := t.Lines(func(row []any) error { return s.line(row, "") }); err != nil {
		return err
	}
	fmt.Fprintf(s.out, `</sheetData><autoFilter ref="A1:%s%d"/></worksheet>`, columnName(len(t.Columns)), s.n)
	return s.out.Flush()
}

// sheetWriter writes lines of a sheet. Errors of out stay until its Flush.
type sheetWriter struct {
	out *bufio.Writer
	n   int // lines so far
}

func (s *sheetWriter) line(row []any, style string) error {
	if s.n++; s.n > maxSheetRows {
		return fmt.Errorf("a sheet has room for %d lines: export CSV or JSON", maxSheetRows)
	}
	fmt.Fprintf(s.out, `<row r="%d">`, s.n)
	for i, v := range row {
		at := columnName(i+1) + strconv.Itoa(s.n)
		switch v := cell(v).(type) {
		case int, int64:
			fmt.Fprintf(s.out, `<c r="%s"%s><v>%d</v></c>`, at, style, v)
		case float64:
			if math.IsNaN(v) || math.IsInf(v, 0) { // no number to a sheet
				continue
			}
			fmt.Fprintf(s.out, `<c r="%s"%s><v>%s</v></c>`, at, style, strconv.FormatFloat(v, 'g', -1, 64))
		default:
			if text := fmt.Sprint(v); text != "" {
				fmt.Fprintf(s.out, `<c r="%s"%s t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>`, at, style, escaped(short(text)))
			}
		}
	}
	_, err := s.out.WriteString("</row>")
	return err
}

// short cuts what does not fit into a cell.
func short(s string) string {
	if len(s) <= maxCell {
		return s
	}
	return strings.ToValidUTF8(s[:maxCell-3], "") + "\u2026"
}

// columnName returns what the n-th column is called: A, B ... Z, AA ...
func columnName(n int) string {
	name := ""
	for ; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name
}

// sheetName is a name as a sheet may have it: at most 31 characters, none of
// which mean something in a reference.
func sheetName(s string) string {
	clean := strings.NewReplacer(":", " ", `\`, " ", "/", " ", "?", " ", "*", " ", "[", " ", "]", " ", "'", " ").Replace(s)
	if r := []rune(clean); len(r) > 31 {
		clean = string(r[:31])
	}
	return clean
}

func escaped(s string) string {
	if !strings.ContainsAny(s, "<>&\"'\r\n\t\ufffd\ufffe\uffff") {
		return s
	}
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes all
	return b.String()
}
