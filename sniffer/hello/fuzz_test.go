package hello_test

import (
	"bytes"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/hello"
)

func FuzzParse(f *testing.F) {
	f.Add(chrome("a.example"))
	f.Add(stdlib(f, "go.example")[5:])
	f.Add(message(0xfefd, suites, sni("dtls.example")))
	f.Add(message(0x0301, suites))
	f.Add(message(0x0303, suites, ext{0xfe0d, []byte{0, 0, 1, 0, 1, 42, 0, 0, 0, 1, 9}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		var h, cut hello.Hello
		err := hello.Parse(b, &h)
		name := h.Name()
		if len(name) > 4*255 {
			t.Errorf("a name of %d bytes", len(name))
		}
		for range h.Protocols() {
		}
		if n := len(h.JA4(false)); n != 0 && n != 36 {
			t.Errorf("JA4 %q", h.JA4(false))
		}
		h.Browser(true)
		if err != nil {
			hello.ParsePartial(b, &cut)
			return
		}
		// What is whole says the same when it is read as a part, and a part never
		// says another name.
		if err := hello.ParsePartial(b, &cut); err != nil || cut.Truncated || cut.Name() != name {
			t.Errorf("ParsePartial of the whole: %v, truncated %v, %q, want %q", err, cut.Truncated, cut.Name(), name)
		}
		if err := hello.ParsePartial(b[:len(b)/2], &cut); err != nil && len(b)/2 >= 4 || cut.ServerName != nil && cut.Name() != name {
			t.Errorf("ParsePartial of the half: %v, %q, want %q or none", err, cut.Name(), name)
		}
	})
}

// FuzzSearch checks that a Search finds the same however the stream comes.
func FuzzSearch(f *testing.F) {
	f.Add(records(chrome("a.example"), 1<<14), uint16(100))
	f.Add(append([]byte("STARTTLS\r\n"), records(chrome("a.example"), 40)...), uint16(1))
	f.Add(append([]byte{22, 3, 1, 0, 9, 1, 0, 0, 5, 3}, stdlib(f, "go.example")...), uint16(1400))
	f.Fuzz(func(t *testing.T, stream []byte, step uint16) {
		step = max(step, uint16(len(stream)/64), 1)
		whole, _ := feed(stream, max(len(stream), 1))
		steps, _ := feed(stream, int(step))
		if len(whole) != len(steps) {
			t.Fatalf("at once %q, in steps of %d %q", whole, step, steps)
		}
		var s hello.Search
		var scratch []byte
		for {
			msg, st := s.Feed(stream, &scratch)
			if st != hello.Found {
				break
			}
			if err := hello.Parse(msg, new(hello.Hello)); err != nil && err != hello.ErrExtension {
				t.Fatalf("found what is no hello: %v", err)
			}
		}
		s.Partial(stream, &scratch)
		if cap(scratch) > 2*hello.Limit {
			t.Errorf("scratch has %d bytes", cap(scratch))
		}
		got := hello.DTLS(stream, &scratch)
		if got != nil && !bytes.HasPrefix(got, []byte{1}) {
			t.Errorf("DTLS = %x", got)
		}
	})
}
