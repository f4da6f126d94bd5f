package stream_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/stream"
)

// TestReceivers: each service gets every event in its form, through errors,
// cuts, delays and requests to wait, and across a restart.
func TestReceivers(t *testing.T) {
	for _, tt := range []struct {
		name, scheme, token string
		format              stream.Format
		take                func([]byte) ([]string, error)
		auth, path          string
		gzip                bool
	}{
		{"splunk", "splunk+https", "0000-1111", stream.JSON, splunkIDs, "Splunk 0000-1111", "/services/collector/event", true},
		{"webhook", "https", "", stream.JSON, jsonIDs, "", "/", false},
		{"otlp", "otlp+https", "abc", "", otlpIDs, "Bearer abc", "/v1/logs", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newReceiver(t, tt.take)
			r.answer = func(n int, _ []string) (int, string) {
				switch n {
				case 1:
					return 500, "" // down
				case 2:
					return 0, "" // cut
				case 3:
					return 429, "" // busy
				case 4:
					time.Sleep(50 * time.Millisecond) // slow
				}
				return 200, `{"text":"Success","code":0}`
			}
			cfg := stream.Config{Format: tt.format, To: tt.scheme + r.URL[len("https"):], Roots: r.roots, Dir: t.TempDir()}
			if tt.token != "" {
				cfg.TokenFile = secretFile(t, tt.token)
			}
			s := open(t, cfg)
			record(s, events(0, 400)) // nobody runs it: it waits for the next start
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = open(t, cfg)
			stop := start(t, s)
			record(s, events(400, 200))
			await(t, "all events", func() bool { return r.got() == 600 })
			await(t, "an empty queue", func() bool { return s.Stats().Bytes == 0 })
			stop()
			st := s.Stats()
			if st.Failures != 3 || st.Sent != 600 || st.Dropped != 0 || st.Refused != 0 || st.Queued != 200 || st.Ailing {
				t.Errorf("figures %+v", st)
			}
			for _, req := range r.requests {
				if got := req.Header.Get("Authorization"); got != tt.auth {
					t.Errorf("Authorization %q, want %q", got, tt.auth)
				}
				if req.URL.Path != tt.path || (req.Header.Get("Content-Encoding") == "gzip") != tt.gzip {
					t.Errorf("%s, %q", req.URL, req.Header)
				}
			}
		})
	}
}

// TestRefusedEvent: a receiver that refuses one event gets all others.
func TestRefusedEvent(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, jsonIDs)
	r.answer = func(_ int, ids []string) (int, string) {
		if slices.Contains(ids, "id-000005") {
			return 400, ""
		}
		return 200, ""
	}
	s := open(t, stream.Config{To: r.URL, Roots: r.roots})
	start(t, s)
	record(s, events(0, 8))
	await(t, "all but one", func() bool { return r.got() == 7 && s.Stats().Refused == 1 && s.Stats().Bytes == 0 })
	if st := s.Stats(); st.Sent != 7 || st.Dropped != 0 {
		t.Errorf("figures %+v", st)
	}
}

// TestPoison: an event that is refused at the head of a full batch is found, and
// the others are delivered, before pauses have grown to minutes; each once.
func TestPoison(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, jsonIDs)
	r.answer = func(_ int, ids []string) (int, string) {
		if slices.Contains(ids, "id-000000") {
			return 400, ""
		}
		return 200, ""
	}
	s := open(t, stream.Config{To: r.URL, Roots: r.roots})
	record(s, events(0, 1500))
	stop := start(t, s)
	await(t, "all but one", func() bool { return r.got() == 1499 && s.Stats().Refused == 1 && s.Stats().Bytes == 0 })
	stop()
	if st := s.Stats(); st.Sent != 1499 || st.Dropped != 0 || st.Ailing {
		t.Errorf("figures %+v", st)
	}
	for id, n := range r.ids {
		if n != 1 {
			t.Errorf("%s was taken %d times", id, n)
		}
	}
}

// TestPartialSuccess: what a collector refuses for good is counted and not
// offered again.
func TestPartialSuccess(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, otlpIDs)
	r.answer = func(int, []string) (int, string) {
		return 200, `{"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"x"}}`
	}
	s := open(t, stream.Config{To: "otlp+" + r.URL, Roots: r.roots})
	start(t, s)
	record(s, events(0, 10))
	await(t, "the batch is done", func() bool { return s.Stats().Sent > 0 })
	if st := s.Stats(); st.Sent != 7 || st.Refused != 3 || st.Failures != 0 {
		t.Errorf("figures %+v", st)
	}
}

// TestNoGzip: a receiver that says 415 gets plain text.
func TestNoGzip(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, splunkIDs)
	r.answer = func(n int, _ []string) (int, string) {
		if r.requests[n-1].Header.Get("Content-Encoding") != "" {
			return 415, ""
		}
		return 200, ""
	}
	s := open(t, stream.Config{To: "splunk+" + r.URL, Roots: r.roots, TokenFile: secretFile(t, "x")})
	start(t, s)
	record(s, events(0, 3))
	await(t, "all events", func() bool { return r.got() == 3 })
}

