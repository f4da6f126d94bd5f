package dlp_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// unseenFills is how many values are tried in a sentence with braces.
const unseenFills = 3

// unseenSets are files of sentences that were written after the detectors. Of each
// family there must be so many, or the figures prove little.
var unseenSets = []struct {
	name         string
	found, clean int
	precision    float64
	marked       bool               // all is marked in each sentence, by letters
	short        map[string]float64 // what is held where the goal of recall is not reached,
	loose        map[string]float64 // and that of precision: of class "any" all that is true counts as wrong
}{
	{name: "unseen", found: 40, clean: 60, precision: wantPrecision},
	{name: "third", found: 40, clean: 40, precision: wantPrecision},
	{name: "fourth", found: 20, clean: 20, precision: wantPrecision, loose: map[string]float64{"accounts": 0.86}},
	{name: "fifth", found: 60, clean: 40, precision: wantPrecision, short: map[string]float64{"birth dates": 0.81, "addresses": 0.77},
		loose: map[string]float64{"accounts": 0.68, "documents": 0.68, "coordinates": 0.73, "pay": 0.77}}, // names of persons beside the value count against it
	{name: "sixth", found: 60, clean: 40, precision: wantPrecision, loose: map[string]float64{"accounts": 0.81, "documents": 0.81}},
	// No detector is changed for these: they hold what was reached without.
	{name: "heldback", found: 20, clean: 20, precision: 0.88, short: map[string]float64{"birth dates": 0.81, "documents": 0.84, "pay": 0.80},
		loose: map[string]float64{"names": 0.84, "pay": 0.84}},
	{name: "heldback5", found: 30, clean: 20, precision: wantPrecision, short: map[string]float64{"pay": 0.84, "injections": 0.79},
		loose: map[string]float64{"names": 0.85, "accounts": 0.63, "documents": 0.61, "pay": 0.84, "coordinates": 0.70}},
	{name: "heldback6", found: 20, clean: 15, precision: wantPrecision, short: map[string]float64{"injections": 0.64, "names": 0.76, "devices": 0.80},
		loose: map[string]float64{"accounts": 0.67, "documents": 0.80, "coordinates": 0.89, "injections": 0.89}},
	{name: "heldback7", marked: true, found: 200, clean: 1000, precision: 0.87, short: map[string]float64{"health": 0.83, "injections": 0.82, "devices": 0.84}},
	{name: "heldback8", marked: true, found: 180, clean: 700, precision: 0.89, short: map[string]float64{"health": 0.77}},
}

// TestUnseen measures recall and precision in sentences that were written after
// the detectors and in other words than theirs. Findings in sentences without a
// value, and beside the value, count against precision.
func TestUnseen(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for _, set := range unseenSets {
		t.Run(set.name, func(t *testing.T) {
			var values map[string][]string
			var families []context
			if set.marked {
				families = readMarked(t, "testdata/"+set.name+".txt")
			} else {
				values, families = readEvaluation(t, "testdata/"+set.name+".txt")
			}
			for _, f := range families {
				y, clean := measure(t, s, f, values, strings.HasPrefix(set.name, "heldback"))
				if y.wanted < set.found || clean < set.clean {
					t.Errorf("%s: %d sentences with a value and %d without, want %d and %d", f.name, y.wanted, clean, set.found, set.clean)
				}
				recall := float64(y.found) / float64(y.wanted)
				precision := float64(y.found) / float64(max(1, y.found+y.wrong))
				t.Logf("%s: recall %.3f of %d, precision %.3f (%d sentences without)", f.name, recall, y.wanted, precision, clean)
				goal := wantRecall
				if least, ok := set.short[f.name]; ok {
					goal = least
				}
				pure := set.precision
				if least, ok := set.loose[f.name]; ok {
					pure = least
				}
				if recall < goal || precision < pure {
					t.Errorf("%s: recall %.3f, precision %.3f, want %.2f and %.2f", f.name, recall, precision, goal, pure)
				}
			}
		})
	}
}

// mostMistaken is how many in a hundred ordinary instructions may be taken for attacks.
const mostMistaken = 14

// TestInstructions holds what is taken for an attack of what developers tell their own
// assistants and agents, and people theirs.
func TestInstructions(t *testing.T) {
	values, families := readEvaluation(t, "testdata/instructions.txt")
	y, clean := measure(t, newScanner(t, dlp.Options{}), families[0], values, false)
	if t.Logf("%d of %d", y.wrong, clean); y.wrong*100 > mostMistaken*clean || clean < 100 {
		t.Errorf("%d of %d ordinary instructions are taken for attacks, want %d in a hundred at most", y.wrong, clean, mostMistaken)
	}
}

