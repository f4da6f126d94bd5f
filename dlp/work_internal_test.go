package dlp

import (
	"bytes"
	"sync"
	"testing"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// What the steps of a text may be, whatever it is.
const (
	stepsFree    = 200 << 10
	stepsPerByte = 50

	// A table is read with a head above each of its cells, in a view. One that
	// starts anew every few rows is read so from each of its heads.
	stepsPerByteOfTables = 60
)

var allDetectors = sync.OnceValue(func() *Scanner {
	set, err := rules.Load("")
	if err != nil {
		panic(err)
	}
	s, err := New(set.Detectors, traffic.Key{}, Options{})
	if err != nil {
		panic(err)
	}
	return s
})

// stepsOf returns the steps that the scan of a text takes.
func stepsOf(s *Scanner, text []byte) int {
	c := scan{
		s: s, text: text,
		room: growthFree + growth*len(text), effort: workFree + workPerByte*len(text),
	}
	c.read()
	return c.steps()
}

// FuzzSteps holds the steps of a text that is one unit over and over, the worst
// that can be done to a scanner: they are counted, as time says little.
func FuzzSteps(f *testing.F) {
	for _, unit := range []string{
		"sk-", "key=", "password=", "eyJ-", "a@b.co ", "1", "12 ", "4111111111111111 ", "ssn 123456789 ", "4111.1111.1111.1111 ", "(12 ", "+12 ", `"`, `\`, "%34", `\u0034`,
		"&#52;", "=34", "=\n", "NDExMSAxMTExIDExMTEg", "3431313131", "4 ", "4.", `"a" + "b" + `, "-tna-ks ", "４", "a\u200b", "aа", "4\x00", "\xff\xc2\xa0", "func a(b) {\n", "41 11 11 11 11 11 11 11. ",
		"+33 6 12 34 56 78 ", "tel 123456789 ", "TVA FR 83 404 833 048 ", "fn FN 492075m ", "52, 49, ", "0x34, ", "00110100 ", "seven one ", "....- .---- ", "rot13 a", "<b>4</b>", "+ADQANA-", "<~87cURDZ~>",
		"MFRGGZDFMZTWQ2LK ", "c0vJTEpOTgEAy0jNyckvzy/KSQEA ",
		`"4", `, "4, 5, 6, 7, 8, ", "4_539_148_803_436_467 ", "453914880343646L ", "4'53", "begin 644 x\n", "begin 644 x\n>;7D@8V%R9\"!I<R T-3,Y,30X.# S-#,V-#8W(&]K\n", "base85 ", "base85 ZFwMLVRB?3X ",
	} {
		f.Add([]byte(unit))
	}
	s := allDetectors()
	f.Fuzz(func(t *testing.T, unit []byte) {
		if len(unit) == 0 || len(unit) > 4<<10 {
			return
		}
		text := bytes.Repeat(unit, (32<<10)/len(unit)+1)
		if n, most := stepsOf(s, text), stepsFree+stepsPerByte*len(text); n > most {
			t.Errorf("%d steps for %d bytes, want %d at most", n, len(text), most)
		}
	})
}

// TestStepsOfExamples holds the same of an example of every other detector, over and
// over: lists of values are read to their end, but each value pays once.
func TestStepsOfExamples(t *testing.T) {
	s := allDetectors()
	for i := 0; i < len(s.sources); i += 2 {
		for _, unit := range s.sources[i].Match[:min(1, len(s.sources[i].Match))] {
			text := bytes.Repeat([]byte(unit+" "), (8<<10)/len(unit)+1)
			perByte := stepsPerByte
			if s.sources[i].Anchor == rules.AnchorColumn {
				perByte = stepsPerByteOfTables
			}
			if n, most := stepsOf(s, text), perByte*len(text); n > most {
				t.Errorf("%s: %d steps for %d bytes of %.60q, want %d at most", s.sources[i].Name, n, len(text), unit, most)
			}
		}
	}
}

// TestStepsLinear holds that four times a text are not much more than four times
// the steps.
func TestStepsLinear(t *testing.T) {
	s := allDetectors()
	for _, unit := range []string{"sk-ant-api03-", "key=", "4111111111111111 ", "4111.1111.1111.1111 ", "ssn 123456789 ", "NDExMSAxMTExIDExMTEg ", "aа", "func a(b) {\n"} {
		small, large := stepsOf(s, bytes.Repeat([]byte(unit), (32<<10)/len(unit))), stepsOf(s, bytes.Repeat([]byte(unit), (128<<10)/len(unit)))
		if large > 5*small+stepsFree {
			t.Errorf("%q: %d steps for 32 KB, %d for 128 KB", unit, small, large)
		}
	}
}
