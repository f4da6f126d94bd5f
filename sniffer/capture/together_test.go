package capture_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/capture"
)

// sameTogether holds Frames against Next: the same frames and the same end,
// and all frames of one call stay as they are until the next.
func sameTogether(t *testing.T, b []byte) {
	t.Helper()
	one, err := capture.New(bytes.NewReader(b))
	if err != nil {
		return
	}
	defer one.Close()
	many, err := capture.New(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer many.Close()
	room := make([]capture.Frame, 7)
	for range 10_000 { // a small file may unpack to much
		n, err := many.Frames(room)
		for i, got := range room[:n] {
			want := capture.Frame{VLAN: 7, Interface: "left over"}
			if err := one.Next(&want); err != nil {
				t.Fatalf("frame %d: Next returns %v, Frames one more frame", i, err)
			}
			if !got.Time.Equal(want.Time) || got.Link != want.Link || !bytes.Equal(got.Data, want.Data) ||
				got.Length != want.Length || got.VLAN != want.VLAN || got.Interface != want.Interface {
				t.Fatalf("Frames returns %+v, want %+v", got, want)
			}
		}
		if err == nil {
			continue
		}
		if other := one.Next(&capture.Frame{}); n != 0 || fmt.Sprint(err) != fmt.Sprint(other) {
			t.Fatalf("Frames returns %d frames and ends with %v, Next with %v", n, err, other)
		}
		if n, again := many.Frames(room); again == nil || n != 0 {
			t.Fatal("goes on after an error")
		}
		return
	}
}

func TestFrames(t *testing.T) {
	var files [][]byte
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		g := (&file{order: order}).section().describe(1, 0)
		old := (&file{order: order}).pcap(0xa1b2c3d4, 1, 3)
		h := (&file{order: order}).pcap(0xa1b23c4d, 1, 4)
		for i := range 90 {
			data := bytes.Repeat([]byte{byte(i)}, i%17*100+i/80*30_000) // more than is read at once
			g.packet(0, uint64(i), uint32(i), string(data))
			if i%10 == 3 {
				g.block(3, append(g.body().u32(9).b, "simple"...)).describe(1, 0).block(99, []byte("unknown"))
			}
			h.u32(uint32(i), 7, uint32(len(data)), 60)
			h.b = append(h.b, data...)
			old.u32(uint32(i), 7, 60, uint32(len(data)))
			old.b = append(old.b, append(data, make([]byte, 60)...)[:min(60, len(data))]...)
		}
		files = append(files, g.b, h.b, old.b, gzipped(g.b))
	}
	for _, b := range files {
		sameTogether(t, b)
		for i := range 16 {
			cut := bytes.Clone(b[:len(b)*(16-i)/16])
			for j := 30 + i; j < len(cut) && i%2 > 0; j += 91 * i {
				cut[j] ^= 1 << (i % 8)
			}
			sameTogether(t, cut)
		}
	}
}

// TestFramesWaits sees that Frames waits for one frame only, as what comes
// through a pipe is to be seen at once.
func TestFramesWaits(t *testing.T) {
	r, w := io.Pipe()
	defer w.Close()
	go w.Write(small())
	c, err := capture.New(r)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	n := 0
	for room := make([]capture.Frame, 64); n < 3; { // else this waits for ever
		more, err := c.Frames(room)
		if err != nil {
			t.Fatal(err)
		}
		n += more
	}
}
