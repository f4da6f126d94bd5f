package prompt_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gnomon-proxy/gnomon/prompt"
	"github.com/gnomon-proxy/gnomon/traffic"
)

const generic = "/v9/ask" // a path that no format claims

func post(path, contentType, body string) *traffic.Exchange {
	return &traffic.Exchange{
		Flow:   traffic.Flow{Method: "POST", Host: "ai.example.com", Path: path},
		Header: http.Header{"Content-Type": {contentType}}, Body: []byte(body),
	}
}

func read(t testing.TB, c *prompt.Codec, x *traffic.Exchange) *traffic.Exchange {
	t.Helper()
	p, err := c.Read(x)
	if err != nil {
		t.Fatal(err)
	}
	x.Prompt = p
	return x
}

func TestRewriteEscapes(t *testing.T) {
	codec := prompt.New()
	for _, tt := range []struct{ name, path, kind, body, secret, with, want string }{
		{"escaped before", generic, "application/json", `{"q":"\u00e9\n\"x\" KEY"}`, "KEY", "K", `{"q":"\u00e9\n\"x\" K"}`},
		{"escaped inside", generic, "application/json", `{"q":"a \u004bEY b"}`, "KEY", "K", `{"q":"a K b"}`},
		{"surrogates", generic, "application/json", `{"q":"\ud83d\ude00KEY\ud83d\ude00"}`, "KEY", "K", `{"q":"\ud83d\ude00K\ud83d\ude00"}`},
		{"lone surrogate", generic, "application/json", `{"q":"\ud83dKEY\ude00"}`, "KEY", "K", `{"q":"\ud83dK\ude00"}`},
		{"replacement is escaped", generic, "application/json", `{"q":"KEY"}`, "KEY", "\"\\\n", `{"q":"\"\\\u000A"}`},
		{"white space kept", generic, "application/json", "\xef\xbb\xbf { \"q\" :\t\"KEY\" , \"n\": 1.50e0 }\r\n", "KEY", "K", "\xef\xbb\xbf { \"q\" :\t\"K\" , \"n\": 1.50e0 }\r\n"},
		{"same name twice", generic, "application/json", `{"q":"KEY","q":"KEY"}`, "KEY", "K", `{"q":"K","q":"K"}`},
		{"escaped name", "/v1/chat/completions", "application/json", `{"m\u0065ssages":[{"content":"KEY"}]}`, "KEY", "K", `{"m\u0065ssages":[{"content":"K"}]}`},
		{"number", generic, "application/json", `{"card":4111111111111111}`, "4111111111111111", "[card]", `{"card":"[card]"}`},
		{"number in arguments", "/v1/chat/completions", "application/json", `{"messages":[{"tool_calls":[{"function":{"arguments":"{\"card\":4111111111111111}"}}]}]}`,
			"4111111111111111", "[card]", `{"messages":[{"tool_calls":[{"function":{"arguments":"{\"card\":\"[card]\"}"}}]}]}`},
		{"arguments", "/v1/chat/completions", "application/json", `{"messages":[{"tool_calls":[{"function":{"arguments":"{\"f\":\"a\\nKEY\\\"\"}"}}]}]}`,
			"KEY", `"`, `{"messages":[{"tool_calls":[{"function":{"arguments":"{\"f\":\"a\\n\\\"\\\"\"}"}}]}]}`},
		{"log line as arguments", "/v1/chat/completions", "application/json", `{"messages":[{"tool_calls":[{"function":{"arguments":"[2026-11-21 4111111111111111"}}]}]}`,
			"4111111111111111", "[card]", `{"messages":[{"tool_calls":[{"function":{"arguments":"[2026-11-21 [card]"}}]}]}`},
		{"log line as text", generic, "text/plain", `[4111111111111111] x`, "4111111111111111", "[card]", `[[card]] x`},
		{"form", generic, "application/x-www-form-urlencoded", "q=a+%4bEY%21&r=KEY", "KEY", "[K]", "q=a+%5BK%5D%21&r=%5BK%5D"},
		{"no JSON", generic, "application/json", `hello KEY`, "KEY", "K", `hello K`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := read(t, codec, post(tt.path, tt.kind, tt.body))
			edits := redact(x.Prompt, tt.secret, tt.with)
			got, err := codec.Rewrite(x, edits)
			if err != nil || string(got) != tt.want {
				t.Errorf("got %q, %v\nwant %q\nparts %s", got, err, tt.want, show(x.Prompt))
			}
		})
	}
}

