package console

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// ErrNoGateway says that no gateway answers on a socket.
var ErrNoGateway = errors.New("no gateway is running here")

// maxAnswer bounds what a client reads.
const maxAnswer = 256 << 20

// Client speaks to a running gateway on this machine. Its methods have the
// errors of those of inventory.Inventory. It is safe for concurrent use.
type Client struct{ http *http.Client }

// Dial returns a client of the gateway behind a Unix socket, ErrNoGateway when
// none answers there. Close it.
func Dial(ctx context.Context, socket string) (*Client, error) {
	dial := func(context.Context, string, string) (net.Conn, error) { return dialUnix(socket) }
	c := &Client{&http.Client{Timeout: time.Minute, Transport: &http.Transport{DialContext: dial}}}
	if _, err := c.Status(ctx); err != nil {
		c.Close()
		if errors.Is(err, fs.ErrPermission) {
			return nil, fmt.Errorf("the gateway's socket %s is another user's: run this as the user that the gateway runs as, or as root", socket)
		}
		if _, ok := errors.AsType[*net.OpError](err); ok {
			return nil, fmt.Errorf("%w (%s)", ErrNoGateway, socket)
		}
		return nil, err
	}
	return c, nil
}

// Close frees the connections of c.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

// Status returns how the gateway is.
func (c *Client) Status(ctx context.Context) (*Status, error) {
	return request[Status](ctx, c, http.MethodGet, "status", nil)
}

// Services returns the rows of the register, the most used service first.
func (c *Client) Services(ctx context.Context) ([]inventory.Service, error) {
	rows := []inventory.Service{}
	for cursor := ""; ; {
		list, err := request[serviceList](ctx, c, http.MethodGet, "services?limit=10000&cursor="+url.QueryEscape(cursor), nil)
		if err != nil {
			return nil, err
		}
		rows = append(rows, list.Services...)
		if cursor = list.Next; cursor == "" {
			break
		}
	}
	slices.SortFunc(rows, func(a, b inventory.Service) int {
		return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.ID, b.ID))
	})
	return rows, nil
}

// Service returns all about one service.
func (c *Client) Service(ctx context.Context, name string) (*inventory.Detail, error) {
	return request[inventory.Detail](ctx, c, http.MethodGet, "services/"+segment(name), nil)
}

// Decide records a decision.
func (c *Client) Decide(ctx context.Context, change inventory.Change) (*inventory.Service, error) {
	return request[inventory.Service](ctx, c, http.MethodPost, "services/"+segment(change.Service)+"/decision", change)
}

// BlindSpots returns what hid the traffic of clients, with the most flows first.
func (c *Client) BlindSpots(ctx context.Context) ([]inventory.BlindSpot, error) {
	spots := []inventory.BlindSpot{}
	for cursor := ""; ; {
		list, err := request[blindList](ctx, c, http.MethodGet, "blind?limit=10000&cursor="+url.QueryEscape(cursor), nil)
		if err != nil {
			return nil, err
		}
		spots = append(spots, list.Blind...)
		if cursor = list.Next; cursor == "" {
			break
		}
	}
	slices.SortFunc(spots, func(a, b inventory.BlindSpot) int {
		return cmp.Or(cmp.Compare(b.Flows, a.Flows), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Name, b.Name))
	})
	return spots, nil
}

// Pinned returns the clients that refuse the gateway's certificate.
func (c *Client) Pinned(ctx context.Context) ([]Pin, error) {
	var pins []Pin
	for cursor := ""; ; {
		list, err := request[pinList](ctx, c, http.MethodGet, "pinned?limit=10000&cursor="+url.QueryEscape(cursor), nil)
		if err != nil {
			return nil, err
		}
		pins = append(pins, list.Pinned...)
		if cursor = list.Next; cursor == "" {
			return pins, nil
		}
	}
}

// Reload makes the gateway read its rules anew.
func (c *Client) Reload(ctx context.Context) error {
	_, err := request[struct{}](ctx, c, http.MethodPost, "reload", nil)
	return err
}

// Link returns a new link that logs an administrator in.
func (c *Client) Link(ctx context.Context) (string, error) {
	l, err := request[struct{ Link string }](ctx, c, http.MethodPost, "link", nil)
	if err != nil {
		return "", err
	}
	return l.Link, nil
}

// segment makes one segment of a path of any name: "." and "" would vanish.
func segment(name string) string {
	switch name {
	case "", ".", "..":
		return "%20" + name
	}
	return url.PathEscape(name)
}

func request[T any](ctx context.Context, c *Client, method, path string, body any) (*T, error) {
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("asking the gateway: %w", err)
		}
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://gnomon/api/v1/"+path, in)
	if err != nil {
		return nil, fmt.Errorf("asking the gateway: %w", err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("asking the gateway: %w", err)
	}
	defer resp.Body.Close()
	out := new(T)
	dec := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer))
	if resp.StatusCode != http.StatusOK {
		return nil, errorOf(resp.StatusCode, dec)
	}
	if err := dec.Decode(out); err != nil {
		return nil, fmt.Errorf("reading the gateway's answer: %w", err)
	}
	return out, nil
}

// errorOf gives an answer the error that the inventory gave.
func errorOf(code int, dec *json.Decoder) error {
	var e problem
	if err := dec.Decode(&e); err != nil {
		return fmt.Errorf("the gateway answered %d", code)
	}
	switch code {
	case http.StatusNotFound:
		return &inventory.UnknownError{Name: e.Name, Near: e.Near}
	case http.StatusBadRequest:
		return &inventory.InvalidError{Problem: e.Detail}
	}
	return fmt.Errorf("the gateway answered %d: %s", code, e.Detail)
}
