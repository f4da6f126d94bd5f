package dlp

import (
	"bufio"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

// taggerFiles are sentences of which one family is marked in each; the words of the others are
// not known. All is marked in those of markedFiles.
var taggerFiles = []string{"unseen.txt", "third.txt", "fourth.txt", "fifth.txt", "sixth.txt"}

var markedFiles = []string{"seventh.txt", "eighth.txt", "ninth.txt", "tenth.txt", "eleventh.txt", "harmless.txt"}

// TestTrainTagger learns what words are parts of and writes tagger.bin, where TRAIN=tagger asks for it, from sentences in testdata and from some of those in Go's tree
// and the folders of ORDINARY, in which nothing is to be found. Else it tells that what was
// learned belongs to the code that uses it.
func TestTrainTagger(t *testing.T) {
	if os.Getenv("TRAIN") == "tagger" {
		trainTagger(t)
		return
	}
	if want := 4<<tagBits + 4*int(allTags*allTags); len(taggerWeights) != want {
		t.Fatalf("tagger.bin has %d bytes, want %d: learn it anew (TRAIN=tagger)", len(taggerWeights), want)
	}
}

// How the tagger learns.
const (
	tagRounds   = 20
	falseCost   = 2.0 // how far a wrong tag must be behind the right one,
	missCost    = 1.0 // and none
	partlyKnown = 0.5 // what a sentence is worth in which nothing is known to be none
	firstTexts  = 150_000
	rareWeight  = 0.9995 // of all weights are within what a byte holds
)

// beginCost is what a value must be worth beyond what was learned, where it begins: fewer that are
// none are found for it, and hardly any that are some are lost.
var beginCost = [allTags]int32{tagName: 140, tagHealth: 100, tagSecret: 100}

func trainTagger(t *testing.T) {
	var lessons []tagLesson
	for _, f := range taggerFiles {
		lessons = append(lessons, familyLessons(t, "testdata/"+f)...)
	}
	for _, f := range markedFiles {
		for _, line := range markedLines(t, "testdata/"+f) {
			plain, marks := takeMarks(line, allMarked)
			lessons = lessonsOf(lessons, plain, marks, 1<<tagNone, 1)
		}
	}
	for _, line := range madeLines() {
		lessons = lessonsOf(lessons, line, nil, 1<<tagNone, 1)
	}
	known := len(lessons)
	passed := sentencesPassed(ordinarySentences(t), openTags)
	for _, s := range passed[:min(len(passed), firstTexts)] {
		lessons = lessonsOf(lessons, string(s), nil, 1<<tagNone, 1)
	}
	l := newTagLearner()
	l.rounds(lessons, tagRounds)
	t.Logf("%d sentences to learn from, %d of texts", known, len(lessons)-known)
	if err := os.WriteFile("tagger.bin", l.data(t), 0o644); err != nil {
		t.Fatal(err)
	}
}

// sortTags are the tags of the sorts of marks such as «n:Anna», and of families.
var sortTags = map[string]wordTag{
	"n": tagName, "h": tagHealth, "s": tagSecret, "d": tagDevice,
	"names": tagName, "health": tagHealth, "passwords": tagSecret, "devices": tagDevice,
}

const (
	anyTag    = 1<<allTags - 1
	otherTags = 1<<tagNone | 1<<tagName | 1<<tagHealth // what sentences of other families have: their numbers are no secrets or devices
	allMarked = ""                                     // stands for the family of sentences in which all is marked
)

// marking is a place in a line where something is, of a sort or a family.
type marking struct {
	from, to int
	sort     string
}

// takeMarks takes the marks out of a line and returns them: those of a family, or of their sorts
// where all is marked.
func takeMarks(line, family string) (plain string, marks []marking) {
	for {
		before, after, ok := strings.Cut(line, "«")
		plain += before
		if !ok {
			return plain, marks
		}
		value, rest, _ := strings.Cut(after, "»")
		sort := family
		if family == allMarked {
			sort, value, _ = strings.Cut(value, ":")
		}
		marks = append(marks, marking{len(plain), len(plain) + len(value), sort})
		plain += value
		line = rest
	}
}

var lineEscapes = strings.NewReplacer(`\n`, "\n", `\t`, "\t")

// markedLines returns the sentences of a file in which all is marked.
func markedLines(t *testing.T, file string) (out []string) {
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		if line = strings.TrimSuffix(line, "\n"); line != "" && !strings.HasPrefix(line, "# ") {
			out = append(out, lineEscapes.Replace(line))
		}
	}
	return out
}

