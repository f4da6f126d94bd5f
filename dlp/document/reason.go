package document

// Reason says why a part was not inspected. It is an error so that readers can
// return it.
type Reason string

// The closed set of reasons.
const (
	Encrypted    Reason = "encrypted"
	Image        Reason = "image"
	Audio        Reason = "audio"
	Video        Reason = "video"
	Font         Reason = "font"
	Binary       Reason = "unknown binary" // its bytes are the text; inside another file: its strings
	Unsupported  Reason = "unsupported format"
	Damaged      Reason = "damaged"
	TooDeep      Reason = "too deep"
	TooMany      Reason = "too many files"
	TooLarge     Reason = "too large"
	Entities     Reason = "entities of its own" // that a document type declares: they may stand for anything, and are not expanded
	Bomb         Reason = "compression ratio"
	Unreadable   Reason = "font without characters" // glyphs that no table maps to characters
	OutOfTime    Reason = "out of time"
	OCRFailed    Reason = "ocr failed"
	ReaderFailed Reason = "reader failed" // our own bug, survived
)

// Error returns the reason in words.
func (r Reason) Error() string { return "not inspected: " + string(r) }
