package proxy

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/gnomon-proxy/gnomon/traffic"
)

const prompt = `{"model":"gpt-4o","messages":[{"role":"user","content":"Please summarise the quarterly report."}]}`

// stdlib compresses by an implementation that is not the one under test.
func stdlib(t testing.TB, name, plain string) []byte {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	switch name {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "zlib":
		w = zlib.NewWriter(&b)
	case "raw":
		w, _ = flate.NewWriter(&b, 9)
	default:
		t.Fatalf("no coding %q", name)
	}
	io.WriteString(w, plain)
	w.Close()
	return b.Bytes()
}

func packed(t testing.TB, encoding, plain string) []byte {
	t.Helper()
	b, err := encode(encoding, []byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDecode(t *testing.T) {
	two := append(stdlib(t, "gzip", "one "), stdlib(t, "gzip", "two")...)
	for _, tt := range []struct {
		name, encoding string
		wire           []byte
		want           string
	}{
		{"none", "", []byte(prompt), prompt},
		{"identity", "identity", []byte(prompt), prompt},
		{"gzip", "gzip", stdlib(t, "gzip", prompt), prompt},
		{"x-gzip, upper case", " X-GZIP ", stdlib(t, "gzip", prompt), prompt},
		{"gzip of two members", "gzip", two, "one two"},
		{"gzip of nothing", "gzip", stdlib(t, "gzip", ""), ""},
		{"deflate with zlib wrapper", "deflate", stdlib(t, "zlib", prompt), prompt},
		{"deflate, bare", "deflate", stdlib(t, "raw", prompt), prompt},
		{"br", "br", packed(t, "br", prompt), prompt},
		{"br of nothing", "br", packed(t, "br", ""), ""},
		{"zstd", "zstd", packed(t, "zstd", prompt), prompt},
		{"zstd of two frames", "zstd", append(packed(t, "zstd", "one "), packed(t, "zstd", "two")...), "one two"},
		{"two codings", "gzip, br", packed(t, "br", string(stdlib(t, "gzip", prompt))), prompt},
		{"three codings", "deflate,gzip,zstd", packed(t, "deflate, gzip, zstd", prompt), prompt},
		{"large", "gzip", stdlib(t, "gzip", strings.Repeat(prompt, 10000)), strings.Repeat(prompt, 10000)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range 2 { // the second time with what the first left in the pools
				got, cut, err := decode(tt.encoding, tt.wire, 1<<20)
				if err != nil || cut || string(got) != tt.want {
					t.Fatalf("decode = %d bytes %.40q, %v, %v, want %d", len(got), got, cut, err, len(tt.want))
				}
			}
			got, cut, err := decode(tt.encoding, tt.wire, len(tt.want)/2)
			if err != nil || cut != (len(tt.want) > 1) || string(got) != tt.want[:len(tt.want)/2] {
				t.Errorf("decode to %d bytes = %d bytes, %v, %v", len(tt.want)/2, len(got), cut, err)
			}
			got, cut, err = decode(tt.encoding, tt.wire, len(tt.want))
			if err != nil || cut || string(got) != tt.want {
				t.Errorf("decode to its very length = %d bytes, %v, %v", len(got), cut, err)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	zip := stdlib(t, "gzip", strings.Repeat(prompt, 100))
	wrong := bytes.Clone(zip)
	wrong[len(wrong)-5] ^= 1 // of the checksum
	wide, err := zstd.NewWriter(nil, zstd.WithWindowSize(64<<20))
	if err != nil {
		t.Fatal(err)
	}
	noise := make([]byte, 9<<20)
	rand.NewChaCha8([32]byte{1}).Read(noise)
	var window bytes.Buffer
	wide.Reset(&window)
	wide.Write(noise)
	wide.Close()
	for _, tt := range []struct {
		name, encoding string
		wire           []byte
	}{
		{"unknown", "compress", zip},
		{"unknown among known", "gzip, aws-chunked", zip},
		{"four codings", "gzip, gzip, gzip, gzip", zip},
		{"empty gzip", "gzip", nil},
		{"empty br", "br", nil},
		{"empty deflate", "deflate", nil},
		{"not gzip", "gzip", []byte(prompt)},
		{"not br", "br", []byte(prompt)},
		{"not zstd", "zstd", []byte(prompt)},
		{"not deflate", "deflate", []byte(prompt)},
		{"gzip cut off", "gzip", zip[:len(zip)/2]},
		{"gzip without trailer", "gzip", zip[:len(zip)-8]},
		{"gzip with wrong checksum", "gzip", wrong},
		{"gzip and more", "gzip", append(bytes.Clone(zip), "more"...)},
		{"br cut off", "br", packed(t, "br", prompt)[:20]},
		{"br and more", "br", append(packed(t, "br", prompt), "more"...)},
		{"zstd cut off", "zstd", packed(t, "zstd", prompt)[:20]},
		{"zstd and more", "zstd", append(packed(t, "zstd", prompt), "more"...)},
		{"zstd window of 64 MiB", "zstd", window.Bytes()},
		{"zlib and more", "deflate", append(stdlib(t, "zlib", prompt), "more"...)},
		{"bare deflate and more", "deflate", append(stdlib(t, "raw", prompt), "more"...)},
		{"inner coding damaged", "gzip, br", packed(t, "br", prompt)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, cut, err := decode(tt.encoding, tt.wire, 16<<20)
			var e *traffic.UnreadError
			if !errors.As(err, &e) || e.Reason != traffic.ReasonEncoding || cut {
				t.Errorf("decode: cut %v, error %v, want %s", cut, err, traffic.ReasonEncoding)
			}
		})
	}
	// What came before the damage is there to be inspected.
	got, _, err := decode("gzip", zip[:len(zip)-8], 1<<20)
	if err == nil || !strings.HasPrefix(string(got), prompt) {
		t.Errorf("decode of a truncated body = %d bytes, %v, want what was readable and an error", len(got), err)
	}
}

func TestEncodeRoundTrip(t *testing.T) {
	for _, encoding := range []string{"", "identity", "gzip", "x-gzip", "br", "zstd", "deflate", "gzip, br", "deflate, zstd, gzip"} {
		for _, plain := range []string{"", prompt, strings.Repeat(prompt, 5000)} {
			wire, err := encode(encoding, []byte(plain))
			if err != nil {
				t.Fatalf("encode %q: %v", encoding, err)
			}
			if len(plain) > 1000 && strings.Trim(encoding, "identy") != "" && len(wire) > len(plain)/5 {
				t.Errorf("encode %q: %d bytes of %d", encoding, len(wire), len(plain))
			}
			got, cut, err := decode(encoding, wire, 1<<20)
			if err != nil || cut || string(got) != plain {
				t.Errorf("%q there and back: %d bytes, %v, %v, want %d", encoding, len(got), cut, err, len(plain))
			}
		}
	}
	if _, err := encode("compress", nil); err == nil {
		t.Error("encode takes a coding that decode does not know")
	}
	// Another implementation reads it.
	zr, err := gzip.NewReader(bytes.NewReader(packed(t, "gzip", prompt)))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(zr); err != nil || string(b) != prompt {
		t.Errorf("compress/gzip reads %q, %v", b, err)
	}
	fr, err := zlib.NewReader(bytes.NewReader(packed(t, "deflate", prompt)))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(fr); err != nil || string(b) != prompt {
		t.Errorf("compress/zlib reads %q, %v", b, err)
	}
}

// A bomb costs no more than its limit, however deep it is packed.
func TestDecodeBombs(t *testing.T) {
	const limit = 256 << 10
	zeros := strings.Repeat("\x00", 16<<20)
	for _, tt := range []struct{ name, encoding string }{
		{"gzip", "gzip"}, {"br", "br"}, {"zstd", "zstd"}, {"deflate", "deflate"}, {"gzip in gzip", "gzip, gzip"}, {"zstd in br", "zstd, br"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			wire := packed(t, tt.encoding, zeros)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got, cut, err := decode(tt.encoding, wire, limit)
			runtime.ReadMemStats(&after)
			if err != nil || !cut || len(got) != limit {
				t.Errorf("decode = %d bytes, %v, %v, want %d and cut", len(got), cut, err, limit)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > 24<<20 {
				t.Errorf("a bomb of %d bytes made us allocate %d", len(wire), n)
			}
		})
	}
}

// What unpacks to nothing but work is bounded at the layer that makes it.
func TestDecodeEmptyBlocks(t *testing.T) {
	blocks := strings.Repeat("\x00\x00\x00\xff\xff", 40<<20/5) + "\x01\x00\x00\xff\xff" // deflate: stored blocks of no bytes
	wire := packed(t, "gzip", blocks)
	got, cut, err := decode("deflate, gzip", wire, 1<<20)
	if !cut && err == nil || len(got) != 0 {
		t.Errorf("decode = %d bytes, %v, %v, want it to give up", len(got), cut, err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, e := range []string{"gzip", "br", "zstd", "deflate", "gzip, br", "identity"} {
		b, _ := encode(e, []byte(prompt))
		f.Add(e, b)
	}
	f.Add("deflate", stdlib(f, "raw", prompt))
	f.Fuzz(func(t *testing.T, encoding string, wire []byte) {
		const limit = 1 << 16
		plain, cut, err := decode(encoding, wire, limit)
		if len(plain) > limit {
			t.Fatalf("%d bytes, limit %d", len(plain), limit)
		}
		if err != nil || cut {
			return
		}
		again, err := encode(encoding, plain)
		if err != nil {
			t.Fatal(err)
		}
		if got, _, err := decode(encoding, again, limit); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%q does not come back: %v", encoding, err)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	body := strings.Repeat(prompt, 40) // 4 KB
	for _, e := range []string{"gzip", "br", "zstd", "deflate"} {
		wire := packed(b, e, body)
		b.Run(e, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := decode(e, wire, 1<<20); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(e+"-unpooled", func(b *testing.B) { // what the pools are for
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				r, err := codingOf(e).newReader(bytes.NewReader(wire))
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.ReadAll(r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	body := []byte(strings.Repeat(prompt, 40))
	for _, e := range []string{"gzip", "br", "zstd", "deflate"} {
		b.Run(e, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := encode(e, body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
