package prompt

import (
	"bytes"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// FuzzRestore holds that it makes no difference how an answer is cut on its way.
func FuzzRestore(f *testing.F) {
	kinds := []string{"text/event-stream", "application/x-ndjson", "application/json", "application/vnd.amazon.eventstream", "text/plain"}
	for _, format := range formats() {
		texts := format.texts
		if texts == nil {
			texts = []string{said, said}
		}
		for k, kind := range kinds {
			if strings.HasPrefix(format.kind, kind) {
				f.Add(k, strings.Join(format.make(rand.New(rand.NewPCG(1, 1)), texts...), ""), uint64(k))
			}
		}
	}
	f.Add(0, "event: x\r\rdata:{\"v\":\"[EMAIL_\"}\r\n\ndata: {\"v\":\"K7Q2MX]\"}\rdata: x [ID_X4X4X4]", uint64(3))
	f.Add(2, "[1,\"[EMAIL_K7Q2MX]\",[[\"\\\"[ID_X4X4X4\\\\]\"]],{\"response\":\"[ID_\"}", uint64(4))
	f.Fuzz(func(t *testing.T, k int, body string, seed uint64) {
		if len(body) > 64<<10 {
			return
		}
		kind := kinds[uint(k)%uint(len(kinds))]
		x := &traffic.Exchange{Prompt: &traffic.Prompt{Stream: seed%2 == 0}}
		h := http.Header{"Content-Type": {kind}}
		r := codec.Restorer(x, h, restoring{ours})
		whole := r.End(r.Append(nil, []byte(body)))
		rnd := rand.New(rand.NewPCG(seed, 5))
		r = codec.Restorer(x, h, restoring{ours})
		var out []byte
		for rest := []byte(body); len(rest) > 0; {
			n := 1 + rnd.IntN(min(len(rest), 1+int(seed%97)))
			out = r.Append(out, rest[:n])
			rest = rest[n:]
		}
		if out = r.End(out); !bytes.Equal(out, whole) {
			t.Fatalf("in pieces %q, whole %q", out, whole)
		}
	})
}