func TestRewriteBase64(t *testing.T) {
	codec := prompt.New()
	text := "a longer text with the KEY in it, which is sent as a file and so in base64 by the client"
	for _, tt := range []struct {
		name string
		enc  *base64.Encoding
	}{{"standard", base64.StdEncoding}, {"unpadded", base64.RawStdEncoding}, {"for URLs", base64.URLEncoding}} {
		t.Run(tt.name, func(t *testing.T) {
			body := func(text string) string {
				return `{"messages":[{"role":"user","content":[{"type":"document","source":{"type":"base64","data":"` + tt.enc.EncodeToString([]byte(text)) + `"}}]}]}`
			}
			x := read(t, codec, post("/v1/messages", "application/json", body(text+"???>>>")))
			got, err := codec.Rewrite(x, redact(x.Prompt, "KEY", "[K]"))
			if want := body(strings.ReplaceAll(text, "KEY", "[K]") + "???>>>"); err != nil || string(got) != want {
				t.Errorf("got %s, %v\nwant %s", got, err, want)
			}
		})
	}
}

func TestUnwritable(t *testing.T) {
	codec := prompt.New()
	body := "--b\r\nContent-Disposition: form-data; name=\"prompt\"\r\nContent-Length: 7\r\n\r\nthe KEY\r\n--b--\r\n"
	x := read(t, codec, post(generic, "multipart/form-data; boundary=b", body))
	edits := redact(x.Prompt, "KEY", "K")
	if len(edits) != 1 {
		t.Fatalf("%d edits in %s", len(edits), show(x.Prompt))
	}
	_, err := codec.Rewrite(x, edits)
	if u, ok := errors.AsType[*traffic.UnreadError](err); !ok || u.Reason != traffic.ReasonFormat {
		t.Errorf("error %v, want an unread error", err)
	}
	for _, e := range []traffic.Edit{{Part: 9}, {Part: -1}, {Part: 0, Start: 2, End: 1}, {Part: 0, End: 1 << 30}} {
		if _, err := codec.Rewrite(x, []traffic.Edit{e}); err == nil {
			t.Errorf("edit %+v was made", e)
		}
	}
}

// value writes a random JSON value with every way to write a string.
func value(r *rand.Rand, b *strings.Builder, depth int) {
	ws := func() { b.WriteString([]string{"", "", " ", "\n\t"}[r.IntN(4)]) }
	ws()
	defer ws()
	switch k := r.IntN(6); {
	case depth > 0 && k < 2:
		b.WriteByte('{')
		for i := range r.IntN(4) {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(b, "%q:", string(rune('p'+r.IntN(8))))
			value(r, b, depth-1)
		}
		b.WriteByte('}')
	case depth > 0 && k < 3:
		b.WriteByte('[')
		for i := range r.IntN(4) {
			if i > 0 {
				b.WriteByte(',')
			}
			value(r, b, depth-1)
		}
		b.WriteByte(']')
	case k == 3:
		b.WriteString([]string{"true", "null", "-1.5e3", "42"}[r.IntN(4)])
	default:
		b.WriteByte('"')
		for range 1 + r.IntN(12) {
			b.WriteString([]string{"a", "word ", "é", "😀", `\n`, `\"`, `\\`, `\/`, `\u0041`, `\u00e9`, `\ud83d\ude00`, `\ud83d`, "漢"}[r.IntN(13)])
		}
		b.WriteByte('"')
	}
}

