package testnet

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"
)

// ClientOptions say how a client reaches the stand-ins.
type ClientOptions struct {
	Proxy   string   // host:port of the proxy
	CAFiles []string // PEM files: the CA of the gateway, and that of the stand-ins for what is tunnelled
	From    string   // local address to come from, "" for any
	HTTP1   bool     // no HTTP/2
	User    *url.Userinfo
}

// NewClient returns an HTTP client that goes through a proxy. Its idle
// connections end with CloseIdleConnections.
func NewClient(o ClientOptions) (*http.Client, error) {
	roots := x509.NewCertPool()
	for _, f := range o.CAFiles {
		b, err := os.ReadFile(f)
		if err != nil {
			return nil, fmt.Errorf("reading CA file: %w", err)
		}
		if !roots.AppendCertsFromPEM(b) {
			return nil, fmt.Errorf("reading CA file %q: no certificate in it", f)
		}
	}
	d := net.Dialer{Timeout: 10 * time.Second}
	if o.From != "" {
		d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(o.From)}
	}
	t := &http.Transport{
		Proxy:           http.ProxyURL(&url.URL{Scheme: "http", Host: o.Proxy, User: o.User}),
		DialContext:     d.DialContext,
		TLSClientConfig: &tls.Config{RootCAs: roots, ClientSessionCache: tls.NewLRUClientSessionCache(0)},
		Protocols:       new(http.Protocols), DisableCompression: true, MaxIdleConnsPerHost: 32, IdleConnTimeout: time.Minute,
	}
	t.Protocols.SetHTTP1(true)
	t.Protocols.SetHTTP2(!o.HTTP1)
	return &http.Client{Transport: t}, nil
}

// Client returns a client that speaks HTTP/2 where it is offered, through the
// proxy at proxyAddr, trusting the given CA files.
func Client(proxyAddr string, caFiles ...string) (*http.Client, error) {
	return NewClient(ClientOptions{Proxy: proxyAddr, CAFiles: caFiles})
}
