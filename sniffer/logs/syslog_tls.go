package logs

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"time"
)

// handshakeTimeout bounds how long who has said nothing yet may hold a
// connection.
const handshakeTimeout = 5 * time.Second

// handshake opens TLS on a connection: 1.2 or newer (RFC 9662), and with a
// certificate of the sender where ClientCAs are named (RFC 5425, section 4.2).
// It closes the connection, and tells, when that fails.
func (s *Syslog) handshake(ctx context.Context, c *visitor, from netip.Addr) (net.Conn, error) {
	short, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	secure := tls.Server(c, s.cfg.TLS)
	err := secure.HandshakeContext(short)
	if err == nil && s.settled(c, from) {
		return secure, nil
	}
	c.Close()
	if err == nil {
		return nil, errCrowd
	}
	if ctx.Err() != nil || c.turned.Load() {
		return nil, err // we are going away, or it has been told
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = errors.New("it said nothing in time")
	}
	s.count.unproven.Add(1)
	if s.cfg.Unproven != nil {
		s.cfg.Unproven(from, err)
	}
	return nil, err
}

// secure returns the TLS that is spoken, whatever the caller left open.
func secure(cfg *tls.Config) *tls.Config {
	cfg = cfg.Clone()
	cfg.MinVersion = max(cfg.MinVersion, tls.VersionTLS12)
	// A sender that never reads closes with a ticket of TLS 1.3 unread, which
	// resets the connection and takes with it what was sent and not yet read.
	cfg.SessionTicketsDisabled = true
	if cfg.ClientCAs != nil {
		cfg.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return cfg
}
