package rules

import "github.com/gnomon-proxy/gnomon/traffic"

// Detector finds one kind of sensitive data (rules/detectors/*.yaml). What the
// anchors and the confidences mean is told in rules/detectors/README.md.
type Detector struct {
	Name        string        `yaml:"name"`
	Class       traffic.Class `yaml:"class"`
	Description string        `yaml:"description"`
	Anchor      Anchor        `yaml:"anchor"`
	Keywords    []string      `yaml:"keywords"`   // lower case, found without case; "": the literal that the pattern starts with
	KeywordAt   int           `yaml:"keyword_at"` // bytes of a match before the keyword, where the pattern does not tell
	Pattern     string        `yaml:"pattern"`    // RE2 without assertions; the group "value", else group 1, else all of it is the finding
	Validator   string        `yaml:"validator"`
	Entropy     float64       `yaml:"entropy"`              // least Shannon entropy of the value, bits a character
	Stop        []string      `yaml:"stop"`                 // lower-case texts inside a value that show that it is none
	Banner      bool          `yaml:"banner"`               // a match stands in a line of its own
	StopWords   []string      `yaml:"stop_words"`           // whole words in a value, in any letter case, that show the same
	Context     []string      `yaml:"context"`              // lower-case words that raise the confidence
	Against     []string      `yaml:"against"`              // lower-case words shortly before a value that say that it is something else
	Unless      []string      `yaml:"unless"`               // lower-case words near a value that say the same, also where others raise the confidence
	Within      int           `yaml:"context_within"`       // how near, in bytes; default 60
	Confidence  float64       `yaml:"confidence"`           // of a match that passed its validator
	Separated   float64       `yaml:"separated_confidence"` // of a number with separators; 0: as without
	InContext   float64       `yaml:"context_confidence"`   // with a context word; 0: as without
	Bare        float64       `yaml:"bare_confidence"`      // of a value that is all of its text; 0: as without
	Allow       []string      `yaml:"allow"`                // values that are known as examples (RE2, whole value)
	Match       []string      `yaml:"match"`                // example texts in which it finds something
	NoMatch     []string      `yaml:"no_match"`             // and in which it must not
	Sources     []string      `yaml:"sources"`
	Disabled    bool          `yaml:"disabled"` // in an overlay: takes the detector of this name away
	Source      Position      `yaml:"-"`
}

// Anchor says where a detector's pattern is tried.
type Anchor string

// The anchors.
const (
	AnchorKeyword  Anchor = ""         // where a keyword occurs; the pattern contains it
	AnchorAssign   Anchor = "assign"   // at the value that is assigned to a name with a keyword in it
	AnchorColumn   Anchor = "column"   // at a cell of a table below a head with a keyword in it
	AnchorLabel    Anchor = "label"    // at the words near a keyword that is a word: "BIC: X", "Is X a valid BIC?"
	AnchorTold     Anchor = "told"     // at what a sentence with a keyword in it tells to be a secret
	AnchorToken    Anchor = "token"    // at a word of 26 to 128 letters and digits with two digits side by side
	AnchorRandom   Anchor = "random"   // at a run of 20 to 200 characters of base64 that is no line of many
	AnchorDotted   Anchor = "dotted"   // at a run of 14 or more characters of base64 with a dot behind it
	AnchorName     Anchor = "name"     // where words with capitals start that may be a first name and a surname
	AnchorPerson   Anchor = "person"   // at the name beside a keyword that stands for a person, in scripts without capitals
	AnchorSentence Anchor = "sentence" // at a sentence that its validator takes for one of its sort
	AnchorTagged   Anchor = "tagged"   // at words of a sentence that were learned to be what its validator says
	AnchorCode     Anchor = "code"     // at a run of lines that look like code of any language
	AnchorAmount   Anchor = "amount"   // at an amount of money: a number beside a currency, in any notation
	AnchorNumbered Anchor = "numbered" // at a number in any groups, with letters: the words around it say what it is
	AnchorNumber   Anchor = "number"   // where a group of two or more digits starts, with the letters before it
)
