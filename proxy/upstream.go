package proxy

import (
	"context"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"
)

const (
	maxIdlePerHost = 256
	minRSA         = 2048 // bits
)

// upstream holds the pools of connections to services: one for clients that
// speak HTTP/2 and two for those that speak HTTP/1.1, so that a service sees the
// protocol of the client.
type upstream struct {
	h1, h2 *http.Transport
	lean   *lean // in the place of h1, where it can be
}

func newUpstream(d *dialer, extra []*x509.Certificate) *upstream {
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	for _, c := range extra {
		roots.AddCert(c)
	}
	h1, h2 := newUpstreamTLS(roots, "http/1.1"), newUpstreamTLS(roots, "h2", "http/1.1")
	return &upstream{h1: newTransport(d, h1, false), h2: newTransport(d, h2, true), lean: newLean(d, h1.Clone())}
}

func newUpstreamTLS(roots *x509.CertPool, protocols ...string) *tls.Config {
	return &tls.Config{
		RootCAs:            roots,
		MinVersion:         tls.VersionTLS12,
		NextProtos:         protocols,
		ClientSessionCache: tls.NewLRUClientSessionCache(2048),
		VerifyConnection:   refuseWeakKeys,
		// Small first records are for browsers that show what has come of a page;
		// a service waits for the whole request.
		DynamicRecordSizingDisabled: true,
	}
}

func newTransport(d *dialer, cfg *tls.Config, h2 bool) *http.Transport {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(h2)
	return &http.Transport{
		Proxy:                 nil, // never another proxy of the environment
		DialContext:           d.DialContext,
		TLSClientConfig:       cfg,
		Protocols:             &protocols,
		DisableCompression:    true, // bytes pass as they are
		MaxIdleConnsPerHost:   maxIdlePerHost,
		IdleConnTimeout:       idleUpstream,
		TLSHandshakeTimeout:   tlsTimeout,
		ExpectContinueTimeout: time.Second,
		// Of HTTP/2 too. Nothing of a head is passed on before it is whole.
		MaxResponseHeaderBytes: leanHeadMax,
		WriteBufferSize:        8 << 10,
		ReadBufferSize:         8 << 10,
	}
}

func (u *upstream) forProto(major int) *http.Transport {
	if major == 2 {
		return u.h2
	}
	return u.h1
}

func (u *upstream) close() {
	u.h1.CloseIdleConnections()
	u.h2.CloseIdleConnections()
	u.lean.idle.close()
}

// errWeakKey is a chain with an RSA key that crypto/x509 still accepts.
var errWeakKey = errors.New("its certificate has an RSA key of less than 2048 bits")

func refuseWeakKeys(cs tls.ConnectionState) error {
	for _, chain := range cs.VerifiedChains {
		weak := false
		for _, c := range chain {
			if k, ok := c.PublicKey.(*rsa.PublicKey); ok && k.N.BitLen() < minRSA {
				weak = true
			}
		}
		if !weak {
			return nil
		}
	}
	return errWeakKey
}

// fault is why there is no answer from upstream, as a person reads it.
type fault struct {
	code   int
	kind   string // as counted in Stats.Upstream
	reason string
}

// faultOf explains an error of a transport. Nothing of the request is in it.
func faultOf(err error) fault {
	var (
		dial     *DialError
		unknown  x509.UnknownAuthorityError
		name     x509.HostnameError
		invalid  x509.CertificateInvalidError
		verify   *tls.CertificateVerificationError
		record   tls.RecordHeaderError
		timeout  net.Error
		op       *net.OpError
		bad      = func(kind, reason string) fault { return fault{http.StatusBadGateway, kind, reason} }
		timedOut = fault{http.StatusGatewayTimeout, "timeout", "The service did not answer in time."}
	)
	switch {
	case errors.As(err, &dial):
		return dialFault(dial)
	case errors.Is(err, errBadStatus):
		return bad("invalid", "The service sent no valid answer.")
	case errors.Is(err, errWeakKey):
		return bad("certificate_weak", "The service's certificate was refused: it has an RSA key of less than 2048 bits (weak key).")
	case errors.As(err, &unknown):
		return bad("certificate_unknown_authority", "The service's certificate was refused: it is signed by an unknown authority.")
	case errors.As(err, &name):
		return bad("certificate_wrong_name", "The service's certificate was refused: it is for a different name (wrong host).")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return bad("certificate_expired", "The service's certificate was refused: it has expired or is not yet valid.")
	case errors.As(err, &verify), errors.As(err, &invalid):
		return bad("certificate_invalid", "The service's certificate was refused: it is not valid for a server.")
	case errors.As(err, &record):
		return bad("tls", "The service does not speak TLS on this port.")
	case errors.As(err, &op) && op.Op == "remote error":
		return bad("tls", "The service refused the TLS handshake.")
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout(), strings.Contains(err.Error(), "timeout awaiting"):
		return timedOut
	case strings.HasPrefix(err.Error(), "tls: "):
		return bad("tls", "The TLS handshake with the service failed.")
	}
	return bad("broken", "The service closed the connection or sent no valid answer.")
}

func dialFault(e *DialError) fault {
	switch e.Kind {
	case "forbidden", "self":
		return fault{http.StatusForbidden, e.Kind, "The gateway does not connect there: " + e.Error() + "."}
	case "dns":
		return fault{http.StatusBadGateway, e.Kind, "The name of the service could not be resolved."}
	case "timeout":
		return fault{http.StatusGatewayTimeout, e.Kind, "The service could not be reached in time."}
	case "refused":
		return fault{http.StatusBadGateway, e.Kind, "The service refused the connection."}
	}
	return fault{http.StatusBadGateway, e.Kind, "The service could not be reached."}
}
