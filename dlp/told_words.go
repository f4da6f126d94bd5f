package dlp

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// toldKind are the kinds of words of told.txt that a word is of.
type toldKind uint32

const (
	tellPassword  toldKind = 1 << iota // a word for passwords
	tellPin                            // for numbers that are kept secret
	tellCode                           // for codes and keys of any kind
	tellLock                           // what such a thing opens
	tellAccount                        // what is logged in to
	tellUser                           // the name of an account
	tellOpen                           // what is done with it
	tellIs                             // what joins it to its value
	tellWith                           // the same, of what is done with it
	tellForeign                        // such words that are others in English
	tellToward                         // those that ask for a verb of changing
	tellChange                         // which is here
	tellAnd                            // what joins sentences
	tellHow                            // what asks how something is done
	tellTurn                           // which way a dial is turned
	tellNaming                         // what stands before the name of a user or a network
	tellNetwork                        // wireless networks
	tellJoint                          // what goes on behind it
	tellSpelt                          // how it is spelt
	tellAgainst                        // what rules and examples say
	tellOther                          // what codes are of that are no secret
	tellLabel                          // what stands before other numbers
	tellUnit                           // and behind them
	tellQuestion                       // a question that only one person can answer
	tellAnswer                         // its answer
	tellPredicate                      // what is said of passwords, and other small words
	tellAs                             // what stands between a value and what it is used as
	tellDigit                          // digits that are spelt out
)

// toldNames are the names of the kinds in told.txt, in their order.
var toldNames = []string{"password", "pin", "code", "lock", "account", "user", "open", "is", "with", "foreign", "toward", "change", "and", "how", "turn", "naming", "network", "joint", "spelt", "against", "other", "label", "unit", "question", "answer", "predicate", "as", "digit"}

//go:embed told.txt
var toldText string

// toldLexicon holds the words of told.txt.
type toldLexicon struct {
	whole   map[string]toldKind
	may     headSet                 // the first bytes of these: most words of a text are none
	joined  map[string]toldKind     // of scripts without blanks
	parts   heads[toldPart]         // what words start, end or go on with
	phrases map[string][]toldPhrase // by their first word,
	mayHead headSet                 // which starts so
	heads   []string                // the keywords
}

func newToldLexicon() *toldLexicon {
	return &toldLexicon{whole: make(map[string]toldKind), joined: make(map[string]toldKind), phrases: make(map[string][]toldPhrase)}
}

// toldPart is a part of words.
type toldPart struct {
	text        string
	kind        toldKind
	starts, end bool // it stands at the start, at the end of the word
}

// toldPhrase is what follows the first word of a phrase.
type toldPhrase struct {
	rest []string
	kind toldKind
}

var toldWords = sync.OnceValue(func() *toldLexicon {
	l := newToldLexicon()
	kind := toldKind(0)
	for line := range strings.Lines(toldText) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			kind = 1 << slices.Index(toldNames, strings.Trim(line, "[]"))
		default:
			l.addLine(line, kind)
		}
	}
	slices.Sort(l.heads)
	l.heads = slices.Compact(l.heads)
	return l
})

// addLine enters the words of a line; quotation marks hold a phrase together.
func (l *toldLexicon) addLine(line string, kind toldKind) {
	for i, part := range strings.Split(line, `"`) {
		if i%2 == 1 {
			l.add(part, kind)
			continue
		}
		for _, word := range strings.Fields(part) {
			l.add(word, kind)
		}
	}
}

// leastToldHead is how many bytes a keyword has at least: shorter ones are parts of
// too many others.
const leastToldHead = 5

func (l *toldLexicon) add(word string, kind toldKind) {
	word, ends := strings.CutPrefix(word, "*")
	word, starts := strings.CutSuffix(word, "*")
	if kind&(tellPassword|tellPin|tellQuestion) != 0 && len(word) >= leastToldHead {
		l.heads = append(l.heads, word)
	}
	first, rest, more := strings.Cut(word, " ")
	r, _ := utf8.DecodeRuneInString(word)
	switch {
	case more:
		l.mayHead.add(headOf([]byte(first)))
		l.phrases[first] = append(l.phrases[first], toldPhrase{strings.Fields(rest), kind})
	case joinedScript(r):
		l.joined[word] |= kind
	default:
		if (starts || ends) && len(word) >= 4 {
			l.parts.add(headOf([]byte(word)), toldPart{word, kind, !ends, !starts})
		}
		l.may.add(headOf([]byte(word)))
		l.whole[word] |= kind
	}
}

// mostEnding is how many bytes an ending takes: behind more it is a word of its own
// ("Passwortmanager").
const mostEnding = 6

// longestTold bounds a word that is looked up, in bytes.
const longestTold = 48

// of returns the kinds of a word, which is in lower case.
func (l *toldLexicon) of(word []byte) toldKind {
	kind := l.inside(word)
	if l.may.has(headOf(word)) {
		kind |= l.whole[string(word)]
	}
	return kind
}

// starting returns the phrases whose first word is word, which is in lower case.
func (l *toldLexicon) starting(word []byte) []toldPhrase {
	if !l.mayHead.has(headOf(word)) {
		return nil
	}
	return l.phrases[string(word)]
}

// inside returns the kinds of the words that word starts, ends or goes on with.
func (l *toldLexicon) inside(word []byte) (kind toldKind) {
	for i := 0; i+4 <= len(word); i++ {
		if word[i] >= 0x80 && word[i] < 0xc0 {
			continue
		}
		for _, p := range l.parts.at(headOf(word[i:])) {
			n := len(p.text)
			if (i == 0 || !p.starts) && i+n <= len(word) && string(word[i:i+n]) == p.text && len(word)-i-n <= mostEnding && (!p.end || i+n == len(word)) {
				kind |= p.kind
			}
		}
	}
	return kind
}

// longestJoined bounds a word of a script without blanks, in letters.
const longestJoined = 7

// ofJoined returns the kinds of the words that stand in a run of letters of a script
// without blanks, and of the one that it ends with.
func (l *toldLexicon) ofJoined(run []byte) (kind, last toldKind) {
	for i := 0; i < len(run); {
		end := i
		for range longestJoined {
			if end == len(run) {
				break
			}
			_, n := utf8.DecodeRune(run[end:])
			end += n
			if k := l.joined[string(run[i:end])]; k != 0 {
				kind |= k
				if end == len(run) {
					last |= k
				}
			}
		}
		_, n := utf8.DecodeRune(run[i:])
		i += n
	}
	return kind, last
}

// joinedScript reports whether r is of a script whose words have no blanks between
// them, or particles joined to them.
func joinedScript(r rune) bool {
	return r >= 0x0e00 && (r < 0x0e80 || r >= 0x3040 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) || r == 'ー')
}
