package proxy

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// Config is the settings of a Server. Start from DefaultConfig.
type Config struct {
	Listen string // address of the explicit proxy; port 0 picks one, see Server.Addr

	// Clients may use the proxy; empty means loopback only. Listening beyond
	// loopback needs Clients or Auth.
	Clients []netip.Prefix
	Auth    Authenticator // nil: no authentication

	ConnectPorts  []uint16            // ports open to clients, beside those of Resolve and, for plain HTTP, 80
	Resolve       map[string]string   // host → address or address:port, in place of DNS
	AllowPrivate  []netip.Prefix      // destinations that may be reached although they are not public
	Self          []netip.AddrPort    // listeners of this gateway that nobody may reach through it, whatever AllowPrivate says
	UpstreamRoots []*x509.Certificate // trusted beside the system's roots

	MaxScanBytes int64         // of one body
	ScanMemory   int64         // of all bodies that are being read at one time, see budget
	MaxConns     int           // client connections at one time
	Grace        time.Duration // for connections under way when Run is told to end

	Own    Own         // what people are shown of themselves; nil: nothing
	OwnKey traffic.Key // of the forms there; gateways that serve the same people have one key

	holdTimeout time.Duration // 0: holdTimeout; tests don't wait for so long
}

// DefaultConfig returns the settings of a gateway on loopback.
func DefaultConfig() Config {
	return Config{
		Listen:       "127.0.0.1:8080",
		ConnectPorts: []uint16{80, 443},
		MaxScanBytes: 32 << 20,
		ScanMemory:   512 << 20,
		MaxConns:     20_000,
		Grace:        10 * time.Second,
	}
}

// Authenticator checks the credentials of a client (RFC 7617). It is called
// concurrently, once a connection for intercepted traffic and once a request
// otherwise, and must take the same time for every wrong answer.
type Authenticator interface {
	Authenticate(user, password string) (groups []string, ok bool)
}

func (c *Config) validate() error {
	if c.holdTimeout == 0 {
		c.holdTimeout = holdTimeout
	}
	listen, err := netip.ParseAddrPort(c.Listen)
	switch {
	case err != nil:
		return fmt.Errorf("proxy.listen %q: want address:port", c.Listen)
	case c.MaxScanBytes <= 0:
		return errors.New("proxy.max_scan_bytes: must be greater than zero")
	case c.ScanMemory < c.MaxScanBytes:
		return errors.New("proxy.scan_memory: must hold at least one body of proxy.max_scan_bytes")
	case c.MaxConns <= 0:
		return errors.New("proxy.max_connections: must be greater than zero")
	case !listen.Addr().Unmap().IsLoopback() && len(c.Clients) == 0 && c.Auth == nil:
		return fmt.Errorf("proxy.listen %s is reachable from the network: set proxy.clients or proxy.auth_file, so that it is no open proxy", c.Listen)
	}
	return nil
}
