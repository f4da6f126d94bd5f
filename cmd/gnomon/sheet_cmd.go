package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/rules"
)

// sheetRow is one line of the data sheet: what it is about, and what holds with
// the settings as they are.
type sheetRow struct {
	Topic string `json:"topic"`
	Title string `json:"title"`
	Fact  string `json:"fact"`
}

// sheetFlags choose what `privacy sheet` prints, and how.
type sheetFlags struct {
	lang, form, html string
	json             bool
}

func newSheetCommand() *cobra.Command {
	var f sheetFlags
	cmd := &cobra.Command{
		Use:   "sheet",
		Short: "The data sheet: what is collected with these settings, how long it is kept, who may see it",
		Long: `The data sheet: what is collected with these settings, how long it is kept, who may see it.

With --form dpia: the facts for a data protection impact assessment and a sheet for the works
council, from the settings and from what was measured so far. What people must add is marked.`,
		Example: `  gnomon privacy sheet
  gnomon privacy sheet --form dpia --lang de --html dpia.html`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case f.lang != "en" && f.lang != "de":
				return &exitError{exitUsage, fmt.Errorf("--lang %q: there are en and de", f.lang)}
			case f.form != "sheet" && f.form != "dpia":
				return &exitError{exitUsage, fmt.Errorf("--form %q: there are sheet and dpia", f.form)}
			case f.html != "" && f.form != "dpia":
				return &exitError{exitUsage, errors.New("--html goes with --form dpia")}
			}
			s, err := settingsOf(cmd)
			if err != nil {
				return err
			}
			if f.form == "dpia" {
				return f.dpia(cmd, &s)
			}
			return f.sheet(cmd.OutOrStdout(), &s)
		},
	}
	cmd.Flags().StringVar(&f.lang, "lang", "en", "language: en or de")
	cmd.Flags().StringVar(&f.form, "form", "sheet", "what to print: sheet or dpia")
	cmd.Flags().StringVar(&f.html, "html", "", "write the assessment to a file as a page that prints well")
	cmd.Flags().BoolVar(&f.json, "json", false, "one JSON object a line")
	return cmd
}

func (f *sheetFlags) sheet(w io.Writer, s *Settings) error {
	rows := dataSheet(*s, f.lang == "de")
	if f.json {
		return jsonLines(w, rows)
	}
	for _, r := range rows {
		if _, err := fmt.Fprintf(w, "%s\n  %s\n", r.Title, printable(r.Fact)); err != nil {
			return err
		}
	}
	return nil
}

func (f *sheetFlags) dpia(cmd *cobra.Command, s *Settings) error {
	set, err := rules.Load(s.overlays()...)
	if err != nil {
		return &configError{err}
	}
	inv, done, err := openExisting(cmd.Context(), *s)
	if err != nil {
		return err
	}
	if inv != nil {
		defer done()
	}
	now := time.Now()
	m, err := measure(cmd.Context(), inv, s, set, now)
	if err != nil {
		return err
	}
	sections := dpia(s, &m, f.lang == "de")
	page := newDPIAPage(sections, f.lang == "de", now)
	switch {
	case f.html != "":
		var b bytes.Buffer
		if err := page.html(&b); err != nil {
			return err
		}
		return writeOut(cmd.OutOrStdout(), f.html, b.Bytes(), 0o600)
	case f.json:
		return jsonLines(cmd.OutOrStdout(), sections)
	}
	return page.text(cmd.OutOrStdout())
}

