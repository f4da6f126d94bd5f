package proxy

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/klauspost/compress/flate"

	"github.com/gnomon-proxy/gnomon/internal/leaks"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// pair returns the two ends of a connection over loopback.
func pair(t testing.TB) (a, b net.Conn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	a, err = net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	b, err = ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []net.Conn{a, b} {
		c.SetDeadline(time.Now().Add(2 * time.Minute))
		t.Cleanup(func() { c.Close() })
	}
	return a, b
}

// wsTest is a relay at work between two ends that the test plays.
type wsTest struct {
	*wsRelay
	t              testing.TB
	client, server net.Conn
	cr, sr         *bufio.Reader
	result         chan error
	up, down       int64
	stop           context.CancelFunc
}

func startRelay(t testing.TB, r *wsRelay) *wsTest {
	t.Helper()
	w := &wsTest{wsRelay: r, t: t, result: make(chan error, 1)}
	var ctx context.Context
	ctx, w.stop = context.WithCancel(context.Background())
	w.client, r.client = pair(t)
	w.server, r.server = pair(t)
	w.cr, w.sr = bufio.NewReader(w.client), bufio.NewReader(w.server)
	if r.inspect == nil {
		r.inspect = func(_ traffic.Direction, text []byte) ([]byte, bool) { return text, true }
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		var err error
		w.up, w.down, err = r.run(ctx)
		w.result <- err
	}()
	t.Cleanup(func() { w.stop(); <-done })
	return w
}

func (w *wsTest) send(c net.Conn, b []byte) {
	w.t.Helper()
	if _, err := c.Write(b); err != nil {
		w.t.Fatal(err)
	}
}

// expect reads exactly want.
func (w *wsTest) expect(r *bufio.Reader, want []byte) {
	w.t.Helper()
	got := make([]byte, len(want))
	n, err := io.ReadFull(r, got)
	if err != nil || !bytes.Equal(got, want) {
		w.t.Fatalf("got %d bytes %.60q (%v), want %.60q", n, got[:n], err, want)
	}
}

// frame reads one frame and unmasks it.
func (w *wsTest) frame(r *bufio.Reader, fromClient bool) (op byte, fin, rsv1 bool, payload []byte) {
	w.t.Helper()
	var f wsFrame
	if err := f.read(r, fromClient, true); err != nil {
		w.t.Fatal(err)
	}
	payload = make([]byte, f.length)
	if _, err := io.ReadFull(r, payload); err != nil {
		w.t.Fatal(err)
	}
	if f.masked {
		mask(f.key, 0, payload)
	}
	return f.op, f.fin, f.rsv1, payload
}

func (w *wsTest) closeFrame(r *bufio.Reader, fromClient bool) (code int, reason string) {
	w.t.Helper()
	op, _, _, payload := w.frame(r, fromClient)
	if op != opClose || len(payload) < 2 {
		w.t.Fatalf("got a frame with opcode %d (%.40q), want a close frame", op, payload)
	}
	return int(binary.BigEndian.Uint16(payload)), string(payload[2:])
}

func (w *wsTest) wait() error {
	w.t.Helper()
	select {
	case err := <-w.result:
		return err
	case <-time.After(2 * time.Minute):
		w.t.Fatal("the relay did not end")
		return nil
	}
}

// rawFrame makes a frame with the first byte given.
func rawFrame(first byte, masked bool, payload string) []byte {
	b := appendFrame(nil, 0, false, masked, []byte(payload))
	b[0] = first
	return b
}

func closePayload(code uint16, reason string) string {
	return string(binary.BigEndian.AppendUint16(nil, code)) + reason
}

func redactSecret(_ traffic.Direction, text []byte) ([]byte, bool) {
	if bytes.Contains(text, []byte("forbidden")) {
		return nil, false
	}
	return bytes.ReplaceAll(text, []byte("secret"), []byte("[REDACTED]")), true
}

