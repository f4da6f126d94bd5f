package quic

// Reason says why an Initial packet told nothing. The set is closed.
type Reason uint8

// The reasons.
const (
	ReasonHeader         Reason = iota // a header that is short or contradicts itself
	ReasonNotDecrypted                 // no key fits: damaged, a server's, or the start was not seen
	ReasonFrame                        // decrypted, but with a frame that can't be read
	ReasonNotHello                     // decrypted, but the message is no ClientHello
	ReasonCryptoOverflow               // a ClientHello of more than 16 KiB
	ReasonEvicted                      // only a part of the ClientHello was seen before room was needed
	ReasonExpired                      // only a part of the ClientHello was ever seen
	reasonCount
)

var reasonNames = [reasonCount]string{
	"quic_header", "quic_not_decrypted", "quic_frame", "quic_not_hello",
	"quic_crypto_overflow", "quic_evicted", "quic_expired",
}

// String returns the name of r as metrics and reports show it.
func (r Reason) String() string {
	if r >= reasonCount {
		return "unknown"
	}
	return reasonNames[r]
}

// Stats counts what a Table saw.
type Stats struct {
	Initials int64 // Initial packets of known versions, from either side
	Hellos   int64 // ClientHellos returned

	failed [reasonCount]int64
}

// Failed returns the number of packets (of connections, for evicted and expired)
// that told nothing, by reason; reasons that did not occur are absent.
func (s *Stats) Failed() map[string]int64 {
	m := make(map[string]int64)
	for r, n := range s.failed {
		if n > 0 {
			m[Reason(r).String()] = n
		}
	}
	return m
}
