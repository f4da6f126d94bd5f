package stream

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"
)

// maxDatagram is what a message may have over UDP: RFC 5426 lets receivers cut
// what is longer than 2048 bytes, and IP ends at 65,507.
const maxDatagram = 65507

// syslog sends messages of RFC 5424: over TCP and TLS each with its length
// before it (RFC 6587, section 3.4.1, RFC 5425, section 4.3), over UDP one a
// datagram (RFC 5426).
type syslog struct {
	cfg     *Config
	network string
	addr    string
	tls     *tls.Config // nil: none
	conn    net.Conn    // nil: not connected
	tcp     *net.TCPConn
	buf     []byte
}

func openSyslog(cfg *Config, u *url.URL) (sender, error) {
	s := &syslog{cfg: cfg, network: "tcp"}
	switch u.Scheme {
	case "syslog+udp":
		s.network, s.addr = "udp", hostPort(u, "514")
	case "syslog+tls":
		s.addr = hostPort(u, "6514")
		s.tls = &tls.Config{RootCAs: cfg.Roots, ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}
	default:
		s.addr = hostPort(u, "514")
	}
	return s, nil
}

func (s *syslog) close() {
	if s.conn != nil {
		s.conn.Close()
		s.conn, s.tcp = nil, nil
	}
}

// send returns when the receiver's kernel has all bytes. More can't be known:
// syslog has no answers.
func (s *syslog) send(ctx context.Context, records []Record) (err error) {
	messages, err := s.messages(records)
	if err != nil {
		return err
	}
	if s.conn != nil && s.ended() {
		s.close()
	}
	if s.conn == nil {
		if err := s.dial(ctx); err != nil {
			return err
		}
	}
	conn := s.conn // s has another, or none, by the time that this runs
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer func() {
		if !stop() && err == nil {
			err = ctx.Err()
		}
		if err != nil {
			s.close() // half a message may be under way
		}
	}()
	if s.network == "udp" {
		return s.sendEach(messages)
	}
	if err := s.sendCounted(messages); err != nil {
		return err
	}
	return acknowledged(ctx, s.tcp)
}

// messages returns the messages of records: one makes more than one in
// OCSF.
func (s *syslog) messages(records []Record) (all [][]byte, err error) {
	for i := range records {
		r := &records[i]
		if s.buf, err = s.cfg.Format.Append(s.buf[:0], r); err != nil {
			return nil, err
		}
		for line := range bytes.Lines(s.buf) {
			all = append(all, wrapSyslog(nil, r, s.cfg.Format, bytes.TrimSuffix(line, []byte("\n"))))
		}
	}
	return all, nil
}

func (s *syslog) dial(ctx context.Context) error {
	conn, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, s.network, s.addr)
	if err != nil {
		return err
	}
	s.conn = conn
	s.tcp, _ = conn.(*net.TCPConn)
	if s.tls == nil {
		return nil
	}
	secure := tls.Client(conn, s.tls)
	within, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := secure.HandshakeContext(within); err != nil {
		s.close()
		return fmt.Errorf("TLS with %s: %w", s.addr, err)
	}
	s.conn = secure
	return nil
}

// ended reports whether the receiver has closed the connection. Without that
// look, what is written first after it has would be lost without an error.
func (s *syslog) ended() bool {
	if s.network == "udp" {
		return false
	}
	s.conn.SetReadDeadline(time.Now().Add(time.Millisecond))
	defer s.conn.SetReadDeadline(time.Time{})
	var b [512]byte
	for { // no receiver says anything; one that does is not read for long
		if _, err := s.conn.Read(b[:]); err != nil {
			var timeout net.Error
			return !(errors.As(err, &timeout) && timeout.Timeout())
		}
	}
}

func (s *syslog) sendCounted(messages [][]byte) error {
	s.buf = s.buf[:0]
	for _, m := range messages {
		s.buf = append(strconv.AppendInt(s.buf, int64(len(m)), 10), ' ')
		s.buf = append(s.buf, m...)
	}
	_, err := s.conn.Write(s.buf)
	return err
}

func (s *syslog) sendEach(messages [][]byte) error {
	for _, m := range messages {
		if len(m) > maxDatagram {
			return &refusedError{fmt.Sprintf("a message of %d bytes is too long for UDP", len(m))}
		}
		if _, err := s.conn.Write(m); err != nil {
			return err
		}
	}
	return nil
}