func TestWebSocketPassesByteForByte(t *testing.T) {
	defer leaks.Check(t)()
	var seen []string
	var mu sync.Mutex
	w := startRelay(t, &wsRelay{inspect: func(from traffic.Direction, text []byte) ([]byte, bool) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, string(from)+":"+string(text))
		return nil, true
	}})
	hello := slices.Concat(
		rawFrame(opText, true, "Hé"[:2]), // the fragment ends within a letter
		rawFrame(opContinuation, true, "Hé"[2:]),
		rawFrame(0x80|opContinuation, true, ", world"))
	long := rawFrame(0x80|opText, true, strings.Repeat("x", 70000))
	empty := rawFrame(0x80|opText, true, "")
	bin := rawFrame(0x80|opBinary, true, strings.Repeat("\xff\x00", 40000))
	for _, b := range [][]byte{hello, long, empty, bin} {
		w.send(w.client, b)
		w.expect(w.sr, b)
	}
	for _, b := range [][]byte{rawFrame(0x80|opText, false, "answer"), rawFrame(0x80|opPing, false, "p"), rawFrame(0x80|opBinary, false, "\xfe")} {
		w.send(w.server, b)
		w.expect(w.cr, b)
	}
	bye := rawFrame(0x80|opClose, true, closePayload(1000, "bye"))
	w.send(w.client, bye)
	w.expect(w.sr, bye)
	byeToo := rawFrame(0x80|opClose, false, closePayload(1000, ""))
	w.send(w.server, byeToo)
	w.expect(w.cr, byeToo)
	if err := w.wait(); err != nil {
		t.Errorf("relay ended with %v, want nil", err)
	}
	if want := int64(len(hello) + len(long) + len(empty) + len(bin) + len(bye)); w.up != want {
		t.Errorf("up = %d, want %d", w.up, want)
	}
	want := []string{"client:Hé, world", "client:" + strings.Repeat("x", 70000), "client:", "server:answer"}
	if !slices.Equal(seen, want) {
		t.Errorf("inspected %.80q, want %.80q", seen, want)
	}
}

func TestWebSocketRewrites(t *testing.T) {
	w := startRelay(t, &wsRelay{inspect: redactSecret})
	in := rawFrame(0x80|opText, true, "my secret is out")
	w.send(w.client, in)
	raw, err := w.sr.Peek(6)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(raw[2:6], in[2:6]) {
		t.Error("the masking key of the client was used again")
	}
	op, fin, _, got := w.frame(w.sr, true)
	if op != opText || !fin || string(got) != "my [REDACTED] is out" {
		t.Errorf("server got %q (opcode %d, fin %v)", got, op, fin)
	}
	// Fragmented, with a ping between, which goes ahead.
	w.send(w.client, rawFrame(opText, true, "my sec"))
	w.send(w.client, rawFrame(0x80|opPing, true, "now"))
	w.send(w.client, rawFrame(0x80|opContinuation, true, "ret"))
	if op, _, _, got := w.frame(w.sr, true); op != opPing || string(got) != "now" {
		t.Errorf("server got %q (opcode %d), want the ping", got, op)
	}
	if _, fin, _, got := w.frame(w.sr, true); !fin || string(got) != "my [REDACTED]" {
		t.Errorf("server got %q (fin %v)", got, fin)
	}
}

func TestWebSocketBlocks(t *testing.T) {
	defer leaks.Check(t)()
	w := startRelay(t, &wsRelay{inspect: redactSecret})
	w.send(w.client, rawFrame(0x80|opText, true, "this is forbidden"))
	for _, side := range []struct {
		name   string
		conn   net.Conn
		r      *bufio.Reader
		masked bool
	}{{"client", w.client, w.cr, false}, {"server", w.server, w.sr, true}} {
		if code, reason := w.closeFrame(side.r, side.masked); code != closePolicy || reason != "blocked by policy" {
			t.Errorf("%s was closed with %d %q", side.name, code, reason)
		}
		w.send(side.conn, rawFrame(0x80|opClose, !side.masked, closePayload(closePolicy, "")))
	}
	var e *wsError
	if err := w.wait(); !errors.As(err, &e) || e.code != closePolicy {
		t.Errorf("relay ended with %v, want a policy error", err)
	}
}

