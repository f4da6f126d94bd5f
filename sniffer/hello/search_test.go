package hello_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/hello"
)

// feed gives the stream to a Search in steps of n bytes and returns what it finds.
func feed(stream []byte, n int) (names []string, last hello.State) {
	var s hello.Search
	var scratch []byte
	for at := 0; at < len(stream); {
		at = min(at+n, len(stream))
		for {
			msg, st := s.Feed(stream[:at], &scratch)
			if last = st; st != hello.Found {
				break
			}
			var h hello.Hello
			hello.Parse(msg, &h)
			names = append(names, h.Name())
		}
	}
	return names, last
}

func TestSearch(t *testing.T) {
	one := records(chrome("one.example"), 1<<14)
	big := message(0x0303, suites, sni("big.example"), ext{21, make([]byte, 60000)})
	rnd := rand.NewChaCha8([32]byte{1})
	noise := make([]byte, 30000)
	rnd.Read(noise)
	for _, tt := range []struct {
		name   string
		stream []byte
		want   []string
	}{
		{"at the start", one, []string{"one.example"}},
		{"with more behind", slices.Concat(one, []byte{20, 3, 3, 0, 1, 1, 23, 3, 3, 0, 1, 9}), []string{"one.example"}},
		{"behind SMTP", slices.Concat([]byte("EHLO me\r\nSTARTTLS\r\n"), one), []string{"one.example"}},
		{"behind CONNECT", slices.Concat([]byte("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"), one), []string{"one.example"}},
		{"behind SOCKS 5", slices.Concat([]byte{5, 1, 0, 5, 1, 0, 1, 192, 0, 2, 1, 1, 187}, one), []string{"one.example"}},
		{"behind PostgreSQL", slices.Concat([]byte{0, 0, 0, 8, 4, 210, 22, 47}, one), []string{"one.example"}},
		{"behind noise", slices.Concat(noise, one), []string{"one.example"}},
		{"behind a start that is none", slices.Concat([]byte{22, 3, 1, 0, 9, 1, 0, 0, 5, 3, 3, 22, 3, 22}, one), []string{"one.example"}},
		{"behind a claim of 60 kB", slices.Concat([]byte{22, 3, 1, 0, 60, 1, 0, 0xf0, 0, 3, 3}, one), []string{"one.example"}},
		{"records of one byte", records(chrome("one.example"), 1), []string{"one.example"}},
		{"records of 100 bytes", records(chrome("one.example"), 100), []string{"one.example"}},
		{"60 kB", records(big, 1<<14), []string{"big.example"}},
		{"two hellos", slices.Concat(one, []byte{20, 3, 3, 0, 1, 1}, records(chrome("two.example"), 50)), []string{"one.example", "two.example"}},
		{"Go", stdlib(t, "go.example"), []string{"go.example"}},
		{"a broken extension", records(message(0x0303, suites, sni("a.example"), ext{43, nil}), 1<<14), []string{"a.example"}},
		{"a ServerHello first", slices.Concat([]byte{22, 3, 3, 0, 80, 2, 0, 0, 76, 3, 3}, make([]byte, 74), one), nil},
		{"ends before its end", one[:len(one)-1], nil},
		{"another type of record between", slices.Concat(records(chrome("a"), 100)[:105], []byte{21, 3, 1, 0, 2, 1, 0}, records(chrome("a"), 100)[105:]), nil},
		{"an empty record between", slices.Concat(records(chrome("a"), 100)[:105], []byte{22, 3, 1, 0, 0}, records(chrome("a"), 100)[105:]), nil},
		{"too far", slices.Concat(make([]byte, hello.Limit), one), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, n := range []int{len(tt.stream), 1400, 7, 1} {
				got, last := feed(tt.stream, n)
				if !slices.Equal(got, tt.want) {
					t.Errorf("in steps of %d: found %q, want %q", n, got, tt.want)
				}
				if want := len(tt.stream) >= hello.Limit || tt.name == "a ServerHello first"; (last == hello.Hopeless) != want {
					t.Errorf("in steps of %d: ends with state %d", n, last)
				}
			}
		})
	}
}

