package stream

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// maxAnswer bounds what is read of an answer.
const maxAnswer = 64 << 10

// post sends requests to one URL.
type post struct {
	url    string
	client *http.Client
	gzip   bool
	buf    bytes.Buffer
}

// newPost does not follow redirects, which would carry the token elsewhere, and
// does not heed HTTP_PROXY: the proxy that is meant there may be this gateway.
func newPost(cfg *Config, u *url.URL, path string, zip bool) *post {
	to := *u
	if _, after, ok := strings.Cut(u.Scheme, "+"); ok {
		to.Scheme = after
	}
	if to.Path == "" || to.Path == "/" {
		to.Path = path
	}
	return &post{url: to.String(), gzip: zip, client: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			TLSClientConfig:     &tls.Config{RootCAs: cfg.Roots, MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout: 10 * time.Second, ForceAttemptHTTP2: true,
			MaxIdleConns: 2, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: 64 << 10,
		},
	}}
}

func (p *post) close() { p.client.CloseIdleConnections() }

// do sends body and returns the answer of a receiver that took it.
func (p *post) do(ctx context.Context, body []byte, header http.Header) (answer []byte, err error) {
	status, answer, header, err := p.once(ctx, body, header)
	if err != nil {
		return nil, err
	}
	if status == http.StatusUnsupportedMediaType && p.gzip {
		p.gzip = false // from now on
		return nil, errors.New("the receiver does not take gzip: it gets plain text from now on")
	}
	return answer, verdictOf(status, header)
}

func (p *post) once(ctx context.Context, body []byte, header http.Header) (int, []byte, http.Header, error) {
	header.Set("Content-Type", "application/json")
	header.Set("User-Agent", "gnomon")
	if p.gzip {
		p.buf.Reset()
		z := gzip.NewWriter(&p.buf)
		z.Write(body) // a buffer takes all
		z.Close()
		body = p.buf.Bytes()
		header.Set("Content-Encoding", "gzip")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	req.Header = header
	resp, err := p.client.Do(req)
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = fmt.Errorf("%s to %s://%s: %w", req.Method, req.URL.Scheme, req.URL.Host, e.Err) // the path of a webhook is its secret
	}
	if err != nil {
		p.client.CloseIdleConnections() // one that has died without a word would be used again
		return 0, nil, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return 0, nil, nil, fmt.Errorf("reading the answer: %w", err)
	}
	return resp.StatusCode, answer, resp.Header, nil
}

// verdictOf says what a status means for the batch. Wrong tokens and paths are
// somebody's mistake, to be mended while the batch waits; that the batch itself
// is wrong is what few statuses say.
func verdictOf(status int, header http.Header) error {
	switch {
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusBadRequest, status == http.StatusRequestEntityTooLarge, status == http.StatusUnprocessableEntity:
		return &refusedError{"status " + strconv.Itoa(status)}
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
		return &busyError{"status " + strconv.Itoa(status), retryAfter(header.Get("Retry-After"))}
	}
	return fmt.Errorf("status %d", status)
}

// retryAfter reads the header of that name, 0 when it says nothing.
func retryAfter(s string) time.Duration {
	if n, err := strconv.ParseUint(s, 10, 16); err == nil {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(s); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}

// CheckToken says what is wrong with the file of the token, if there is to be
// one: nothing is delivered until it is right.
func (c *Config) CheckToken() error {
	if c.TokenFile == "" {
		return nil
	}
	_, err := readToken(c.TokenFile)
	return err
}

// readToken reads a token anew for each delivery, so that it can be changed
// without a restart.
func readToken(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("reading the token: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 4<<10))
	if err != nil {
		return "", fmt.Errorf("reading the token: %w", err)
	}
	token := strings.TrimSpace(string(b))
	if token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return "", fmt.Errorf("reading the token: %s should hold one line of printable ASCII", path)
	}
	return token, nil
}
