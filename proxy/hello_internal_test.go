package proxy

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"testing"
	"time"
)

// hello returns the bytes of a client hello.
func hello(t testing.TB, name string) []byte {
	t.Helper()
	a, b := net.Pipe()
	defer b.Close()
	go func() {
		tls.Client(a, &tls.Config{ServerName: name, InsecureSkipVerify: name == ""}).Handshake()
		a.Close()
	}()
	buf := make([]byte, 4096)
	n, err := b.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	return buf[:n]
}

// feed is a connection that brings given bytes, k at a time, and then ends.
type feed struct {
	net.Conn
	r io.Reader
	k int
}

func (f *feed) Read(p []byte) (int, error)      { return f.r.Read(p[:min(len(p), f.k)]) }
func (f *feed) SetDeadline(time.Time) error     { return nil }
func (f *feed) SetReadDeadline(time.Time) error { return nil }
func (f *feed) Close() error                    { return nil }

// split cuts a hello into records of at most n bytes.
func split(hello []byte, n int) (out []byte) {
	for body := hello[5:]; len(body) > 0; {
		k := min(n, len(body))
		out = append(out, 22, 3, 1, byte(k>>8), byte(k))
		out = append(out, body[:k]...)
		body = body[k:]
	}
	return out
}

func TestReadHello(t *testing.T) {
	whole := hello(t, "api.AI.test")
	for _, tt := range []struct {
		name string
		in   []byte
		k    int
		want string
	}{
		{"in one piece", whole, 4096, "api.ai.test"},
		{"byte by byte", whole, 1, "api.ai.test"},
		{"many records", split(whole, 40), 4096, "api.ai.test"},
		{"no name", hello(t, ""), 4096, ""},
		{"cut off", whole[:100], 4096, ""},
		{"not TLS", []byte("\x16nonsense, and more of it"), 4096, ""},
		{"endless", bytes.Repeat([]byte{22, 3, 1, 0x3f, 0xff}, 100<<10), 4096, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			name, read := readHello(&feed{r: bytes.NewReader(tt.in), k: tt.k})
			if name != tt.want {
				t.Errorf("name %q, want %q", name, tt.want)
			}
			if len(read) > maxHello || !bytes.HasPrefix(tt.in, read) {
				t.Errorf("%d bytes were read, not those that came", len(read))
			}
		})
	}
}

func FuzzReadHello(f *testing.F) {
	whole := hello(f, "ai.test")
	f.Add(whole)
	f.Add(split(whole, 100))
	f.Add([]byte{22})
	f.Fuzz(func(t *testing.T, b []byte) {
		_, read := readHello(&feed{r: bytes.NewReader(b), k: 1000})
		if !bytes.HasPrefix(b, read) {
			t.Error("what was read is not what came")
		}
	})
}
