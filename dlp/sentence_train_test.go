package dlp

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// trainingFiles are the sentences from which weights are learned: what stands between
// « and » behind "+" is an order, all else is none.
var trainingFiles = []string{"third.txt", "fourth.txt", "fifth.txt", "sixth.txt", "orders.txt", "orders2.txt", "seventh.txt", "eighth.txt", "ninth.txt", "tenth.txt", "harmless.txt"}

// TestTrainSentences learns what the kinds of words of orders.txt are worth and writes
// orders_weights.txt, where TRAIN=orders asks for it. Sentences of texts in Go's tree and in
// the folders of ORDINARY, parted by colons, are taken for no orders. Else it tells
// that the weights belong to the words.
func TestTrainSentences(t *testing.T) {
	if os.Getenv("TRAIN") == "orders" {
		train(t, orderWords)
		return
	}
	m := sentenceModels[checkOrder]()
	if len(m.kinds) > maxKinds || len(m.kinds) < 10 || m.bias == 0 {
		t.Fatalf("%d kinds, bias %d", len(m.kinds), m.bias)
	}
	for line := range strings.Lines(orderWords) {
		kind, rest, _ := strings.Cut(line, " ")
		for _, w := range strings.Fields(rest) {
			if kind == "#" {
				continue
			}
			w = strings.ReplaceAll(w, "_", " ")
			var s tagged
			s.read([]byte(w + "   "))
			if k := m.read(&s); k.has&(1<<slices.Index(m.kinds, kind)) == 0 {
				t.Errorf("%q is no word of kind %s", w, kind)
			}
		}
	}
}

// lesson is a sentence to learn from.
type lesson struct {
	features []int
	order    bool
	weight   float64 // of the sentence
}

// learner learns weights by the gradient of the logistic loss, each with a step of
// its own (AdaGrad).
type learner struct {
	model    *sentenceModel
	weight   []float64
	steps    []float64
	bias     float64
	training []lesson
}

const (
	leastSentence = 8 // bytes
	rounds        = 12
	rate          = 0.2
	wordRate      = 0.1 // of words themselves: they are many, and each is rare
	decay         = 1e-3
	ordersMore    = 5.0 // an order is worth as much as so many others
	asOrdinary    = 2.0 // what a sentence of ordinary texts is worth
	asTyped       = 1.5 // one of those of which a few were written to be mistaken
	hard          = 3.0 // and one that was written to be mistaken
	mostTexts     = 2_000_000
	madeRequests  = 2_000
	ofFirst       = maxKinds
	ofLength      = ofFirst + maxKinds
	ofBoth        = ofLength + maxLength
	ofWords       = ofBoth + maxKinds*maxKinds
	allFeatures   = ofWords + 1<<wordBits
)

