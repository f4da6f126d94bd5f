package hello_test

import (
	"bufio"
	"compress/gzip"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
)

// captures returns the shared capture files.
func captures(t *testing.T) []string {
	t.Helper()
	dir := os.Getenv("SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "pcaps", "*.pcap*"))
	if len(files) == 0 {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no captures in %s/pcaps: set SHARED", dir)
		}
		t.Skipf("NOT TESTED: no captures in %s/pcaps (set SHARED)", dir)
	}
	return files
}

// segment is what a capture holds of one transport packet.
type segment struct {
	time     time.Time
	src, dst netip.AddrPort
	tcp      *layers.TCP // nil for UDP
	payload  []byte
}

// segments reads a capture file up to its end or damage, as far as gopacket
// decodes it.
func segments(t *testing.T, path string) (list []segment) {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := io.Reader(f)
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	var source interface {
		gopacket.PacketDataSource
		LinkType() layers.LinkType
	}
	buffered := bufio.NewReader(r)
	if magic, _ := buffered.Peek(4); string(magic) == "\x0a\x0d\x0d\x0a" {
		source, err = pcapgo.NewNgReader(buffered, pcapgo.NgReaderOptions{WantMixedLinkType: true})
	} else {
		source, err = pcapgo.NewReader(buffered)
	}
	if err != nil {
		t.Logf("%s: %v", filepath.Base(path), err)
		return nil
	}
	for {
		data, ci, err := source.ReadPacketData()
		if err != nil {
			return list
		}
		link := source.LinkType()
		if len(ci.AncillaryData) > 0 {
			if l, ok := ci.AncillaryData[0].(layers.LinkType); ok {
				link = l
			}
		}
		if link == 276&0xff && len(data) > 20 { // Linux cooked v2, which gopacket doesn't know
			data, link = data[20:], layers.LinkTypeRaw
		}
		if s, ok := decode(data, link); ok {
			s.time = ci.Timestamp
			list = append(list, s)
		}
	}
}

// decode returns the innermost TCP or UDP packet of a frame.
func decode(data []byte, link layers.LinkType) (s segment, ok bool) {
	defer func() {
		if recover() != nil { // gopacket's decoders do that
			ok = false
		}
	}()
	var src, dst netip.Addr
	for _, l := range gopacket.NewPacket(data, link, gopacket.NoCopy).Layers() {
		switch l := l.(type) {
		case *layers.IPv4:
			src, _ = netip.AddrFromSlice(l.SrcIP.To4())
			dst, _ = netip.AddrFromSlice(l.DstIP.To4())
		case *layers.IPv6:
			src, _ = netip.AddrFromSlice(l.SrcIP)
			dst, _ = netip.AddrFromSlice(l.DstIP)
		case *layers.TCP:
			s.src, s.dst = netip.AddrPortFrom(src, uint16(l.SrcPort)), netip.AddrPortFrom(dst, uint16(l.DstPort))
			s.tcp, s.payload, ok = l, l.Payload, true
		case *layers.UDP:
			s.src, s.dst = netip.AddrPortFrom(src, uint16(l.SrcPort)), netip.AddrPortFrom(dst, uint16(l.DstPort))
			s.tcp, s.payload, ok = nil, l.Payload, true
		}
	}
	return s, ok
}
