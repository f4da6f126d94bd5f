package capture_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/gnomon-proxy/gnomon/sniffer/capture"
)

// file builds captures in one byte order.
type file struct {
	order binary.AppendByteOrder
	b     []byte
}

func (f *file) u16(v ...uint16) *file {
	for _, v := range v {
		f.b = f.order.AppendUint16(f.b, v)
	}
	return f
}

func (f *file) u32(v ...uint32) *file {
	for _, v := range v {
		f.b = f.order.AppendUint32(f.b, v)
	}
	return f
}

// pcap starts a classic capture.
func (f *file) pcap(magic, link uint32, minor uint16) *file {
	return f.u32(magic).u16(2, minor).u32(0, 0, 65535, link)
}

// block adds a block of a pcapng capture.
func (f *file) block(kind uint32, body []byte) *file {
	for len(body)%4 != 0 {
		body = append(body, 0)
	}
	f.u32(kind, uint32(len(body)+12))
	f.b = append(f.b, body...)
	return f.u32(uint32(len(body) + 12))
}

func (f *file) body() *file { return &file{order: f.order} }

func (f *file) section() *file {
	return f.block(0x0a0d0d0a, f.body().u32(0x1a2b3c4d).u16(1, 0).u32(0xffffffff, 0xffffffff).b)
}

func (f *file) describe(link uint16, snap uint32, options ...byte) *file {
	return f.block(1, append(f.body().u16(link, 0).u32(snap).b, options...))
}

// option returns an option of an interface.
func (f *file) option(code uint16, value ...byte) []byte {
	b := append(f.body().u16(code, uint16(len(value))).b, value...)
	return append(b, make([]byte, (4-len(b)%4)%4)...)
}

func (f *file) packet(id uint32, ts uint64, wire uint32, data string) *file {
	return f.block(6, append(f.body().u32(id, uint32(ts>>32), uint32(ts), uint32(len(data)), wire).b, data...))
}

// frames reads everything. Data is copied.
func frames(r io.Reader) (all []capture.Frame, err error) {
	c, err := capture.New(r)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	for {
		var f capture.Frame
		if err := c.Next(&f); err == io.EOF {
			return all, nil
		} else if err != nil {
			return all, err
		}
		f.Data = bytes.Clone(f.Data)
		all = append(all, f)
	}
}

// show writes frames as a test compares them.
func show(all []capture.Frame) string {
	var b strings.Builder
	for _, f := range all {
		at := "never"
		if !f.Time.IsZero() {
			at = fmt.Sprint(f.Time.UnixNano())
		}
		fmt.Fprintf(&b, "%s link %d %q of %d on %q\n", at, f.Link, f.Data, f.Length, f.Interface)
	}
	return b.String()
}

// TestManyInterfaces reads a section with as many interfaces as a merged capture of
// a data centre has, each of its own.
func TestManyInterfaces(t *testing.T) {
	const n = 10_000
	f := (&file{order: binary.LittleEndian}).section()
	for i := range n {
		f.describe(uint16(i%300), 0, f.option(9, byte(i%10))...)
	}
	for i := range n {
		f.packet(uint32(i), 7, 3, "abc")
	}
	all, err := frames(bytes.NewReader(f.b))
	if err != nil || len(all) != n {
		t.Fatalf("%d packets, %v; want %d", len(all), err, n)
	}
	for i, g := range all {
		if g.Link != uint32(i%300) {
			t.Fatalf("packet %d is of link type %d, want %d", i, g.Link, i%300)
		}
	}
}

func TestPcap(t *testing.T) {
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		for _, tt := range []struct {
			name string
			file []byte
			want string
		}{
			{"microseconds", append((&file{order: order}).pcap(0xa1b2c3d4, 1, 4).u32(9, 7, 3, 60).b, "abc"...), "9000007000 link 1 \"abc\" of 60 on \"\"\n"},
			{"nanoseconds", append((&file{order: order}).pcap(0xa1b23c4d, 101, 4).u32(9, 7, 3, 3).b, "abc"...), "9000000007 link 101 \"abc\" of 3 on \"\"\n"},
			{"with the length of check sums", append((&file{order: order}).pcap(0xa1b2c3d4, 0x24000001, 4).u32(9, 7, 3, 3).b, "abc"...), "9000007000 link 1 \"abc\" of 3 on \"\"\n"},
			{"patched libpcap", append((&file{order: order}).pcap(0xa1b2cd34, 1, 4).u32(9, 7, 3, 5, 0, 0).b, "abc"...), "9000007000 link 1 \"abc\" of 5 on \"\"\n"},
			{"lengths mixed up", append((&file{order: order}).pcap(0xa1b2c3d4, 1, 3).u32(9, 7, 60, 3).b, "abc"...), "9000007000 link 1 \"abc\" of 60 on \"\"\n"},
			{"wire shorter than captured", append((&file{order: order}).pcap(0xa1b2c3d4, 1, 4).u32(9, 7, 3, 0).b, "abc"...), "9000007000 link 1 \"abc\" of 3 on \"\"\n"},
			{"empty", (&file{order: order}).pcap(0xa1b2c3d4, 1, 4).b, ""},
		} {
			t.Run(fmt.Sprint(order, "/", tt.name), func(t *testing.T) {
				if got, err := frames(bytes.NewReader(tt.file)); err != nil || show(got) != tt.want {
					t.Errorf("%s%v; want %s", show(got), err, tt.want)
				}
			})
		}
	}
}

