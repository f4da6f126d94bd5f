package console_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/console"
	"github.com/gnomon-proxy/gnomon/inventory/console/access"
	"github.com/gnomon-proxy/gnomon/inventory/export"
)

// lines is a table with rows of a kilobyte each, as each says.
func lines(each func(ctx context.Context, row func() error) error) func(*console.Config) {
	return func(c *console.Config) {
		c.Limits = console.Limits{PerSecond: 1e6, Burst: 1e6, Failures: 1e6}
		c.Table = func(ctx context.Context, o console.TableOrder) (*export.Table, error) {
			if o.Framework == "none" {
				return nil, errors.New("no such thing")
			}
			return &export.Table{Name: "t", Columns: []string{"n"}, Each: func(f func([]any) error) error {
				return each(ctx, func() error { return f([]any{strings.Repeat("x", 1023)}) })
			}}, nil
		}
	}
}

func repeat(n int, row func() error) error {
	for range n {
		if err := row(); err != nil {
			return err
		}
	}
	return nil
}

func (g *gateway) open(t *testing.T, path string, as func(*http.Request)) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", g.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	as(r)
	resp, err := g.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// TestExportAsMade: the first rows arrive while the last ones are not made yet.
func TestExportAsMade(t *testing.T) {
	arrived := make(chan struct{})
	g := start(t, lines(func(ctx context.Context, row func() error) error {
		if err := repeat(200, row); err != nil {
			return err
		}
		select {
		case <-arrived:
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Minute):
			return errors.New("nothing arrives before the end")
		}
		return repeat(100, row)
	}))
	resp := g.open(t, "/api/v1/tables/services", g.token(t, "v", access.Viewer))
	first := make([]byte, 1024)
	if _, err := io.ReadFull(resp.Body, first); err != nil {
		t.Fatal(err)
	}
	close(arrived)
	rest, err := io.ReadAll(resp.Body)
	if got := strings.Count(string(first)+string(rest), "\n"); err != nil || got != 301 {
		t.Errorf("%d lines, %v; want 301", got, err)
	}
}

// TestExportFails: who gets half a table can tell, in every form, and who gets
// nothing is told why.
func TestExportFails(t *testing.T) {
	arrived := make(chan struct{}, 1)
	g := start(t, lines(func(ctx context.Context, row func() error) error {
		err := repeat(200, row)
		select {
		case <-arrived:
		case <-ctx.Done():
		}
		return errors.Join(err, errors.New("the store is away"))
	}))
	in := g.token(t, "v", access.Viewer)
	for _, format := range []string{"csv", "json"} {
		resp := g.open(t, "/api/v1/tables/services?format="+format, in)
		arrived <- struct{}{}
		if b, err := io.ReadAll(resp.Body); resp.StatusCode != 200 || err == nil {
			t.Errorf("%s: %d, %d bytes that seem to be all", format, resp.StatusCode, len(b))
		}
	}
	close(arrived)
	// A workbook of these rows is so small that nothing of it was sent.
	for _, path := range []string{"/api/v1/tables/services?format=xlsx", "/api/v1/tables/services?framework=none"} {
		resp, body := g.ask(t, "GET", path, "", in)
		if resp.StatusCode != 500 || resp.Header.Get("Content-Type") != "application/problem+json" || resp.Header.Get("Content-Disposition") != "" {
			t.Errorf("%s: %d %s %v", path, resp.StatusCode, body, resp.Header)
		}
	}
	if got := askOld(t, g, in); !strings.Contains(got, "500 ") || strings.Contains(got, "xxx") {
		t.Errorf("of HTTP/1.0, whose bodies have no end: %.300s", got)
	}
}

// askOld asks with HTTP/1.0 and returns all of the answer.
func askOld(t *testing.T, g *gateway, in func(*http.Request)) string {
	t.Helper()
	r, _ := http.NewRequest("GET", g.url, nil)
	in(r)
	c, err := net.Dial("tcp", strings.TrimPrefix(g.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "GET /api/v1/tables/services HTTP/1.0\r\nHost: localhost\r\nAuthorization: %s\r\n\r\n", r.Header.Get("Authorization"))
	b, err := io.ReadAll(bufio.NewReader(c))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestExportUnread: a client that takes nothing keeps nothing waiting, and only so
// many exports are made at a time.
func TestExportUnread(t *testing.T) {
	made, more := make(chan error, 8), make(chan struct{})
	g := start(t, lines(func(ctx context.Context, row func() error) error {
		err := repeat(20_000, row)
		made <- err
		select {
		case <-more:
		case <-ctx.Done():
		}
		return err
	}))
	in := g.token(t, "v", access.Viewer)
	var unread []*http.Response
	for range 4 {
		unread = append(unread, g.open(t, "/api/v1/tables/services", in))
		select {
		case err := <-made:
			if err != nil {
				t.Fatal(err)
			}
		case <-time.After(time.Minute):
			t.Fatal("20 MB that nobody takes are not made")
		}
	}
	resp, body := g.ask(t, "GET", "/api/v1/tables/services", "", in)
	if resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" || resp.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("the fifth: %d %s %v", resp.StatusCode, body, resp.Header)
	}
	unread[0].Body.Close() // its turn is over when the gateway has noticed
	for end := time.Now().Add(time.Minute); ; {
		resp := g.open(t, "/api/v1/tables/services", in)
		if resp.StatusCode == 200 {
			break
		}
		resp.Body.Close()
		if time.Now().After(end) {
			t.Fatal("who has gone keeps others waiting")
		}
	}
	close(more)
	if b, err := io.ReadAll(unread[1].Body); err != nil || len(b) != 2+20_000*1024 {
		t.Errorf("late: %d bytes, %v", len(b), err)
	}
}
