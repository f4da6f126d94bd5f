package dlp

import (
	"bytes"
	"math/rand/v2"
	"regexp"
	"regexp/syntax"
	"slices"
	"sync"
	"testing"
	"unicode/utf8"
)

// sampler writes texts that a pattern matches, or nearly.
type sampler struct {
	prog *syntax.Prog
	r    *rand.Rand
}

// text returns a way through the pattern, chosen at random, and with ascii nothing
// beyond it. Most patterns take it; it is changed in some places half of the time.
func (s *sampler) text(ascii bool) []byte {
	var out []byte
	pc := s.prog.Start
	for n := 0; n < 3000; n++ {
		in := &s.prog.Inst[pc]
		pc = int(in.Out)
		switch in.Op {
		case syntax.InstMatch:
			return s.change(out, ascii)
		case syntax.InstFail:
			return out
		case syntax.InstAlt, syntax.InstAltMatch:
			if s.r.IntN(2) == 0 {
				pc = int(in.Arg)
			}
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			out = utf8.AppendRune(out, s.one(in, ascii))
		}
	}
	return out
}

var strange = []rune("aZ09 .,-_'’éßÜñ½ſK中山Иअ\u00a0\u200b\ufffd😀\n")

// one returns a character that in reads, if there is one of that kind.
func (s *sampler) one(in *syntax.Inst, ascii bool) rune {
	for range 20 {
		x := strange[s.r.IntN(len(strange))]
		if n := len(in.Rune); n > 1 && s.r.IntN(3) > 0 {
			k := s.r.IntN(n/2) * 2
			x = in.Rune[k] + s.r.Int32N(min(in.Rune[k+1]-in.Rune[k], 300)+1)
		}
		if in.MatchRune(x) && (!ascii || x < utf8.RuneSelf) {
			return x
		}
	}
	if in.Op == syntax.InstRuneAny || in.Op == syntax.InstRuneAnyNotNL {
		return 'x'
	}
	return in.Rune[0]
}

func (s *sampler) change(out []byte, ascii bool) []byte {
	for s.r.IntN(2) == 0 && len(out) > 0 {
		i := s.r.IntN(len(out))
		switch s.r.IntN(4) {
		case 0:
			out = slices.Delete(out, i, i+1)
		case 1:
			out = slices.Insert(out, i, out[s.r.IntN(len(out))])
		case 2:
			if !ascii {
				out = slices.Insert(out, i, byte(0x80+s.r.IntN(0x80)))
			}
		default:
			if x := strange[s.r.IntN(len(strange))]; !ascii || x < utf8.RuneSelf {
				out = slices.Insert(out, i, utf8.AppendRune(nil, x)...)
			}
		}
	}
	return out
}

// made are the detectors that ship, ready.
var made = sync.OnceValue(func() (all []*detector) {
	for i := range allDetectors().sources {
		d, err := newDetector(&allDetectors().sources[i], i)
		if err != nil {
			panic(err)
		}
		all = append(all, d)
	}
	return all
})

// TestValuesAgree holds that automata find the value where a regular expression
// finds it, for the pattern of each detector that has one, in texts of all scripts
// and in bytes that are no text.
func TestValuesAgree(t *testing.T) {
	s := allDetectors()
	r := rand.New(rand.NewPCG(3, 4))
	quick, sure, all, matches := 0, 0, 0, 0
	for i, d := range made() {
		if d.group == nil {
			continue
		}
		text := sampler{program(t, s.sources[i].Pattern), r}
		for range 50 {
			match := text.text(false)
			m := d.group().FindSubmatchIndex(match)
			from, to, ok := 0, 0, m != nil && m[2*d.groupAt] >= 0
			if ok {
				from, to = m[2*d.groupAt], m[2*d.groupAt+1]
				matches++
			}
			all++
			if p := d.split(); p != nil {
				if i, j, n := p.find(match, new(int)); n <= 1 {
					quick++
					if (n == 1) != ok || ok && (i != from || j != to) {
						t.Errorf("%s: %q parted at %d and %d (%d), want %d and %d (%v)", d.name, match, i, j, n, from, to, ok)
					}
				}
			}
			if i, j, got, known := d.capture().find(match); known {
				sure++
				if got != ok || ok && (i != from || j != to) {
					t.Errorf("%s: %q captured from %d to %d (%v), want %d and %d (%v)", d.name, match, i, j, got, from, to, ok)
				}
			}
		}
	}
	t.Logf("%d texts, %d with a value: %d parted, %d captured", all, matches, quick, sure)
	if matches < all/3 || quick < all*8/10 || sure < all*6/10 {
		t.Errorf("%d texts, %d with a value: %d parted, %d captured: the test proves little", all, matches, quick, sure)
	}
}

