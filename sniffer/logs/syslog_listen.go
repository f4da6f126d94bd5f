package logs

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// SyslogConfig says where to listen and to whom.
type SyslogConfig struct {
	// Addr is where to listen, over UDP and TCP alike: an address, not a name,
	// and a port. "" means nowhere, which goes with a TLSAddr.
	Addr string
	// TLSAddr is where to listen for connections with TLS, "" for nowhere; TLS
	// has the certificate. With ClientCAs every sender must show a certificate
	// of theirs.
	TLSAddr string
	TLS     *tls.Config
	// Senders are the networks whose messages are taken. Empty means this
	// machine alone, which only addresses on loopback may go with; who shows a
	// certificate that ClientCAs vouch for may be anywhere.
	Senders []netip.Prefix
	// Unproven is called with connections whose TLS did not come about. It may
	// be nil; it is called from many goroutines.
	Unproven func(sender netip.Addr, err error)
	// Refused is called, as Unproven is, with connections that were closed as they
	// are no senders', or too many. It may be nil.
	Refused func(sender netip.Addr, why error)
	// Unread is called once for a sender that has sent some tens of lines of no known
	// format, with how many, and the formats that it has beside. It may be nil; it
	// is called from the goroutine that calls with the records.
	Unread func(sender netip.Addr, lines int64, formats []string)
	// Options are those of every sender's log.
	Options Options
	// MaxConns bounds the connections that have said something, and as many again
	// that have not; MaxSenders the senders whose formats are kept in mind; 0
	// means 256 each.
	MaxConns, MaxSenders int
}

// Check says what is wrong with the addresses of c.
func (c *SyslogConfig) Check() error {
	if c.Addr == "" && c.TLSAddr == "" {
		return errors.New("listening for syslog: no address to listen on")
	}
	proven := c.TLS != nil && c.TLS.ClientCAs != nil
	if err := c.check(c.Addr, false); err != nil {
		return err
	}
	if c.TLSAddr != "" && c.TLS == nil {
		return fmt.Errorf("listening for syslog over TLS on %s: there is no certificate", c.TLSAddr)
	}
	return c.check(c.TLSAddr, proven)
}

// check does so for one address; proven says that its senders show
// certificates.
func (c *SyslogConfig) check(addr string, proven bool) error {
	if addr == "" {
		return nil
	}
	at, err := netip.ParseAddrPort(addr)
	if err != nil {
		return fmt.Errorf("listening for syslog on %q: want an address and a port, such as 127.0.0.1:5514: %w", addr, err)
	}
	if len(c.Senders) == 0 && !at.Addr().IsLoopback() && !proven {
		return fmt.Errorf("listening for syslog on %s: other machines reach this address, so name the networks of the senders", at)
	}
	return nil
}

// ListenSyslog opens the sockets. It receives nothing until Run.
func ListenSyslog(cfg SyslogConfig) (*Syslog, error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	if cfg.MaxConns <= 0 {
		cfg.MaxConns = 256
	}
	if cfg.MaxSenders <= 0 {
		cfg.MaxSenders = 256
	}
	if cfg.TLSAddr != "" {
		cfg.TLS = secure(cfg.TLS)
	}
	s := &Syslog{cfg: cfg, visitors: newVisitors(cfg.MaxConns), queue: make(chan message, queueLength), senders: map[netip.Addr]*sender{}}
	if err := s.open(); err != nil {
		return nil, errors.Join(fmt.Errorf("listening for syslog: %w", err), s.Close())
	}
	return s, nil
}

func (s *Syslog) open() (err error) {
	if s.cfg.Addr != "" {
		if s.tcp, err = listenTCP(s.cfg.Addr); err != nil {
			return err
		}
		// With port 0 the datagrams come to the port that TCP got.
		if s.udp, err = net.ListenUDP("udp", net.UDPAddrFromAddrPort(s.tcp.Addr().(*net.TCPAddr).AddrPort())); err != nil {
			return err
		}
		s.udp.SetReadBuffer(4 << 20) // bursts; the system may give less
	}
	if s.cfg.TLSAddr != "" {
		s.tls, err = listenTCP(s.cfg.TLSAddr)
	}
	return err
}

func listenTCP(addr string) (*net.TCPListener, error) {
	at, err := netip.ParseAddrPort(addr)
	if err != nil {
		return nil, err
	}
	return net.ListenTCP("tcp", net.TCPAddrFromAddrPort(at))
}

// Addr returns where s listens without TLS, and TLSAddr where with it; zero for
// nowhere.
func (s *Syslog) Addr() netip.AddrPort    { return addrOf(s.tcp) }
func (s *Syslog) TLSAddr() netip.AddrPort { return addrOf(s.tls) }

func addrOf(ln *net.TCPListener) netip.AddrPort {
	if ln == nil {
		return netip.AddrPort{}
	}
	at := ln.Addr().(*net.TCPAddr).AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}
