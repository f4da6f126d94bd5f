package prompt

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// said is what a model says, and what the client has to read.
const (
	said = "Dear [EMAIL_K7Q2MX], \"[CARD_ZW3T1P]\" and \\[EMAIL\\_K7Q2M0\\]: {\"a\": [1, [2]]} E EM Email [x] [ID_X4X4X4]"
	read = "Dear anna@corp.example, \"4111 1111 1111 1111\" and bob@corp.example: {\"a\": [1, [2]]} E EM Email [x] 078-05-1120"

	// saidArguments are those of a tool: JSON, into which the values have to fit.
	saidArguments = `{"to":"[EMAIL_K7Q2MX]","body":"key [SECRET_P00DXE]\n","n":[1,2]}`
	readArguments = "{\"to\":\"anna@corp.example\",\"body\":\"key a\\\"b\\\\c\\u000Ad\\n\",\"n\":[1,2]}"
)

// speech is one text that a service sends in pieces, among others.
type speech struct {
	lane int
	text string
}

// cutUp cuts texts into pieces that come in turn.
func cutUp(rnd *rand.Rand, texts ...string) (out []speech) {
	rest := append([]string(nil), texts...)
	for {
		i := rnd.IntN(len(rest))
		for k := 0; k < len(rest) && rest[i] == ""; k++ {
			i = (i + 1) % len(rest)
		}
		if rest[i] == "" {
			return out
		}
		n := 1 + rnd.IntN(min(len(rest[i]), 7))
		out = append(out, speech{i, rest[i][:n]})
		rest[i] = rest[i][n:]
	}
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// format is how a service streams.
type format struct {
	name, kind string
	stream     bool // the request asked for one
	make       func(rnd *rand.Rand, texts ...string) []string
	read       func(t *testing.T, body []byte) []string // the texts
	texts      []string
	want       []string
}

func data(s string) string { return "data: " + s + "\n\n" }

func named(name, s string) string { return "event: " + name + "\ndata: " + s + "\n\n" }

// docsOf returns the JSON documents of an answer.
func docsOf(t *testing.T, body []byte) (docs []map[string]any) {
	t.Helper()
	add := func(b []byte) {
		var m map[string]any
		if err := json.Unmarshal(b, &m); err != nil {
			t.Fatalf("%v in %q", err, b)
		}
		docs = append(docs, m)
	}
	switch trimmed := bytes.TrimSpace(body); {
	case bytes.HasPrefix(trimmed, []byte("[")):
		var list []json.RawMessage
		if err := json.Unmarshal(trimmed, &list); err != nil {
			t.Fatalf("%v in %s", err, trimmed)
		}
		for _, b := range list {
			add(b)
		}
	case bytes.HasPrefix(trimmed, []byte("{")):
		for line := range bytes.Lines(trimmed) {
			add(line)
		}
	default:
		for line := range strings.SplitSeq(string(body), "\n") {
			if d, ok := strings.CutPrefix(line, "data: "); ok && d != "[DONE]" {
				add([]byte(d))
			}
		}
	}
	return docs
}

// at follows a path into a document; "" when it ends.
func at(v any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	return v
}

func str(v any) string { s, _ := v.(string); return s }

func formats() []format {
	chat := func(rnd *rand.Rand, texts ...string) (out []string) {
		for i := range texts {
			out = append(out, data(fmt.Sprintf(`{"id":"c","object":"chat.completion.chunk","choices":[{"index":%d,"delta":{"role":"assistant","content":""},"finish_reason":null}]}`, i)))
		}
		for _, s := range cutUp(rnd, texts...) {
			out = append(out, data(fmt.Sprintf(`{"id":"c","object":"chat.completion.chunk","choices":[{"index":%d,"delta":{"content":%s},"finish_reason":null}]}`, s.lane, quote(s.text))))
		}
		for i := range texts {
			out = append(out, data(fmt.Sprintf(`{"id":"c","choices":[{"index":%d,"delta":{},"finish_reason":"stop"}]}`, i)))
		}
		return append(out, data(`{"id":"c","choices":[],"usage":{"total_tokens":7}}`), data("[DONE]"))
	}
	tools := func(rnd *rand.Rand, texts ...string) (out []string) {
		for i := range texts {
			out = append(out, data(fmt.Sprintf(`{"choices":[{"index":0,"delta":{"tool_calls":[{"index":%d,"id":"call_%[1]d","type":"function","function":{"name":"mail","arguments":""}}]},"finish_reason":null}]}`, i)))
		}
		for _, s := range cutUp(rnd, texts...) {
			out = append(out, data(fmt.Sprintf(`{"choices":[{"index":0,"delta":{"tool_calls":[{"index":%d,"function":{"arguments":%s}}]},"finish_reason":null}]}`, s.lane, quote(s.text))))
		}
		return append(out, data(`{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}`), data("[DONE]"))
	}
	responses := func(rnd *rand.Rand, texts ...string) (out []string) {
		out = append(out, named("response.created", `{"type":"response.created","response":{"id":"r"}}`))
		for i, text := range texts {
			for _, s := range cutUp(rnd, text) { // members in the order of the alphabet
				out = append(out, named("response.output_text.delta", fmt.Sprintf(`{"content_index":0,"delta":%s,"item_id":"m%d","output_index":%[2]d,"type":"response.output_text.delta"}`, quote(s.text), i)))
			}
			out = append(out, named("response.output_text.done", fmt.Sprintf(`{"type":"response.output_text.done","item_id":"m%d","output_index":%[1]d,"content_index":0,"text":%s}`, i, quote(text))))
		}
		return append(out, named("response.completed", `{"type":"response.completed","response":{"id":"r"}}`))
	}
	responseTools := func(rnd *rand.Rand, texts ...string) (out []string) {
		for i, text := range texts {
			for _, s := range cutUp(rnd, text) {
				out = append(out, named("x", fmt.Sprintf(`{"type":"response.function_call_arguments.delta","item_id":"m%d","output_index":%[1]d,"delta":%s}`, i, quote(s.text))))
			}
			out = append(out, named("x", fmt.Sprintf(`{"type":"response.function_call_arguments.done","item_id":"m%d","output_index":%[1]d,"arguments":%s}`, i, quote(text))))
		}
		return out
	}
	anthropic := func(field, kind string) func(rnd *rand.Rand, texts ...string) []string {
		return func(rnd *rand.Rand, texts ...string) (out []string) {
			out = append(out, named("message_start", `{"type":"message_start","message":{"id":"m","content":[]}}`))
			for i, text := range texts {
				out = append(out, named("content_block_start", fmt.Sprintf(`{"type":"content_block_start","index":%d,"content_block":{"type":"text","text":""}}`, i)))
				for k, s := range cutUp(rnd, text) {
					if k == 3 {
						out = append(out, named("ping", `{"type":"ping"}`), ": comment\n\n")
					}
					out = append(out, named("content_block_delta", fmt.Sprintf(`{"type":"content_block_delta","index":%d,"delta":{"type":"%s","%s":%s}}`, i, kind, field, quote(s.text))))
				}
				out = append(out, named("content_block_stop", fmt.Sprintf(`{"type":"content_block_stop","index":%d}`, i)))
			}
			return append(out, named("message_delta", `{"type":"message_delta","delta":{"stop_reason":"end_turn"}}`), named("message_stop", `{"type":"message_stop"}`))
		}
	}
	readAnthropic := func(field string) func(t *testing.T, body []byte) []string {
		return func(t *testing.T, body []byte) []string {
			out := make([]string, 8)
			open := -1
			for _, d := range docsOf(t, body) {
				i, _ := d["index"].(float64)
				switch d["type"] {
				case "content_block_start":
					open = int(i)
				case "content_block_stop":
					open = -1
				case "content_block_delta":
					if open != int(i) {
						t.Error("a delta outside of its block")
					}
					out[int(i)] += str(at(d, "delta", field))
				}
			}
			return out
		}
	}
	gemini := func(wrap func([]string) []string) func(rnd *rand.Rand, texts ...string) []string {
		return func(rnd *rand.Rand, texts ...string) (out []string) {
			for _, s := range cutUp(rnd, texts...) {
				out = append(out, fmt.Sprintf(`{"candidates":[{"content":{"parts":[{"text":%s}],"role":"model"},"index":%d}],"modelVersion":"g"}`, quote(s.text), s.lane))
			}
			for i := range texts {
				out = append(out, fmt.Sprintf(`{"candidates":[{"content":{"parts":[{"text":""}],"role":"model"},"finishReason":"STOP","index":%d}]}`, i))
			}
			return wrap(out)
		}
	}
	events := func(docs []string) (out []string) {
		for _, d := range docs {
			out = append(out, "data: "+d+"\r\n\r\n")
		}
		return out
	}
	list := func(docs []string) []string {
		for i := range docs {
			docs[i] = ",\r\n" + docs[i]
		}
		docs[0] = "[" + docs[0][3:]
		return append(docs, "\n]\n")
	}
	lines := func(format, last string) func(rnd *rand.Rand, texts ...string) []string {
		return func(rnd *rand.Rand, texts ...string) (out []string) {
			for _, s := range cutUp(rnd, texts...) {
				out = append(out, fmt.Sprintf(format, quote(s.text))+"\n")
			}
			return append(out, last+"\n")
		}
	}
	collect := func(index []any, path ...any) func(t *testing.T, body []byte) []string {
		return func(t *testing.T, body []byte) []string {
			out := make([]string, 8)
			for _, d := range docsOf(t, body) {
				i, _ := at(d, index...).(float64)
				out[int(i)] += str(at(d, path...))
			}
			return out
		}
	}
	sse := "text/event-stream; charset=utf-8"
	return []format{
		{"openai chat", sse, true, chat, collect([]any{"choices", 0, "index"}, "choices", 0, "delta", "content"), nil, nil},
		{"openai chat, not told", sse, false, chat, collect([]any{"choices", 0, "index"}, "choices", 0, "delta", "content"), nil, nil},
		{"openai tools", sse, true, tools, collect([]any{"choices", 0, "delta", "tool_calls", 0, "index"}, "choices", 0, "delta", "tool_calls", 0, "function", "arguments"), []string{saidArguments, saidArguments}, []string{readArguments, readArguments}},
		{"openai responses", sse, true, responses, collect([]any{"output_index"}, "delta"), nil, nil},
		{"openai responses, whole", sse, true, responses, collect([]any{"output_index"}, "text"), nil, nil},
		{"openai responses tools", sse, true, responseTools, collect([]any{"output_index"}, "delta"), []string{saidArguments, saidArguments}, []string{readArguments, readArguments}},
		{"openai responses tools, whole", sse, true, responseTools, collect([]any{"output_index"}, "arguments"), []string{saidArguments, saidArguments}, []string{readArguments, readArguments}},
		{"openai completions", sse, true, func(rnd *rand.Rand, texts ...string) (out []string) {
			for _, s := range cutUp(rnd, texts...) {
				out = append(out, data(fmt.Sprintf(`{"choices":[{"text":%s,"index":%d,"logprobs":null,"finish_reason":null}]}`, quote(s.text), s.lane)))
			}
			return append(out, data("[DONE]"))
		}, collect([]any{"choices", 0, "index"}, "choices", 0, "text"), nil, nil},
		{"anthropic text", sse, true, anthropic("text", "text_delta"), readAnthropic("text"), nil, nil},
		{"anthropic thinking", sse, true, anthropic("thinking", "thinking_delta"), readAnthropic("thinking"), nil, nil},
		{"anthropic tools", sse, true, anthropic("partial_json", "input_json_delta"), readAnthropic("partial_json"), []string{saidArguments, saidArguments}, []string{readArguments, readArguments}},
		{"gemini events", sse, true, gemini(events), func(t *testing.T, body []byte) []string {
			return collect([]any{"candidates", 0, "index"}, "candidates", 0, "content", "parts", 0, "text")(t, bytes.ReplaceAll(body, []byte("\r"), nil))
		}, nil, nil},
		{"gemini list", "application/json; charset=UTF-8", true, gemini(list), collect([]any{"candidates", 0, "index"}, "candidates", 0, "content", "parts", 0, "text"), nil, nil},
		{"gemini list, called events", sse, true, gemini(list), collect([]any{"candidates", 0, "index"}, "candidates", 0, "content", "parts", 0, "text"), nil, nil},
		{"openai chat, called JSON", "application/json", true, chat, collect([]any{"choices", 0, "index"}, "choices", 0, "delta", "content"), nil, nil},
		{"ollama chat", "application/x-ndjson", false, lines(`{"model":"l","message":{"role":"assistant","content":%s},"done":false}`, `{"model":"l","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop"}`), collect(nil, "message", "content"), []string{said}, []string{read}},
		{"ollama generate", "application/x-ndjson", false, lines(`{"model":"l","response":%s,"done":false}`, `{"model":"l","response":"","done":true}`), collect(nil, "response"), []string{said}, []string{read}},
		{"cohere 2", sse, true, func(rnd *rand.Rand, texts ...string) (out []string) {
			for _, s := range cutUp(rnd, texts...) {
				out = append(out, data(fmt.Sprintf(`{"type":"content-delta","index":%d,"delta":{"message":{"content":{"text":%s}}}}`, s.lane, quote(s.text))))
			}
			return append(out, data(`{"type":"content-end","index":0}`), data(`{"type":"message-end"}`))
		}, collect([]any{"index"}, "delta", "message", "content", "text"), nil, nil},
		{"cohere 1", "application/stream+json", true, lines(`{"is_finished":false,"event_type":"text-generation","text":%s}`, `{"is_finished":true,"event_type":"stream-end"}`), collect(nil, "text"), []string{said}, []string{read}},
		{"chatgpt web", sse, true, func(rnd *rand.Rand, texts ...string) (out []string) {
			for i, s := range cutUp(rnd, texts[0]) {
				if i == 0 {
					out = append(out, named("delta", fmt.Sprintf(`{"p":"/message/content/parts/0","o":"append","v":%s}`, quote(s.text))))
					continue
				}
				out = append(out, named("delta", fmt.Sprintf(`{"v":%s}`, quote(s.text))))
			}
			return append(out, named("delta", `{"p":"/message/status","o":"replace","x":"finished"}`), data("[DONE]"))
		}, collect(nil, "v"), []string{said}, []string{read}},
		{"claude web, old", sse, true, func(rnd *rand.Rand, texts ...string) (out []string) {
			for _, s := range cutUp(rnd, texts[0]) {
				out = append(out, named("completion", fmt.Sprintf(`{"type":"completion","completion":%s,"stop_reason":null}`, quote(s.text))))
			}
			return out
		}, collect(nil, "completion"), []string{said}, []string{read}},
		{"bedrock converse", "application/vnd.amazon.eventstream", true, func(rnd *rand.Rand, texts ...string) (out []string) {
			for _, s := range cutUp(rnd, texts...) {
				out = append(out, frameOf("contentBlockDelta", fmt.Sprintf(`{"contentBlockIndex":%d,"delta":{"text":%s},"p":"abc"}`, s.lane, quote(s.text))))
			}
			return append(out, frameOf("messageStop", `{"stopReason":"end_turn"}`))
		}, readFrames(false, "contentBlockIndex", "delta", "text"), nil, nil},
		{"bedrock invoke", "application/vnd.amazon.eventstream", true, func(rnd *rand.Rand, texts ...string) (out []string) {
			for _, s := range cutUp(rnd, texts...) {
				doc := fmt.Sprintf(`{"type":"content_block_delta","index":%d,"delta":{"type":"text_delta","text":%s}}`, s.lane, quote(s.text))
				out = append(out, frameOf("chunk", `{"bytes":"`+base64.StdEncoding.EncodeToString([]byte(doc))+`","p":"abc"}`))
			}
			return out
		}, readFrames(true, "index", "delta", "text"), nil, nil},
		{"text", "text/plain; charset=utf-8", false, func(rnd *rand.Rand, texts ...string) (out []string) {
			for _, s := range cutUp(rnd, texts[0]) {
				out = append(out, s.text)
			}
			return out
		}, func(t *testing.T, body []byte) []string { return []string{string(body)} }, []string{said}, []string{read}},
	}
}

// frameOf returns a frame of an event stream with one header.
func frameOf(event, payload string) string {
	const name = ":event-type"
	head := append([]byte{byte(len(name))}, name...)
	head = append(head, 7, 0, byte(len(event)))
	head = append(head, event...)
	b := binary.BigEndian.AppendUint32(nil, uint32(12+len(head)+len(payload)+4))
	b = binary.BigEndian.AppendUint32(b, uint32(len(head)))
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	b = append(append(b, head...), payload...)
	return string(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b)))
}