func TestPcapng(t *testing.T) {
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		f := &file{order: order}
		nano, bits := f.option(9, 9), f.option(9, 0x80|10)
		offset := f.option(14, order.AppendUint64(nil, 100)...)
		f.section()
		f.describe(1, 0, f.option(2, []byte("eth0\x00\x1b")...)...)
		f.describe(101, 4, append(append(nano, offset...), f.option(0)...)...)
		f.describe(113, 0, bits...)
		f.block(5, make([]byte, 40)) // statistics: skipped
		f.packet(0, 9_000_007, 60, "micro")
		f.packet(1, 9_000_000_007, 4, "nano")
		f.packet(2, 9<<10|512, 4, "bits")
		f.block(2, append(f.body().u16(0, 0).u32(0, 5, 3, 3).b, "old"...)) // obsolete
		f.block(3, append(f.body().u32(77).b, "simple"...))
		f.section() // forgets the interfaces
		f.describe(147, 3)
		f.block(3, append(f.body().u32(9).b, "cutt"...))
		got, err := frames(bytes.NewReader(f.b))
		want := `9000007000 link 1 "micro" of 60 on "eth0?"
109000000007 link 101 "nano" of 4 on ""
9500000000 link 113 "bits" of 4 on ""
5000 link 1 "old" of 3 on "eth0?"
never link 1 "simple\x00\x00" of 77 on "eth0?"
never link 147 "cut" of 9 on ""
`
		if err != nil || show(got) != want {
			t.Errorf("%v: %s%v; want %s", order, show(got), err, want)
		}
	}
}

// small is a capture of three packets, the second of which begins at byte 43.
func small() []byte {
	f := (&file{order: binary.LittleEndian}).pcap(0xa1b2c3d4, 1, 4)
	for range 3 {
		f.u32(9, 7, 3, 3)
		f.b = append(f.b, "abc"...)
	}
	return f.b
}

func zstandard(t testing.TB, b []byte, o ...zstd.EOption) []byte {
	var z bytes.Buffer
	w, err := zstd.NewWriter(&z, o...)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(b)
	w.Close()
	return z.Bytes()
}

func gzipped(b []byte) []byte {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	w.Write(b)
	w.Close()
	return z.Bytes()
}

func TestCompressed(t *testing.T) {
	for _, tt := range []struct {
		name string
		file []byte
	}{
		{"gzip", gzipped(small())},
		{"gzip, two members", append(gzipped(small()[:50]), gzipped(small()[50:])...)},
		{"zstd", zstandard(t, small())},
		{"zstd behind a skippable frame", append([]byte{0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 9}, zstandard(t, small())...)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "capture")
			if err := os.WriteFile(path, tt.file, 0o600); err != nil {
				t.Fatal(err)
			}
			c, err := capture.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			var f capture.Frame
			n := 0
			for err = c.Next(&f); err == nil; err = c.Next(&f) {
				n++
			}
			if err != io.EOF || n != 3 || c.Consumed() != int64(len(tt.file)) {
				t.Errorf("%d packets, %v, %d of %d bytes consumed", n, err, c.Consumed(), len(tt.file))
			}
			if err := c.Close(); err != nil {
				t.Error(err)
			}
			if got, err := frames(bytes.NewReader(tt.file[:len(tt.file)-6])); err == nil {
				t.Errorf("cut short: %d packets and no error", len(got))
			}
		})
	}
}

// TestWindow refuses a zstd file that wants more memory than we give.
func TestWindow(t *testing.T) {
	huge := zstandard(t, append(small(), make([]byte, 80<<20)...), zstd.WithWindowSize(64<<20), zstd.WithSingleSegment(false))
	if _, err := frames(bytes.NewReader(huge)); !errors.Is(err, zstd.ErrWindowSizeExceeded) {
		t.Errorf("error %v, want %v", err, zstd.ErrWindowSizeExceeded)
	}
}