// The server hangs up before the client has been told why.
func TestWebSocketBlocksThoughTheServerIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &goneEnd{memEnd{closed: make(chan struct{})}}
		client := &lateEnd{memEnd: memEnd{closed: make(chan struct{})}, in: rawFrame(0x80|opText, true, "forbidden")}
		_, _, err := relayWebSocket(context.Background(), client, server, "", redactSecret)
		var e *wsError
		if !errors.As(err, &e) || e.code != closePolicy {
			t.Errorf("relay ended with %v, want a policy error", err)
		}
		if !client.told {
			t.Error("the client was hung up on before it was told")
		}
	})
}

// goneEnd ends as soon as it is written to.
type goneEnd struct{ memEnd }

func (g *goneEnd) Write(p []byte) (int, error) { g.Close(); return len(p), nil }

// lateEnd sends in and takes what is written after everything else has happened
// that can, if it is still open then.
type lateEnd struct {
	memEnd
	in   []byte
	told bool
}

func (l *lateEnd) Read(p []byte) (int, error) {
	if len(l.in) == 0 {
		<-l.closed
		return 0, io.EOF
	}
	n := copy(p, l.in)
	l.in = l.in[n:]
	return n, nil
}

func (l *lateEnd) Write(p []byte) (int, error) {
	synctest.Wait()
	select {
	case <-l.closed:
		return 0, io.ErrClosedPipe
	default:
		l.told = true
		return len(p), nil
	}
}

func TestWebSocketProtocolErrors(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   []byte
		code int
	}{
		{"unmasked frame", rawFrame(0x80|opText, false, "x"), closeProtocol},
		{"reserved bit", rawFrame(0xa0|opText, true, "x"), closeProtocol},
		{"RSV1 without extension", rawFrame(0xc0|opText, true, "x"), closeProtocol},
		{"unknown opcode", rawFrame(0x83, true, "x"), closeProtocol},
		{"unknown control opcode", rawFrame(0x8b, true, "x"), closeProtocol},
		{"fragmented ping", rawFrame(opPing, true, "x"), closeProtocol},
		{"long ping", rawFrame(0x80|opPing, true, strings.Repeat("x", 126)), closeProtocol},
		{"continuation of nothing", rawFrame(0x80, true, "x"), closeProtocol},
		{"message within a message", append(rawFrame(opText, true, "x"), rawFrame(0x80|opText, true, "y")...), closeProtocol},
		{"length not minimal", []byte{0x81, 0x80 | 126, 0, 5, 1, 2, 3, 4, 0, 0, 0, 0, 0}, closeProtocol},
		{"length too long", []byte{0x81, 0x80 | 127, 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4}, closeProtocol},
		{"text not UTF-8", rawFrame(0x80|opText, true, "\xc3\x28"), closeBadData},
		{"close of one byte", rawFrame(0x80|opClose, true, "x"), closeProtocol},
		{"close with code 1005", rawFrame(0x80|opClose, true, closePayload(1005, "")), closeProtocol},
		{"close reason not UTF-8", rawFrame(0x80|opClose, true, closePayload(1000, "\xff")), closeBadData},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := startRelay(t, &wsRelay{})
			w.send(w.client, tt.in)
			if code, _ := w.closeFrame(w.cr, false); code != tt.code {
				t.Errorf("client was closed with %d, want %d", code, tt.code)
			}
			if code, _ := w.closeFrame(w.sr, true); code != closeGoingAway {
				t.Errorf("server was closed with %d, want %d", code, closeGoingAway)
			}
			w.client.Close()
			w.server.Close()
			var e *wsError
			if err := w.wait(); !errors.As(err, &e) || int(e.code) != tt.code {
				t.Errorf("relay ended with %v, want code %d", err, tt.code)
			}
		})
	}
}

// deflateEnd compresses the messages of one side.
type deflateEnd struct {
	buf   bytes.Buffer
	w     *flate.Writer
	fresh bool
}

func newDeflateEnd(fresh bool) *deflateEnd {
	d := &deflateEnd{fresh: fresh}
	d.w, _ = flate.NewWriter(&d.buf, flate.BestCompression)
	return d
}

