package redis

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
)

// kind is the way to a Redis.
type kind int

const (
	single kind = iota
	sentinel
	cluster
)

// Options say where a Redis is and how to speak to it.
type Options struct {
	User, Password string
	Name           string // of the inventory in this Redis: gnomon
	Replicas       int    // that must have a batch before it counts as merged, as far as there are so many
	Log            *slog.Logger
	Later          bool                                      // Redis may be away when the store is opened
	Begin          func(ctx context.Context, s *Store) error // called before the first use; it may use the secrets; nil: nothing

	kind         kind
	addrs        []string
	master       string // with sentinels
	db           int
	sentinelAuth bool // sentinels ask for the same user and password
	secure       bool
	ca           string // files
	cert, key    string
	serverName   string
}

// schemes are the beginnings of URLs.
var schemes = map[string]struct {
	kind   kind
	secure bool
}{
	"redis": {kind: single}, "rediss": {kind: single, secure: true},
	"redis-sentinel": {kind: sentinel}, "redis-cluster": {kind: cluster},
}

// ParseURL reads redis://, rediss://, redis-sentinel:// and redis-cluster://:
//
//	redis://[user:password@]host[:port][/db][?option=value&...]
//	redis-sentinel://[user:password@]host[:port],host[:port],.../master[/db][?...]
//	redis-cluster://[user:password@]host[:port],...[?...]
//
// with the options name, replicas, tls (true for sentinels and clusters), ca,
// cert, key (files), server_name and sentinel_auth. Errors never quote the URL,
// as it may hold a password.
func ParseURL(raw string) (Options, error) {
	scheme, rest, _ := strings.Cut(raw, "://")
	s, ok := schemes[scheme]
	if !ok {
		return Options{}, errors.New("expected sqlite or the URL of a Redis (redis://, rediss://, redis-sentinel://, redis-cluster://)")
	}
	o := Options{kind: s.kind, secure: s.secure, Name: "gnomon"}
	rest, query, _ := strings.Cut(rest, "?")
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		if err := o.setUser(rest[:i]); err != nil {
			return o, err
		}
		rest = rest[i+1:]
	}
	hosts, path, _ := strings.Cut(rest, "/")
	if err := o.setHosts(scheme, hosts); err != nil {
		return o, err
	}
	if err := o.setPath(path); err != nil {
		return o, err
	}
	if o.kind != single {
		o.Replicas = 1
	}
	return o, o.setQuery(query)
}

func (o *Options) setUser(info string) error {
	user, password, _ := strings.Cut(info, ":")
	var errs [2]error
	o.User, errs[0] = url.PathUnescape(user)
	o.Password, errs[1] = url.PathUnescape(password)
	if errors.Join(errs[:]...) != nil {
		return errors.New("user and password: a percent sign must be written as %25, and every other character that means something in a URL likewise")
	}
	return nil
}

func (o *Options) setHosts(scheme, hosts string) error {
	port := "6379"
	if o.kind == sentinel {
		port = "26379"
	}
	for host := range strings.SplitSeq(hosts, ",") {
		h, p, err := net.SplitHostPort(host)
		if err != nil {
			h, p = strings.Trim(host, "[]"), port
		}
		if n, err := strconv.ParseUint(p, 10, 16); err != nil || n == 0 || h == "" || strings.ContainsAny(h, "/?#@ ") {
			if o.kind == sentinel {
				return errSentinel
			}
			return fmt.Errorf("the URL names no host: write %s://host:port", scheme)
		}
		o.addrs = append(o.addrs, net.JoinHostPort(h, p))
	}
	if o.kind == single && len(o.addrs) > 1 {
		return fmt.Errorf("%s:// takes one host: use redis-sentinel:// or redis-cluster:// for several", scheme)
	}
	return nil
}

var errSentinel = errors.New("expected redis-sentinel://host1,host2/master")

func (o *Options) setPath(path string) (err error) {
	db := strings.TrimSuffix(path, "/")
	if o.kind == sentinel {
		o.master, db, _ = strings.Cut(db, "/")
		if o.master == "" {
			return errSentinel
		}
	}
	if db == "" {
		return nil
	}
	if o.db, err = strconv.Atoi(db); err != nil || o.db < 0 || o.kind == cluster && o.db != 0 {
		return errors.New("what follows the host is the number of a database (a cluster has only 0)")
	}
	return nil
}

func (o *Options) setQuery(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return errors.New("the options after ? can't be read: write name=value&name=value")
	}
	for name, v := range values {
		value := v[len(v)-1]
		switch name {
		case "name":
			if value == "" || len(value) > 64 || strings.ContainsAny(value, "{}\x00") {
				return errors.New("name: expected up to 64 characters without braces")
			}
			o.Name = value
		case "replicas":
			if o.Replicas, err = strconv.Atoi(value); err != nil || o.Replicas < 0 || o.Replicas > 100 {
				return errors.New("replicas: expected a number")
			}
		case "tls":
			o.secure, err = strconv.ParseBool(value)
		case "sentinel_auth":
			o.sentinelAuth, err = strconv.ParseBool(value)
		case "ca":
			o.ca = value
		case "cert":
			o.cert = value
		case "key":
			o.key = value
		case "server_name":
			o.serverName = value
		default:
			return errors.New("an option after ? is not known: expected name, replicas, tls, ca, cert, key, server_name, sentinel_auth")
		}
		if err != nil {
			return fmt.Errorf("%s: expected true or false", name)
		}
	}
	if !o.secure && (o.ca != "" || o.cert != "" || o.key != "" || o.serverName != "") {
		return errors.New("ca, cert, key and server_name are for TLS: use rediss://, or tls=true")
	}
	if (o.cert == "") != (o.key == "") {
		return errors.New("cert and key belong together")
	}
	return nil
}

// Place says where the Redis is, without user and password.
func (o *Options) Place() string {
	hosts := strings.Join(o.addrs, ",")
	switch o.kind {
	case sentinel:
		return "redis-sentinel://" + hosts + "/" + o.master
	case cluster:
		return "redis-cluster://" + hosts
	}
	if o.secure {
		return "rediss://" + hosts
	}
	return "redis://" + hosts
}

// tls returns nil without TLS.
func (o *Options) tls() (*tls.Config, error) {
	if !o.secure {
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: o.serverName}
	if c.ServerName == "" {
		c.ServerName, _, _ = net.SplitHostPort(o.addrs[0])
	}
	if o.ca != "" {
		pem, err := os.ReadFile(o.ca)
		if err != nil {
			return nil, fmt.Errorf("reading the CA of Redis: %w", err)
		}
		if c.RootCAs = x509.NewCertPool(); !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("the CA of Redis: no certificate in %s", o.ca)
		}
	}
	if o.cert != "" {
		pair, err := tls.LoadX509KeyPair(o.cert, o.key)
		if err != nil {
			return nil, fmt.Errorf("reading the client certificate for Redis: %w", err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}
