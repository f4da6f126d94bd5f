package proxy

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestWebSocketReadsBinaryText sends texts in binary messages, as real-time
// services do, and what is no text.
func TestWebSocketReadsBinaryText(t *testing.T) {
	for _, ext := range []string{"", "permessage-deflate", "permessage-deflate; client_no_context_takeover"} {
		t.Run(ext, func(t *testing.T) {
			var mu sync.Mutex
			var missed []string
			var inspected int
			w := startRelay(t, &wsRelay{ext: ext, limit: 100000, inspect: func(from traffic.Direction, text []byte) ([]byte, bool) {
				mu.Lock()
				defer mu.Unlock()
				inspected++
				return redactSecret(from, text)
			}, missed: func(from traffic.Direction, reason string) bool {
				mu.Lock()
				defer mu.Unlock()
				missed = append(missed, string(from)+":"+reason)
				return true
			}})
			fresh := strings.Contains(ext, "no_context")
			out, in := newDeflateEnd(fresh), &wsInflater{fresh: fresh}
			for _, tt := range []struct {
				name, say, want string
				inspected       int
			}{
				{"JSON", `{"text":"my secret"}`, `{"text":"my [REDACTED]"}`, 1},
				{"clean JSON", `{"text":"nothing"}`, `{"text":"nothing"}`, 1},
				{"in several letters", "[\"é\",\r\n\t\"secret ü\"]", "[\"é\",\r\n\t\"[REDACTED] ü\"]", 1},
				{"long", `{"text":"secret` + strings.Repeat("é", 30000) + `"}`, `{"text":"[REDACTED]` + strings.Repeat("é", 30000) + `"}`, 1},
				{"sound", strings.Repeat("\x00\x01secret", 9000), strings.Repeat("\x00\x01secret", 9000), 0},
				{"sound that begins like text", strings.Repeat("RIFF secret ", 3000) + "\xff\x00", strings.Repeat("RIFF secret ", 3000) + "\xff\x00", 0},
				{"no UTF-8 at the end", "secret \xc3", "secret \xc3", 0},
				{"empty", "", "", 1},
				{"JSON again", `{"text":"my secret"}`, `{"text":"my [REDACTED]"}`, 1},
			} {
				for _, size := range []int{1 << 20, 5000} { // in one frame and in several
					mu.Lock()
					inspected = 0
					mu.Unlock()
					first, payload := byte(opBinary), tt.say
					if ext != "" {
						first, payload = 0x40|opBinary, out.compress(payload)
					}
					var sent []byte
					for len(payload) > size {
						sent = append(sent, rawFrame(first, true, payload[:size])...)
						payload, first = payload[size:], opContinuation
					}
					w.send(w.client, append(sent, rawFrame(0x80|first, true, payload)...))
					var whole []byte
					var op byte
					compressed := false
					for i, fin := 0, false; !fin; i++ {
						o, f, rsv1, p := w.frame(w.sr, true)
						if i == 0 {
							op = o
						}
						fin, compressed = f, compressed || rsv1
						whole = append(whole, p...)
					}
					if got := inflateAll(t, in, compressed, whole); got != tt.want || op != opBinary {
						t.Errorf("%s: server got %.60q with opcode %d, want %.60q", tt.name, got, op, tt.want)
					}
					mu.Lock()
					if inspected != tt.inspected {
						t.Errorf("%s: inspected %d times, want %d", tt.name, inspected, tt.inspected)
					}
					mu.Unlock()
				}
			}
			w.send(w.client, rawFrame(0x80|opBinary, true, `{"x":"forbidden"}`))
			for {
				op, _, _, p := w.frame(w.sr, true)
				if op == opClose {
					break
				}
				t.Errorf("server got %q", p)
			}
			w.client.Close()
			w.server.Close()
			w.wait()
			if want := []string{"client:" + traffic.ReasonFormat}; !slices.Equal(missed, want) {
				t.Errorf("missed %q, want %q", missed, want)
			}
		})
	}
}

// TestWebSocketBinaryRefused has a policy that wants everything checked.
func TestWebSocketBinaryRefused(t *testing.T) {
	w := startRelay(t, &wsRelay{missed: func(_ traffic.Direction, reason string) bool { return reason != traffic.ReasonFormat }})
	w.send(w.client, rawFrame(0x80|opBinary, true, "{}"))
	if _, _, _, p := w.frame(w.sr, true); string(p) != "{}" {
		t.Errorf("server got %q", p)
	}
	w.send(w.client, rawFrame(0x80|opBinary, true, "\x00\x01"))
	if code, reason := w.closeFrame(w.cr, false); code != closePolicy || !strings.Contains(reason, "can't be checked") {
		t.Errorf("closed with %d %q", code, reason)
	}
	if code, _ := w.closeFrame(w.sr, true); code != closePolicy {
		t.Errorf("server was closed with %d", code)
	}
}

func BenchmarkWebSocketReads(b *testing.B) {
	text := bytes.Repeat([]byte(`{"text":"words of a prompt"}`), 600)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		var l wsLeg
		if !l.reads(text) {
			b.Fatal("not text")
		}
	}
}