func (d *deflateEnd) compress(text string) string {
	d.buf.Reset()
	if d.fresh {
		d.w.Reset(&d.buf)
	}
	io.WriteString(d.w, text)
	d.w.Flush()
	return strings.TrimSuffix(d.buf.String(), deflateTail[:4])
}

// inflateAll reads a message as the end behind the relay does.
func inflateAll(t *testing.T, i *wsInflater, rsv1 bool, payload []byte) string {
	t.Helper()
	if !rsv1 {
		return string(payload)
	}
	if err := i.begin(bytes.NewReader(payload)); err != nil {
		t.Fatal(err)
	}
	defer i.end()
	b, err := io.ReadAll(i)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestWebSocketDeflate(t *testing.T) {
	for _, tt := range []struct {
		name, ext string
		fresh     bool
	}{
		{"takeover", "permessage-deflate", false},
		{"no takeover", "permessage-deflate; client_no_context_takeover; server_no_context_takeover", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := startRelay(t, &wsRelay{ext: tt.ext, inspect: redactSecret})
			out, in := newDeflateEnd(tt.fresh), &wsInflater{fresh: tt.fresh}
			filler := strings.Repeat("all work and no play makes a dull prompt; ", 50)
			diverged := false
			for i, msg := range []struct {
				op         byte
				text, want string
			}{
				{opText, filler, filler},
				{opText, filler + "1", filler + "1"},
				{opBinary, "\x00bin" + filler, "\x00bin" + filler},
				{opText, filler + "my secret", filler + "my [REDACTED]"},
				{opText, filler + "2", filler + "2"},
				{opBinary, filler + strings.Repeat("b\x00", 45000), filler + strings.Repeat("b\x00", 45000)},
				{opText, "", ""},
				{opText, filler + "secret again", filler + "[REDACTED] again"},
			} {
				payload := out.compress(msg.text)
				sent := slices.Concat(
					rawFrame(0x40|msg.op, true, payload[:len(payload)/2]),
					rawFrame(0x80|opPong, true, ""),
					rawFrame(0x80|opContinuation, true, payload[len(payload)/2:]))
				w.send(w.client, sent)
				var got string
				rewritten := msg.want != msg.text
				if !rewritten && !(diverged && !tt.fresh) {
					var whole []byte // the two frames as they were sent, the pong wherever
					var rsv1 bool
					for frames := 0; frames < 3; frames++ {
						op, _, r1, p := w.frame(w.sr, true)
						if op != opPong {
							whole = append(whole, p...)
						}
						rsv1 = rsv1 || r1
					}
					if string(whole) != payload {
						t.Errorf("message %d: compressed data changed", i)
					}
					got = inflateAll(t, in, rsv1, whole)
				} else {
					for {
						op, fin, rsv1, p := w.frame(w.sr, true)
						if op == opPong {
							continue
						}
						got += inflateAll(t, in, rsv1, p)
						if fin {
							break
						}
					}
				}
				if got != msg.want {
					t.Errorf("message %d: server got %d bytes %.60q, want %d", i, len(got), got, len(msg.want))
				}
				diverged = diverged || rewritten
			}
		})
	}
}

