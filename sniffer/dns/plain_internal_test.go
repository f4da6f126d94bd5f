package dns

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestPlainReply holds the quick way to read a reply against the thorough one.
func TestPlainReply(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	plain, odd := 0, 0
	for range 15_000 {
		b := someReply(r)
		for range r.IntN(3) * r.IntN(2) {
			b[r.IntN(len(b))] = byte(r.IntN(256))
		}
		b = b[:len(b)-r.IntN(2)*r.IntN(2)*r.IntN(20)]
		var quick, slow Message
		if quick.Reset(b) != Fine || slow.Reset(b) != Fine {
			continue
		}
		if ok, _ := quick.Next(); !ok || quick.Opcode != 0 || quick.Counts[0] != 1 {
			continue
		}
		slow.Next()
		quick.asked, slow.asked = headerSize, headerSize
		before, rcode := quick.off, quick.Rcode
		if !quick.plain() {
			odd++
			if quick.off != before || quick.Rcode != rcode || quick.EDNS != (EDNS{}) || quick.Addresses != nil || quick.Services != nil {
				t.Fatalf("% x: what is not plain left something behind", b)
			}
			continue
		}
		plain++
		if why := slow.thorough(); why != Fine {
			t.Fatalf("% x: read as plain, want %v", b, why)
		}
		if !slices.Equal(quick.Addresses, slow.Addresses) || quick.EDNS != slow.EDNS || quick.Rcode != slow.Rcode || quick.off != slow.off {
			t.Fatalf("% x: read as %v, %v, want %v, %v", b, quick.Addresses, quick.EDNS, slow.Addresses, slow.EDNS)
		}
		if !slices.EqualFunc(quick.Services, slow.Services, func(a, b Service) bool {
			return a.Type == b.Type && a.Priority == b.Priority && a.TTL == b.TTL && a.target == b.target && a.ECH == b.ECH &&
				string(a.PublicName) == string(b.PublicName) && string(a.alpn) == string(b.alpn) && a.Port == b.Port
		}) {
			t.Fatalf("% x: read as %v, want %v", b, quick.Services, slow.Services)
		}
	}
	if plain < 2_500 || odd < 2_500 {
		t.Errorf("%d replies were plain and %d were not: both should be many", plain, odd)
	}
}

// someReply makes a reply much like those of servers.
func someReply(r *rand.Rand) []byte {
	names := []string{"\x01a\x00", "\x01A\x04test\x00", "\x01b\xc0\x0e", "\x03www\x01a\xc0\x0c", "\x00", "\xc0\x0c", "\x01c\x01a\x04test\x00"}
	b := []byte{0, 1, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}
	b = append(b, "\x01a\x04test\x00\x00\x01\x00\x01"...)
	last := headerSize
	for section := range 3 {
		for range r.IntN(4 - section) {
			b[7+2*section]++
			owner := binary.BigEndian.AppendUint16(nil, 0xc000|uint16(last))
			switch r.IntN(20) {
			case 0:
				owner = []byte("\xc0\x0c")
			case 1:
				owner = []byte(names[r.IntN(len(names))])
			}
			kind, data := uint16(TypeA), []byte{192, 0, 2, byte(r.IntN(4))}
			switch n := r.IntN(12); {
			case section == 1:
				kind = 6 // SOA
			case section == 2 && n > 0:
				kind, owner = TypeOPT, []byte{0}
			case n < 4:
				kind, data = TypeCNAME, []byte(names[r.IntN(len(names))])
			case n < 6:
				kind, data = TypeAAAA, make([]byte, 16)
			case n < 7:
				kind, data = TypeHTTPS, []byte("\x00\x01"+names[r.IntN(len(names))]+"\x00\x01\x00\x03\x02h2\x00\x04\x00\x04\xc0\x00\x02\x09")
			case n < 8 && r.IntN(4) == 0:
				kind = 16 // TXT
			}
			b = append(b, owner...)
			b = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(b, kind), ClassIN)
			b = binary.BigEndian.AppendUint32(b, uint32(r.IntN(1000)))
			b = binary.BigEndian.AppendUint16(b, uint16(len(data)))
			if kind == TypeCNAME {
				last = len(b)
			}
			b = append(b, data...)
		}
	}
	return b
}
