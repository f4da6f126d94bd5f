package stream

import (
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Config says what is sent where.
type Config struct {
	Name   string // of the stream: its folder, and the label of its figures
	Format Format // "": the one that the receiver expects
	To     string // URL of the receiver; no token in it
	Kinds  []Kind // of records; none: all

	TokenFile string         // token of Splunk and of the collector, key of the webhook's signature; read at each delivery
	Roots     *x509.CertPool // who may vouch for the receiver; nil: the system's

	QueueBytes  int64 // on disk; 0: 256 MiB
	RotateBytes int64 // of a file, then it is renamed; 0: 100 MiB
	Keep        int   // renamed files; 0: 5

	Dir  string // of the queue
	From *Source
	Log  *slog.Logger // nil: silent
}

// minQueue is the least queue that lets old segments go without losing all.
const minQueue = 16 << 20

func (c *Config) defaults(d *destination) {
	if c.Format == "" {
		c.Format = d.formats[0]
	}
	if c.QueueBytes == 0 {
		c.QueueBytes = 256 << 20
	}
	if c.RotateBytes == 0 {
		c.RotateBytes = 100 << 20
	}
	if c.Keep == 0 {
		c.Keep = 5
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
}

// destination is one way to deliver.
type destination struct {
	schemes []string
	formats []Format // the first is the default
	token   string   // "required", "optional", "" for never
	tls     []string // schemes that speak TLS
	open    func(*Config, *url.URL) (sender, error)
}

var lines = []Format{JSON, OCSF, ECS, CEF, LEEF, Syslog}

func destinations() []destination {
	return []destination{
		{[]string{"file"}, lines, "", nil, openFile},
		{[]string{"syslog+tcp", "syslog+tls", "syslog+udp"}, slices.Concat([]Format{Syslog}, lines[:5]), "", []string{"syslog+tls"}, openSyslog},
		{[]string{"splunk+https", "splunk+http"}, lines, "required", []string{"splunk+https"}, openSplunk},
		{[]string{"https", "http"}, []Format{JSON, OCSF, ECS}, "optional", []string{"https"}, openWebhook},
		{[]string{"otlp+https", "otlp+http"}, []Format{OTLP, OTLPMetrics}, "optional", []string{"otlp+https"}, openOTLP},
	}
}

// Check reports what is wrong with c, without touching the disk or the network.
func (c *Config) Check() error {
	_, _, err := c.resolve()
	return err
}

var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)

// resolve returns the receiver. Its errors never quote the URL's user or query:
// somebody may have put a password there.
func (c *Config) resolve() (*destination, *url.URL, error) {
	if !nameForm.MatchString(c.Name) {
		return nil, nil, fmt.Errorf("name: expected up to 40 of a-z, 0-9, - and _, got %.40q", c.Name)
	}
	u, err := url.Parse(c.To)
	if err != nil {
		return nil, nil, fmt.Errorf("to: expected a URL such as https://siem.example/hook")
	}
	var schemes []string
	for _, d := range destinations() {
		if slices.Contains(d.schemes, u.Scheme) {
			return &d, u, c.check(&d, u)
		}
		schemes = append(schemes, d.schemes...)
	}
	return nil, nil, fmt.Errorf("to: expected a URL that begins with one of %s://", strings.Join(schemes, "://, "))
}

func (c *Config) check(d *destination, u *url.URL) error {
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.ForceQuery {
		return fmt.Errorf("to: no user, query or fragment, please: put the token into a file and name it in token_file")
	}
	if c.Format != "" && !slices.Contains(d.formats, c.Format) {
		return fmt.Errorf("format: %s:// takes %s, got %.40q", u.Scheme, words(d.formats), string(c.Format))
	}
	if err := c.checkKinds(); err != nil {
		return err
	}
	if d.token == "" && c.TokenFile != "" {
		return fmt.Errorf("token_file: %s:// has no use for a token", u.Scheme)
	}
	if d.token == "required" && c.TokenFile == "" {
		return fmt.Errorf("token_file: %s:// needs a token", u.Scheme)
	}
	if c.QueueBytes != 0 && c.QueueBytes < minQueue {
		return fmt.Errorf("queue: at least %d MiB", minQueue>>20)
	}
	if c.RotateBytes < 0 || c.Keep < 0 {
		return fmt.Errorf("rotate, keep: they can't be negative")
	}
	if u.Scheme == "file" {
		if u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.HasSuffix(u.Path, "/") {
			return fmt.Errorf("to: expected file:///path/of/a/file")
		}
		return nil
	}
	return checkHost(d, u)
}

// checkHost wants a port where a scheme has none of its own, and lets HTTP
// without TLS reach this machine only.
func checkHost(d *destination, u *url.URL) error {
	host := u.Hostname()
	if host == "" {
		return fmt.Errorf("to: %s:// names no host", u.Scheme)
	}
	if strings.HasPrefix(u.Scheme, "syslog") {
		if u.Path != "" && u.Path != "/" {
			return fmt.Errorf("to: %s://host:port, without a path", u.Scheme)
		}
		return nil
	}
	if slices.Contains(d.tls, u.Scheme) || host == "localhost" {
		return nil
	}
	if a, err := netip.ParseAddr(host); err == nil && a.IsLoopback() {
		return nil
	}
	return fmt.Errorf("to: %s:// would send events in the clear; use %s://", u.Scheme, d.tls[0])
}

func words[T ~string](list []T) string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return strings.Join(out, ", ")
}

// hostPort returns the address to dial.
func hostPort(u *url.URL, port string) string {
	if p := u.Port(); p != "" {
		port = p
	}
	return net.JoinHostPort(u.Hostname(), port)
}