func TestWebSocketFinalBlockInMessage(t *testing.T) {
	var got []string
	w := startRelay(t, &wsRelay{ext: "permessage-deflate", inspect: func(_ traffic.Direction, text []byte) ([]byte, bool) {
		got = append(got, string(text))
		return text, true
	}})
	msg := rawFrame(0xc0|opText, true, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00") // RFC 7692, section 7.2.3.4
	w.send(w.client, slices.Concat(msg, msg))
	w.expect(w.sr, slices.Concat(msg, msg))
	if !slices.Equal(got, []string{"Hello", "Hello"}) {
		t.Errorf("inspected %q", got)
	}
}

func TestWebSocketDamagedDeflate(t *testing.T) {
	w := startRelay(t, &wsRelay{ext: "permessage-deflate"})
	w.send(w.client, rawFrame(0xc0|opText, true, "\xff\xff\xff\xff"))
	if code, _ := w.closeFrame(w.cr, false); code != closeBadData {
		t.Errorf("client was closed with %d, want %d", code, closeBadData)
	}
}

func TestWebSocketBomb(t *testing.T) {
	w := startRelay(t, &wsRelay{ext: "permessage-deflate", limit: 1 << 20})
	bomb := newDeflateEnd(false).compress(strings.Repeat("\x00", 64<<20))
	go io.Copy(io.Discard, w.sr)
	w.send(w.client, rawFrame(0xc0|opText, true, bomb))
	if code, _ := w.closeFrame(w.cr, false); code != closeTooBig {
		t.Errorf("client was closed with %d, want %d", code, closeTooBig)
	}
}

// TestWebSocketOverLimitClosed: nothing of a message that can't be checked
// passes where the policy fails closed.
func TestWebSocketOverLimitClosed(t *testing.T) {
	for _, ext := range []string{"", "permessage-deflate"} {
		t.Run(ext, func(t *testing.T) {
			w := startRelay(t, &wsRelay{ext: ext, inspect: redactSecret, limit: 100000, missed: func(traffic.Direction, string) bool { return false }})
			big := strings.Repeat("secret, and more than fits; ", 10000)
			first, payload := byte(0x80|opText), big
			if ext != "" {
				first, payload = 0xc0|opText, newDeflateEnd(false).compress(big)
			}
			go w.send(w.client, rawFrame(first, true, payload))
			if code, _ := w.closeFrame(w.cr, false); code != closePolicy {
				t.Errorf("client was closed with %d, want %d", code, closePolicy)
			}
			op, _, _, got := w.frame(w.sr, true)
			if op != opClose {
				t.Errorf("server got %d bytes of the message", len(got))
			}
		})
	}
}

func TestWebSocketOverLimit(t *testing.T) {
	big := strings.Repeat("secret, and more than fits; ", 10000)
	for _, tt := range []struct {
		name, ext, reason string
		memory            int64
	}{
		{"plain", "", traffic.ReasonOverLimit, 1 << 30},
		{"compressed", "permessage-deflate", traffic.ReasonOverLimit, 1 << 30},
		{"compressed, no takeover", "permessage-deflate; client_no_context_takeover", traffic.ReasonOverLimit, 1 << 30},
		{"no memory left", "", traffic.ReasonScanMemory, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var mu sync.Mutex
			var missed []string
			b := &budget{pool: newArea(tt.memory, tt.memory)}
			w := startRelay(t, &wsRelay{ext: tt.ext, inspect: redactSecret, limit: 100000, memory: b, missed: func(from traffic.Direction, reason string) bool {
				mu.Lock()
				defer mu.Unlock()
				missed = append(missed, string(from)+":"+reason)
				return true
			}})
			out, in := newDeflateEnd(strings.Contains(tt.ext, "no_context")), &wsInflater{fresh: strings.Contains(tt.ext, "no_context")}
			message := func(text string) {
				t.Helper()
				first, payload := byte(opText), text
				if tt.ext != "" {
					first, payload = 0x40|opText, out.compress(text)
				}
				var sent []byte
				for len(payload) > 5000 {
					sent = append(sent, rawFrame(first, true, payload[:5000])...)
					payload, first = payload[5000:], opContinuation
				}
				sent = append(sent, rawFrame(0x80|first, true, payload)...)
				w.send(w.client, sent)
			}
			receive := func() (got string) {
				t.Helper()
				var whole []byte
				compressed := false
				for {
					_, fin, rsv1, p := w.frame(w.sr, true)
					compressed = compressed || rsv1
					whole = append(whole, p...)
					if fin {
						return inflateAll(t, in, compressed, whole)
					}
				}
			}
			message(big)
			if got := receive(); got != big {
				t.Errorf("server got %d bytes, want %d as they were", len(got), len(big))
			}
			message("a secret") // the relay goes on
			if got := receive(); got != "a [REDACTED]" {
				t.Errorf("server got %q", got)
			}
			message(big) // now diverged where contexts are kept
			if got := receive(); got != big {
				t.Errorf("server got %d bytes, want %d as they were", len(got), len(big))
			}
			w.stop()
			w.wait()
			if want := []string{"client:" + tt.reason, "client:" + tt.reason}; !slices.Equal(missed, want) {
				t.Errorf("missed %q, want %q", missed, want)
			}
			if b.lent() != 0 {
				t.Error("memory was not given back")
			}
		})
	}
}