// someEdits makes random edits at the borders of characters.
func someEdits(r *rand.Rand, p *traffic.Prompt) (edits []traffic.Edit) {
	for i, part := range p.Parts {
		for at := 0; at < len(part.Text) && r.IntN(3) > 0; {
			start := at + r.IntN(len(part.Text)-at)
			end := start + r.IntN(len(part.Text)-start+1)
			for start > at && !utf8.RuneStart(part.Text[start]) {
				start--
			}
			for end < len(part.Text) && !utf8.RuneStart(part.Text[end]) {
				end++
			}
			edits = append(edits, traffic.Edit{Part: i, Start: start, End: end, With: []string{"", "[REDACTED:secret]", "é\"\\\n"}[r.IntN(3)]})
			at = end + 1
			for at < len(part.Text) && !utf8.RuneStart(part.Text[at]) {
				at++
			}
		}
	}
	return edits
}

// edited returns the texts that the edits must leave.
func edited(p *traffic.Prompt, edits []traffic.Edit) []string {
	var texts []string
	for i, part := range p.Parts {
		text, last := "", 0
		for _, e := range edits {
			if e.Part == i {
				text += string(part.Text[last:e.Start]) + e.With
				last = e.End
			}
		}
		texts = append(texts, text+string(part.Text[last:]))
	}
	return texts
}

func stringsOf(t *testing.T, body []byte) (all []string) {
	if !json.Valid(body) {
		t.Fatalf("no JSON: %q", body)
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	var stack []bool // object?
	name := false
	for {
		tok, err := dec.Token()
		if err != nil {
			return all
		}
		switch d := tok.(type) {
		case json.Delim:
			switch d {
			case '{', '[':
				stack = append(stack, d == '{')
				name = d == '{'
				continue
			default:
				stack = stack[:len(stack)-1]
			}
		case string:
			if name {
				name = false
				continue
			}
			all = append(all, d)
		}
		name = len(stack) > 0 && stack[len(stack)-1]
	}
}

// outside returns the bytes that carry no part.
func outside(body []byte, p *traffic.Prompt) (out []byte) {
	last := 0
	for _, part := range p.Parts {
		out = append(append(out, body[last:part.Start]...), '|')
		last = part.End
	}
	return append(out, body[last:]...)
}

// TestRewriteProperty makes random edits in random JSON: the strings must be as
// the edits say, everything else must stay.
func TestRewriteProperty(t *testing.T) {
	codec := prompt.New()
	r := rand.New(rand.NewPCG(1, 2))
	total := 0
	for range 5000 {
		var b strings.Builder
		b.WriteByte('[')
		value(r, &b, 4)
		b.WriteByte(']')
		x := read(t, codec, post(generic, "application/json", b.String()))
		edits := someEdits(r, x.Prompt)
		total += len(edits)
		got, err := codec.Rewrite(x, edits)
		if err != nil {
			t.Fatalf("%q: %v", x.Body, err)
		}
		want := edited(x.Prompt, edits)
		if have := stringsOf(t, got); !slices.Equal(have, want) {
			t.Fatalf("body %q\nedits %+v\ngave %q\nwant %q", x.Body, edits, have, want)
		}
		if slices.Contains(want, "") {
			continue // an empty string is no part
		}
		y := read(t, codec, post(generic, "application/json", string(got)))
		if a, b := outside(x.Body, x.Prompt), outside(got, y.Prompt); !bytes.Equal(a, b) {
			t.Fatalf("outside %q\nbecame  %q", a, b)
		}
	}
	if total < 5000 {
		t.Errorf("only %d edits", total)
	}
}

// TestRewriteLayersProperty does the same through a form, JSON and JSON in it.
func TestRewriteLayersProperty(t *testing.T) {
	codec := prompt.New()
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		var b strings.Builder
		b.WriteByte('[')
		value(r, &b, 2)
		b.WriteByte(']')
		inner, err := json.Marshal(b.String())
		if err != nil {
			t.Fatal(err)
		}
		pack := func(inner string) string { return "f.req=" + url.QueryEscape(`[null,`+inner+`]`) + "&at=x" }
		x := post("/_/BardChatUi/data/x", "application/x-www-form-urlencoded", pack(string(inner)))
		x.Flow.Host = "gemini.google.com"
		read(t, codec, x)
		edits := someEdits(r, x.Prompt)
		got, err := codec.Rewrite(x, edits)
		if err != nil {
			t.Fatalf("%q: %v", b.String(), err)
		}
		form, err := url.ParseQuery(string(got))
		if err != nil || form.Get("at") != "x" {
			t.Fatalf("form %q: %v", got, err)
		}
		var outer []*string
		if err := json.Unmarshal([]byte(form.Get("f.req")), &outer); err != nil {
			t.Fatalf("outer %q: %v", form.Get("f.req"), err)
		}
		if have, want := stringsOf(t, []byte(*outer[1])), edited(x.Prompt, edits); !slices.Equal(have, want) {
			t.Fatalf("body %q\nedits %+v\ngave %q\nwant %q", b.String(), edits, have, want)
		}
	}
}

