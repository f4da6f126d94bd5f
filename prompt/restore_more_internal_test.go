package prompt

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestRestoreMessages restores the events of a realtime session, the records of
// SignalR and plain text.
func TestRestoreMessages(t *testing.T) {
	r := codec.MessageRestorer(nil, restoring{kept{}})
	delta := func(s string) string {
		return `{"type":"response.output_text.delta","item_id":"i","output_index":0,"content_index":0,"delta":` + quote(s) + `}`
	}
	for _, tt := range []struct {
		in   string
		want []string
	}{
		{delta("no tokens yet [EMAIL_K7Q2MX]"), []string{delta("no tokens yet [EMAIL_K7Q2MX]")}},
		{"", nil}, // now the client has sent some
		{delta("to [EMA"), []string{delta("to ")}},
		{delta("IL_K7Q2MX] and ["), []string{delta("anna@corp.example and ")}},
		{`{"type":"response.output_text.done","text":"to [EMAIL_K7Q2MX] and ["}`, []string{delta("["), `{"type":"response.output_text.done","text":"to anna@corp.example and ["}`}},
		{`{"type":"response.output_audio.delta","delta":"AAAE"}`, []string{`{"type":"response.output_audio.delta","delta":"AAAE"}`}},
		{"{\"type\":1,\"text\":\"[EMAIL_K7Q2MX]\"}\x1e{\"type\":6}\x1e", []string{"{\"type\":1,\"text\":\"anna@corp.example\"}\x1e{\"type\":6}\x1e"}},
		{"plain [EMAIL_K7Q2MX] text", []string{"plain anna@corp.example text"}},
		{`{"event":"appendText","messageId":"m","partId":"0","text":"x [EMAIL"}`, []string{`{"event":"appendText","messageId":"m","partId":"0","text":"x "}`}},
		{`{"event":"appendText","messageId":"m","partId":"0","text":"_K7Q2MX]"}`, []string{`{"event":"appendText","messageId":"m","partId":"0","text":"anna@corp.example"}`}},
	} {
		if tt.in == "" {
			r = codec.MessageRestorer(r, restoring{ours})
			continue
		}
		got := r.Restore([]byte(tt.in))
		if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", tt.want) {
			t.Errorf("%s\nbecomes %q\nwant    %q", tt.in, got, tt.want)
		}
	}
}

// TestRestoreLong restores documents that are too long to be held, and holds no
// more of them than that.
func TestRestoreLong(t *testing.T) {
	pad := strings.Repeat("Lorem ipsum \\\" [dolor] ", 20_000)
	for kind, body := range map[string]string{
		"application/json":  `{"pad":"` + pad + `","a":"[EMAIL_K7Q2MX]","s":"[SECRET_P00DXE]"}`,
		"text/event-stream": "event: x\ndata: {\"pad\":\"" + pad + "\",\"a\":\"[EMAIL_K7Q2MX]\",\"s\":\"[SECRET_P00DXE]\"}\n\ndata: {\"v\":\"[EMAIL_K7Q2MX]\"}\n\n",
	} {
		want := strings.ReplaceAll(strings.ReplaceAll(body, "[EMAIL_K7Q2MX]", "anna@corp.example"), "[SECRET_P00DXE]", `a\"b\\c\u000Ad`)
		r := codec.Restorer(&traffic.Exchange{}, http.Header{"Content-Type": {kind}}, restoring{ours})
		var out []byte
		came := 0
		rnd := rand.New(rand.NewPCG(1, 9))
		for rest := body; rest != ""; {
			n := 1 + rnd.IntN(min(len(rest), 9000))
			out = r.Append(out, []byte(rest[:n]))
			rest, came = rest[n:], came+n
			if held := came - len(out); held > maxHeld+9000 {
				t.Fatalf("%s: %d bytes are held", kind, held)
			}
		}
		if out = r.End(out); string(out) != want {
			t.Errorf("%s: %d bytes become %d, not what they should: %.200q", kind, len(body), len(out), out)
		}
	}
}

// TestRestoreBrokenOff gives what is held back when a stream ends in the middle.
func TestRestoreBrokenOff(t *testing.T) {
	for kind, bodies := range map[string][2]string{
		"text/event-stream":    {"event: x\ndata: {\"choices\":[{\"delta\":{\"content\":\"a [EMAIL\"}}]}\n\n", "[EMAIL"},
		"application/x-ndjson": {"{\"response\":\"a [EMAIL\"}\n", "[EMAIL"},
		"application/json":     {"{\"a\":\"[EMAIL_K7Q2MX] b [ID_", "anna@corp.example b [ID_"},
		"text/plain":           {"a [EMAIL_K7Q2MX", "[anna@corp.example"},
	} {
		r := codec.Restorer(&traffic.Exchange{}, http.Header{"Content-Type": {kind}}, restoring{ours})
		out := r.Append(nil, []byte(bodies[0]))
		if bytes.Contains(out, []byte(bodies[1])) {
			t.Errorf("%s: not held back: %q", kind, out)
		}
		if out = r.End(out); !bytes.Contains(out, []byte(bodies[1])) {
			t.Errorf("%s: lost: %q", kind, out)
		}
		for line := range strings.SplitSeq(string(out), "\n") {
			if d, ok := strings.CutPrefix(line, "data: "); ok && !json.Valid([]byte(d)) {
				t.Errorf("%s: %q is no JSON", kind, d)
			}
		}
	}
}

func BenchmarkRestoreStream(b *testing.B) {
	for _, bm := range []struct{ name, text string }{
		{"tokens", said},
		{"no tokens in it", strings.Repeat("The quarterly report shows what was expected. ", 3)[:len(said)]},
	} {
		b.Run(bm.name, func(b *testing.B) {
			var events [][]byte
			for rest := strings.Repeat(bm.text, 20); rest != ""; rest = rest[min(6, len(rest)):] {
				events = append(events, []byte(data(`{"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":`+quote(rest[:min(6, len(rest))])+`},"finish_reason":null}]}`)))
			}
			b.SetBytes(int64(len(bytes.Join(events, nil))))
			b.ReportAllocs()
			var dst []byte
			for b.Loop() {
				r := codec.Restorer(&traffic.Exchange{}, http.Header{"Content-Type": {"text/event-stream"}}, restoring{ours})
				for _, e := range events {
					dst = r.Append(dst[:0], e)
				}
				dst = r.End(dst[:0])
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(events)), "ns/event")
		})
	}
}
