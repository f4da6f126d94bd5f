package dlp

import (
	"bufio"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"
)

// TestTrainGate learns which sentences are worth a closer look and writes gate.bin, where
// TRAIN=gate asks for it, from what the tagger and the orders are learned from. It is the
// first of the three to be learned: the others learn from ordinary sentences that pass it.
// Else it tells that what was learned belongs to the code that uses it.
func TestTrainGate(t *testing.T) {
	if os.Getenv("TRAIN") == "gate" {
		trainGate(t)
		return
	}
	if g := theGate(); g.least == (gateSums{1, 1}) {
		t.Fatalf("gate.bin has %d bytes, want %d: learn it anew (TRAIN=gate)", len(gateWeights), 8+2*len(g.worth))
	}
}

// How the gate learns: for tags, and for orders.
const (
	gateRounds = 8
	gateUnit   = 20 // weights of one
	gateRate   = 0.1
	gateDecay  = 1e-3
)

var (
	gateLeast = [2]float64{-2.5, -2} // sums that open it
	gateTexts = [2]float64{0.3, 1}   // what a sentence of ordinary texts is worth,
	gateMore  = [2]float64{1, 5}     // what a sentence with such a thing is worth, beside one without
	gateNames = [2]string{"tags", "orders"}
)

// gateLesson is a sentence to learn from.
type gateLesson struct {
	facts []uint16
	has   [2]bool // a value, an order
	known [2]bool // whether that is known
}

// gateLessons appends the sentences of a text.
func gateLessons(out []gateLesson, text string, marks []marking, known [2]bool) []gateLesson {
	t := []byte(text)
	var r gateReader
	for i := 0; i < len(t); {
		e := gateLesson{known: known}
		end := r.read(t, i)
		e.facts = slices.Clone(r.kept)
		for _, m := range marks {
			if lane := m.lane(); lane >= 0 && m.from < end && m.to > i {
				e.has[lane] = true
			}
		}
		if len(e.facts) > 0 {
			out = append(out, e)
		}
		i = end
	}
	return out
}

// gateSentences returns the sentences of a file of testdata.
func gateSentences(t *testing.T, file string) (out []gateLesson) {
	f, err := os.Open("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all := slices.Contains(markedFiles, file)
	family := ""
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		sign, text, _ := strings.Cut(lines.Text(), " ")
		if sign == "#" || sign == "" {
			continue
		}
		if all {
			text = lines.Text()
		}
		if sign == "family" && !all {
			family, _, _ = strings.Cut(text, ":")
			continue
		}
		plain, marks := takeMarks(lineEscapes.Replace(text), family)
		tags := all || sortTags[family] != tagNone
		out = gateLessons(out, plain, marks, [2]bool{tags, true})
	}
	return out
}

// linesWithout returns the lines of files in which all is marked that have nothing.
func linesWithout(t *testing.T) (out [][]byte) {
	for _, f := range markedFiles {
		for _, line := range markedLines(t, "testdata/"+f) {
			if !strings.Contains(line, "«") {
				out = append(out, []byte(line))
			}
		}
	}
	return out
}

// lane returns which of the two sums of the gate a mark is for, or -1 for neither.
func (m *marking) lane() int {
	switch {
	case m.sort == "o" || m.sort == "injections":
		return 1
	case sortTags[m.sort] != tagNone:
		return 0
	}
	return -1
}

// sentencesPassed returns those of sentences that the gate is open to.
func sentencesPassed(list [][]byte, to int) (out [][]byte) {
	r := gateReader{gate: theGate()}
	for _, s := range list {
		if r.read(s, 0); r.opened&to != 0 {
			out = append(out, s)
		}
	}
	return out
}

func trainGate(t *testing.T) {
	var lessons []gateLesson
	for _, f := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(taggerFiles, trainingFiles)))) {
		lessons = append(lessons, gateSentences(t, filepath.Base(f))...)
	}
	for _, text := range requests(linesWithout(t)) {
		lessons = gateLessons(lessons, string(text), nil, [2]bool{true, true})
	}
	for _, line := range madeLines() {
		lessons = gateLessons(lessons, line, nil, [2]bool{true, true})
	}
	known := len(lessons)
	for _, s := range ordinarySentences(t) {
		lessons = gateLessons(lessons, string(s), nil, [2]bool{true, true})
	}
	t.Logf("%d sentences to learn from, %d of texts", known, len(lessons)-known)
	var least [2]int32
	var lanes [2][]int8
	for k := range lanes {
		least[k], lanes[k] = learnGate(t, lessons, known, k)
	}
	out := binary.LittleEndian.AppendUint32(nil, uint32(least[0]))
	out = binary.LittleEndian.AppendUint32(out, uint32(least[1]))
	for i := range lanes[0] {
		out = append(out, byte(lanes[0][i]), byte(lanes[1][i]))
	}
	if err := os.WriteFile("gate.bin", out, 0o644); err != nil {
		t.Fatal(err)
	}
}

// learnGate learns what facts tell, for tags or for orders, by the gradient of the logistic loss
// (AdaGrad): from what sum on the gate is open, and a byte for each fact.
func learnGate(t *testing.T, lessons []gateLesson, marked, lane int) (least int32, worth []int8) {
	weights, steps, bias := make([]float64, 1<<gateBits), make([]float64, 1<<gateBits), 0.0
	score := func(e *gateLesson) float64 {
		s := bias
		for _, f := range e.facts {
			s += weights[f]
		}
		return s
	}
	r := rand.New(rand.NewPCG(7, 8))
	order := r.Perm(len(lessons))
	for range gateRounds {
		r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			e := &lessons[i]
			if !e.known[lane] {
				continue
			}
			want, weight := 0.0, 1.0
			switch {
			case i >= marked:
				weight = gateTexts[lane]
			case e.has[lane]:
				want, weight = 1, gateMore[lane]
			}
			g := (1/(1+math.Exp(-score(e))) - want) * weight
			if math.Abs(g) < 1e-3 {
				continue
			}
			bias -= gateRate / 10 * g
			for _, f := range e.facts {
				down := g + gateDecay*weights[f]
				steps[f] += down * down
				weights[f] -= gateRate * down / (math.Sqrt(steps[f]) + 1e-2)
			}
		}
	}
	var with, without, texts []float64
	for i := range lessons {
		e := &lessons[i]
		switch s := score(e); {
		case i >= marked:
			texts = append(texts, s)
		case !e.known[lane]:
		case e.has[lane]:
			with = append(with, s)
		default:
			without = append(without, s)
		}
	}
	for _, least := range []float64{-3, gateLeast[lane], -1, 0} {
		share := func(scores []float64) float64 {
			slices.Sort(scores)
			return 1 - float64(sort.SearchFloat64s(scores, least))/float64(len(scores))
		}
		t.Logf("the gate for %s, from %.1f on, is open to %.3f of %d sentences with one, to %.3f of %d others and to %.4f of %d of texts", gateNames[lane], least, share(with), len(with), share(without), len(without), share(texts), len(texts))
	}
	worth = make([]int8, len(weights))
	for i, w := range weights {
		worth[i] = int8(max(-127, min(127, math.Round(w*gateUnit))))
	}
	return int32(math.Round((gateLeast[lane] - bias) * gateUnit)), worth
}
