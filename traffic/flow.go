package traffic

import (
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
	if strings.HasPrefix(host, "[") {
		if i := strings.IndexByte(host, ']'); i > 0 {
			host = host[1:i]
		}
	} else if i := strings.IndexByte(host, ':'); i >= 0 && strings.IndexByte(host[i+1:], ':') < 0 {
		host = host[:i] // more than one colon is a bare IPv6 address
	}
	return strings.ToLower(strings.TrimRight(host, "."))
}