// A binary message streams: its first bytes arrive before its last are sent.
func TestWebSocketStreamsBinary(t *testing.T) {
	w := startRelay(t, &wsRelay{})
	f := rawFrame(0x80|opBinary, true, strings.Repeat("x\x00", 1<<19))
	w.send(w.client, f[:5000])
	w.expect(w.sr, f[:5000])
	w.send(w.client, f[5000:])
	w.expect(w.sr, f[5000:])
}

func TestWebSocketEnds(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(w *wsTest)
	}{
		{"client hangs up", func(w *wsTest) { w.client.Close() }},
		{"server hangs up", func(w *wsTest) { w.server.Close() }},
		{"client hangs up in a frame", func(w *wsTest) { w.send(w.client, []byte{0x81, 0x85, 1}); w.client.Close() }},
		{"told to end", func(w *wsTest) { w.stop() }},
		{"blocked while the client does not answer", func(w *wsTest) {
			w.send(w.client, rawFrame(0x80|opText, true, "forbidden"))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			defer leaks.Check(t)()
			w := startRelay(t, &wsRelay{inspect: redactSecret, patience: 50 * time.Millisecond})
			tt.end(w)
			if err := w.wait(); err == nil {
				t.Error("relay ended without saying why")
			}
		})
	}
}

// stuckEnd takes no byte until it is closed.
type stuckEnd struct {
	memEnd
	entered chan struct{}
}

func (s *stuckEnd) Write([]byte) (int, error) {
	close(s.entered)
	<-s.closed
	return 0, io.ErrClosedPipe
}

func TestWebSocketEndsWhileTheServerDoesNotRead(t *testing.T) {
	defer leaks.Check(t)()
	server := &stuckEnd{memEnd{closed: make(chan struct{})}, make(chan struct{})}
	client := &memEnd{closed: make(chan struct{}), in: bytes.NewReader(rawFrame(0x80|opText, true, "hello")), out: io.Discard}
	ctx, cancel := context.WithCancel(context.Background())
	go func() { <-server.entered; cancel() }()
	if _, _, err := relayWebSocket(ctx, client, server, "", redactSecret); !errors.Is(err, context.Canceled) {
		t.Errorf("relay ended with %v, want %v", err, context.Canceled)
	}
}

func TestWebSocketUnknownExtension(t *testing.T) {
	w := startRelay(t, &wsRelay{ext: "x-unknown"})
	if err := w.wait(); !errors.Is(err, errExtension) {
		t.Errorf("relay ended with %v, want %v", err, errExtension)
	}
}

// TestWebSocketInterop relays between a client and a server that are not ours.
func TestWebSocketInterop(t *testing.T) {
	for _, mode := range []websocket.CompressionMode{websocket.CompressionDisabled, websocket.CompressionNoContextTakeover, websocket.CompressionContextTakeover} {
		opts := &websocket.AcceptOptions{CompressionMode: mode, CompressionThreshold: 1, InsecureSkipVerify: true}
		srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			c, err := websocket.Accept(rw, r, opts)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.CloseNow()
			c.SetReadLimit(-1)
			for {
				typ, b, err := c.Read(r.Context())
				if err != nil {
					return
				}
				if c.Write(r.Context(), typ, b) != nil {
					return
				}
			}
		}))
		defer srv.Close()
		addr, agreed, done := relayTo(t, srv.Listener.Addr().String())
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		c, _, err := websocket.Dial(ctx, "ws://"+addr, &websocket.DialOptions{CompressionMode: mode, CompressionThreshold: 1})
		if err != nil {
			t.Fatal(err)
		}
		c.SetReadLimit(-1)
		if ext := <-agreed; (ext != "") != (mode != websocket.CompressionDisabled) {
			t.Errorf("mode %d: extensions %q", mode, ext)
		}
		filler := strings.Repeat("the quick brown fox ", 300)
		for _, text := range []string{"hello", filler, filler + "secret", filler, "", filler + "and more", strings.Repeat(filler, 30)} {
			if err := c.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
				t.Fatal(err)
			}
			_, got, err := c.Read(ctx)
			if want := strings.ReplaceAll(text, "secret", "[REDACTED]"); err != nil || string(got) != want {
				t.Fatalf("mode %d: %d bytes came back (%v), want %d", mode, len(got), err, len(want))
			}
			text = "\x00" + text
			if err := c.Write(ctx, websocket.MessageBinary, []byte(text)); err != nil {
				t.Fatal(err)
			}
			if _, got, err := c.Read(ctx); err != nil || string(got) != text {
				t.Fatalf("mode %d: %d binary bytes came back (%v), want %d", mode, len(got), err, len(text))
			}
		}
		if err := c.Close(websocket.StatusNormalClosure, "done"); err != nil {
			t.Errorf("mode %d: closing: %v", mode, err)
		}
		if err := <-done; err != nil {
			t.Errorf("mode %d: relay ended with %v", mode, err)
		}
	}
}

