package testnet

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"sync"
)

// TrafficOptions say how the made-up office reaches the stand-ins.
type TrafficOptions struct {
	Proxy   string   // host:port of the proxy
	CAFiles []string // PEM files that its computers trust: the gateway's CA and the stand-ins'
	// Password, when not nil, gives the proxy password of a user name; nil means
	// that the proxy asks for none.
	Password func(user string) string
	// Done, when not nil, is called after each request, from any goroutine.
	Done func(Outcome)
}

// Outcome is what became of one request of the office.
type Outcome struct {
	User, Host, Path string
	Code             int // HTTP status; 0 with Err
	Answer           []byte
	Err              error
}

// Traffic is one day of the office: ten people, each from an address of their
// own (127.0.1.11 to .20; where the system has no such addresses, all from one),
// use approved AI services and others, an AI service that nobody knows and a web
// site. Prompts hold made-up secrets, cards and personal data. It returns when
// all is done, with the first request that could not be made; an answer of any
// status is an answer.
func Traffic(ctx context.Context, o TrafficOptions) error {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var first error
	for _, p := range office() {
		wg.Go(func() {
			if err := p.work(ctx, o); err != nil {
				mu.Lock()
				defer mu.Unlock()
				if first == nil {
					first = err
				}
			}
		})
	}
	wg.Wait()
	return first
}

func (p *person) work(ctx context.Context, o TrafficOptions) (first error) {
	co := ClientOptions{Proxy: o.Proxy, CAFiles: o.CAFiles, From: desk(p.from)}
	if o.Password != nil {
		co.User = url.UserPassword(p.name, o.Password(p.name))
	}
	c, err := NewClient(co)
	if err != nil {
		return err
	}
	defer c.CloseIdleConnections()
	for _, t := range p.tasks {
		out := t.do(ctx, c)
		out.User = p.name
		if o.Done != nil {
			o.Done(out)
		}
		if out.Err != nil && first == nil {
			first = fmt.Errorf("request of %s to %s: %w", p.name, t.host, out.Err)
		}
	}
	return first
}

// desk returns addr if this computer can come from it: Linux has all of
// 127.0.0.0/8, others just 127.0.0.1.
func desk(addr string) string {
	ln, err := net.Listen("tcp", net.JoinHostPort(addr, "0"))
	if err != nil {
		return ""
	}
	ln.Close()
	return addr
}

func (t *task) do(ctx context.Context, c *http.Client) Outcome {
	out := Outcome{Host: t.host, Path: t.path}
	req, err := t.request(ctx)
	if err != nil {
		out.Err = err
		return out
	}
	resp, err := c.Do(req)
	if err != nil {
		out.Err = err
		return out
	}
	defer resp.Body.Close()
	out.Code = resp.StatusCode
	out.Answer, out.Err = io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return out
}

func (t *task) request(ctx context.Context) (*http.Request, error) {
	target := "https://" + t.host + t.path
	if t.format == formatSite {
		return http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	}
	body, kind := t.body()
	if t.format == formatGemini && t.stream {
		target += "?alt=sse"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", kind)
	switch t.host {
	case HostAnthropic:
		req.Header.Set("X-Api-Key", "sk-standin-anthropic")
		req.Header.Set("Anthropic-Version", "2023-06-01")
		req.Header.Set("User-Agent", "Anthropic/Python 0.71.0")
	case HostGemini:
		req.Header.Set("X-Goog-Api-Key", "standin-google")
		req.Header.Set("User-Agent", "google-genai-sdk/1.30.0 gl-go/1.26")
	default:
		req.Header.Set("Authorization", "Bearer sk-standin-"+t.host)
		req.Header.Set("User-Agent", "OpenAI/Python 2.3.0")
	}
	return req, nil
}

// body returns the body in the format of the service, and its type.
func (t *task) body() (body []byte, kind string) {
	user := object{"role": "user", "content": t.text}
	var v object
	switch t.format {
	case formatUpload:
		return t.upload()
	case formatResponses:
		v = object{"model": t.model, "input": t.text}
	case formatMessages:
		v = object{"model": t.model, "max_tokens": 256, "messages": []any{user}}
	case formatGemini:
		v = object{"contents": []any{object{"role": "user", "parts": []any{object{"text": t.text}}}}}
	default:
		v = object{"model": t.model, "messages": []any{user}}
	}
	if t.stream && t.format != formatGemini {
		v["stream"] = true
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // our own literals
	}
	return b, "application/json"
}

func (t *task) upload() (body []byte, kind string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b) // writes to memory don't fail
	w.WriteField("purpose", "user_data")
	f, _ := w.CreateFormFile("file", "customers.csv")
	io.WriteString(f, t.text)
	w.Close()
	return b.Bytes(), w.FormDataContentType()
}
