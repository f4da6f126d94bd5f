package dlp

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	stdhash "hash"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// printKind keeps fingerprints of findings apart from other hashes of one key,
// save those of API keys.
const printKind = traffic.PrintKind

// appendPlain appends to dst what of a value of class c counts for its
// fingerprint.
func appendPlain(dst []byte, c traffic.Class, value []byte) []byte {
	switch c {
	case traffic.ClassPaymentCard, traffic.ClassBankAccount, traffic.ClassNationalID:
		for _, x := range value {
			if isAlnum(x) {
				dst = append(dst, x&^(x&0x40>>1)) // letters in upper case
			}
		}
		return dst
	}
	return append(dst, value...)
}

// printer makes the fingerprints of Scanner.Print and sets up the key once: a
// prompt with very many findings spends most of its time here.
type printer struct {
	mac stdhash.Hash
	buf []byte
	sum [sha256.Size]byte
}

func newPrinter(key traffic.Key) *printer {
	return &printer{mac: hmac.New(sha256.New, key[:])}
}

func (p *printer) print(c traffic.Class, value []byte) string {
	p.buf = append(append(p.buf[:0], printKind...), 0)
	p.buf = appendPlain(p.buf, c, value)
	p.mac.Reset()
	p.mac.Write(p.buf)
	var out [16]byte
	hex.Encode(out[:], p.mac.Sum(p.sum[:0])[:8])
	return string(out[:])
}