// relayTo takes one connection, passes the handshake and relays.
func relayTo(t *testing.T, server string) (addr string, agreed chan string, done chan error) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	agreed, done = make(chan string, 1), make(chan error, 1)
	go func() {
		defer ln.Close()
		c, err := ln.Accept()
		if err != nil {
			done <- err
			return
		}
		s, err := net.Dial("tcp", server)
		if err != nil {
			done <- err
			return
		}
		cr, sr := bufio.NewReader(c), bufio.NewReader(s)
		req, err := http.ReadRequest(cr)
		if err != nil {
			done <- err
			return
		}
		offerExtensions(req.Header)
		req.Write(s)
		resp, err := http.ReadResponse(sr, req)
		if err != nil {
			done <- err
			return
		}
		resp.Write(c)
		ext := resp.Header.Get(extensionsHeader)
		agreed <- ext
		_, _, err = relayWebSocket(context.Background(), &readFrom{c, cr}, &readFrom{s, sr}, ext, redactSecret)
		done <- err
	}()
	return ln.Addr().String(), agreed, done
}

type readFrom struct {
	net.Conn
	r io.Reader
}

func (c *readFrom) Read(p []byte) (int, error) { return c.r.Read(p) }

func TestOfferExtensions(t *testing.T) {
	for _, tt := range []struct {
		name     string
		in, want []string
	}{
		{"none", nil, nil},
		{"as browsers send it", []string{"permessage-deflate; client_max_window_bits"}, []string{"permessage-deflate; client_max_window_bits"}},
		{"two offers stay as written", []string{"permessage-deflate;server_max_window_bits=10 ,permessage-deflate"}, []string{"permessage-deflate;server_max_window_bits=10 ,permessage-deflate"}},
		{"unknown goes", []string{"x-webkit-deflate-frame, permessage-deflate", "permessage-bzip2"}, []string{"permessage-deflate"}},
		{"unknown parameter goes", []string{"permessage-deflate; magic"}, nil},
		{"window out of range goes", []string{"permessage-deflate; server_max_window_bits=16"}, nil},
		{"quoted value", []string{`permessage-deflate; server_max_window_bits="12"`}, []string{`permessage-deflate; server_max_window_bits="12"`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := http.Header{}
			if tt.in != nil {
				h[extensionsHeader] = slices.Clone(tt.in)
			}
			offerExtensions(h)
			if got := h[extensionsHeader]; !slices.Equal(got, tt.want) {
				t.Errorf("offer %q, want %q", got, tt.want)
			}
		})
	}
}