func TestDamaged(t *testing.T) {
	whole := small()
	huge := bytes.Clone(whole)
	binary.LittleEndian.PutUint32(huge[43+8:], 1<<30)
	ng := func(more func(f *file)) []byte {
		f := (&file{order: binary.LittleEndian}).section().describe(1, 0).packet(0, 0, 1, "a")
		more(f)
		return f.b
	}
	for _, tt := range []struct {
		name string
		file []byte
		n    int
		want string
	}{
		{"in a packet", whole[:61], 1, "truncated at byte 43: packet"},
		{"in a record header", whole[:50], 1, "truncated at byte 43: record header"},
		{"in the file header", whole[:20], 0, "truncated at byte 0: file header"},
		{"absurd length", huge, 1, "damaged at byte 43: record header: length beyond any packet's"},
		{"in a block", ng(func(f *file) { f.packet(0, 0, 1, "a"); f.b = f.b[:len(f.b)-3] }), 1, "truncated at byte 84: block"},
		{"block of no length", ng(func(f *file) { f.u32(6, 4) }), 1, "damaged at byte 84: block: impossible block length"},
		{"unknown interface", ng(func(f *file) { f.packet(7, 0, 1, "a") }), 1, "damaged at byte 84: block: packet of an interface that was never described"},
		{"packet longer than its block", ng(func(f *file) { f.block(6, f.body().u32(0, 0, 0, 99, 99).b) }), 1, "damaged at byte 84: block: impossible block length"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := frames(bytes.NewReader(tt.file))
			if len(got) != tt.n || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%d packets, %v; want %d and %q", len(got), err, tt.n, tt.want)
			}
			if strings.HasPrefix(tt.want, "truncated") != errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%v is io.ErrUnexpectedEOF: %v", err, errors.Is(err, io.ErrUnexpectedEOF))
			}
		})
	}
}

func TestNoCapture(t *testing.T) {
	for _, s := range []string{"", "abc", "GET / HTTP/1.1\r\n\r\n", "\xa1\xb2\xc3\x00 and more of it here, long enough", string(gzipped([]byte("no capture")))} {
		if _, err := capture.New(strings.NewReader(s)); !errors.Is(err, capture.ErrFormat) {
			t.Errorf("reading %q: %v, want ErrFormat", s, err)
		}
	}
	if _, err := capture.Open("no/such.pcap"); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "no/such.pcap") {
		t.Errorf("error %v", err)
	}
}

func TestParseFilter(t *testing.T) {
	for name, want := range map[string]capture.Filter{"": capture.FilterAll, "all": capture.FilterAll, "names": capture.FilterNames} {
		if got, err := capture.ParseFilter(name); err != nil || got != want {
			t.Errorf("ParseFilter(%q) = %v, %v", name, got, err)
		}
	}
	if _, err := capture.ParseFilter("dns"); err == nil {
		t.Error(`ParseFilter("dns") succeeds`)
	}
}

func FuzzNew(f *testing.F) {
	f.Add(small())
	f.Add(gzipped(small()))
	f.Add(zstandard(f, small()))
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		g := &file{order: order}
		g.section().describe(1, 0, g.option(9, 0x8a)...).packet(0, 9, 9, "data").block(3, append(g.body().u32(3).b, "abc"...))
		f.Add(g.block(2, append(g.body().u16(0, 0).u32(0, 5, 3, 3).b, "old"...)).b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := capture.New(bytes.NewReader(b))
		if err != nil {
			return
		}
		defer c.Close()
		var fr capture.Frame
		for range 10_000 { // a small file may unpack to much
			if err = c.Next(&fr); err != nil {
				break
			}
			if fr.Length < len(fr.Data) || fr.Length > 1<<20 {
				t.Errorf("%d bytes of %d", len(fr.Data), fr.Length)
			}
		}
		if err != nil && err != io.EOF && !strings.Contains(err.Error(), " at byte ") {
			t.Errorf("error %q does not say where", err)
		}
		if err != nil {
			if again := c.Next(&fr); again == nil {
				t.Error("goes on after an error")
			}
		}
		sameTogether(t, b)
	})
}

func TestNextAllocs(t *testing.T) {
	g := (&file{order: binary.LittleEndian}).section().describe(1, 0)
	for range 5000 {
		g.packet(0, 9, 9, "data")
	}
	h := (&file{order: binary.LittleEndian}).pcap(0xa1b2c3d4, 1, 4)
	for range 5000 {
		h.u32(9, 7, 0, 60)
	}
	for _, b := range [][]byte{g.b, h.b} {
		c, err := capture.New(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		var f capture.Frame
		if n := testing.AllocsPerRun(1000, func() {
			for range 4 {
				if err := c.Next(&f); err != nil {
					t.Fatal(err)
				}
			}
		}); n != 0 {
			t.Errorf("four packets allocate %v times, want 0", n)
		}
	}
}

// TestMemory reads a file that claims much and holds little.
func TestMemory(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 100 {
		h := (&file{order: binary.LittleEndian}).pcap(0xa1b2c3d4, 1, 4).u32(9, 7, 1<<20, 1<<20)
		if _, err := frames(bytes.NewReader(h.b)); err == nil {
			t.Fatal("no error")
		}
	}
	runtime.ReadMemStats(&after)
	if n := (after.TotalAlloc - before.TotalAlloc) / 100; n > 2<<20 {
		t.Errorf("%d bytes for a file of 40", n)
	}
}
