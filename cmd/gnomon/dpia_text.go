package main

import (
	"strings"
	"time"
)

func (d *dpiaWriter) purpose(m *measured) {
	facts := []string{
		d.say("Gnomon finds the use of AI services on the network, keeps data that must not leave out of prompts, and keeps a register of the services.",
			"Gnomon findet die Nutzung von KI-Diensten im Netz, hält Daten aus Prompts heraus, die das Haus nicht verlassen dürfen, und führt ein Register der Dienste."),
		d.say("Program version %s; %d entries on record, %d of them on rules and settings in force.", "Programmversion %s; %d Einträge verzeichnet, davon %d zu geltenden Regeln und Einstellungen.", version, m.Entries, m.Changes),
	}
	if len(m.Differ) > 0 {
		facts = append(facts, d.say("NOTE: the gateway that started last runs with other settings than this sheet was made from: %s.", "ACHTUNG: Das zuletzt gestartete Gateway läuft mit anderen Einstellungen als denen dieses Blatts: %s.", d.names(m.Differ)))
	}
	d.add("purpose", d.say("Purpose of the processing", "Zweck der Verarbeitung"), facts, []string{
		d.say("The purpose, in your organisation's words, and what it excludes (no monitoring of performance or behaviour).", "Der Zweck in den Worten Ihrer Organisation, und was er ausschließt (keine Leistungs- und Verhaltenskontrolle)."),
		d.say("The legal basis (GDPR Art. 6; for staff Art. 88 and national law; for special categories Art. 9).", "Die Rechtsgrundlage (DSGVO Art. 6; für Beschäftigte Art. 88 und § 26 BDSG; für besondere Kategorien Art. 9)."),
		d.say("The controller, the data protection officer, and processors, if any.", "Verantwortliche Stelle, Datenschutzbeauftragte, Auftragsverarbeiter, falls es welche gibt."),
	})
}

func (d *dpiaWriter) data(s *Settings, m *measured, sheet map[string]sheetRow) {
	d.add("data", d.say("Categories of data", "Kategorien von Daten"), []string{
		sheet["fields"].Fact,
		d.say("What is looked for in prompts, and kept as kind, number and keyed hash, never as text: %s.", "Wonach in Prompts gesucht und was als Art, Zahl und Prüfsumme unter einem Schlüssel, nie als Text gespeichert wird: %s.", d.names(classNames())),
		sheet["vault"].Fact,
		sheet["sensors"].Fact,
	}, nil)
	d.add("people", d.say("Categories of people", "Kategorien betroffener Personen"), []string{
		d.say("Everybody whose traffic passes the proxy or the sensors; people named in prompts, whose data is looked for and not kept.", "Alle, deren Verkehr über den Proxy oder an den Sensoren vorbeigeht; Personen, die in Prompts genannt sind: Nach ihren Daten wird gesucht, gespeichert werden sie nicht."),
		d.say("Seen by name so far: %s people (groups of fewer than %d are not counted out).", "Mit Namen gesehen bisher: %s Personen (Gruppen unter %d werden nicht beziffert).", m.People, s.Privacy.K),
	}, []string{d.say("Guests, external staff, works council, medical and confidential offices: which of them are exempt, and how.", "Gäste, Externe, Betriebsrat, betriebsärztliche und vertrauliche Stellen: wer ausgenommen ist, und wie.")})
	facts := []string{
		sheet["decrypted"].Fact,
		d.say("Never decrypted: every service that is not AI; AI services of which only a website is known: %s. Programs that refuse the gateway's certificate pass unread or are refused.", "Nie entschlüsselt: alle Dienste, die keine KI sind; KI-Dienste, von denen nur eine Website bekannt ist: %s. Programme, die das Zertifikat des Gateways ablehnen, gehen ungelesen durch oder werden abgewiesen.", d.names(firstOf(m.Unread, 40))),
		d.say("Of %d requests to AI services, %s were read, %s seen by name and size alone, %s not readable.", "Von %d Anfragen an KI-Dienste wurden %s gelesen, %s nur nach Namen und Größe gesehen, %s waren nicht lesbar.", m.Requests, share(m.Inspected, m.Requests), share(m.Metadata, m.Requests), share(m.Blind, m.Requests)),
	}
	d.add("decryption", d.say("What is decrypted, and what never", "Was entschlüsselt wird, und was nie"), facts, []string{d.say("Why reading the encrypted traffic is necessary, and why milder means do not do.", "Warum das Lesen des verschlüsselten Verkehrs erforderlich ist und mildere Mittel nicht genügen.")})
}

