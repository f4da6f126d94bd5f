package main

import (
	"math/rand/v2"
	"strings"

	"github.com/gnomon-proxy/gnomon/rules"
)

// anew is a hostile text that never says the same twice, so that nothing that is
// remembered helps: it is made of pieces that are picked at random.
type anew struct {
	name   string
	pieces []pieces // one of each, again and again
}

// pieces are texts in which "#" is a random digit and "@" a letter or digit, unless they
// are meant as they stand.
type pieces struct {
	of      []string
	literal bool
}

// newTexts returns those that are slowest to read. Most are made of what the
// detectors look for.
func newTexts(detectors []rules.Detector) []anew {
	var keywords, labels, examples, words, countries []string
	for i := range detectors {
		d := &detectors[i]
		keywords = append(keywords, d.Keywords...)
		examples = append(examples, d.Match...)
		if strings.HasPrefix(d.Name, "person_") {
			labels = append(labels, d.Keywords...)
		}
		if d.Anchor == rules.AnchorNumber {
			words = append(words, d.Context...)
		}
	}
	for _, c := range []string{"AT U########", "BE 0#########", "DE #########", "ES @#######@", "FI ########", "FR ## #########", "NL#########B##", "SK##########"} {
		countries = append(countries, c, strings.ReplaceAll(c, " ", ""))
	}
	form := func(of ...string) pieces { return pieces{of: of} }
	asIs := func(of []string) pieces { return pieces{of: of, literal: true} }
	groups := form("##", "###", "####", "#####")
	separators := form(" ", "-", ".")
	blank := form(" ")
	return []anew{
		{"a word for a number, nine digits", []pieces{asIs(words), form(" ######### ")}},
		{"a word for a number, groups", []pieces{asIs(words), blank, groups, separators, groups, separators, groups, form(", ", "\n")}},
		{"ids", []pieces{form("ssn", "BSN", "NIF", "CPF", "PESEL", "personnummer"), form(" ######### ")}},
		{"VAT numbers", []pieces{form("VAT ", "TVA "), form(countries...), blank}},
		{"telephones", []pieces{form("tel", "phone", "mobile", "fax"), form(" 0## ### ####, ")}},
		{"telephones of all countries", []pieces{form("+## ## #### #### ")}},
		{"pairs", []pieces{form("## ")}},
		{"pairs in eights", []pieces{form("## ## ## ## ## ## ## ##. ")}},
		{"cards", []pieces{form("4### #### #### #### ")}},
		{"cards by dots", []pieces{form("4###.####.####.#### ")}},
		{"all keywords", []pieces{asIs(keywords), form("=", " ", ": \"")}},
		{"all keywords by blanks", []pieces{asIs(keywords), blank}},
		{"all keywords, values", []pieces{asIs(keywords), form("=", " ", ": \""), form("@@@@", "@@@@@@@@", "@@@@@@@@@@@@@@@@"), blank}},
		{"all examples", []pieces{asIs(examples), form(" ", "\n", ", ")}},
		{"passwords", []pieces{form(`password: "`), form("@@@@", "@@@@@@@@", "@@@@@@@@@@@@", "@@@@@@@@@@@@@@@@@@@@"), form(`" `)}},
		{"labelled names", []pieces{form("patient", "customer", "Kunde", "name"), form(": "), form("Ελένη", "Мария", "Jürgen", "Anna"), blank, form("Παπαδοπούλου", "Иванова", "Müller", "Smith"), form(", ", "\n")}},
		{"all labels of names, Greek", []pieces{asIs(labels), form(" ", ": ", "\n"), form("Ελένη", "Νίκος", "Σοφία", "Γιώργος"), blank, form("Παπαδοπούλου", "Οικονόμου", "Νικολάου"), form(" ", ", ", "\n")}},
		{"all labels of names, Cyrillic", []pieces{asIs(labels), form(" ", ": ", "\n"), form("Мария", "Иван", "Ольга", "Сергей"), blank, form("Иванова", "Кузнецов", "Соколова"), form(" ", ", ", "\n")}},
		{"escapes in escapes", []pieces{form(`\`, `\\`, `\n`, `\u0`, `\u0034`, `\x34`, `\064`, "a", `"`)}},
		{"letters and digits", []pieces{form("@@@@", "@@@@@@@@@@@@", "@@@@@@@@@@@@@@@@@@@@@@@@"), blank}},
	}
}

// text returns size bytes, the same each time.
func (a *anew) text(size int) []byte {
	r := rand.New(rand.NewPCG(3, 4))
	var b []byte
	for len(b) < size {
		for i := range a.pieces {
			b = a.pieces[i].spell(b, r)
		}
	}
	return b[:size]
}

// spell appends one of p to b.
func (p *pieces) spell(b []byte, r *rand.Rand) []byte {
	piece := p.of[r.IntN(len(p.of))]
	if p.literal {
		return append(b, piece...)
	}
	for i := range len(piece) {
		switch piece[i] {
		case '#':
			b = append(b, '0'+byte(r.IntN(10)))
		case '@':
			b = append(b, letters(r, 1)...)
		default:
			b = append(b, piece[i])
		}
	}
	return b
}
