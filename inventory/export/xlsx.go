package export

import (
	"errors"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// XLSX writes the register as a workbook.
func XLSX(w io.Writer, rows []inventory.Service) error { return Services(rows).XLSX(w) }

// XLSX writes a workbook with one sheet: column names that stay in view and can
// be filtered, and a line for each row. Figures are numbers.
func (t *Table) XLSX(w io.Writer) (err error) {
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := t.fill(f); err != nil {
		return fmt.Errorf("making the workbook: %w", err)
	}
	if err := f.Write(w); err != nil {
		return fmt.Errorf("writing the workbook: %w", err)
	}
	return nil
}

func (t *Table) fill(f *excelize.File) error {
	if err := f.SetSheetName("Sheet1", t.Name); err != nil {
		return err
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	out, err := f.NewStreamWriter(t.Name)
	if err != nil {
		return err
	}
	names := t.Columns
	if err := out.SetColWidth(1, len(names), 16); err != nil {
		return err
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, XSplit: 1, YSplit: 1, TopLeftCell: "B2", ActivePane: "bottomRight"}); err != nil {
		return err
	}
	head := make([]any, len(names))
	for i, n := range names {
		head[i] = excelize.Cell{StyleID: bold, Value: n}
	}
	if err := out.SetRow("A1", head); err != nil {
		return err
	}
	for i, row := range t.Rows {
		at, err := excelize.CoordinatesToCellName(1, i+2)
		if err != nil {
			return err
		}
		if err := out.SetRow(at, line(row)); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	last, err := excelize.CoordinatesToCellName(len(names), len(t.Rows)+1)
	if err != nil {
		return err
	}
	return f.AutoFilter(t.Name, "A1:"+last, nil)
}

func line(row []any) []any {
	out := make([]any, len(row))
	for i, v := range row {
		out[i] = cell(v)
	}
	return out
}
