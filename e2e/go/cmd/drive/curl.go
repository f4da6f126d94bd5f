package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// curlCalls are the calls of curl: name, URL, body and headers.
var curlCalls = []struct {
	name, url, body string
	args            []string
}{
	{"chat", "https://api.openai.com/v1/chat/completions", `{ "model":"gpt-4o" ,"messages":[{"role":"user","content":"caf\u00e9 ` + secret + ` \"quoted\""}]}`, []string{"Authorization: Bearer sk-e2e"}},
	{"chat stream", "https://api.openai.com/v1/chat/completions", `{"messages":[{"role":"user","content":"key ` + secret + `."}],"stream":true,"model":"gpt-4o"}`, []string{"Authorization: Bearer sk-e2e"}},
	{"messages", "https://api.anthropic.com/v1/messages", `{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":"key ` + secret + `"}]}`, []string{"x-api-key: e2e", "anthropic-version: 2023-06-01"}},
	{"gemini", "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent?key=e2e", `{"contents":[{"parts":[{"text":"key ` + secret + `"}]}]}`, nil},
	{"gemini array", "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent", `{"contents":[{"parts":[{"text":"key ` + secret + `"}]}]}`, []string{"x-goog-api-key: e2e"}},
}

// curl makes the calls with one version of HTTP.
func curl(version string) func(ctx context.Context, via route) ([]result, error) {
	return func(ctx context.Context, via route) ([]result, error) {
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		var all []result
		for _, c := range curlCalls {
			args := []string{
				"-sS", version, "--proxy", "http://" + via.proxy, "--noproxy", "", "--cacert", via.roots,
				"-H", "Content-Type: application/json", "--data-binary", c.body, "-w", "\n%{http_code} %{http_version}", c.url,
			}
			for _, h := range c.args {
				args = append(args, "-H", h)
			}
			out, err := exec.CommandContext(ctx, "curl", args...).CombinedOutput()
			if err != nil {
				return nil, fmt.Errorf("curl %s: %w: %s", c.url, err, out)
			}
			r, err := readCurl(c.name, string(out), version)
			if err != nil {
				return nil, err
			}
			all = append(all, r)
		}
		return all, nil
	}
}

// readCurl reads body and status as curl printed them.
func readCurl(call, out, version string) (result, error) {
	i := strings.LastIndexByte(out, '\n')
	var code int
	var proto string
	if _, err := fmt.Sscan(out[i+1:], &code, &proto); err != nil {
		return result{}, fmt.Errorf("curl printed %q: %w", out[i+1:], err)
	}
	if want := strings.TrimPrefix(version, "--http"); proto != want {
		return result{}, fmt.Errorf("curl %s %s was answered with HTTP/%s", version, call, proto)
	}
	r := result{Call: call, Text: out[:i]}
	if code != 200 {
		var e struct{ Error json.RawMessage }
		if err := json.Unmarshal([]byte(r.Text), &e); err != nil || len(e.Error) == 0 {
			return result{}, fmt.Errorf("%s: answer %d is not the vendor's error shape: %.200s", call, code, r.Text)
		}
		var m struct{ Message string }
		if err := json.Unmarshal(e.Error, &m); err != nil {
			return result{}, fmt.Errorf("%s: answer %d: %w", call, code, err)
		}
		r.failed("http", code, m.Message)
	}
	return r, nil
}

func (r *result) failed(kind string, status int, message string) {
	r.Error = &struct {
		Type    string `json:"type"`
		Status  int    `json:"status"`
		Message string `json:"message"`
	}{kind, status, message}
}
