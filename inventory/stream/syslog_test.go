package stream_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/stream"
)

// authority makes a certificate for 127.0.0.1 and the pool that vouches for it.
func authority(t testing.TB) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "collector"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

// collector is a syslog server that counts octets (RFC 6587).
type collector struct {
	net.Listener
	cut func(conn int, messages int) bool // hang up on that connection after so many messages

	mu  sync.Mutex
	ids map[string]int
	bad []error
}

func newCollector(t testing.TB, secure *tls.Config) *collector {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if secure != nil {
		ln = tls.NewListener(ln, secure)
	}
	c := &collector{Listener: ln, ids: make(map[string]int), cut: func(int, int) bool { return false }}
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := 1; ; n++ {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			if tcp, ok := conn.(*net.TCPConn); ok {
				tcp.SetReadBuffer(64 << 10)
			}
			wg.Go(func() { c.read(conn, n) })
		}
	})
	t.Cleanup(func() { ln.Close(); wg.Wait() })
	return c
}

func (c *collector) read(conn net.Conn, number int) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	for n := 1; ; n++ {
		message, err := counted(in)
		if err == io.EOF {
			return
		}
		var id string
		if err == nil {
			var fields map[string]string
			fields, err = parseSyslog(message)
			id = fields["id"]
		}
		over := err != nil || c.cut(number, n)
		if over {
			conn.Close() // before it counts: what is sent afterwards must find it closed
		}
		c.mu.Lock()
		if err != nil {
			c.bad = append(c.bad, err)
		} else {
			c.ids[id]++
		}
		c.mu.Unlock()
		if over {
			return
		}
	}
}

// counted reads one message with its length before it.
func counted(in *bufio.Reader) (string, error) {
	length, err := in.ReadString(' ')
	if err != nil {
		return "", err
	}
	n, err := strconv.Atoi(strings.TrimSuffix(length, " "))
	if err != nil || n <= 0 || length[0] == '0' {
		return "", fmt.Errorf("length %q", length)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(in, b); err != nil {
		return "", io.EOF // the sender went in the middle: it will come again
	}
	return string(b), nil
}

func (c *collector) got() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.ids)
}

// TestSyslog: every message arrives whole over TCP and TLS, also when the
// collector hangs up between batches and goes away for a while.
func TestSyslog(t *testing.T) {
	t.Parallel()
	cert, roots := authority(t)
	for _, tt := range []struct {
		scheme string
		secure *tls.Config
	}{
		{"syslog+tcp", nil}, {"syslog+tls", &tls.Config{Certificates: []tls.Certificate{cert}}},
	} {
		c := newCollector(t, tt.secure)
		c.cut = func(conn, n int) bool { return conn == 1 && n == 50 } // the end of the first batch
		s := open(t, stream.Config{To: tt.scheme + "://" + c.Addr().String(), Roots: roots})
		stop := start(t, s)
		record(s, events(0, 50))
		await(t, "the first batch", func() bool { return s.Stats().Sent == 50 && c.got() == 50 })
		record(s, events(50, 200))
		await(t, "all messages", func() bool { return c.got() == 250 })
		await(t, "an empty queue", func() bool { return s.Stats().Bytes == 0 })
		stop()
		c.mu.Lock()
		if len(c.bad) > 0 {
			t.Errorf("%s: %v", tt.scheme, c.bad)
		}
		c.mu.Unlock()
		if st := s.Stats(); st.Sent != 250 {
			t.Errorf("%s: %+v", tt.scheme, st)
		}
	}
}

// TestSyslogCut: a collector that hangs up in the middle of a batch gets the
// batch again.
func TestSyslogCut(t *testing.T) {
	t.Parallel()
	c := newCollector(t, nil)
	c.cut = func(conn, n int) bool { return conn == 1 && n == 5 }
	s := open(t, stream.Config{To: "syslog+tcp://" + c.Addr().String()})
	start(t, s)
	list := events(0, 100)
	for i := range list { // more than the collector's buffer holds: it can't have acknowledged all when it hangs up
		list[i].Path = "/" + strings.Repeat("p", 10<<10)
	}
	record(s, list)
	await(t, "all messages", func() bool { return c.got() == 100 })
	if s.Stats().Failures == 0 {
		t.Error("the cut went unnoticed")
	}
}

// TestSyslogUntrusted: TLS is verified.
func TestSyslogUntrusted(t *testing.T) {
	t.Parallel()
	cert, _ := authority(t)
	_, others := authority(t)
	c := newCollector(t, &tls.Config{Certificates: []tls.Certificate{cert}})
	s := open(t, stream.Config{To: "syslog+tls://" + c.Addr().String(), Roots: others})
	start(t, s)
	record(s, events(0, 1))
	await(t, "a failure", func() bool { return s.Stats().Failures > 0 })
	if st := s.Stats(); st.Sent != 0 || c.got() != 0 {
		t.Errorf("%+v", st)
	}
}

// TestSyslogUDP: a datagram a message, in an envelope when the format is
// another one.
func TestSyslogUDP(t *testing.T) {
	t.Parallel()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	s := open(t, stream.Config{To: "syslog+udp://" + conn.LocalAddr().String(), Format: stream.CEF})
	start(t, s)
	record(s, samples())
	b := make([]byte, 1<<16)
	for _, e := range samples() {
		conn.SetReadDeadline(time.Now().Add(time.Minute))
		n, _, err := conn.ReadFrom(b)
		if err != nil {
			t.Fatal(err)
		}
		fields, err := parseSyslog(string(b[:n]))
		if err != nil {
			t.Fatalf("%v: %q", err, b[:n])
		}
		cef, err := parseCEF(fields["/msg"])
		if err != nil || cef["externalId"] != e.ID || fields["/msgid"] != "CEF" {
			t.Errorf("%v: %q", err, b[:n])
		}
	}
}