func (d *dpiaWriter) people(s *Settings, m *measured, sheet map[string]sheetRow) {
	d.add("recipients", d.say("Recipients, by role", "Empfänger nach Rolle"), []string{
		d.say("Viewer: figures of services, no people. Reviewer: decides on services and exceptions, sees pseudonyms. Administrator: settings and tokens. Auditor: reads all of the record, with pseudonyms.", "Betrachter: Zahlen zu Diensten, keine Personen. Prüfer: entscheidet über Dienste und Ausnahmen, sieht Pseudonyme. Administrator: Einstellungen und Zugänge. Revisor: liest die ganze Aufzeichnung, mit Pseudonymen."),
		sheet["reveal"].Fact,
		sheet["streams"].Fact,
	}, []string{d.say("Which people hold the roles; transfers to third countries by the systems that get the record.", "Wer die Rollen innehat; Übermittlungen in Drittländer durch die Systeme, die die Aufzeichnung erhalten.")})
	r := s.Inventory.Retention
	d.add("retention", d.say("Retention, by field", "Speicherdauer nach Feld"), []string{
		d.say("Single requests (time, service, program, model, kinds of findings, decision, sizes, pseudonyms): %s.", "Einzelne Anfragen (Zeit, Dienst, Programm, Modell, Arten von Funden, Entscheidung, Größen, Pseudonyme): %s.", r.Sightings),
		d.say("Figures by the hour: %s. By the day, of people, departments, programs, models, accounts: %s.", "Zahlen je Stunde: %s. Je Tag, je Person, Abteilung, Programm, Modell, Konto: %s.", r.Hours, r.Rollups),
		d.say("Names behind pseudonyms, sealed: %s after they were last seen.", "Namen zu Pseudonymen, verschlossen: %s nach der letzten Beobachtung.", r.People),
		d.say("Decisions, reveals, exceptions, deletions: not deleted, as they prove the rest.", "Entscheidungen, Aufdeckungen, Ausnahmen, Löschungen: werden nicht gelöscht, sie beweisen das Übrige."),
		sheet["rotation"].Fact,
		d.say("Deletions on record: %d by retention%s, %d on request.", "Verzeichnete Löschungen: %d nach Fristablauf%s, %d auf Antrag.", m.Deletions, d.last(m.LastDeletion), m.Erasures),
	}, nil)
	d.add("security", d.say("Security measures", "Technische und organisatorische Maßnahmen"), []string{
		d.say("People are keyed pseudonyms (HMAC-SHA-256) in the store; names are sealed with AES-256-GCM; the keys are files of their own, in the state directory (%s), where the store of one gateway lies, too, readable by the gateway's account and by administrators of the machine: who copies the whole folder has both.", "Personen sind im Speicher Pseudonyme unter einem Schlüssel (HMAC-SHA-256); Namen sind mit AES-256-GCM verschlossen; die Schlüssel sind eigene Dateien im Zustandsverzeichnis (%s), in dem auch der Speicher eines einzelnen Gateways liegt, lesbar für das Konto des Gateways und die Administration des Rechners: Wer den ganzen Ordner kopiert, hat beides.", s.StateDir),
		d.say("What was seen and decided is chained by hashes and sealed daily: a change is noticed (\"gnomon inventory verify\").", "Gesehenes und Entschiedenes ist durch Prüfsummen verkettet und täglich gesiegelt: Eine Änderung fällt auf (\"gnomon inventory verify\")."),
		d.say("The console listens on %s; the store is %s.", "Die Konsole horcht an %s; der Speicher ist %s.", s.Console.Listen, storeKind(s.Inventory.Store)),
	}, []string{d.say("Measures around it: access to the machine, backups, patching, incident response.", "Maßnahmen darum herum: Zugang zum Rechner, Sicherungen, Aktualisierungen, Umgang mit Vorfällen.")})
	page := d.say("Each person sees what is kept of them at http://gnomon.proxy/me through the proxy, in English, German, French or Spanish, and asks for exceptions there.", "Jede Person sieht unter http://gnomon.proxy/me über den Proxy auf Deutsch, Englisch, Französisch oder Spanisch, was über sie gespeichert ist, und beantragt dort Ausnahmen.")
	if !s.Privacy.OwnPage {
		page = d.say("The page on which people see what is kept of them is switched off (privacy.own_page): access must be given by hand.", "Die Seite, auf der Personen ihre Daten sehen, ist abgeschaltet (privacy.own_page): Auskunft ist von Hand zu geben.")
	}
	d.add("rights", d.say("Rights of people", "Rechte der Betroffenen"), []string{page,
		d.say("Erasure on request: \"gnomon privacy erase\" deletes the name and all figures of the person; single requests keep the pseudonym, which leads to no name unless the person is seen again, until their time is over (%s); it is put on record.", "Löschung auf Antrag: \"gnomon privacy erase\" löscht den Namen und alle Zahlen der Person; einzelne Anfragen behalten das Pseudonym, das zu keinem Namen mehr führt, wenn die Person nicht wieder gesehen wird, bis zum Ablauf ihrer Frist (%s); das wird verzeichnet.", s.Inventory.Retention.Sightings),
	}, []string{d.say("How people were informed (GDPR Art. 13), and whom they ask.", "Wie die Betroffenen informiert wurden (DSGVO Art. 13), und an wen sie sich wenden.")})
}

