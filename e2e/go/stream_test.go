package e2e_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/testnet"
)

// firstEvent returns how long the first event of a stream takes, and all of it.
func firstEvent(t *testing.T, c *http.Client) (first, all time.Duration) {
	t.Helper()
	begun := time.Now()
	req, err := http.NewRequestWithContext(deadline(t), http.MethodPost, chatURL, strings.NewReader(`{"model":"slow-1","messages":[{"role":"user","content":"count to ten, one after the other"}],"stream":true}`))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	r := bufio.NewReader(resp.Body)
	if _, err := r.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	first = time.Since(begun)
	if _, err := io.Copy(io.Discard, r); err != nil {
		t.Fatal(err)
	}
	return first, time.Since(begun)
}

func TestFirstEvent(t *testing.T) {
	roots := []string{gw.CAFile, services.CAFile}
	both(t, func(t *testing.T, c *http.Client, proto string) {
		direct, err := testnet.NewClient(testnet.ClientOptions{Proxy: gw.Proxy, CAFiles: roots, HTTP1: proto == "HTTP/1.1"})
		if err != nil {
			t.Fatal(err)
		}
		tr := direct.Transport.(*http.Transport)
		tr.Proxy = nil
		dialer := tr.DialContext
		tr.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dialer(ctx, network, services.Addr)
		}
		defer direct.CloseIdleConnections()
		var with, without []time.Duration
		held := 0
		for range 7 {
			first, all := firstEvent(t, c)
			if first > all/2 { // once a machine under load may be the reason
				held++
			}
			with = append(with, first)
			first, _ = firstEvent(t, direct)
			without = append(without, first)
		}
		if held > 3 {
			t.Errorf("the first event came late %d times of 7: the stream is held back", held)
		}
		slices.Sort(with)
		slices.Sort(without)
		added := with[len(with)/2] - without[len(without)/2]
		t.Logf("first event %v later than direct", added)
		if added > slack*5*time.Millisecond {
			t.Errorf("first event %v later than direct, the aim is 5 ms", added)
		}
	})
}

// records counts the TLS records with data that a connection receives.
type records struct {
	net.Conn
	mu   sync.Mutex
	head []byte
	skip int
	n    int
}

func (r *records) Read(p []byte) (int, error) {
	n, err := r.Conn.Read(p)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, b := range p[:n] {
		if r.skip > 0 {
			r.skip--
			continue
		}
		if r.head = append(r.head, b); len(r.head) == 5 {
			if r.head[0] == 23 {
				r.n++
			}
			r.skip, r.head = int(r.head[3])<<8|int(r.head[4]), nil
		}
	}
	return n, err
}

func (r *records) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.n
}

// TestOneWriteAnEvent counts TLS records: an event cut into several costs system
// calls, packets and wake-ups on both sides.
func TestOneWriteAnEvent(t *testing.T) {
	const events = 20
	c := dial(t)
	if code := connect(t, c, testnet.HostOpenAI+":443"); code != 200 {
		t.Fatal(code)
	}
	counted := &records{Conn: c}
	s := secure(t, counted, testnet.HostOpenAI, "http/1.1")
	io.WriteString(s, "GET /knob/events/20 HTTP/1.1\r\nHost: "+testnet.HostOpenAI+"\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(s), nil)
	if err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(resp.Body)
	if _, err := r.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	before := counted.count()
	rest, err := io.ReadAll(r)
	if err != nil || strings.Count(string(rest), "data:") != events-1 {
		t.Fatalf("%v: %s", err, rest)
	}
	if got := counted.count() - before; got > events {
		t.Errorf("%d records for %d events and the end", got, events-1)
	}
}
