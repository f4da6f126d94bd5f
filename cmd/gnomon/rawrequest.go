package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// rawRequest is one HTTP/1.1 request as it was saved to a file.
type rawRequest struct {
	head   []byte // as saved, with its empty line
	body   []byte // without transfer coding; still content-encoded
	parsed *http.Request
	url    *url.URL // absolute
}

// readRawRequest reads one request from raw. Saved requests are often edited by
// hand, so bare line feeds are accepted and a body is taken as long as it is,
// whatever Content-Length says. rawURL, where not empty, gives the URL.
func readRawRequest(raw []byte, rawURL string) (*rawRequest, error) {
	head, rest, ok := cutHead(raw)
	if !ok {
		return nil, errors.New("no empty line after the header: expected an HTTP/1.1 request (request line, header fields, empty line, body)")
	}
	req, err := http.ReadRequest(bufio.NewReader(io.MultiReader(bytes.NewReader(head), bytes.NewReader(rest))))
	if err != nil {
		return nil, fmt.Errorf("reading the head of the request: %w", err)
	}
	r := &rawRequest{head: head, body: rest, parsed: req}
	if len(req.TransferEncoding) > 0 {
		if r.body, err = io.ReadAll(req.Body); err != nil {
			return nil, fmt.Errorf("reading the chunked body: %w", err)
		}
	}
	if r.url, err = requestURL(req, rawURL); err != nil {
		return nil, err
	}
	return r, nil
}

func cutHead(raw []byte) (head, rest []byte, ok bool) {
	crlf, lf := bytes.Index(raw, []byte("\r\n\r\n")), bytes.Index(raw, []byte("\n\n"))
	switch {
	case crlf >= 0 && (lf < 0 || crlf < lf):
		return raw[:crlf+4], raw[crlf+4:], true
	case lf >= 0:
		return raw[:lf+2], raw[lf+2:], true
	}
	return nil, nil, false
}

func requestURL(req *http.Request, rawURL string) (*url.URL, error) {
	if rawURL != "" {
		return absoluteURL(rawURL)
	}
	u := *req.URL
	if u.Host == "" {
		u.Scheme, u.Host = "https", req.Host
	}
	if u.Host == "" {
		return nil, errors.New("the request names no host: add a Host field or use --url")
	}
	return &u, nil
}

// absoluteURL reads the URL of a --url flag.
func absoluteURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return nil, &exitError{exitUsage, fmt.Errorf("--url %q is not an absolute URL such as https://api.example.com/v1/chat/completions", s)}
	}
	return u, nil
}

// flow returns the request as the proxy's sensor would see it.
func (r *rawRequest) flow() *traffic.Flow {
	return &traffic.Flow{
		Sensor: traffic.SensorProxy, Host: traffic.CanonicalHost(r.url.Host), Method: r.parsed.Method,
		Path: r.url.EscapedPath(), UserAgent: r.parsed.UserAgent(),
	}
}

// setQuery puts another query into the request line, if that has one: the URL may
// have been given beside it.
func (r *rawRequest) setQuery(query string) {
	line, rest, _ := bytes.Cut(r.head, []byte("\n"))
	line = bytes.Replace(line, []byte("?"+r.url.RawQuery), []byte("?"+query), 1)
	r.head = slices.Concat(line, []byte("\n"), rest)
}

// withBody returns the whole request with another body: the length follows, a
// transfer coding becomes a length, every other byte of the head stays.
func (r *rawRequest) withBody(body []byte) []byte {
	var out bytes.Buffer
	eol, wrote := "\r\n", false
	if !bytes.Contains(r.head, []byte("\r\n")) {
		eol = "\n"
	}
	length := "Content-Length: " + strconv.Itoa(len(body)) + eol
	for i, line := range bytes.SplitAfter(r.head, []byte("\n")) {
		name, _, _ := strings.Cut(string(line), ":")
		switch {
		case i > 0 && strings.EqualFold(name, "Transfer-Encoding"):
			continue
		case i > 0 && strings.EqualFold(name, "Content-Length"):
			if !wrote {
				out.WriteString(length)
			}
			wrote = true
			continue
		case len(bytes.TrimRight(line, "\r\n")) == 0 && len(line) > 0:
			if !wrote {
				out.WriteString(length)
			}
			out.Write(line)
			out.Write(body)
			return out.Bytes()
		}
		out.Write(line)
	}
	return out.Bytes()
}