// TestSignature: a webhook's receiver can tell who sent a request; the key is
// that of the specification's form, or any text.
func TestSignature(t *testing.T) {
	t.Parallel()
	key := []byte("0123456789abcdef0123456789abcdef")
	for _, secret := range []string{"whsec_" + base64.StdEncoding.EncodeToString(key), string(key)} {
		r := newReceiver(t, jsonIDs)
		s := open(t, stream.Config{To: r.URL + "/hook", Format: stream.JSON, Roots: r.roots, TokenFile: secretFile(t, secret)})
		stop := start(t, s)
		record(s, events(0, 2))
		await(t, "both events", func() bool { return r.got() == 2 })
		stop()
		h := r.requests[0].Header
		mac := hmac.New(sha256.New, key)
		fmt.Fprintf(mac, "%s.%s.%s", h.Get("Webhook-Id"), h.Get("Webhook-Timestamp"), r.bodies[0])
		if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); h.Get("Webhook-Signature") != want || h.Get("Webhook-Id") == "" {
			t.Errorf("signature %q, want %q", h.Get("Webhook-Signature"), want)
		}
		if at, err := strconv.ParseInt(h.Get("Webhook-Timestamp"), 10, 64); err != nil || time.Since(time.Unix(at, 0)) > time.Hour {
			t.Errorf("timestamp %q", h.Get("Webhook-Timestamp"))
		}
		if r.requests[0].URL.Path != "/hook" {
			t.Errorf("path %q", r.requests[0].URL.Path)
		}
	}
}

// TestUntrusted: nothing is sent to a receiver whose certificate nobody vouches
// for; events wait.
func TestUntrusted(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, jsonIDs)
	s := open(t, stream.Config{To: r.URL, Roots: x509.NewCertPool()})
	start(t, s)
	record(s, events(0, 3))
	await(t, "a failure", func() bool { return s.Stats().Failures > 0 })
	if st := s.Stats(); len(r.requests) != 0 || st.Sent != 0 || st.Bytes == 0 || !st.Ailing {
		t.Errorf("%d requests, %+v", len(r.requests), st)
	}
}

// TestRedirect: a token does not follow a receiver that points elsewhere.
func TestRedirect(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, splunkIDs)
	r.answer = func(int, []string) (int, string) { return 307, "" }
	s := open(t, stream.Config{To: "splunk+" + r.URL, Roots: r.roots, TokenFile: secretFile(t, "x")})
	start(t, s)
	record(s, events(0, 1))
	await(t, "a failure", func() bool { return s.Stats().Failures > 0 })
	if st := s.Stats(); st.Sent != 0 || st.Refused != 0 {
		t.Errorf("figures %+v", st)
	}
}

// TestMetrics: counters by service and action, as OTLP's JSON mapping has them.
func TestMetrics(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, func([]byte) ([]string, error) { return []string{"one"}, nil })
	s := open(t, stream.Config{To: "otlp+" + r.URL, Format: stream.OTLPMetrics, Roots: r.roots})
	stop := start(t, s)
	record(s, append(samples(), samples()[0]))
	await(t, "the request", func() bool { return r.got() == 1 })
	stop()
	if r.requests[0].URL.Path != "/v1/metrics" {
		t.Errorf("path %q", r.requests[0].URL.Path)
	}
	golden(t, "testdata/golden/otlp_metrics.txt", r.bodies[0])
	var req struct {
		ResourceMetrics []struct {
			Resource     struct{ Attributes []otlpField }
			ScopeMetrics []struct {
				Scope   struct{ Name, Version string }
				Metrics []struct {
					Name, Unit, Description string
					Sum                     struct {
						AggregationTemporality int
						IsMonotonic            bool
						DataPoints             []struct {
							Attributes []otlpField
							AsInt      int64 `json:",string"`
							Start      int64 `json:"startTimeUnixNano,string"`
							Time       int64 `json:"timeUnixNano,string"`
						}
					}
				}
			}
		}
	}
	strict(t, r.bodies[0], &req)
	got := make(map[string]int64)
	for _, metric := range req.ResourceMetrics[0].ScopeMetrics[0].Metrics {
		if metric.Sum.AggregationTemporality != 1 || !metric.Sum.IsMonotonic {
			t.Errorf("%+v", metric)
		}
		for _, p := range metric.Sum.DataPoints {
			checkAttributes(t, p.Attributes)
			if p.Start == 0 || p.Time <= p.Start {
				t.Errorf("times %d, %d", p.Start, p.Time)
			}
			got[fmt.Sprint(metric.Name, " ", *p.Attributes[0].Value.String, " ", *p.Attributes[1].Value.String)] = p.AsInt
		}
	}
	for k, want := range map[string]int64{
		"gnomon.requests openai-api redact": 2, "gnomon.findings openai-api redact": 6, "gnomon.bytes.up openai-api redact": 3668,
		"gnomon.requests anthropic-api observe": 1, "gnomon.requests anthropic-api allow": 1, "gnomon.requests unknown:evil.test block": 1,
	} {
		if got[k] != want {
			t.Errorf("%s = %d, want %d of %v", k, got[k], want, got)
		}
	}
	if bytes.Contains(r.bodies[0], []byte("c-1f0e9d8c7b6a")) || !json.Valid(r.bodies[0]) {
		t.Error("metrics name a client")
	}
}