// tagLesson is a sentence to learn from: the features of its words, and which tags
// each of them may have.
type tagLesson struct {
	features [][mostFeature]uint32
	may      []uint8
	weight   float32
}

// lessonsOf appends the sentences of a text, whose words outside all marks may have the tags
// of outside. A mark of no tag is one of a family that is not told.
func lessonsOf(out []tagLesson, text string, marks []marking, outside uint8, weight float32) []tagLesson {
	t := []byte(text)
	var s tagged
	for i := 0; i < len(t); {
		from, to := sentenceAround(t, i)
		if to > from {
			s.read(t[from:to])
			s.look(theTagger())
			l := tagLesson{weight: weight}
			for k := range s.n {
				var f [mostFeature]uint32
				s.own((*[ownFeatures]uint32)(f[:]), k)
				s.around((*[mostFeature - ownFeatures]uint32)(f[ownFeatures:]), k)
				l.features = append(l.features, f)
				l.may = append(l.may, mayBe(marks, outside, from+int(s.words[k].from), from+int(s.words[k].to)))
			}
			if s.n > 0 {
				out = append(out, l)
			}
		}
		i = max(i+1, to)
	}
	return out
}

// mayBe returns the tags that the word at text[i:j] may have.
func mayBe(marks []marking, outside uint8, i, j int) uint8 {
	for _, m := range marks {
		if in := min(j, m.to) - max(i, m.from); in > 0 && 2*in >= j-i {
			if tag := sortTags[m.sort]; tag != tagNone {
				return 1 << tag
			}
			return anyTag
		}
	}
	return outside
}

// familyLessons returns the sentences of a file of families.
func familyLessons(t *testing.T, file string) (out []tagLesson) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	family := ""
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		sign, text, _ := strings.Cut(lines.Text(), " ")
		text = lineEscapes.Replace(text)
		tag, known := sortTags[family]
		switch {
		case sign == "family":
			family, _, _ = strings.Cut(text, ":")
		case sign == "+":
			plain, marks := takeMarks(text, family)
			if known {
				out = lessonsOf(out, plain, marks, anyTag&^(1<<tag), 1)
			} else {
				out = lessonsOf(out, plain, marks, otherTags, partlyKnown)
			}
		case sign == "-" && known:
			out = lessonsOf(out, text, nil, anyTag&^(1<<tag), 1)
		case sign == "-":
			out = lessonsOf(out, text, nil, otherTags, partlyKnown)
		}
	}
	return out
}

// tagLearner is a perceptron over rows of tags: where the best row is wrong, what speaks for it
// loses what the best row gains that may be. The mean of all weights it ever had is what was
// learned.
type tagLearner struct {
	weights  [][allTags]float32
	sums     [][allTags]float32 // of all weights until last
	last     []int32
	after    [allTags][allTags]float32
	afterSum [allTags][allTags]float32
	turn     int32
}

func newTagLearner() *tagLearner {
	return &tagLearner{weights: make([][allTags]float32, 1<<tagBits), sums: make([][allTags]float32, 1<<tagBits), last: make([]int32, 1<<tagBits)}
}

func (l *tagLearner) rounds(lessons []tagLesson, n int) {
	r := rand.New(rand.NewPCG(5, 6))
	order := r.Perm(len(lessons))
	for range n {
		r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			l.learn(&lessons[i])
		}
	}
}

