package e2e_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/testnet"
)

func TestProtocolOnBothSides(t *testing.T) {
	both(t, func(t *testing.T, c *http.Client, proto string) {
		resp, _ := post(t, c, chatURL, `{"model":"m","messages":[{"role":"user","content":"hi"}]}`)
		if resp.Proto != proto || one(t).Proto != proto {
			t.Errorf("client side %s, service side %s, want %s on both", resp.Proto, one(t).Proto, proto)
		}
	})
}

// TestRedactionKeepsTheRest sends a body as no program would write it: every
// byte but the secret has to arrive as it was.
func TestRedactionKeepsTheRest(t *testing.T) {
	body := "{ \"model\" :\t\"m\",\r\n \"x\":1e2, \"messages\":[ {\"role\":\"user\",\"content\":\"a\\u00e9\\/\\\"\\ud83d\\ude00 " + secret + "\\n é😀\"} ] ,\"temperature\":0.70}\n"
	both(t, func(t *testing.T, c *http.Client, _ string) {
		resp, answer := post(t, c, chatURL, body, "X-Custom", "kept  as is", "Authorization", "Bearer sk-e2e")
		if resp.StatusCode != 200 || !strings.Contains(answer, placeholder) {
			t.Errorf("answer %d %s", resp.StatusCode, answer)
		}
		got, want := one(t), strings.ReplaceAll(body, secret, placeholder)
		if string(got.Body) != want {
			t.Errorf("arrived\n%q, want\n%q", got.Body, want)
		}
		if got.Header.Get("X-Custom") != "kept  as is" || got.Header.Get("Authorization") != "Bearer sk-e2e" || got.Chunked {
			t.Errorf("header = %v, chunked %v", got.Header, got.Chunked)
		}
		for _, h := range []string{"Via", "X-Forwarded-For", "Forwarded", "Proxy-Connection", "Proxy-Authorization"} {
			if v := got.Header.Get(h); v != "" {
				t.Errorf("header %s: %s was added", h, v)
			}
		}
	})
}

func TestContentCodings(t *testing.T) {
	body := `{"model":"m","messages":[{"role":"user","content":"` + strings.Repeat("word ", 500) + secret + `"}]}`
	for _, coding := range []string{"gzip", "br", "zstd", "deflate"} {
		t.Run(coding, func(t *testing.T) {
			services.Reset()
			b, err := testnet.Encode(coding, []byte(body))
			if err != nil {
				t.Fatal(err)
			}
			resp, answer := post(t, client(t, true), chatURL, string(b), "Content-Encoding", coding)
			if resp.StatusCode != 200 {
				t.Fatalf("answer %d %s", resp.StatusCode, answer)
			}
			r := one(t)
			got, err := r.Decoded()
			if want := strings.ReplaceAll(body, secret, placeholder); err != nil || string(got) != want {
				t.Errorf("arrived (%v) %.200s", err, got)
			}
		})
	}
}

func TestBigAnswer(t *testing.T) {
	both(t, func(t *testing.T, c *http.Client, _ string) {
		if _, answer := post(t, c, chatURL, `{"model":"big-1","messages":[{"role":"user","content":"tell me"}]}`); len(answer) < 8<<20 {
			t.Errorf("answer has %d bytes, want 8 MiB", len(answer))
		}
	})
}

func TestBigPrompt(t *testing.T) {
	body := `{"model":"m","messages":[{"role":"user","content":"` + strings.Repeat("All work and no play. ", 7_000_000/22) + secret + `"}]}`
	both(t, func(t *testing.T, c *http.Client, _ string) {
		begun := time.Now()
		resp, _ := post(t, c, chatURL, body)
		if took := time.Since(begun); took > slack*time.Second {
			t.Errorf("a prompt of %d bytes took %v, the aim is 1 s", len(body), took)
		} else {
			t.Logf("%d bytes took %v", len(body), took)
		}
		if got := one(t).Body; resp.StatusCode != 200 || string(got) != strings.ReplaceAll(body, secret, placeholder) {
			t.Errorf("status %d; %d bytes arrived, not the redacted prompt", resp.StatusCode, len(got))
		}
	})
}

// TestUnknownAI finds a secret on its way to a service that is in no catalogue.
func TestUnknownAI(t *testing.T) {
	services.Reset()
	body := `{"model":"acme-13b","messages":[{"role":"user","content":"key ` + secret + `"}],"temperature":0.2,"max_tokens":50}`
	post(t, client(t, true), "https://"+testnet.HostUnknownAI+"/v1/chat/completions", body)
	if got := string(one(t).Body); got != strings.ReplaceAll(body, secret, placeholder) {
		t.Errorf("arrived %s", got)
	}
}

