package logs

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// SyslogConfig says where to listen and to whom.
type SyslogConfig struct {
	// Addr is where to listen, over UDP and TCP alike: an address, not a name,
	// and a port.
	Addr string
	// Senders are the networks whose messages are taken. Empty means this
	// machine alone, which only an Addr on a loopback address may go with.
	Senders []netip.Prefix
	// Options are those of every sender's log.
	Options Options
	// MaxConns bounds the TCP connections, MaxSenders the senders whose formats
	// are kept in mind; 0 means 256 each.
	MaxConns, MaxSenders int
}

// Syslog receives the logs of other systems: datagrams (RFC 5426) and streams
// (RFC 6587, both framings). Their lines go through the same parsers as those
// of files; each sender's formats are recognised by its first lines.
//
// Syslog is neither encrypted nor authenticated: a sender is whoever has its
// address. Let it listen on a network that only the senders can reach.
type Syslog struct {
	cfg   SyslogConfig
	udp   *net.UDPConn
	tcp   *net.TCPListener
	queue chan message
	count syslogCounts

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
	messages, refused, dropped, crowded, forgotten atomic.Int64
}

// ListenSyslog opens the sockets. It receives nothing until Run.
func ListenSyslog(cfg SyslogConfig) (*Syslog, error) {
	at, err := netip.ParseAddrPort(cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("listening for syslog on %q: want an address and a port, such as 127.0.0.1:5514: %w", cfg.Addr, err)
	}
	if len(cfg.Senders) == 0 && !at.Addr().IsLoopback() {
		return nil, fmt.Errorf("listening for syslog on %s: other machines reach this address, so name the networks of the senders", at)
	}
	if cfg.MaxConns <= 0 {
		cfg.MaxConns = 256
	}
	if cfg.MaxSenders <= 0 {
		cfg.MaxSenders = 256
	}
	tcp, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(at))
	if err != nil {
		return nil, fmt.Errorf("listening for syslog: %w", err)
	}
	// With port 0 the datagrams come to the port that TCP got.
	udp, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(tcp.Addr().(*net.TCPAddr).AddrPort()))
	if err != nil {
		tcp.Close()
		return nil, fmt.Errorf("listening for syslog: %w", err)
	}
	udp.SetReadBuffer(4 << 20) // bursts; the system may give less
	return &Syslog{cfg: cfg, udp: udp, tcp: tcp, queue: make(chan message, queueLength), senders: map[netip.Addr]*sender{}}, nil
}

// Addr returns where s listens.
func (s *Syslog) Addr() netip.AddrPort {
	at := s.tcp.Addr().(*net.TCPAddr).AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}

// Run receives until ctx ends and calls each, from one goroutine, with every
// record, which is only valid until it returns. The sender is the system that
// sent the log, not the client of the record.
func (s *Syslog) Run(ctx context.Context, each func(sender netip.Addr, r *Record)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		s.udp.Close()
		s.tcp.Close()
	})
	defer stop()

	var inputs sync.WaitGroup
	errs := make(chan error, 2)
	inputs.Go(func() { errs <- s.datagrams(ctx); cancel() })
	inputs.Go(func() { errs <- s.accept(ctx); cancel() })
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.parse(each)
	}()
	inputs.Wait()
	close(s.queue) // what was received is still read
	<-done
	return errors.Join(<-errs, <-errs)
}

// Close closes the sockets of an s that never ran.
func (s *Syslog) Close() error { return errors.Join(s.udp.Close(), s.tcp.Close()) }

// allowed tells whether messages of a are taken, and counts those that aren't.
func (s *Syslog) allowed(a netip.Addr) bool {
	if len(s.cfg.Senders) == 0 && a.IsLoopback() {
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
		if !s.allowed(addr) {
			continue
		}
		select {
		case s.queue <- message{from: addr, text: string(buf[:n])}:
		default:
			s.count.dropped.Add(1)
		}
	}
}

// accept serves TCP connections.
func (s *Syslog) accept(ctx context.Context) error {
	var conns sync.WaitGroup
	defer conns.Wait()
	slots := make(chan struct{}, s.cfg.MaxConns)
	for {
		c, err := s.tcp.Accept()
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
		if !s.allowed(from) {
			c.Close()
			continue
		}
		select {
		case slots <- struct{}{}:
		default:
			s.count.crowded.Add(1)
			c.Close()
			continue
		}
		conns.Go(func() {
			defer func() { <-slots }()
			s.serve(ctx, c, from)
		})
	}
}

// serve reads one connection. A full queue makes the sender wait.
func (s *Syslog) serve(ctx context.Context, c net.Conn, from netip.Addr) {
	defer context.AfterFunc(ctx, func() { c.Close() })()
	defer c.Close()
	f := newFrames(c)
	for {
		c.SetReadDeadline(time.Now().Add(idleTimeout))
		text, long, err := f.next()
		if err != nil {
			return // the connection is over, in whatever way
		}
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
