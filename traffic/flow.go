package traffic

import (
	"encoding/binary"
	"net/netip"
	"strings"
	"time"
)

// Sensor names the part of Gnomon (or the foreign log) that saw a flow.
type Sensor string

// The sensors.
const (
	SensorProxy Sensor = "proxy"
	SensorDNS   Sensor = "dns"
	SensorTLS   Sensor = "tls"
	SensorQUIC  Sensor = "quic"
	SensorLog   Sensor = "log"
)

// Flow is one attempt to reach a service, from any sensor. It is immutable once
// built. The zero value of a field means that the sensor could not see it.
type Flow struct {
	ID         string // of the sighting that it makes, for a sensor that may see it twice; "": a new one, see NewID
	Time       time.Time
	Sensor     Sensor
	Client     netip.Addr // unmapped: never an IPv4-in-IPv6 address
	ClientPort uint16
	User       string // as authenticated or mapped, "" when unknown
	Groups     []string
	Host       string // canonical, see CanonicalHost
	Server     netip.AddrPort
	Method     string
	Path       string // as sent, escaped, without the query
	UserAgent  string
	Up, Down   int64    // bytes, known only to sensors that see a flow end
	Origin     string   // where the observation comes from: a file name, an interface
	Features   []string // what was noted of it and not acted upon: token_stream; shared, never modified

	// Duration is how long the flow has lasted, known only to sensors that see a
	// flow end.
	Duration time.Duration

	// Continued says that the flow was reported before: Up and Down are what came
	// since, and it is no new request.
	Continued bool

	// Guess, when not 0, says that Host was not read but is what an earlier lookup
	// said of Server's address, and how likely that is (up to 1).
	Guess float64
}

func (f *Flow) sightingID() string {
	if f.ID != "" {
		return f.ID
	}
	return NewID(f.Time)
}

// CanonicalHost returns host in lower case without a port, square brackets or
// final dots, which is how hosts are compared everywhere in Gnomon. It
// allocates only when host has upper-case letters.
func CanonicalHost(host string) string {
	if isCanonical(host) { // most are
		return host
	}
	if strings.HasPrefix(host, "[") {
		if i := strings.IndexByte(host, ']'); i > 0 {
			host = host[1:i]
		}
	} else if i := strings.IndexByte(host, ':'); i >= 0 && strings.IndexByte(host[i+1:], ':') < 0 {
		host = host[:i] // more than one colon is a bare IPv6 address
	}
	if host = strings.TrimRight(host, "."); isCanonical(host) {
		return host
	}
	return strings.ToLower(host)
}

// isCanonical reports whether host is in its canonical form, eight bytes at a
// time: none of them is from ':' to '[', where the capitals are too, or beyond
// ASCII. Of other hosts than usual ones it may say no.
func isCanonical(host string) bool {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	n := len(host)
	if n < 8 || host[n-1] == '.' {
		return false
	}
	odd := uint64(0)
	for i := 0; ; i += 8 {
		if i > n-8 {
			if i == n {
				break
			}
			i = n - 8 // the last ones, some of them again
		}
		b := []byte(host[i : i+8]) // not copied
		w := binary.LittleEndian.Uint64(b)
		low := w &^ high
		odd |= w | (low+(0x80-':')*ones)&^(low+(0x80-'['-1)*ones)
	}
	return odd&high == 0
}
