package proxy

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// recordHandshake is the first byte of every TLS connection (RFC 8446, section 5.1).
const recordHandshake = 22

var (
	errMismatch = errors.New("the name in the client hello is not that of CONNECT")
	errNoLeaf   = errors.New("no certificate for this name")
)

// newTLS returns the one configuration of all intercepted connections: with one
// each, no session could be resumed.
func (s *Server) newTLS() *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		NextProtos:         []string{"h2", "http/1.1"},
		GetConfigForClient: s.checkHello,
		GetCertificate:     s.leaf,
	}
}

// checkHello compares the names that a client gives before anything is
// decrypted. It also sees hellos that resume a session, which never ask for a
// certificate.
func (s *Server) checkHello(h *tls.ClientHelloInfo) (*tls.Config, error) {
	c := h.Conn.(*connectConn)
	c.helloName = traffic.CanonicalHost(h.ServerName)
	if c.helloName != "" && c.helloName != c.host {
		c.mismatch = true
		return nil, errMismatch
	}
	return nil, nil
}

func (s *Server) leaf(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
	c := h.Conn.(*connectConn)
	cert, err := s.minter.Certificate(c.host) // that of the hello, if it has any: see checkHello
	if err != nil {
		return nil, errNoLeaf
	}
	c.presented = true
	return cert, nil
}

// intercept answers CONNECT, takes the handshake that follows and hands the
// decrypted connection to the inner server.
func (s *Server) intercept(c *connectConn) {
	c.SetDeadline(time.Now().Add(handshakeTimeout))
	if _, err := c.acceptedConn.Write([]byte(established)); err != nil {
		c.Close()
		return
	}
	first, err := c.peek()
	switch {
	case err != nil:
		s.stats.Failed.add("silent")
		c.Close()
	case first == recordHandshake:
		s.handshake(c)
	case c.port == 80 && 'A' <= first && first <= 'Z':
		c.scheme = "http"
		c.alert.off = true
		c.SetDeadline(time.Time{})
		s.serveFront(c, &c.session)
	default:
		s.stats.NotTLS.Add(1)
		c.Close()
	}
}

// peek returns the first byte of the client without taking it away.
func (c *connectConn) peek() (byte, error) {
	if len(c.early) == 0 {
		var b [1]byte
		if _, err := io.ReadFull(c.acceptedConn, b[:]); err != nil {
			return 0, err
		}
		c.early = append(c.early, b[0])
	}
	return c.early[0], nil
}

func (s *Server) handshake(c *connectConn) {
	select {
	case s.handshakes <- struct{}{}:
	case <-s.lives.Done():
		c.Close()
		return
	case <-time.After(handshakeTimeout):
		s.stats.Failed.add("overload")
		c.Close()
		return
	}
	c.scheme = "https"
	t := tls.Server(c, s.tls)
	err := t.HandshakeContext(s.lives)
	c.alert.off = true
	<-s.handshakes
	if err != nil {
		s.failedHandshake(c, err)
		c.Close()
		return
	}
	s.stats.Handshakes.Add(1)
	state := t.ConnectionState()
	if state.DidResume {
		s.stats.Resumed.Add(1)
	}
	s.pins.accepted(c.pinKey())
	c.SetDeadline(time.Time{})
	if state.NegotiatedProtocol == "h2" {
		s.decrypted.give(t) // net/http looks for *tls.Conn to speak HTTP/2
		return
	}
	s.serveFront(t, &c.session)
}

func (c *connectConn) pinKey() pinKey { return pinKey{c.client.Addr(), c.host} }

// failedHandshake counts why, and notes clients that refuse our certificate.
func (s *Server) failedHandshake(c *connectConn, err error) {
	reason := handshakeReason(c, err)
	s.stats.Failed.add(reason)
	switch reason {
	case "mismatch":
		s.stats.Mismatches.Add(1)
		s.log.Warn("client hello names another host than CONNECT", "connect", c.host)
	case "unknown_ca", "bad_certificate", "certificate_unknown":
		s.pins.note(c.pinKey(), reason)
	case "closed":
		if !s.pins.noteClosed(c.pinKey()) {
			return
		}
		reason = "closed"
	default:
		return
	}
	if reason != "mismatch" {
		s.stats.PinNoted.Add(1)
		s.log.Info("client refuses the gateway's certificate", "host", c.host, "reason", reason)
	}
}

// handshakeReason names the cause of a failed handshake, out of a small set.
func handshakeReason(c *connectConn, err error) string {
	var op *net.OpError
	switch {
	case c.mismatch:
		return "mismatch"
	case errors.Is(err, errNoLeaf):
		return "no_certificate"
	case errors.As(err, &op) && op.Op == "remote error":
		return alertName(op.Err)
	case c.presented && c.alert.refusal() != "":
		return c.alert.refusal()
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.Canceled):
		return "timeout"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		if c.presented && (op == nil || op.Op != "write") { // what we write last comes after the client's consent
			return "closed"
		}
		return "aborted"
	}
	return "protocol"
}

// alertName names the alerts with which clients refuse a certificate (RFC 8446,
// section 6.2). crypto/tls keeps its type to itself, so its text has to do; a
// test holds it.
func alertName(alert error) string {
	switch alert.Error() {
	case "tls: unknown certificate authority":
		return "unknown_ca"
	case "tls: bad certificate":
		return "bad_certificate"
	case "tls: unknown certificate":
		return "certificate_unknown"
	}
	return "alert"
}
