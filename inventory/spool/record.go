package spool

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
)

// magic begins each segment; its last byte is the version of the format.
var magic = []byte("GNSPOOL\x01")

// MaxRecord bounds a record: a length beyond it is damage, not data.
const MaxRecord = 1 << 20

// head is the length and the checksum of a record, both big-endian.
const head = 8

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendRecord appends the encoded record to b.
func appendRecord(b, record []byte) []byte {
	at := len(b)
	b = append(append(b, make([]byte, head)...), record...)
	putHead(b[at:])
	return b
}

// putHead fills in the head of a record that b is, head included.
func putHead(b []byte) {
	binary.BigEndian.PutUint32(b, uint32(len(b)-head))
	binary.BigEndian.PutUint32(b[4:], sum(b[:4], b[head:]))
}

// sum covers the length too, so that a run of zero bytes is no valid record. That
// is handed in as it stands in the head: a copy would be allocated for each.
func sum(length, record []byte) uint32 {
	return crc32.Update(crc32.Checksum(length, castagnoli), castagnoli, record) ^ 0xa5a5a5a5
}

// parse returns the records of a segment, which alias it, and the length of its
// sound part. Where that is less than all of it, the rest is damaged.
func parse(segment []byte) (records [][]byte, sound int) {
	if !bytes.HasPrefix(segment, magic) {
		return nil, 0
	}
	sound = len(magic)
	for {
		rest := segment[sound:]
		if len(rest) < head {
			return records, sound
		}
		n := binary.BigEndian.Uint32(rest)
		if n > MaxRecord || int(n) > len(rest)-head {
			return records, sound
		}
		record := rest[head : head+int(n)]
		if binary.BigEndian.Uint32(rest[4:]) != sum(rest[:4], record) {
			return records, sound
		}
		records = append(records, record)
		sound += head + int(n)
	}
}
