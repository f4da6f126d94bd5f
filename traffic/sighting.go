package traffic

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"time"
)

// Depth says how much of a use was seen.
type Depth string

// The depths.
const (
	Inspected    Depth = "inspected"
	MetadataOnly Depth = "metadata_only"
	Blind        Depth = "blind"
)

// The reasons of a coverage that is not Inspected.
const (
	ReasonPassive       = "passive"            // a sniffer or a log saw it
	ReasonTunnelled     = "tunnelled"          // its scope forbids decryption
	ReasonPinned        = "pinned"             // the client refuses our certificate
	ReasonFormat        = "unsupported_format" // no reader for the body
	ReasonOverLimit     = "over_limit"         // more than proxy.max_scan_bytes
	ReasonScanMemory    = "scan_memory"        // proxy.scan_memory was used up
	ReasonScanWork      = "scan_work"          // more in it looks like values than is tried in a text of its size
	ReasonEncoding      = "content_encoding"   // unknown or damaged Content-Encoding
	ReasonSigned        = "signed"             // a signature forbids rewriting
	ReasonBypassed      = "bypassed"           // the policy said so
	ReasonEncrypted     = "encrypted"          // an attached file has a password
	ReasonDamaged       = "damaged"            // an attached file is broken
	ReasonDocument      = "document"           // a finding stands in a file that can't be rewritten
	ReasonReaderFailure = "reader_failure"     // a fault of ours
)

// Coverage is how much of a use was seen, and why not more.
type Coverage struct {
	Depth  Depth
	Reason string // "" when all of it was inspected
}

// Sighting is what is kept of one use of an AI service, and all that is kept:
// no text, no value, no query.
type Sighting struct {
	ID        string // unique; sorts by time
	Again     bool   // ID follows from what was seen: it may have been recorded before
	Time      time.Time
	Sensor    Sensor
	Origin    string
	Client    netip.Addr
	User      string
	Groups    []string
	Host      string
	Method    string
	Path      string // template: ids and tokens are "{}"
	UserAgent string
	Tools     []string // names of the tools that were declared or called, bounded
	Servers   []string // names of remote MCP servers that the request hands over, bounded
	Files     int      // that the request carried, whatever was decided
	Verdict   Verdict
	Features  []string // of the flow: what was noted and not acted upon
	Blind     string   // kind of a blind spot: then this is no use of AI, Verdict is zero and Host names the resolver or VPN
	Account   Account
	Model     string
	Format    string
	Findings  map[string]int // by detector
	Classes   map[Class]int
	Prints    []string // keyed fingerprints of the findings, bounded
	Decision  Decision
	Coverage  Coverage
	Requests  int64
	Up, Down  int64 // bytes
	Code      int   // HTTP status of the answer, 0 when there was none
	Duration  time.Duration
}

// NewID returns an identifier that is unique and sorts by t: 48 bits of
// milliseconds and 80 random bits in hexadecimal.
func NewID(t time.Time) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(t.UnixMilli())<<16)
	rand.Read(b[6:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}

// maxPrints bounds the fingerprints of one sighting: a dump of ten thousand
// records says no more than its counts.
const maxPrints = 32

func (s *Sighting) tally(findings []Finding) {
	if len(findings) == 0 {
		return
	}
	s.Findings, s.Classes = make(map[string]int), make(map[Class]int)
	for _, f := range findings {
		s.Findings[f.Detector]++
		s.Classes[f.Class]++
		if len(s.Prints) < maxPrints {
			s.Prints = append(s.Prints, f.Print)
		}
	}
}

func (s *Sighting) findings() (n int) {
	for _, k := range s.Findings {
		n += k
	}
	return n
}
