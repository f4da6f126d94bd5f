package dlp_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/rules"
)

// everNew are hostile texts of numbers of which no two are alike, so that nothing
// that is remembered helps. In a form "#" is a random digit, "@" a random capital,
// and "%" a country; "<" and ">" enclose words of which one is picked.
var everNew = func() map[string]string {
	m := map[string]string{
		"telephones": "+44 20 #### #### ", "telephones of all countries": "+## ## #### #### ", "whole telephones": "+########### ", "telephones in brackets": "(###) ###-#### ",
		"telephones near a word": "tel 020 #### #### ", "telephones near words": "<tel|phone|mobile|fax> 0## ### ####, ", "numbers dialled abroad": "phone 00## ### #### ### ",
		"vat numbers": "TVA FR ## ### ### ### ", "vat numbers of all countries": "VAT %######### ", "vat numbers apart": "VAT % ######### ", "ids": "<ssn|BSN|NIF|CPF|PESEL|personnummer> ######### ",
		"ids apart": "<ssn|NINO|INSEE|codice fiscale|Steuer-ID> ### ## #### ", "long ids": "<Steuer-ID|CPF|INSEE|Aadhaar|id> ########### ", "mixed": "<ssn|tel|VAT|IBAN|card|id|Kontonummer> <####|##|###|#####> <####|##|###|#####> ###, ",
		"cards": "4### #### #### #### ", "whole cards": "4############### ", "cards by dots": "4###.####.####.#### ", "cards by slashes": "5###/####/####/#### ", "American Express": "37## ###### ##### ",
		"card words": "card ################, ", "ibans": "%## #### #### #### #### #### ", "whole ibans": "%######################## ", "iban words": "IBAN %## #### #### #### #### #### ",
		"sort codes": "sort code ##-##-## account ######## ", "routing": "routing ######### ", "quoted": "=##", "equals": "a=####", "assigned numbers": "id=########&", "hex": "=@#",
		"letters and digits": "@@##", "letters apart": "@@ ## ", "codes": "##, ###, ", "hex codes": "0x##, ", "dates": "##/##/#### ", "iso dates": "####-##-## ", "times": "##:##:## ", "born": "born ##.##.#### ",
		"quads": "##.##.##.## ", "versions": "#.##.# ", "amounts": "#,###.## ", "csv": "####,##,#####,###\n", "log": "####-##-## ##:##:##,### [####] ", "uuids": "########-####-####-####-############ ",
		"coordinates": "##.######, #.###### ", "bits": "<0|1><0|1><0|1><0|1><0|1><0|1><0|1><0|1> ", "pairs of eight": "## ## ## ## ## ## ## ##. ", "uneven": "<#|##|###|####|#####|######|#######|########><-| |.|/|,|, |\n>",
		"tax codes": "@@@@@@##@##@###@ ", "plates": "@@-##-@@ ", "swiss": "756.####.####.## ", "brazil": "###.###.###-## ", "cnpj": "##.###.###/####-## ", "nordic": "######-#### ", "dni": "########-@ ",
	}
	for n := range 20 {
		for _, sep := range []string{" ", "-", ".", "/", ",", ":", "\n", "\t", "; "} {
			m[fmt.Sprintf("groups of %d by %q", n+1, sep)] = strings.Repeat("#", n+1) + sep
		}
	}
	return m
}()

// spell returns n bytes of a form over and over.
func spell(form string, n int) []byte {
	r := rand.New(rand.NewPCG(1, uint64(len(form))))
	out := make([]byte, 0, n+len(form)+16)
	for len(out) < n {
		out = spellOnce(out, form, r)
	}
	return out[:n]
}

func spellOnce(out []byte, form string, r *rand.Rand) []byte {
	const countries = "ATBEBGCYCZDEDKEEESFIFRGBGRHRHUIEITLTLULVMTNLPLPTROSESISKCHNO"
	for i := 0; i < len(form); i++ {
		switch c := form[i]; c {
		case '#':
			out = append(out, '0'+byte(r.IntN(10)))
		case '@':
			out = append(out, 'A'+byte(r.IntN(26)))
		case '%':
			k := 2 * r.IntN(len(countries)/2)
			out = append(out, countries[k:k+2]...)
		case '<':
			end := i + strings.IndexByte(form[i:], '>')
			words := strings.Split(form[i+1:end], "|")
			out = spellOnce(out, words[r.IntN(len(words))], r)
			i = end
		default:
			out = append(out, c)
		}
	}
	return out
}

// contextForms returns a form for the first word and an example of each detector of
// numbers: its word in front of numbers that look like it.
func contextForms() map[string]string {
	m := make(map[string]string)
	for _, d := range detectors() {
		if d.Anchor != rules.AnchorNumber || len(d.Match) == 0 {
			continue
		}
		form := strings.Map(func(c rune) rune {
			if '0' <= c && c <= '9' {
				return '#'
			}
			return c
		}, strings.NewReplacer("#", "", "<", "", "@", "", "%", "").Replace(d.Match[0]))
		m["like "+d.Name] = form + " "
	}
	return m
}

// BenchmarkEverNew reads hostile texts that never say the same twice.
func BenchmarkEverNew(b *testing.B) {
	all := maps.Clone(everNew)
	maps.Copy(all, contextForms())
	for _, name := range slices.Sorted(maps.Keys(all)) {
		b.Run(name, func(b *testing.B) { bench(b, spell(all[name], 64<<10)) })
	}
}

// TestEverNew holds that such a text takes no more steps than any other.
func TestEverNew(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	all := maps.Clone(everNew)
	maps.Copy(all, contextForms())
	for i, name := range slices.Sorted(maps.Keys(all)) {
		if raceEnabled && i%4 != 0 {
			continue // it takes ten times as long
		}
		text := spell(all[name], 8<<10)
		if n, most := dlp.StepsOf(s, text), dlp.MostSteps(len(text)); n > most {
			t.Errorf("%s: %d steps for %d bytes, want %d at most", name, n, len(text), most)
		}
	}
}
