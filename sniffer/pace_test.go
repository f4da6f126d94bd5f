package sniffer_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer"
	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/sniffer/learned"
	"github.com/gnomon-proxy/gnomon/traffic"
)

func TestTokenStream(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	pieces := func(n, size int, gap func() time.Duration) func(k *conn) {
		return func(k *conn) {
			for range n {
				k.w.now = k.w.now.Add(gap())
				k.down(make([]byte, size+r.IntN(40)))
			}
		}
	}
	every := func(d time.Duration) func() time.Duration {
		return func() time.Duration { return d/2 + rand.N(d) }
	}
	prompt := func(k *conn) { k.up(make([]byte, 2000)) }
	for _, tt := range []struct {
		name string
		talk []func(*conn)
		want bool
	}{
		{"tokens", []func(*conn){prompt, pieces(200, 120, every(30*time.Millisecond))}, true},
		{"slow tokens", []func(*conn){prompt, pieces(60, 150, every(200*time.Millisecond))}, true},
		{"after a page", []func(*conn){func(k *conn) { k.down(make([]byte, 90000)) }, prompt, pieces(100, 120, every(30*time.Millisecond))}, true},
		{"a short answer", []func(*conn){prompt, pieces(10, 120, every(30*time.Millisecond))}, false},
		{"no prompt", []func(*conn){pieces(200, 120, every(30*time.Millisecond))}, false},
		{"a download", []func(*conn){prompt, pieces(300, 1400, every(time.Millisecond))}, false},
		{"big pieces", []func(*conn){prompt, pieces(100, 20000, every(50*time.Millisecond))}, false},
		{"news now and then", []func(*conn){prompt, pieces(100, 200, every(5*time.Second))}, false},
		{"bursts", []func(*conn){prompt, pieces(100, 200, func() time.Duration {
			if r.IntN(10) == 0 {
				return 900 * time.Millisecond
			}
			return 3 * time.Millisecond
		})}, false},
		{"a call", []func(*conn){prompt, func(k *conn) {
			for range 200 {
				k.w.now = k.w.now.Add(10 * time.Millisecond)
				k.down(make([]byte, 160))
				k.w.now = k.w.now.Add(10 * time.Millisecond)
				k.up(make([]byte, 160))
			}
		}}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWire()
			k := w.dial(from, to)
			k.up(clientHello(t, ai))
			w.now = w.now.Add(50 * time.Millisecond)
			k.down(make([]byte, 3000))
			for _, f := range tt.talk {
				f(k)
			}
			k.close()
			got := slices.ContainsFunc(sniff(t, w).flows, func(f traffic.Flow) bool { return slices.Contains(f.Features, "token_stream") })
			if got != tt.want {
				t.Errorf("token stream: %v, want %v", got, tt.want)
			}
		})
	}
}

// TestTokenStreamElsewhere measures how often traffic that is no AI is taken
// for a stream of tokens. README.md quotes it.
func TestTokenStreamElsewhere(t *testing.T) {
	var flows, wrong int64
	for _, file := range captures(t) {
		src, err := capture.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		s := sniffer.New(sniffer.Config{Names: learned.New(64)}, sniffer.Sink{})
		s.Run(t.Context(), src) // some end damaged
		src.Close()
		st := s.Stats()
		flows += st.Streams.TCP + st.Streams.UDP
		wrong += st.Tokens
	}
	t.Logf("%d of %d flows look like a stream of tokens", wrong, flows)
	if flows < 100 || wrong*100 > flows {
		t.Errorf("%d of %d flows, want at most one in a hundred", wrong, flows)
	}
}