func (d *dpiaWriter) last(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return d.say(", the last on %s", ", zuletzt am %s", t.UTC().Format(time.DateOnly))
}

func (d *dpiaWriter) risks(s *Settings, m *measured) {
	d.add("risks", d.say("Risks to people, and how they are treated", "Risiken für Betroffene und ihre Behandlung"), nil, []string{
		d.say("Likelihood and severity of each risk after treatment, and who accepts what is left.", "Wahrscheinlichkeit und Schwere jedes Risikos nach der Behandlung, und wer den Rest trägt."),
	})
	add := func(risk, treatment, measured string) {
		last := &d.list[len(d.list)-1]
		last.Risks = append(last.Risks, risked{risk, treatment, measured})
	}
	add(d.say("Covert surveillance of a person", "Heimliche Überwachung einer Person"),
		d.say("Pseudonyms in the record and its reports; the program shows a name for a reason and with a second person only, once, and the person sees that it was. Who administers the machine can read the files, keys included: that is for access to the machine to keep in bounds.", "Pseudonyme in Aufzeichnung und Berichten; das Programm zeigt einen Namen nur mit Grund und zweiter Person, einmal, und die Person sieht das. Wer den Rechner administriert, kann die Dateien samt Schlüsseln lesen: Das muss der Zugang zum Rechner begrenzen."),
		d.say("%d names asked for, %d shown; reviewers: %s", "%d Namen beantragt, %d gezeigt; Prüfer: %s", m.RevealsAsked, m.RevealsShown, d.names(s.Privacy.Reviewers)))
	add(d.say("Control of performance or behaviour", "Leistungs- und Verhaltenskontrolle"),
		d.say("Reports withhold groups of fewer than %d people, and show departments of whole months only, so that two reports do not tell by their difference what one person did; no view of the record by name (but \"gnomon discover --show-users\" names who stands in log files, to whom may read these).", "Berichte unterdrücken Gruppen unter %d Personen und zeigen Abteilungen nur für ganze Monate, damit der Unterschied zweier Berichte nicht verrät, was eine Person tat; keine Ansicht der Aufzeichnung nach Namen (aber \"gnomon discover --show-users\" nennt, wer in Protokolldateien steht, wenn jemand diese lesen darf).", s.Privacy.K),
		d.say("privacy.k is %d", "privacy.k ist %d", s.Privacy.K))
	add(d.say("Private or confidential content becomes known", "Privater oder vertraulicher Inhalt wird bekannt"),
		d.say("Prompts and answers are looked at in memory and never kept, save single values that a rule pseudonymises, encrypted and for a time; only AI services are decrypted.", "Prompts und Antworten werden im Arbeitsspeicher geprüft und nie gespeichert, außer einzelnen Werten, die eine Regel pseudonymisiert, verschlüsselt und auf Zeit; nur KI-Dienste werden entschlüsselt."),
		d.say("%d findings kept as kind, number and keyed hash; %s of requests read", "%d Funde als Art, Zahl und Prüfsumme gespeichert; %s der Anfragen gelesen", m.Findings, share(m.Inspected, m.Requests)))
	add(d.say("People are kept from their work by mistake", "Fehler behindern Beschäftigte bei der Arbeit"),
		d.say("Refusals name the rule and the way to an exception, which a second person decides.", "Ablehnungen nennen die Regel und den Weg zur Ausnahme, über die eine zweite Person entscheidet."),
		d.say("%d requests refused, %d redacted; %d exceptions asked for, %d hold", "%d Anfragen abgelehnt, %d geschwärzt; %d Ausnahmen beantragt, %d gelten", m.Blocked, m.Redacted, m.Asked, m.Granted))
	add(d.say("Data is kept for longer than needed", "Daten bleiben länger als nötig"),
		d.say("Periods for each field; deletion is proven in the record.", "Fristen je Feld; die Löschung ist verzeichnet."),
		d.say("%d deletions by retention%s, %d on request", "%d Löschungen nach Frist%s, %d auf Antrag", m.Deletions, d.last(m.LastDeletion), m.Erasures))
	add(d.say("Other use than agreed", "Nutzung zu anderem Zweck"),
		d.say("Every change of rules, settings, roles and decisions is on record with who made it; it can't be removed unseen.", "Jede Änderung an Regeln, Einstellungen, Rollen und Entscheidungen ist mit Urheber verzeichnet und nicht unbemerkt zu entfernen."),
		d.say("%d states of rules and settings on record", "%d Stände von Regeln und Einstellungen verzeichnet", m.Changes))
	add(d.say("The record is stolen", "Die Aufzeichnung wird gestohlen"),
		d.say("Without the keys nobody is named in it; found values are keyed hashes. The keys are files in the same folder: keep copies of it apart from copies of them, and its disk encrypted.", "Ohne die Schlüssel ist darin niemand benannt; gefundene Werte sind Prüfsummen unter einem Schlüssel. Die Schlüssel sind Dateien im selben Ordner: Kopien von beiden gehören getrennt, der Datenträger verschlüsselt."),
		d.say("names sealed; backups are made without keys unless asked for", "Namen verschlossen; Sicherungen ohne Schlüssel, wenn nicht anders verlangt"))
}