func readFrames(inner bool, index string, path ...any) func(t *testing.T, body []byte) []string {
	return func(t *testing.T, body []byte) []string {
		out := make([]string, 8)
		for len(body) > 0 {
			size, head := binary.BigEndian.Uint32(body), binary.BigEndian.Uint32(body[4:])
			if crc32.ChecksumIEEE(body[:8]) != binary.BigEndian.Uint32(body[8:]) || crc32.ChecksumIEEE(body[:size-4]) != binary.BigEndian.Uint32(body[size-4:]) {
				t.Fatal("a checksum is wrong")
			}
			var d map[string]any
			if err := json.Unmarshal(body[12+head:size-4], &d); err != nil {
				t.Fatal(err)
			}
			if inner {
				b, err := base64.StdEncoding.DecodeString(str(d["bytes"]))
				if err != nil || json.Unmarshal(b, &d) != nil {
					t.Fatalf("%v in %q", err, b)
				}
			}
			i, _ := d[index].(float64)
			out[int(i)] += str(at(d, path...))
			body = body[size:]
		}
		return out
	}
}

var codec = New()

// through passes an answer through a restorer in pieces of up to most bytes.
func through(t testing.TB, rnd *rand.Rand, kind string, stream bool, body string, most int) []byte {
	t.Helper()
	r := codec.Restorer(&traffic.Exchange{Prompt: &traffic.Prompt{Stream: stream}}, http.Header{"Content-Type": {kind}}, restoring{ours})
	if r == nil {
		t.Fatalf("nothing restores %q", kind)
	}
	var out []byte
	for len(body) > 0 {
		n := 1 + rnd.IntN(min(len(body), most))
		out = r.Append(out, []byte(body[:n]))
		body = body[n:]
	}
	return r.End(out)
}