// FuzzWSFrames sends any bytes as a client; the relay must end, without a
// fault, and pass on well-formed frames only.
func FuzzWSFrames(f *testing.F) {
	f.Add(rawFrame(0x80|opText, true, "hello"), false)
	f.Add(slices.Concat(rawFrame(opText, true, "he"), rawFrame(0x80|opPing, true, "p"), rawFrame(0x80, true, "llo")), false)
	f.Add(rawFrame(0xc0|opText, true, newDeflateEnd(false).compress("hello hello hello")), true)
	f.Add(slices.Concat(rawFrame(0xc0|opText, true, newDeflateEnd(false).compress("secret")), rawFrame(0xc0|opBinary, true, "\x00")), true)
	f.Add(rawFrame(0x80|opClose, true, closePayload(1000, "bye")), true)
	f.Fuzz(func(t *testing.T, in []byte, deflate bool) {
		ext := ""
		if deflate {
			ext = "permessage-deflate"
		}
		var out bytes.Buffer
		server := &memEnd{closed: make(chan struct{}), out: &out}
		client := &memEnd{closed: make(chan struct{}), in: bytes.NewReader(in), out: io.Discard}
		relay := &wsRelay{client: client, server: server, ext: ext, inspect: redactSecret, patience: time.Microsecond}
		relay.run(context.Background())
		for r := bytes.NewReader(out.Bytes()); r.Len() > 0; {
			var f wsFrame
			if err := f.read(r, true, deflate); err != nil {
				if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
					break // a binary frame was cut off with the client
				}
				t.Fatalf("passed a bad frame: %v", err)
			}
			payload := make([]byte, min(f.length, int64(r.Len())))
			r.Read(payload)
			mask(f.key, 0, payload)
			if f.op == opText && !f.rsv1 && f.fin && bytes.Contains(payload, []byte("secret")) {
				t.Fatal("passed an uninspected text")
			}
		}
	})
}

// memEnd is an end in memory. Without in it is silent until it is closed.
type memEnd struct {
	in     io.Reader
	out    io.Writer
	once   sync.Once
	closed chan struct{}
}

func (m *memEnd) Read(p []byte) (int, error) {
	if m.in == nil {
		<-m.closed
		return 0, io.EOF
	}
	return m.in.Read(p)
}
func (m *memEnd) Write(p []byte) (int, error) { return m.out.Write(p) }
func (m *memEnd) Close() error                { m.once.Do(func() { close(m.closed) }); return nil }

// FuzzWSInflate inflates anything as two messages of one direction.
func FuzzWSInflate(f *testing.F) {
	d := newDeflateEnd(false)
	f.Add([]byte(d.compress("hello hello")), []byte(d.compress("hello again")))
	f.Add([]byte("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), []byte("\x00"))
	f.Fuzz(func(t *testing.T, one, two []byte) {
		i := &wsInflater{}
		for _, in := range [][]byte{one, two} {
			if err := i.begin(bytes.NewReader(in)); err != nil {
				t.Fatal(err)
			}
			n, _ := io.Copy(io.Discard, i)
			i.end()
			if n > freeInflate && n > 2*maxInflateRatio*int64(len(in)) {
				t.Fatalf("%d bytes inflated to %d", len(in), n)
			}
			if len(i.window) > deflateWindow {
				t.Fatalf("window of %d bytes", len(i.window))
			}
		}
	})
}

func BenchmarkWebSocket(b *testing.B) {
	for _, bb := range []struct {
		name string
		op   byte
		size int
	}{{"text-200", opText, 200}, {"text-4KiB", opText, 4 << 10}, {"text-1MiB", opText, 1 << 20}, {"binary-1MiB", opBinary, 1 << 20}} {
		b.Run(bb.name, func(b *testing.B) {
			w := startRelay(b, &wsRelay{})
			fill := "x"
			if bb.op == opBinary {
				fill = "\x00" // what is no text
			}
			in := rawFrame(0x80|bb.op, true, strings.Repeat(fill, bb.size))
			b.SetBytes(int64(bb.size))
			b.ReportAllocs()
			got := make([]byte, len(in))
			for b.Loop() {
				go w.client.Write(in)
				if _, err := io.ReadFull(w.sr, got); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// relayWebSocket relays with the default bounds.
func relayWebSocket(ctx context.Context, client, server io.ReadWriteCloser, ext string, inspect func(from traffic.Direction, text []byte) ([]byte, bool)) (up, down int64, err error) {
	r := &wsRelay{client: client, server: server, ext: ext, inspect: inspect}
	return r.run(ctx)
}