func (d *dpiaWriter) council(s *Settings) {
	d.add("works_council", d.say("Sheet for the works council", "Blatt für den Betriebsrat"), []string{
		d.say("The system can show what a person does with AI services, behind a pseudonym: that is why two people are needed for a name.", "Das System kann zeigen, was eine Person hinter einem Pseudonym mit KI-Diensten tut: Deshalb braucht ein Name zwei Personen."),
		d.say("To be agreed and then held by settings: who may allow a name (privacy.reviewers: %s), the least group in reports (privacy.k: %d), the periods (inventory.retention), the page for staff (privacy.own_page: %v).", "Zu vereinbaren und durch Einstellungen gehalten: wer einer Aufdeckung zustimmen darf (privacy.reviewers: %s), kleinste Gruppe in Berichten (privacy.k: %d), die Fristen (inventory.retention), die Seite für Beschäftigte (privacy.own_page: %v).", d.names(s.Privacy.Reviewers), s.Privacy.K, s.Privacy.OwnPage),
		d.say("A member of the works council can be a reviewer: without that person no name is shown where nobody else is named.", "Ein Mitglied des Betriebsrats kann Prüfer sein: Ist sonst niemand benannt, wird ohne diese Person kein Name gezeigt."),
	}, []string{
		d.say("The agreement: date, parties, purpose, forbidden evaluations, consequences of findings for people.", "Die Vereinbarung: Datum, Parteien, Zweck, verbotene Auswertungen, Folgen von Funden für Personen."),
	})
}

func (d *dpiaWriter) sign() {
	d.add("decision", d.say("Assessment and decision", "Bewertung und Entscheidung"), nil, []string{
		d.say("Necessity and proportion: why this, why so much, why for so long.", "Erforderlichkeit und Verhältnismäßigkeit: warum dies, warum so viel, warum so lange."),
		d.say("Advice of the data protection officer; views of the people concerned; prior consultation (GDPR Art. 36), if the risk stays high.", "Rat der oder des Datenschutzbeauftragten; Standpunkt der Betroffenen; vorherige Konsultation (DSGVO Art. 36), falls das Risiko hoch bleibt."),
		d.say("Decided by, on, next review.", "Entschieden von, am, nächste Überprüfung."),
	})
}

// storeKind names a store without its address, which may hold a password.
func storeKind(store string) string {
	kind, _, _ := strings.Cut(store, ":")
	return kind
}
