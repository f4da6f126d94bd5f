package quic_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/hello"
	"github.com/gnomon-proxy/gnomon/sniffer/quic"
)

// The CRYPTO frame of the examples of RFC 9001, appendix A.2, and RFC 9369,
// appendix A.2.
const exampleFrame = "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e868" +
	"04fe3a47f06a2b69484c00000413011302010000c000000010000e00000b6578" +
	"616d706c652e636f6dff01000100000a00080006001d00170018001000070005" +
	"04616c706e000500050100000000003300260024001d00209370b2c9caa47fba" +
	"baf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b000302030400" +
	"0d0010000e0403050306030203080408050806002d00020101001c0002400100" +
	"3900320408ffffffffffffffff05048000ffff07048000ffff08011001048000" +
	"75300901100f088394c8f03e51570806048000ffff"

// TestVectors sends the packets of both appendices. Their first bytes and the tag
// over all of them are the published ones, so that a mistake shared by the test
// and the package would show.
func TestVectors(t *testing.T) {
	for _, tt := range []struct {
		name       string
		version    uint32
		start, end string
	}{
		{"RFC 9001", v1,
			"c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11d242b123dc9b",
			"8b4c8d169a44e55c88d4a9a7f9474241e221af44860018ab0856972e194cd934"},
		{"RFC 9369", v2,
			"d76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485dd04de806071",
			"9a37ddec600545473cfb5a05e08d0b209973b2172b4d21fb69745a262ccde96ba18b2faa745b6fe189cf772a9f84cbfc"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			frame := unhex(t, exampleFrame)
			packet := initial{version: tt.version, dcid: string(unhex(t, "8394c8f03e515708")), number: 2, frames: frame, size: 1200}.seal()
			if len(packet) != 1200 || !bytes.HasPrefix(packet, unhex(t, tt.start)) || !bytes.HasSuffix(packet, unhex(t, tt.end)) {
				t.Fatalf("the test's packet is not the published one: %d bytes, %x ... %x", len(packet), packet[:40], packet[len(packet)-48:])
			}
			msg, ok := quic.New(quic.Options{}).Datagram(client, server, time.Unix(1, 0), packet)
			if !ok || !bytes.Equal(msg, frame[4:]) {
				t.Fatalf("Datagram = %x, %v", msg, ok)
			}
			var h hello.Hello
			if err := hello.Parse(msg, &h); err != nil || h.Name() != "example.com" || !h.Offers("alpn") {
				t.Errorf("Parse: %v, %q", err, h.Name())
			}
		})
	}
}
