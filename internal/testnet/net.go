package testnet

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Options say what a Net is made of. The zero value is a good one.
type Options struct {
	Dir   string   // where the CA file goes; "" makes a folder that Close removes
	Hosts []string // more hosts that speak OpenAI's format
}

// Net is a set of running stand-ins. Its methods are safe for concurrent use.
type Net struct {
	CAFile  string // PEM of the CA behind the stand-ins' certificates
	Addr    string // where all hosts listen, TLS
	Plain   string // where all hosts listen without TLS
	Control string // URL of the control endpoint: GET /_received?host=…, GET /_hangups, POST /_reset

	names []string
	log   record
	ca    *authority
	stop  []func()
	wait  sync.WaitGroup
}

// Start starts the stand-ins on free loopback ports. The caller closes the Net.
func Start(o Options) (*Net, error) {
	n := &Net{names: append(hosts(), o.Hosts...)}
	if err := n.start(o); err != nil {
		n.Close()
		return nil, fmt.Errorf("starting stand-ins: %w", err)
	}
	return n, nil
}

func (n *Net) start(o Options) error {
	var err error
	if n.ca, err = newAuthority(); err != nil {
		return err
	}
	dir := o.Dir
	if dir == "" {
		if dir, err = os.MkdirTemp("", "gnomon-testnet-"); err != nil {
			return err
		}
		n.stop = append(n.stop, func() { os.RemoveAll(dir) })
	}
	n.CAFile = filepath.Join(dir, "standins-ca.pem")
	if err := os.WriteFile(n.CAFile, n.ca.pem(), 0o644); err != nil {
		return err
	}
	service := &service{log: &n.log}
	if n.Addr, err = n.serve(service, &tls.Config{GetConfigForClient: n.greet}); err != nil {
		return err
	}
	if n.Plain, err = n.serve(service, nil); err != nil {
		return err
	}
	control, err := n.serve(n.control(), nil)
	n.Control = "http://" + control
	return err
}

// serve runs an HTTP server on a free port until Close.
func (n *Net) serve(h http.Handler, t *tls.Config) (addr string, err error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	srv := &http.Server{
		Handler: h, TLSConfig: t, ReadHeaderTimeout: 30 * time.Second,
		ErrorLog: log.New(io.Discard, "", 0), // handshakes that fail are part of the tests
	}
	n.stop = append(n.stop, func() { srv.Close() })
	n.wait.Go(func() {
		serve := srv.Serve
		if t != nil {
			serve = func(ln net.Listener) error { return srv.ServeTLS(ln, "", "") }
		}
		if err := serve(ln); !errors.Is(err, http.ErrServerClosed) {
			fmt.Fprintln(os.Stderr, "stand-in stopped:", err)
		}
	})
	return ln.Addr().String(), nil
}

// greet chooses certificate and protocols by the name that the client asks for.
// One ticket key for all, so that sessions resume as they do in the world.
func (n *Net) greet(h *tls.ClientHelloInfo) (*tls.Config, error) {
	leaf, err := n.ca.leaf(h.ServerName)
	if err != nil {
		return nil, err
	}
	c := &tls.Config{Certificates: []tls.Certificate{*leaf}, NextProtos: []string{"h2", "http/1.1"}}
	c.SetSessionTicketKeys([][32]byte{{1}})
	if h.ServerName == HostHTTP1 {
		c.NextProtos = []string{"http/1.1"}
	}
	return c, nil
}

// Resolve returns the address of each host, as the setting proxy.resolve takes
// it. Port 80 of the hosts is not in it: see Plain.
func (n *Net) Resolve() map[string]string {
	m := make(map[string]string, len(n.names))
	for _, h := range n.names {
		m[h] = n.Addr
	}
	return m
}

// Hosts lists the hosts of the stand-ins.
func (n *Net) Hosts() []string { return append([]string(nil), n.names...) }

// Received returns what arrived so far, in order.
func (n *Net) Received() []Received { return n.log.all("") }

// ReceivedBy returns what arrived at one host.
func (n *Net) ReceivedBy(host string) []Received { return n.log.all(host) }

// Hangups returns how many clients have left while a stand-in was silent.
func (n *Net) Hangups() int { return n.log.hangups() }

// WaitHangup waits until more than n clients have left, and returns when the
// last one did.
func (n *Net) WaitHangup(ctx context.Context, more int) (time.Time, error) {
	return n.log.waitHangup(ctx, more)
}

// Reset forgets what arrived.
func (n *Net) Reset() { n.log.reset() }

// Close stops the stand-ins and waits for them.
func (n *Net) Close() error {
	for i := len(n.stop) - 1; i >= 0; i-- {
		n.stop[i]()
	}
	n.wait.Wait()
	return nil
}