// TestPatternsAgree holds that the automaton of each detector ends where the longest
// match of its expression ends, in texts of ASCII: beyond that it reads bytes.
func TestPatternsAgree(t *testing.T) {
	s := allDetectors()
	r := rand.New(rand.NewPCG(5, 6))
	all, found := 0, 0
	for i, d := range made() {
		re := regexp.MustCompile(`\A(?:` + s.sources[i].Pattern + `)\z`)
		text := sampler{program(t, s.sources[i].Pattern), r}
		for range 2 {
			line := text.text(true)
			if len(line) > 300 || !isASCII(line) {
				continue
			}
			all++
			end, _ := d.auto.match(line, 0)
			if want := longest(re, line, d.auto.glued); end != want {
				t.Errorf("%s: %q ends at %d, want %d", s.sources[i].Name, line, end, want)
			} else if end > 0 {
				found++
			}
		}
	}
	if found < all/3 {
		t.Errorf("%d of %d texts match: the test proves little", found, all)
	}
}

func isASCII(text []byte) bool {
	return !slices.ContainsFunc(text, func(x byte) bool { return x >= utf8.RuneSelf })
}

func program(t *testing.T, pattern string) *syntax.Prog {
	t.Helper()
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		t.Fatal(err)
	}
	return prog
}

// TestCapture compares what several values may be with what an expression says, also
// where patterns prefer the shorter, and refuses what would not end.
func TestCapture(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for _, pattern := range []string{
		`a*(a*)a*`, `a*?(a*)a*`, `a+?(a+?)[ab]*`, `(?:a|ab)(?:c|bcd)?(d*)[a-d]*`, `(a|b)*`, `(?:(a)|b)+`, `x?(?:ä|äé)?([^x]*)é?`, `(a{1,3}){2}b?`, `(?i)k*(ſ|s)*K*`, `[^a](.)(?s:.)*`, `a+(b)?`,
	} {
		re, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		c, err := newCapture(re, 1)
		if err != nil {
			t.Errorf("%s: %v", pattern, err)
			continue
		}
		whole := regexp.MustCompile(`\A(?:` + pattern + `)\z`)
		found := 0
		for range 3000 {
			var text []byte
			for range r.IntN(9) {
				text = append(text, []string{"a", "a", "a", "b", "c", "d", "x", "ä", "é", "s", "ſ", "k", "\u212a", "\xc3", "\xff"}[r.IntN(15)]...)
			}
			m := whole.FindSubmatchIndex(text)
			from, to, ok, sure := c.find(text)
			if want := m != nil && m[2] >= 0; !sure || ok != want || ok && (from != m[2] || to != m[3]) {
				t.Fatalf("%s on %q: %d to %d (%v, %v), want %v", pattern, text, from, to, ok, sure, m)
			}
			if ok {
				found++
			}
		}
		if found < 10 {
			t.Errorf("%s matched %d times: the test proves nothing", pattern, found)
		}
	}
	for _, pattern := range []string{`(a*)*`, `(a|b*)*c`, `\ba(b)`, `^(a)`} {
		re, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := newCapture(re, 1); err == nil {
			if _, _, _, sure := c.find([]byte("aab")); sure {
				t.Errorf("%s is taken", pattern)
			}
		}
	}
}

// TestCaptureBounds holds that states take no more room than they may, whatever the
// texts and from how many sides they come, and that what finds no room is left to
// others.
func TestCaptureBounds(t *testing.T) {
	re, err := syntax.Parse(`([ab]{14}a)[ab]*`, syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	c, err := newCapture(re, 1)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	unsure := make([]int, 4)
	for k := range unsure {
		all.Go(func() {
			r := rand.New(rand.NewPCG(uint64(k), 1))
			for range 300 {
				text := bytes.Repeat([]byte("a"), 200)
				for i := range text {
					text[i] += byte(r.IntN(2))
				}
				if _, _, _, sure := c.find(text); !sure {
					unsure[k]++
				}
			}
		})
	}
	all.Wait()
	if unsure[0] == 0 {
		t.Error("there is always room: the test proves nothing")
	}
	size := 0
	for name, s := range c.ids {
		size += len(name) + 8*len(s.can) + 8*len(s.before)
	}
	if size > captureRoom {
		t.Errorf("states take %d bytes, want %d at most", size, captureRoom)
	}
	if _, _, _, sure := c.find(make([]byte, mostTrail+1)); sure {
		t.Error("a match of any length is taken")
	}
}