// TestSearchPartial checks that a stream that ends in the middle of a hello still
// gives what there is.
func TestSearchPartial(t *testing.T) {
	for _, size := range []int{1 << 14, 100, 1} {
		stream := slices.Concat([]byte("STARTTLS\r\n"), records(chrome("one.example"), size))
		stream = stream[:len(stream)-1]
		var s hello.Search
		var scratch []byte
		if _, st := s.Feed(stream, &scratch); st != hello.NeedMore {
			t.Fatalf("records of %d: state %d", size, st)
		}
		var h hello.Hello
		msg := s.Partial(stream, &scratch)
		if err := hello.ParsePartial(msg, &h); err != nil || h.Name() != "one.example" || !h.Truncated {
			t.Errorf("records of %d: %v, %q", size, err, h.Name())
		}
	}
	var s hello.Search
	var scratch []byte
	s.Feed([]byte("no TLS here"), &scratch)
	if msg := s.Partial([]byte("no TLS here"), &scratch); msg != nil {
		t.Errorf("Partial of nothing = %x", msg)
	}
}

// hostile returns streams that look like many beginnings of hellos.
func hostile() map[string][]byte {
	fill := func(unit []byte) []byte { return bytes.Repeat(unit, hello.Limit/len(unit)+1)[:hello.Limit] }
	nested := func(n int) []byte {
		m := records(handshake(append([]byte{3, 3}, make([]byte, n-6)...)), 1<<14)
		return fill(m[:11])
	}
	var ones []byte // records of one byte, whose bytes start a hello every sixth time
	for _, c := range []byte{1, 0, 0xf0, 0, 3, 3} {
		ones = append(ones, 22, 3, 1, 0, 1, c)
	}
	return map[string][]byte{
		"16":            fill([]byte{22}),
		"1603":          fill([]byte{22, 3}),
		"160301":        fill([]byte{22, 3, 1}),
		"records":       fill([]byte{22, 3, 1, 0, 1, 1}),
		"one a record":  fill(ones),
		"nested, 16 kB": nested(16000),
		"nested, small": nested(60),
	}
}

// TestSearchHostile checks that no stream makes a Search work for long: the work
// is bounded, however the stream comes.
func TestSearchHostile(t *testing.T) {
	for name, stream := range hostile() {
		t.Run(name, func(t *testing.T) {
			if got, last := feed(stream, len(stream)); got != nil || last != hello.Hopeless {
				t.Errorf("found %q, state %d", got, last)
			}
			if got, _ := feed(stream, 1400); got != nil {
				t.Errorf("in segments: found %q", got)
			}
		})
	}
}

func TestDTLS(t *testing.T) {
	msg := message(0xfefd, suites, sni("dtls.example"))
	record := func(at, n int) []byte {
		b := []byte{22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 1}
		f := append([]byte{1, msg[1], msg[2], msg[3], 0, 0, 0, byte(at >> 8), byte(at), 0, byte(n >> 8), byte(n)}, msg[4+at:4+at+n]...)
		return append(b, vec16(f)...)
	}
	whole := len(msg) - 4
	for _, tt := range []struct {
		name     string
		datagram []byte
		found    bool
	}{
		{"one record", record(0, whole), true},
		{"fragments", slices.Concat(record(0, 20), record(20, 1), record(21, whole-21)), true},
		{"a part", record(0, 20), false},
		{"a hole", slices.Concat(record(0, 20), record(21, whole-21)), false},
		{"empty fragments", slices.Concat(record(0, 0), record(0, 0), record(0, whole)), false},
		{"cut", record(0, whole)[:60], false},
		{"encrypted", func() []byte { b := record(0, whole); b[4] = 1; return b }(), false},
		{"nothing", nil, false},
		{"DNS", []byte{22, 0xfe, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'a', 0}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var scratch []byte
			got := hello.DTLS(tt.datagram, &scratch)
			if (got != nil) != tt.found {
				t.Fatalf("DTLS = %x, want found = %v", got, tt.found)
			}
			if tt.found && !bytes.Equal(got, msg) {
				t.Errorf("DTLS = %x, want %x", got, msg)
			}
		})
	}
}
