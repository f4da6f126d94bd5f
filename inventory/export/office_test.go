package export_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory/export"
)

// TestLibreOffice: a spreadsheet program opens the register, sees the cells that
// went in, and computes none of them.
func TestLibreOffice(t *testing.T) {
	soffice := program(t, "soffice", "libreoffice-calc-nogui")
	dir := t.TempDir()
	var b bytes.Buffer
	if err := export.Services(rows()).XLSX(&b); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "register.xlsx"), b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	const formulas = `csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true` // the last: a formula is written as such, not its value
	cmd := exec.CommandContext(t.Context(), soffice, "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--headless", "--convert-to", formulas, "--outdir", dir, filepath.Join(dir, "register.xlsx"))
	cmd.Env = append(os.Environ(), "HOME="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	f, err := os.Open(filepath.Join(dir, "register.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	check(t, got)
}