// dataSheet says what s collects, in English or German.
func dataSheet(s Settings, german bool) (rows []sheetRow) {
	say := func(topic string, en, de [2]string, args ...any) {
		text := en
		if german {
			text = de
		}
		rows = append(rows, sheetRow{topic, text[0], fmt.Sprintf(text[1], args...)})
	}
	none := "none"
	if german {
		none = "keine"
	}
	list := func(l []string) string { return cmp.Or(strings.Join(l, ", "), none) }
	say("fields",
		[2]string{"What is kept of a request", "Time, sensor, client and user as pseudonyms, departments, host, path without query (of which only the words of interfaces stay: names, numbers and ids in it do not), program, number of files, service, model, kind of account, kinds and numbers of findings with keyed hashes, decision and rule, sizes. No prompt, no answer, no found value (but see the values that are replaced)."},
		[2]string{"Was von einer Anfrage bleibt", "Zeit, Sensor, Gerät und Person als Pseudonym, Abteilungen, Rechnername, Pfad ohne Parameter (nur Wörter von Schnittstellen darin bleiben: Namen, Zahlen und Kennungen nicht), Programm, Zahl der Dateien, Dienst, Modell, Art des Kontos, Art und Zahl der Funde mit Prüfsummen unter einem Schlüssel, Entscheidung und Regel, Größen. Kein Prompt, keine Antwort, kein gefundener Wert (aber siehe ersetzte Werte)."})
	say("vault",
		[2]string{"Values that are replaced and put back", "Where a rule says pseudonymise, the value behind each token is held encrypted in memory, for its own user and conversation only, until %s after it was last used; never on disk of this gateway. Gateways that share a Redis also hold it there, encrypted. An erasure of a person wipes it at every gateway that runs and in Redis, which is put on record."},
		[2]string{"Werte, die ersetzt und zurückgegeben werden", "Wo eine Regel pseudonymisiert, wird der Wert hinter jedem Platzhalter verschlüsselt im Arbeitsspeicher gehalten, nur für die Person und das Gespräch, bis %s nach der letzten Nutzung; nie auf der Platte dieses Gateways. Gateways mit gemeinsamem Redis halten ihn auch dort, verschlüsselt. Die Löschung einer Person löscht ihn auf jedem laufenden Gateway und in Redis, was festgehalten wird."},
		s.DLP.Vault.Keep)
	say("sensors",
		[2]string{"Where it comes from", "Proxy at %s; interfaces watched: %s; logs followed: %s; syslog: %s."},
		[2]string{"Woher es kommt", "Proxy an %s; beobachtete Schnittstellen: %s; gelesene Protokolle: %s; Syslog: %s."},
		s.Proxy.Listen, list(s.Sniffer.Interfaces), list(s.Sniffer.Logs), list(syslogPlaces(&s.Sniffer)))
	say("decrypted",
		[2]string{"What is decrypted", "Connections through the proxy to AI services of the catalogue that the policy does not exclude, and to these hosts: %s. All others pass unread."},
		[2]string{"Was entschlüsselt wird", "Verbindungen über den Proxy zu KI-Diensten des Katalogs, die die Richtlinie nicht ausnimmt, und zu diesen Rechnern: %s. Alle anderen gehen ungelesen durch."},
		list(s.Proxy.Intercept))
	r := s.Inventory.Retention
	say("retention",
		[2]string{"How long it is kept", "Single sightings %s, figures by the hour %s, by the day and of people %s, names behind pseudonyms %s after they were last seen. Decisions and the record of who did what are not deleted."},
		[2]string{"Wie lange es bleibt", "Einzelne Beobachtungen %s, Zahlen je Stunde %s, je Tag und je Person %s, Namen zu Pseudonymen %s nach der letzten Beobachtung (d: Tage). Entscheidungen und das Verzeichnis, wer was tat, werden nicht gelöscht."},
		r.Sightings, r.Hours, r.Rollups, r.People)
	say("rotation",
		[2]string{"When people get new pseudonyms", "At the end of each period of privacy.rotate (%s), and whenever an administrator has it done. Accounts and API keys stay keyed hashes that do not change."},
		[2]string{"Wann Personen neue Pseudonyme erhalten", "Am Ende jedes Zeitraums von privacy.rotate (%s) und immer, wenn eine Administratorin es veranlasst. Konten und API-Schlüssel bleiben Prüfsummen unter einem Schlüssel, die sich nicht ändern."},
		s.Privacy.Rotate)
	say("reveal",
		[2]string{"Who may see a name", "Nobody alone: a request with a reason, allowed by another of these: %s. It is shown once within a day, and stays on record. With none, no name can be shown. Who administers the machine can read the files of the record and their keys."},
		[2]string{"Wer einen Namen sehen darf", "Niemand allein: ein Antrag mit Grund, dem eine andere Person von diesen zustimmt: %s. Er wird einmal binnen eines Tages gezeigt, das wird festgehalten. Ohne Prüfer kann kein Name gezeigt werden. Wer den Rechner administriert, kann die Dateien der Aufzeichnung und ihre Schlüssel lesen."},
		list(s.Privacy.Reviewers))
	streams := make([]string, len(s.Events))
	for i, e := range s.Events {
		streams[i] = e.Name
	}
	say("streams",
		[2]string{"Who else gets it", "Streams of events to other systems, with pseudonyms: %s."},
		[2]string{"Wer es noch erhält", "Weitergabe an andere Systeme, mit Pseudonymen: %s."},
		list(streams))
	say("note",
		[2]string{"What this sheet does not decide", "Whether this use is lawful. Reading the traffic of staff needs a purpose, a legal basis and proportion; where there is a works council, it usually has a say before the gateway runs."},
		[2]string{"Was dieses Blatt nicht entscheidet", "Ob der Einsatz zulässig ist. Wer Verkehr von Beschäftigten liest, braucht Zweck, Rechtsgrundlage und Verhältnismäßigkeit; einen Betriebsrat gilt es in der Regel vor dem Betrieb zu beteiligen."})
	return rows
}