// FuzzCodec reads anything under every kind of body and rewrites what it found:
// no fault, all places inside the body, valid JSON stays valid.
func FuzzCodec(f *testing.F) {
	kinds := []string{"application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "", "application/connect+json", "text/plain"}
	paths := []string{generic, "/v1/chat/completions", "/v1/responses", "/v1/messages", "/v1beta/models/m:generateContent", "/model/m/converse", "/v1/files"}
	f.Add([]byte(`{"messages":[{"content":"hi \u00e9","role":"user","tool_calls":[{"function":{"arguments":"{\"a\":\"b\\n\"}"}}]}]}`), uint8(0), uint8(1), uint64(1))
	f.Add([]byte("a=b+%41&c=%7B%22d%22%3A%22e%22%7D"), uint8(1), uint8(0), uint64(2))
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhello\r\n--b--\r\n"), uint8(2), uint8(6), uint64(3))
	f.Add([]byte("\x00\x00\x00\x00\x0c{\"a\":\"hello\"}"), uint8(4), uint8(0), uint64(4))
	f.Add([]byte(`{"input":[{"content":[{"file_data":"data:text/plain;base64,aGVsbG8gd29ybGQ="}]}],"n":123456789012}`), uint8(0), uint8(2), uint64(5))
	codec := prompt.New()
	f.Fuzz(func(t *testing.T, body []byte, kind, path uint8, seed uint64) {
		x := post(paths[int(path)%len(paths)], kinds[int(kind)%len(kinds)], string(body))
		x.Cut = seed%5 == 0
		p, err := codec.Read(x)
		if err != nil {
			return
		}
		x.Prompt = p
		for _, part := range p.Parts {
			if part.Start == -1 {
				continue
			}
			if part.Start < 0 || part.Start > part.End || part.End > len(body) {
				t.Fatalf("part at %d to %d of %d", part.Start, part.End, len(body))
			}
			if len(part.Layers) == 0 && len(part.Text) > 0 && !bytes.Equal(part.Text, body[part.Start:part.End]) {
				t.Fatalf("text %q is not what stands at its place", part.Text)
			}
		}
		edits := someEdits(rand.New(rand.NewPCG(seed, 0)), p)
		got, err := codec.Rewrite(x, edits)
		if err != nil {
			return
		}
		if len(edits) == 0 && !bytes.Equal(got, body) {
			t.Fatalf("without edits %q became %q", body, got)
		}
		if x.Header.Get("Content-Type") == "application/json" && json.Valid(body) && !json.Valid(got) {
			t.Fatalf("%q became %q by %+v", body, got, edits)
		}
		codec.Refuse(x)
	})
}
