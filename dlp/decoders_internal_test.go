package dlp

import (
	"encoding/base64"
	"encoding/hex"
	"testing"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// FuzzDecoders has each decoder of disguises, picked by the first byte, read any
// bytes, whether or not the first pass would have called it: no panic, hits inside
// the text, no more views than there is room for.
func FuzzDecoders(f *testing.F) {
	const text = "the card is 4539 1488 0343 6467"
	b64 := base64.StdEncoding.EncodeToString([]byte(text))
	for kind, seed := range []string{
		"%34%35 &#52;&#x35; \\u0034\\x35\\065 =34=35=\n", "４５３９ ٤٥٣٩ 4\u200b5", b64 + "\n" + b64, hex.EncodeToString([]byte(text)),
		"4 5 3 9 1 4 8 8 0 3 4 3 6 4 6 7", "\x004\x005\x003\x009", `"4539" + "1488" + // x` + "\n" + `"0343 6467"`, "backwards: 7646 3430 8841 9354",
		"guvf vf ebg13: fx-nag-ncv03-", "....- ..... ...-- ----. / .---- ....-", "<~9jqo^BlbD-BleB1DJ+*+F(f,q~>", "four five three nine one four eight eight",
		"52, 53, 51, 57, 32, 49, 52, 56, 56 0x34, 0x35, 0x33, 0x39, 0x20, 0x31 00110100 00110101 00110011 00111001 00100000", "<b>4</b>5<!-- -->3**9** +ADQANQ-", "\U0001f600\U000e0124\U000e0125",
		"34 35 33 39 20 31 34 38 38", "H4sIAAAAAAAA", "eJxLTEpOAQACTQEn", "0x" + hex.EncodeToString([]byte(b64)),
		`"4", "5", "3", '9','1', 4, 5, 3, 9, `, "4_539_148u64 4'539'148L", "begin 644 x\n>;7D@8V%R9\"!I<R T\n`\nend", "ZFwMLVRB?3X>%YnH8VLeG&ndgGc+?cG&VONZ)*",
	} {
		f.Add(byte(kind), []byte(seed))
	}
	s, err := New(rules.Embedded().Detectors, traffic.Key{1}, Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, kind byte, text []byte) {
		room := growthFree + growth*len(text)
		c := scan{s: s, text: text, room: room, effort: workFree + workPerByte*len(text), prints: kind&1 != 0}
		const kinds = 19 // of signs, and all of them
		c.signs = 1 << (kind % kinds)
		if kind%kinds == kinds-1 {
			c.signs = ^signs(0)
		}
		c.meet85(0)
		for i := range text {
			if isDigit(text[i]) && i >= c.done {
				c.done = i + 1
				c.codes(i, i+1)
				c.literal(i, i+1)
			}
		}
		c.undisguise()
		for i := range c.hits {
			if h := &c.hits[i]; h.Start < 0 || h.Start >= h.End || h.End > len(text) {
				t.Fatalf("hit %+v in %d bytes", h, len(text))
			}
		}
		for _, h := range resolve(c.hits) {
			_ = h.Via()
		}
	})
}