// decode finds the best row of tags, of those in bound if that is not nil; dear says how much
// a tag is worth beside that.
func (l *tagLearner) decode(e *tagLesson, bound []uint8, dear func(i int, k wordTag) float32) []wordTag {
	const never = -1e9
	best := make([][allTags]wordTag, len(e.features))
	var score, last [allTags]float32
	for i := range best {
		var own [allTags]float32
		for _, at := range e.features[i] {
			for k, w := range &l.weights[at] {
				own[k] += w
			}
		}
		last = score
		for k := range allTags {
			x := float32(never)
			if i == 0 {
				x = l.after[tagNone][k]
			} else {
				for p := range allTags {
					if y := last[p] + l.after[p][k]; y > x {
						x, best[i][k] = y, p
					}
				}
			}
			x += own[k]
			if dear != nil {
				x += dear(i, k)
			}
			if bound != nil && bound[i]>>k&1 == 0 {
				x = never + x/1e6
			}
			score[k] = x
		}
	}
	k := tagNone
	for p := range allTags {
		if score[p] > score[k] {
			k = p
		}
	}
	tags := make([]wordTag, len(best))
	for i := len(tags) - 1; i >= 0; i-- {
		tags[i] = k
		k = best[i][k]
	}
	return tags
}

// wrong reports whether a row has a tag that may not be.
func (l *tagLearner) wrong(e *tagLesson, tags []wordTag) bool {
	for i, k := range tags {
		if e.may[i]>>k&1 == 0 {
			return true
		}
	}
	return false
}

func (l *tagLearner) learn(e *tagLesson) {
	l.turn++
	for i := range allTags {
		for k := range allTags {
			l.afterSum[i][k] += l.after[i][k]
		}
	}
	guess := l.decode(e, nil, func(i int, k wordTag) float32 {
		switch {
		case e.may[i]>>k&1 != 0:
			return 0
		case k == tagNone:
			return missCost
		}
		return falseCost
	})
	if !l.wrong(e, guess) {
		return
	}
	right := l.decode(e, e.may, nil)
	before, should := tagNone, tagNone
	for i := range guess {
		if guess[i] != right[i] {
			for _, f := range e.features[i] {
				l.move(f, right[i], e.weight)
				l.move(f, guess[i], -e.weight)
			}
		}
		if guess[i] != right[i] || before != should {
			l.after[should][right[i]] += e.weight
			l.after[before][guess[i]] -= e.weight
		}
		before, should = guess[i], right[i]
	}
}

// move changes a weight.
func (l *tagLearner) move(f uint32, k wordTag, by float32) {
	l.settle(f)
	l.weights[f][k] += by
}

// settle adds the weights of a feature to their sums, for all turns that they had them.
func (l *tagLearner) settle(f uint32) {
	turns := float32(l.turn - l.last[f])
	for k := range allTags {
		l.sums[f][k] += l.weights[f][k] * turns
	}
	l.last[f] = l.turn
}

// data returns what was learned as tagger.bin has it: of each feature a byte for each tag but
// none, then what tags are worth behind one another.
func (l *tagLearner) data(t *testing.T) (out []byte) {
	l.turn++
	var sizes []float64
	for f := range l.sums {
		l.settle(uint32(f))
		for k := wordTag(1); k < allTags; k++ {
			l.sums[f][k] = (l.sums[f][k] - l.sums[f][tagNone]) / float32(l.turn)
			if l.sums[f][k] != 0 {
				sizes = append(sizes, math.Abs(float64(l.sums[f][k])))
			}
		}
	}
	slices.Sort(sizes)
	unit := 127 / sizes[int(float64(len(sizes))*rareWeight)]
	t.Logf("%d weights up to %.1f; %.2f of a byte are 1", len(sizes), sizes[len(sizes)-1], unit)
	for f := range l.sums {
		for _, w := range l.sums[f][1:] {
			out = append(out, byte(int8(max(-127, min(127, math.Round(float64(w)*unit))))))
		}
	}
	for i := range allTags {
		for k := range allTags {
			worth := int32(math.Round(float64(l.afterSum[i][k]/float32(l.turn)) * unit))
			if i != k {
				worth -= beginCost[k]
			}
			out = binary.LittleEndian.AppendUint32(out, uint32(worth))
		}
	}
	return out
}
