package main

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/visible"
	"github.com/gnomon-proxy/gnomon/traffic"
)

//go:embed dpia.html
var dpiaHTML string

// dpiaPage is the assessment as a page that prints well.
type dpiaPage struct {
	Lang, Title, Made, Fill, Risk, Treatment, Measured string
	Sections                                           []dpiaSection
}

func newDPIAPage(sections []dpiaSection, german bool, now time.Time) *dpiaPage {
	d := dpiaWriter{german: german}
	return &dpiaPage{
		Lang: d.say("en", "de"), Title: d.say("Facts for a data protection impact assessment", "Angaben für eine Datenschutz-Folgenabschätzung"),
		Made: d.say("Made by Gnomon %s on %s from its settings and its record. Boxes are for people to fill in.", "Erstellt von Gnomon %s am %s aus Einstellungen und Aufzeichnung. Kästen füllen Menschen aus.", version, now.UTC().Format("2006-01-02 15:04 UTC")),
		Fill: d.say("To fill in:", "Auszufüllen:"), Risk: d.say("Risk", "Risiko"), Treatment: d.say("Treatment", "Behandlung"), Measured: d.say("Measured", "Gemessen"), Sections: sections,
	}
}

func (p *dpiaPage) html(w io.Writer) error {
	page, err := template.New("dpia").Parse(dpiaHTML)
	if err != nil {
		return err
	}
	var b strings.Builder
	if err := page.Execute(&b, p); err != nil {
		return err
	}
	_, err = io.WriteString(w, visible.Page(b.String()))
	return err
}

func (p *dpiaPage) text(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%s\n%s\n", p.Title, p.Made)
	line := func(format string, args ...any) {
		if err == nil {
			_, err = fmt.Fprintf(w, format, args...)
		}
	}
	for _, s := range p.Sections {
		line("\n%s\n", s.Title)
		for _, f := range s.Facts {
			line("  - %s\n", printable(f))
		}
		for _, r := range s.Risks {
			line("  - %s: %s\n    %s\n    %s: %s\n", p.Risk, r.Risk, r.Treatment, p.Measured, printable(r.Measured))
		}
		for _, h := range s.Human {
			line("  [ ] %s %s\n", p.Fill, h)
		}
	}
	return err
}

func classNames() (list []string) {
	for _, c := range traffic.Classes() {
		list = append(list, string(c))
	}
	return list
}
