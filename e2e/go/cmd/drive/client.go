package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// route is a way to the services: a proxy, and the roots to trust.
type route struct{ proxy, roots string }

// result is what a client says of one call.
type result struct {
	Call  string `json:"call"`
	Text  string `json:"text"` // of the answer
	Error *struct {
		Type    string `json:"type"` // the SDK's own error type
		Status  int    `json:"status"`
		Message string `json:"message"`
	} `json:"error"`
}

// client is a program with an SDK: it makes the same calls each time, one after
// the other, with the secret in each prompt.
type client struct {
	name    string
	missing string // why it can't be tested, "" when it can
	index   bool   // it comes from an index that not every machine reaches
	errors  []string
	calls   func(ctx context.Context, via route) ([]result, error)
}

// clients lists all clients. An SDK that can't be tested is a failure that says
// so, never an omission; those of the Python package index, which not every
// machine reaches, say so and don't fail.
func clients() []client {
	scripts := os.Getenv("E2E_SCRIPTS")
	script := func(name, env, hint string, errors []string, args ...string) client {
		c := client{name: name, errors: errors}
		interpreter := os.Getenv(env)
		if interpreter == "" {
			c.missing = hint
			return c
		}
		c.calls = func(ctx context.Context, via route) ([]result, error) {
			return program(ctx, via, interpreter, filepath.Join(append([]string{scripts}, args...)...))
		}
		return c
	}
	python := script("python", "E2E_PYTHON", "PYTHON SDKS NOT TESTED: the package index can't be reached", []string{"PermissionDeniedError"}, "python", "calls.py")
	python.index = true
	return []client{
		{name: "go", errors: []string{"*openai.Error", "*anthropic.Error", "genai.APIError"}, calls: goCalls},
		script("node", "E2E_NODE", "npm SDKS NOT TESTED: node or the packages are missing", []string{"PermissionDeniedError", "ApiError"}, "node", "calls.mjs"),
		python,
		{name: "curl-h1", errors: []string{"http"}, calls: curl("--http1.1")},
		{name: "curl-h2", errors: []string{"http"}, calls: curl("--http2")},
	}
}

// program runs a script that prints a result a line.
func program(ctx context.Context, via route, name string, args ...string) ([]result, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	proxy := "http://" + via.proxy
	cmd.Env = append(os.Environ(),
		"E2E_SECRET="+secret, "E2E_PROXY="+proxy, "HTTPS_PROXY="+proxy, "https_proxy="+proxy, "NO_PROXY=", "no_proxy=",
		"NODE_EXTRA_CA_CERTS="+via.roots, "SSL_CERT_FILE="+via.roots)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w: %s", name, err, stderr.Bytes())
	}
	var all []result
	lines := bufio.NewScanner(&stdout)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r result
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, fmt.Errorf("%s: line %q: %w", name, lines.Text(), err)
		}
		all = append(all, r)
	}
	return all, lines.Err()
}