func TestHTTP1Service(t *testing.T) {
	services.Reset()
	resp, _ := post(t, client(t, true), "https://"+testnet.HostHTTP1+"/v1/models", `{}`)
	if one(t).Proto != "HTTP/1.1" || resp.StatusCode != 200 {
		t.Errorf("arrived by %s, answer %d", one(t).Proto, resp.StatusCode)
	}
}

func TestTrailers(t *testing.T) {
	both(t, func(t *testing.T, c *http.Client, _ string) {
		resp, err := c.Get("https://" + testnet.HostOpenAI + "/knob/trailers")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		io.Copy(io.Discard, resp.Body)
		if resp.Trailer.Get("X-Checksum") != "abc123" {
			t.Errorf("trailers = %v", resp.Trailer)
		}
	})
}

func TestGRPC(t *testing.T) {
	message := append(binary.BigEndian.AppendUint32([]byte{0}, 5), "hello"...)
	req, err := http.NewRequestWithContext(deadline(t), http.MethodPost, "https://"+testnet.HostOpenAI+"/echo.Echo/Say", bytes.NewReader(message))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/grpc")
	req.Header.Set("Te", "trailers")
	resp, err := client(t, true).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil || !bytes.Equal(got, message) || resp.Trailer.Get("Grpc-Status") != "0" {
		t.Errorf("answer %q (%v), trailers %v", got, err, resp.Trailer)
	}
}

func TestEarlyHints(t *testing.T) {
	both(t, func(t *testing.T, c *http.Client, _ string) {
		resp, err := c.Get("https://" + testnet.HostOpenAI + "/knob/early")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if b, _ := io.ReadAll(resp.Body); resp.StatusCode != 200 || string(b) != "early\n" {
			t.Errorf("answer %d %q", resp.StatusCode, b)
		}
	})
}

// TestHangup wants a service to learn within 100 ms that its client has left,
// also while it is silent.
func TestHangup(t *testing.T) {
	both(t, func(t *testing.T, c *http.Client, _ string) {
		before := services.Hangups()
		ctx, leave := context.WithCancel(deadline(t))
		defer leave()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+testnet.HostOpenAI+"/knob/silent", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := resp.Body.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		if n := services.Hangups(); n != before {
			t.Fatal("the service was told of a hang-up before there was one")
		}
		left := time.Now()
		leave()
		resp.Body.Close()
		seen, err := services.WaitHangup(deadline(t), before)
		if took := seen.Sub(left); err != nil || took > slack*100*time.Millisecond {
			t.Errorf("hang-up seen after %v (%v), the aim is 100 ms", took, err)
		} else {
			t.Logf("hang-up seen after %v", took)
		}
	})
}

func TestBadCertificates(t *testing.T) {
	for host, reason := range map[string]string{
		testnet.HostSelfSigned: "unknown authority", testnet.HostExpired: "expired", testnet.HostWrongName: "different name",
	} {
		t.Run(host, func(t *testing.T) {
			services.Reset()
			resp, answer := post(t, client(t, false), "https://"+host+"/v1/chat/completions", `{"model":"m","messages":[]}`)
			if resp.StatusCode != http.StatusBadGateway || !strings.Contains(answer, reason) {
				t.Errorf("answer %d %s; want 502 that says %q", resp.StatusCode, answer, reason)
			}
			if n := len(services.Received()); n != 0 {
				t.Errorf("%d requests arrived", n)
			}
		})
	}
}

func TestBrokenAnswer(t *testing.T) {
	both(t, func(t *testing.T, c *http.Client, _ string) {
		resp, err := c.Get("https://" + testnet.HostOpenAI + "/knob/close/100000")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if b, err := io.ReadAll(resp.Body); err == nil {
			t.Errorf("an answer that broke off after %d bytes looks complete", len(b))
		}
	})
}

func TestTunnelled(t *testing.T) {
	services.Reset()
	resp, err := client(t, true).Get("https://" + testnet.HostSite + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if by := resp.TLS.PeerCertificates[0].Issuer.CommonName; by != "Stand-in Internet CA" {
		t.Errorf("a site that is no AI was decrypted by %q", by)
	}
}
