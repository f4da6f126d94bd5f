package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/console"
	"github.com/gnomon-proxy/gnomon/inventory/console/access"
	"github.com/gnomon-proxy/gnomon/proxy/pki"
)

// OIDCSettings let people whom an OpenID provider identifies use the console.
type OIDCSettings struct {
	Issuer           string            `yaml:"issuer" help:"URL of the OpenID provider; none: nobody logs in through one"`
	ClientID         string            `yaml:"client_id" help:"what the provider calls this console"`
	ClientSecretFile string            `yaml:"client_secret_file" path:"one" help:"file with the secret of the client; none: a public client (PKCE)"`
	CAFile           string            `yaml:"ca_file" path:"one" help:"PEM file with roots that vouch for the provider, instead of the system's"`
	Claim            string            `yaml:"claim" help:"claim of the provider's token that gives a role"`
	Roles            map[string]string `yaml:"roles" help:"role of each value of the claim: viewer, reviewer, auditor or admin; others may not log in"`
}

func checkConsole(c *ConsoleSettings, note func(key string, err error, sub ...any)) {
	if c.URL != "" {
		note("console.url", checkURL(c.URL))
	}
	o := &c.OIDC
	if o.Issuer == "" {
		if o.ClientID != "" || len(o.Roles) > 0 {
			note("console.oidc.issuer", errors.New("name the provider, or leave the rest out"))
		}
		return
	}
	note("console.oidc.issuer", checkURL(o.Issuer))
	if o.ClientID == "" {
		note("console.oidc.issuer", errors.New("set client_id, too: what the provider calls this console"))
	}
	if len(o.Roles) == 0 {
		note("console.oidc.roles", errors.New("nobody could log in: give a role to some value of the claim"))
	}
	for value, role := range o.Roles {
		if !slices.Contains(access.Roles(), access.Role(role)) {
			note("console.oidc.roles", fmt.Errorf("%q is no role: use viewer, reviewer, auditor or admin", role), value)
		}
	}
}

// checkURL refuses what a browser or this program would send secrets over in
// the clear.
func checkURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("%q is no URL such as https://gnomon.example", text)
	}
	if ip := net.ParseIP(u.Hostname()); u.Scheme != "https" && !(u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())) {
		return fmt.Errorf("%q: use https", text)
	}
	return nil
}

// on puts the settings into the console's.
func (s *ConsoleSettings) on(c *console.Config) error {
	if s.URL != "" {
		u, err := url.Parse(s.URL) // it has been checked
		if err != nil {
			return err
		}
		c.Hosts = append(c.Hosts, u.Host)
	}
	if s.OIDC.Issuer == "" {
		return nil
	}
	o := &console.OIDC{Issuer: s.OIDC.Issuer, ClientID: s.OIDC.ClientID, Claim: s.OIDC.Claim, Roles: make(map[string]access.Role)}
	for value, role := range s.OIDC.Roles {
		o.Roles[value] = access.Role(role)
	}
	if s.URL != "" {
		o.Redirect = strings.TrimSuffix(s.URL, "/") + console.CallbackPath
	}
	if s.OIDC.CAFile != "" {
		roots, err := pki.ReadCertificates(s.OIDC.CAFile)
		if err != nil {
			return &configError{fmt.Errorf("console.oidc.ca_file: %w", err)}
		}
		o.Client = clientOf(roots)
	}
	if s.OIDC.ClientSecretFile != "" {
		secret, err := os.ReadFile(s.OIDC.ClientSecretFile)
		if err != nil {
			return &configError{fmt.Errorf("console.oidc.client_secret_file: %w", err)}
		}
		o.Secret = strings.TrimSpace(string(secret))
	}
	c.OIDC = o
	return nil
}

// clientOf returns a client that trusts these roots alone.
func clientOf(roots []*x509.Certificate) *http.Client {
	pool := x509.NewCertPool()
	for _, c := range roots {
		pool.AddCert(c)
	}
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true, IdleConnTimeout: time.Minute}
	return &http.Client{Transport: t, Timeout: console.ProviderWait}
}