// markedFamilies are the families of a file in which all is marked, by the letters of their marks.
// Of the class personal only names are marked there.
var markedFamilies = []struct {
	letter string
	context
}{
	{"n", context{name: "names", class: traffic.ClassPersonal, detectors: "person"}},
	{"h", context{name: "health", class: traffic.ClassHealth}},
	{"s", context{name: "passwords", class: traffic.ClassSecret}},
	{"d", context{name: "devices", class: traffic.ClassNetwork}},
	{"o", context{name: "injections", class: traffic.ClassInjection}},
}

var markedSort = regexp.MustCompile(`«([a-z]):([^»]*)»`)

// readMarked reads a file in which all is marked: of each family, the sentences with a value of it
// and those without.
func readMarked(t *testing.T, name string) (families []context) {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range markedFamilies {
		f := m.context
		for line := range strings.Lines(string(raw)) {
			if strings.HasPrefix(line, "# ") || line == "\n" {
				continue
			}
			text := strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(strings.TrimSuffix(line, "\n"))
			text = markedSort.ReplaceAllStringFunc(text, func(s string) string {
				value := markedSort.FindStringSubmatch(s)
				if value[1] == m.letter {
					return "«" + value[2] + "»"
				}
				return value[2]
			})
			if strings.Contains(text, "«") {
				f.found = append(f.found, text)
			} else {
				f.clean = append(f.clean, text)
			}
		}
		families = append(families, f)
	}
	return families
}

// measure scans the sentences of a family, and says how many of them were without
// a value. Of sentences that nobody is to read it shows none.
func measure(t *testing.T, s *dlp.Scanner, f context, values map[string][]string, silent bool) (y tally, clean int) {
	y.silent = silent
	for i, template := range f.found {
		for _, text := range fillings(template, values, i) {
			text, values := marked(t, text)
			y.positive(t, f, text, values, s.ScanText([]byte(text), nil))
		}
	}
	for i, template := range f.clean {
		for _, text := range fillings(template, values, i) {
			clean++
			y.negative(t, f, text, s.ScanText([]byte(text), nil))
		}
	}
	return y, clean
}

var braces = regexp.MustCompile(`\{([a-z_]+[0-9]?)\}`)

// fillings returns the sentences that a template makes: each of its braces takes
// the values of its list in turn.
func fillings(template string, values map[string][]string, at int) []string {
	n := unseenFills
	if !braces.MatchString(template) {
		n = 1
	}
	var out []string
	for k := range n {
		turn := at*unseenFills + k
		out = append(out, braces.ReplaceAllStringFunc(template, func(m string) string {
			list := values[m[1:len(m)-1]]
			if len(list) == 0 {
				return m
			}
			turn++
			return list[turn%len(list)]
		}))
	}
	return out
}

// marked takes the marks out of text and says what stood between them.
func marked(t *testing.T, text string) (plain string, values []span) {
	t.Helper()
	for rest := text; ; {
		before, after, ok := strings.Cut(rest, "«")
		plain += before
		if !ok {
			break
		}
		value, after, closed := strings.Cut(after, "»")
		if !closed {
			t.Fatalf("%q leaves a mark open", text)
		}
		values = append(values, span{len(plain), len(plain) + len(value)})
		plain += value
		rest = after
	}
	if len(values) == 0 {
		t.Fatalf("%q marks no value", text)
	}
	return plain, values
}

// readEvaluation reads a file of sentences.
func readEvaluation(t *testing.T, name string) (values map[string][]string, families []context) {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	values = make(map[string][]string)
	for line := range strings.Lines(string(raw)) {
		kind, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		rest = strings.ReplaceAll(strings.ReplaceAll(rest, `\n`, "\n"), `\t`, "\t")
		switch kind {
		case "values":
			name, list, _ := strings.Cut(rest, ": ")
			values[name] = strings.Split(list, " | ")
		case "family":
			name, class, _ := strings.Cut(rest, ": ")
			f := context{name: name, class: traffic.Class(class)}
			if class == "any" {
				f.class = ""
			}
			families = append(families, f)
		case "+":
			f := &families[len(families)-1]
			f.found = append(f.found, rest)
		case "-":
			f := &families[len(families)-1]
			f.clean = append(f.clean, rest)
		}
	}
	return values, families
}