func train(t *testing.T, words string) {
	l := &learner{model: newSentenceModel(words, "", ""), weight: make([]float64, allFeatures), steps: make([]float64, allFeatures)}
	var orders, others [][]byte
	for _, name := range trainingFiles {
		o, r := l.lessons(t, "testdata/"+name)
		orders, others = append(orders, o...), append(others, r...)
	}
	texts := ordinarySentences(t)
	for _, text := range requests(others) {
		for _, s := range sentencesOf(text) {
			l.add(s, false, hard)
		}
	}
	for _, s := range fragments {
		l.add([]byte(s), false, hard)
	}
	for _, line := range madeLines() {
		for _, s := range sentencesOf([]byte(line)) {
			l.add(s, false, hard)
		}
	}
	passed := sentencesPassed(texts, openOrders)
	for _, s := range passed {
		l.add(s, false, asOrdinary)
	}
	l.learn()
	var b bytes.Buffer
	fmt.Fprintf(&b, "# What the kinds of words of orders.txt are worth, in hundredths. Learned from %d sentences of orders, %d others and %d of ordinary texts, by\n# TRAIN=orders go test -run TrainSentences ./dlp; not to be changed by hand.\n", len(orders), len(others), len(passed))
	l.write(&b)
	for file, data := range map[string][]byte{"orders_weights.txt": b.Bytes(), "orders_worth.bin": l.worth()} {
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// fragments are ends of ordinary sentences: a text may begin in the middle of one.
var fragments = []string{
	"assistant.", "helpful assistant.", "a helpful assistant.", "polite assistant.", "freundlicher Assistent.", "assistant utile.", "un asistente.", "the system.", "system message.",
	"the model.", "the rules.", "the instructions.", "your instructions.", "the prompt.", "the user.", "the users.", "all rules.", "these rules.", "Antworte kurz.", "Be brief.", "Be polite.",
}

// systems are ordinary texts of the system.
var systems = []string{
	"You are a helpful assistant.", "You are a helpful assistant. Answer in short sentences.", "Answer in German. Be brief.", "You are a translator. Keep the tone.",
	"You help customers of a bank. Do not give legal advice. Be polite.", "Du bist ein freundlicher Assistent. Antworte kurz.", "Tu es un assistant utile. Réponds en français.",
	"You are a coding assistant. Use Go. Explain your changes in one sentence.", "Summarise what the user writes. Use bullet points.", "",
}

// requests returns ordinary sentences as requests to a service have them, whose marks and roles
// orders are often written in.
func requests(others [][]byte) (out [][]byte) {
	r := rand.New(rand.NewPCG(9, 10))
	pick := func() string { return string(others[r.IntN(len(others))]) }
	for range madeRequests {
		type message struct {
			Role    string `json:"role"`
			Content string `json:"content"`
		}
		request := struct {
			Model    string    `json:"model"`
			Messages []message `json:"messages"`
			Stream   bool      `json:"stream"`
		}{Model: "m-1", Messages: []message{{"system", systems[r.IntN(len(systems))]}}}
		for range 1 + r.IntN(3) {
			request.Messages = append(request.Messages, message{"user", pick()}, message{"assistant", pick()})
		}
		text, err := json.Marshal(request)
		if err != nil {
			panic(err) // of strings: it can't fail
		}
		out = append(out, text)
	}
	return out
}

func (l *learner) add(sentence []byte, order bool, weight float64) {
	var s tagged
	s.read(sentence)
	k := l.model.read(&s)
	var f []int
	for a := range maxKinds {
		if k.has>>a&1 == 0 {
			continue
		}
		f = append(f, a)
		if k.first>>a&1 != 0 {
			f = append(f, ofFirst+a)
		}
		for b := a + 1; b < maxKinds; b++ {
			if k.has>>b&1 != 0 {
				f = append(f, ofBoth+a*maxKinds+b)
			}
		}
	}
	for n := range min(k.length/lengthStep+1, maxLength) {
		f = append(f, ofLength+n)
	}
	eachWord(&s, func(hash uint32) { f = append(f, ofWords+int(hash)) })
	l.training = append(l.training, lesson{f, order, weight})
}

var (
	markedOrder = regexp.MustCompile(`«([^»]*)»`)
	typedOrder  = regexp.MustCompile(`«o:([^»]*)»`)
	typedMark   = regexp.MustCompile(`«[nhsd]:([^»]*)»`)
)

// lessons adds the sentences of a file and returns them.
func (l *learner) lessons(t *testing.T, file string) (orders, others [][]byte) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	add := func(text string, order bool, weight float64) {
		sentences := sentencesOf([]byte(text))
		if order {
			weight = 0.3 + 1/float64(max(1, len(sentences)))
			if len(sentences) > 1 {
				l.add([]byte(text), true, 1)
			}
		}
		for _, s := range sentences {
			l.add(s, order, weight)
			if order {
				orders = append(orders, s)
			} else {
				others = append(others, s)
			}
		}
	}
	injections := false
	typed := slices.Contains(markedFiles, filepath.Base(file))
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		sign, text, _ := strings.Cut(lines.Text(), " ")
		text = strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(text)
		switch {
		case typed && sign == "#":
		case typed:
			text = strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(lines.Text())
			for _, m := range typedOrder.FindAllStringSubmatch(text, -1) {
				add(m[1], true, 1)
			}
			add(typedMark.ReplaceAllString(typedOrder.ReplaceAllString(text, " "), "$1"), false, asTyped)
		case sign == "family":
			injections = strings.HasPrefix(text, "injections:")
		case sign == "+" && injections:
			for _, m := range markedOrder.FindAllStringSubmatch(text, -1) {
				add(m[1], true, 1)
			}
			add(markedOrder.ReplaceAllString(text, " "), false, 1)
		case sign == "-" && injections:
			add(text, false, hard)
		case sign == "+" || sign == "-":
			add(strings.NewReplacer("«", "", "»", "").Replace(text), false, 1)
		}
	}
	return orders, others
}

