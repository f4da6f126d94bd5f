package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

type dialer struct {
	cache tls.ClientSessionCache
	alpn  []string
}

func tunnel(target string) (net.Conn, error) {
	if *proxy == "" {
		return net.DialTimeout("tcp", target, 10*time.Second)
	}
	c, err := net.DialTimeout("tcp", *proxy, 10*time.Second)
	if err != nil {
		return nil, err
	}
	c.SetDeadline(time.Now().Add(20 * time.Second))
	fmt.Fprintf(c, "CONNECT %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: load\r\n\r\n", target, target)
	var b []byte
	one := make([]byte, 256)
	for !bytes.HasSuffix(b, []byte("\r\n\r\n")) {
		n, err := c.Read(one)
		if err != nil {
			c.Close()
			return nil, fmt.Errorf("connect: %w", err)
		}
		b = append(b, one[:n]...)
	}
	if len(b) < 12 || string(b[9:12]) != "200" {
		c.Close()
		return nil, fmt.Errorf("connect: %.40q", b)
	}
	c.SetDeadline(time.Time{})
	return c, nil
}
func (d *dialer) tls(h string) (*tls.Conn, error) {
	c, err := tunnel(h + ":443")
	if err != nil {
		return nil, err
	}
	t := tls.Client(c, &tls.Config{RootCAs: roots, ServerName: h, NextProtos: d.alpn, ClientSessionCache: d.cache})
	c.SetDeadline(time.Now().Add(20 * time.Second))
	if err := t.Handshake(); err != nil {
		c.Close()
		return nil, err
	}
	c.SetDeadline(time.Time{})
	return t, nil
}

// h1conn is a thin HTTP/1.1 client: prebuilt request bytes out, head parsed in place, body discarded.
type h1conn struct {
	c  *tls.Conn
	br *bufio.Reader
}

func (h *h1conn) do(req []byte) (closed bool, err error) {
	h.c.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err = h.c.Write(req); err != nil {
		return true, err
	}
	for {
		line, err := h.br.ReadSlice('\n')
		if err != nil {
			return true, err
		}
		if len(line) < 12 {
			return true, errors.New("short status line")
		}
		code := string(line[9:12])
		cl, chunked := -1, false
		for {
			line, err = h.br.ReadSlice('\n')
			if err != nil {
				return true, err
			}
			if len(line) <= 2 {
				break
			}
			k, v, _ := bytes.Cut(line, []byte(":"))
			v = bytes.TrimSpace(v)
			switch {
			case bytes.EqualFold(k, []byte("content-length")):
				cl, _ = strconv.Atoi(string(v))
			case bytes.EqualFold(k, []byte("transfer-encoding")):
				chunked = true
			case bytes.EqualFold(k, []byte("connection")):
				closed = closed || bytes.EqualFold(v, []byte("close"))
			}
		}
		if code[0] == '1' {
			continue
		}
		if code != "200" {
			return true, errors.New("status " + code)
		}
		if chunked {
			for {
				line, err = h.br.ReadSlice('\n')
				if err != nil {
					return true, err
				}
				n, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 64)
				if err != nil {
					return true, err
				}
				if _, err = h.br.Discard(int(n) + 2); err != nil {
					return true, err
				}
				if n == 0 {
					return closed, nil
				}
			}
		}
		if cl < 0 {
			_, err = io.Copy(io.Discard, h.br)
			return true, err
		}
		_, err = h.br.Discard(cl)
		return closed, err
	}
}

func get(path, h string) []byte {
	return []byte("GET " + path + " HTTP/1.1\r\nHost: " + h + "\r\nUser-Agent: load/1\r\nAccept: application/json\r\nAuthorization: Bearer sk-test-0000000000000000\r\n\r\n")
}
func post(path, h string, body []byte) []byte {
	return append([]byte("POST "+path+" HTTP/1.1\r\nHost: "+h+"\r\nUser-Agent: load/1\r\nAccept: application/json\r\nContent-Type: application/json\r\nAuthorization: Bearer sk-test-0000000000000000\r\nContent-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"), body...)
}
func chatBody() []byte {
	return []byte(`{"model":"bench-1","messages":[{"role":"user","content":"` + strings.Repeat("Please summarise the quarterly report for the board. ", 77) + `"}]}`)[:4096]
}
