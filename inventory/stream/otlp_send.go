package stream

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
)

// otlp sends to an OpenTelemetry collector, by OTLP/HTTP with JSON.
type otlp struct {
	cfg  *Config
	post *post
	line []byte
	body []byte
}

func openOTLP(cfg *Config, u *url.URL) (sender, error) {
	path := "/v1/logs"
	if cfg.Format == OTLPMetrics {
		path = "/v1/metrics"
	}
	return &otlp{cfg: cfg, post: newPost(cfg, u, path, true)}, nil
}

func (o *otlp) close() { o.post.close() }

func (o *otlp) send(ctx context.Context, records []Record) error {
	header := http.Header{}
	if o.cfg.TokenFile != "" {
		token, err := readToken(o.cfg.TokenFile)
		if err != nil {
			return err
		}
		header.Set("Authorization", "Bearer "+token)
	}
	if err := o.encode(records); err != nil {
		return err
	}
	answer, err := o.post.do(ctx, o.body, header)
	if err != nil {
		return err
	}
	return partial(answer)
}

func (o *otlp) encode(records []Record) (err error) {
	if o.cfg.Format == OTLPMetrics {
		o.body, err = appendMetrics(o.body[:0], records, o.cfg.From)
		return err
	}
	o.line = append(o.line[:0], '[')
	for i := range records {
		if o.line, err = appendOTLP(o.line, &records[i]); err != nil {
			return err
		}
	}
	lines := append(bytes.ReplaceAll(bytes.TrimSuffix(o.line, []byte("\n")), []byte("\n"), []byte(",")), ']')
	o.body, err = object(o.body[:0], m{"resourceLogs": []m{{
		"resource":  otlpResource(o.cfg.From),
		"scopeLogs": []m{{"scope": otlpScope(o.cfg.From), "logRecords": json.RawMessage(lines)}},
	}}})
	return err
}

// partial reads what a collector that took a request did not want of it.
// OTLP forbids to offer that again.
func partial(answer []byte) error {
	var said struct {
		PartialSuccess struct {
			RejectedLogRecords, RejectedDataPoints json.Number
		} `json:"partialSuccess"`
	}
	if json.Unmarshal(answer, &said) != nil {
		return nil
	}
	var n int64
	for _, s := range []json.Number{said.PartialSuccess.RejectedLogRecords, said.PartialSuccess.RejectedDataPoints} {
		k, _ := strconv.ParseInt(s.String(), 10, 64)
		n += k
	}
	if n > 0 {
		return &partError{n}
	}
	return nil
}

// partError says that the receiver took a batch but for n events, for good.
type partError struct{ n int64 }

func (e *partError) Error() string {
	return "the collector refused " + strconv.FormatInt(e.n, 10) + " records"
}
