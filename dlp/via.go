package dlp

import "slices"

// Way is a disguise that was undone before a value was found.
type Way uint8

// The ways, each with the name that findings give it.
const (
	wayPercent Way = iota + 1
	wayEntity
	wayEscape
	wayQuoted
	wayLetter
	wayDigit
	wayHidden
	wayBase64
	wayHex
	wayGzip
	wayZlib
	wayUTF16
	wayUTF32
	waySeparator
	wayJoined
	wayReversed
	waySplit
	wayDataURL
	wayDocument
	wayTags
	wayUTF7
	wayCodes
	wayRot13
	wayMorse
	wayWords
	wayBase32
	wayBase85
	wayDeflate
	wayBzip2
	wayUU
	lastWay = wayUU
)

var wayNames = [...]string{
	wayPercent: "percent", wayEntity: "entities", wayEscape: "escapes", wayQuoted: "quoted_printable",
	wayLetter: "look_alikes", wayDigit: "digits", wayHidden: "hidden_characters", wayBase64: "base64", wayHex: "hex",
	wayGzip: "gzip", wayZlib: "zlib", wayUTF16: "utf16", wayUTF32: "utf32", waySeparator: "separators",
	wayJoined: "joined", wayReversed: "reversed", waySplit: "split", wayDataURL: "data_url", wayDocument: "document",
	wayTags: "tags", wayUTF7: "utf7", wayCodes: "character_codes", wayRot13: "rot13", wayMorse: "morse", wayWords: "number_words",
	wayBase32: "base32", wayBase85: "base85", wayDeflate: "deflate", wayBzip2: "bzip2", wayUU: "uuencode",
}

// String returns the name of w.
func (w Way) String() string { return wayNames[w] }

// ways is a short list of ways, the outermost in the lowest five bits. The zero
// value is the empty list.
type ways uint64

const wayBits = 5

// then returns the list v followed by the list inner. What does not fit is
// dropped: it names the innermost ways only.
func (v ways) then(inner ways) ways {
	n := 0
	for x := v; x != 0; x >>= wayBits {
		n++
	}
	return v | inner<<(wayBits*n)
}

func (v ways) count() (n int) {
	for ; v != 0; v >>= wayBits {
		n++
	}
	return n
}

// names returns the names of v, outermost first; nil when there are none.
func (v ways) names() (out []string) {
	for ; v != 0; v >>= wayBits {
		out = append(out, Way(v&(1<<wayBits-1)).String())
	}
	return slices.Compact(out)
}

// waySet is a set of ways.
type waySet uint32

func (w Way) set() waySet { return 1 << w }

// list returns the ways of s in their order.
func (s waySet) list() (v ways) {
	for w := wayPercent; w <= lastWay; w++ {
		if s&w.set() != 0 {
			v = v.then(ways(w))
		}
	}
	return v
}
