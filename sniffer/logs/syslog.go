package logs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Syslog receives the logs of other systems: datagrams (RFC 5426), streams
// (RFC 6587, both framings) and streams under TLS (RFC 5425, which has octet
// counting; lines are taken there, too, as many senders are set to them). Their
// lines go through the same parsers as those of files; each sender's formats
// are recognised by its first lines.
//
// Without TLS syslog is neither encrypted nor authenticated: a sender is whoever
// has its address. Let it listen on a network that only the senders can reach.
type Syslog struct {
	cfg      SyslogConfig
	udp      *net.UDPConn     // nil: none,
	tcp      *net.TCPListener // and none
	tls      *net.TCPListener // nil: none
	visitors *visitors        // the connections
	queue    chan message
	count    syslogCounts

	unreadTold time.Time // when Unread was called last; of the goroutine that parses

	mu      sync.Mutex // guards senders
	senders map[netip.Addr]*sender
}

// message is one line of a sender.
type message struct {
	from netip.Addr
	text string
	long bool // it was too long and is not in text
}

const (
	// maxMessage bounds a message: a datagram can't be longer.
	maxMessage = 64 << 10
	// queueLength bounds with maxMessage what waits for the parser: 16 MiB.
	queueLength = 256
	// idleTimeout ends a connection whose sender went away without a word.
	idleTimeout = time.Hour
)

type syslogCounts struct {
	messages, refused, dropped, crowded, unproven, broken, forgotten atomic.Int64
}

// Run receives until ctx ends and calls each, from one goroutine, with every
// record, which is only valid until it returns. The sender is the system that
// sent the log, not the client of the record.
func (s *Syslog) Run(ctx context.Context, each func(sender netip.Addr, r *Record)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { s.Close() })()

	var inputs sync.WaitGroup
	errs := make(chan error, 3)
	for _, input := range s.inputs() {
		inputs.Go(func() { errs <- input(ctx); cancel() })
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.parse(each)
	}()
	inputs.Wait()
	close(s.queue) // what was received is still read
	<-done
	close(errs)
	var all error
	for err := range errs {
		all = errors.Join(all, err)
	}
	return all
}

// inputs are the sockets that are read, each in its own goroutine.
func (s *Syslog) inputs() (all []func(context.Context) error) {
	if s.tcp != nil {
		all = append(all, s.datagrams, func(ctx context.Context) error { return s.accept(ctx, s.tcp, nil) })
	}
	if s.tls != nil {
		all = append(all, func(ctx context.Context) error { return s.accept(ctx, s.tls, s.handshake) })
	}
	return all
}

// Close closes the sockets of an s that never ran.
func (s *Syslog) Close() error {
	var errs []error
	for _, ln := range []*net.TCPListener{s.tcp, s.tls} {
		if ln != nil {
			errs = append(errs, ln.Close())
		}
	}
	if s.udp != nil {
		errs = append(errs, s.udp.Close())
	}
	return errors.Join(errs...)
}

// allowed tells whether messages of a are taken, and counts those that aren't;
// proven says that it will show a certificate.
func (s *Syslog) allowed(a netip.Addr, proven bool) bool {
	if len(s.cfg.Senders) == 0 && (a.IsLoopback() || proven) {
		return true
	}
	for _, p := range s.cfg.Senders {
		if p.Contains(a) {
			return true
		}
	}
	s.count.refused.Add(1)
	return false
}

// datagrams receives over UDP. When the parser can't keep up datagrams are
// dropped, and counted: UDP has no way to make a sender wait.
func (s *Syslog) datagrams(ctx context.Context) error {
	buf := make([]byte, maxMessage)
	for {
		n, from, err := s.udp.ReadFromUDPAddrPort(buf)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			if errors.Is(err, net.ErrClosed) {
				return fmt.Errorf("receiving syslog: %w", err)
			}
			pause(ctx) // such as an ICMP error of an earlier datagram
			continue
		}
		addr := from.Addr().Unmap().WithZone("")
		if !s.allowed(addr, false) {
			continue
		}
		select {
		case s.queue <- message{from: addr, text: string(buf[:n])}:
		default:
			s.count.dropped.Add(1)
		}
	}
}

// accept serves the connections to ln, each after what open, if not nil, does to
// it.
func (s *Syslog) accept(ctx context.Context, ln *net.TCPListener, open func(context.Context, *visitor, netip.Addr) (net.Conn, error)) error {
	var conns sync.WaitGroup
	defer conns.Wait()
	proven := ln == s.tls && s.cfg.TLS.ClientCAs != nil
	for {
		c, err := ln.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			if !retryable(err) {
				return fmt.Errorf("accepting syslog: %w", err)
			}
			pause(ctx)
			continue
		}
		from := c.RemoteAddr().(*net.TCPAddr).AddrPort().Addr().Unmap().WithZone("")
		if !s.allowed(from, proven) {
			c.Close()
			s.turnedAway(from, errNoSender)
			continue
		}
		one, out := s.visitors.enter(c, from)
		s.crowded(out)
		conns.Go(func() {
			defer s.visitors.leave(one)
			if open == nil {
				s.serve(ctx, one, one, from)
			} else if c, err := open(ctx, one, from); err == nil {
				s.serve(ctx, one, c, from)
			}
		})
	}
}

var errNoSender = errors.New("it is not of the networks that may send")

// crowded tells of a connection that was closed to make room, nil for none.
func (s *Syslog) crowded(out *visitor) {
	if out != nil {
		s.count.crowded.Add(1)
		s.turnedAway(out.from.Addr(), errTurned)
	}
}

func (s *Syslog) turnedAway(from netip.Addr, why error) {
	if s.cfg.Refused != nil {
		s.cfg.Refused(from, why)
	}
}

// settled reports whether a connection that has something to say finds room.
func (s *Syslog) settled(one *visitor, from netip.Addr) bool {
	out, err := s.visitors.settle(one)
	s.crowded(out)
	if err != nil {
		s.count.crowded.Add(1)
		s.turnedAway(from, err)
	}
	return err == nil
}

// serve reads one connection by c, which may be its TLS. A full queue makes the
// sender wait.
func (s *Syslog) serve(ctx context.Context, one *visitor, c net.Conn, from netip.Addr) {
	defer context.AfterFunc(ctx, func() { c.Close() })()
	defer c.Close()
	f := newFrames(c)
	for first := true; ; first = false {
		c.SetReadDeadline(time.Now().Add(idleTimeout))
		text, long, err := f.next()
		if err != nil {
			if went := errors.Is(err, io.EOF) || errors.Is(err, os.ErrDeadlineExceeded); !went && ctx.Err() == nil && !one.turned.Load() {
				s.count.broken.Add(1) // what its sender said last may be lost
			}
			return // the connection is over, in whatever way
		}
		if first && !s.settled(one, from) {
			return
		}
		one.heard.Store(time.Now().UnixNano())
		select {
		case s.queue <- message{from: from, text: text, long: long}:
		case <-ctx.Done():
			return
		}
	}
}

func retryable(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.ECONNABORTED)
}

// pause waits a moment: what failed may do so again at once.
func pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(50 * time.Millisecond):
	}
}