// sentencesOf parts a text as the scanner does.
func sentencesOf(text []byte) (out [][]byte) {
	for i := 0; i < len(text); {
		from, to := sentenceAround(text, i)
		if to-from >= leastSentence {
			out = append(out, text[from:to])
		}
		i = max(i+1, to)
	}
	return out
}

// ordinarySentences returns sentences of documentation and comments.
func ordinarySentences(t *testing.T) (out [][]byte) {
	seen := make(map[string]bool)
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatalf("go env GOROOT: %v", err)
	}
	folders := []string{filepath.Join(strings.TrimSpace(string(root)), "src")}
	for _, folder := range append(folders, filepath.SplitList(os.Getenv("ORDINARY"))...) {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() || !slices.Contains([]string{".go", ".md", ".txt", ".html", ".py", ""}, filepath.Ext(path)) {
				return nil
			}
			text, err := os.ReadFile(path)
			if err != nil || len(text) > 1<<20 || bytes.IndexByte(text, 0) >= 0 {
				return nil
			}
			for _, s := range sentencesOf(text) {
				if len(s) >= 20 && len(s) <= maxSentence && bytes.IndexByte(s, ' ') > 0 {
					seen[string(s)] = true
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	all := slices.Sorted(maps.Keys(seen))
	r := rand.New(rand.NewPCG(1, 2))
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, s := range all[:min(len(all), mostTexts)] {
		out = append(out, []byte(s))
	}
	return out
}

func (l *learner) learn() {
	r := rand.New(rand.NewPCG(3, 4))
	for range rounds {
		r.Shuffle(len(l.training), func(i, j int) { l.training[i], l.training[j] = l.training[j], l.training[i] })
		for i := range l.training {
			l.step(&l.training[i])
		}
	}
}

func (l *learner) step(e *lesson) {
	s, want, weight := l.bias, 0.0, e.weight
	if e.order {
		want, weight = 1, weight*ordersMore
	}
	for _, f := range e.features {
		s += l.weight[f]
	}
	g := (1/(1+math.Exp(-s)) - want) * weight
	if math.Abs(g) < 1e-3 {
		return
	}
	l.bias -= rate / 50 * g
	for _, f := range e.features {
		down := g + decay*l.weight[f]
		l.steps[f] += down * down
		rate := rate
		if f >= ofWords {
			rate = wordRate
		}
		l.weight[f] -= rate * down / (math.Sqrt(l.steps[f]) + 1e-2)
	}
}

// write writes all weights but those that are hardly any.
func (l *learner) write(b *bytes.Buffer) {
	line := func(weight float64, format string, args ...any) {
		if n := math.Round(weight * 100); n != 0 {
			fmt.Fprintf(b, format+" %.0f\n", append(args, n)...)
		}
	}
	line(l.bias, "bias")
	for n := range maxLength {
		line(l.weight[ofLength+n], "length %d", n)
	}
	for a, kind := range l.model.kinds {
		line(l.weight[a], "has %s", kind)
		line(l.weight[ofFirst+a], "first %s", kind)
		for k := a + 1; k < len(l.model.kinds); k++ {
			line(l.weight[ofBoth+a*maxKinds+k], "both %s %s", kind, l.model.kinds[k])
		}
	}
}

// worth returns the weights of words, a byte each.
func (l *learner) worth() []byte {
	out := make([]byte, 1<<wordBits)
	for i := range out {
		n := math.Round(l.weight[ofWords+i] * 100 / wordUnit)
		out[i] = byte(int8(max(-127, min(127, n))))
	}
	return out
}