func TestRestoreFormats(t *testing.T) {
	for _, f := range formats() {
		t.Run(f.name, func(t *testing.T) {
			texts, want := f.texts, f.want
			if texts == nil {
				texts, want = []string{said, "second: " + said}, []string{read, "second: " + read}
			}
			for seed := range uint64(18) {
				rnd := rand.New(rand.NewPCG(seed, 2))
				body := strings.Join(f.make(rnd, texts...), "")
				out := through(t, rnd, f.kind, f.stream, body, []int{1, 30, 4000}[seed%3])
				got := f.read(t, out)
				for i := range want {
					if got[i] != want[i] {
						t.Fatalf("seed %d, text %d:\n got %q\nwant %q\nin %s", seed, i, got[i], want[i], out)
					}
				}
			}
		})
	}
}

// TestRestoreNothing holds that an answer without a token arrives as it was,
// byte for byte, and event for event: no piece of it waits.
func TestRestoreNothing(t *testing.T) {
	text := "Der Hund / <b> \"läuft\" 漢 & so on, 1234 {x}"
	for _, f := range formats() {
		t.Run(f.name, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(1, 3))
			texts := make([]string, max(1, len(f.texts)))
			for i := range texts {
				texts[i] = text
			}
			pieces := f.make(rnd, texts...)
			r := codec.Restorer(&traffic.Exchange{Prompt: &traffic.Prompt{Stream: f.stream}}, http.Header{"Content-Type": {f.kind}}, restoring{kept{"ZEBRA_K7Q2MX": "x"}})
			for _, p := range pieces {
				if got := r.Append(nil, []byte(p)); string(got) != p {
					t.Fatalf("%q goes on as %q", p, got)
				}
			}
			if got := r.End(nil); len(got) > 0 {
				t.Errorf("%q was held back", got)
			}
		})
	}
}
