package stream

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
)

// splunk sends to Splunk's HTTP Event Collector.
type splunk struct {
	cfg  *Config
	post *post
	line []byte
	body []byte
}

func openSplunk(cfg *Config, u *url.URL) (sender, error) {
	return &splunk{cfg: cfg, post: newPost(cfg, u, "/services/collector/event", true)}, nil
}

func (s *splunk) close() { s.post.close() }

func (s *splunk) send(ctx context.Context, records []Record) (err error) {
	token, err := readToken(s.cfg.TokenFile)
	if err != nil {
		return err
	}
	s.body = s.body[:0]
	for i := range records {
		if err := s.add(&records[i]); err != nil {
			return err
		}
	}
	answer, err := s.post.do(ctx, s.body, http.Header{"Authorization": {"Splunk " + token}})
	if err != nil {
		return err
	}
	var said struct {
		Code int `json:"code"`
	}
	if json.Unmarshal(answer, &said) == nil && said.Code != 0 {
		return fmt.Errorf("the collector answered code %d", said.Code)
	}
	return nil
}

// add appends the envelope of the collector around each line of r.
func (s *splunk) add(r *Record) (err error) {
	if s.line, err = s.cfg.Format.Append(s.line[:0], r); err != nil {
		return err
	}
	for line := range bytes.Lines(s.line) {
		if s.body, err = appendSplunk(s.body, r, s.cfg.Format, bytes.TrimSuffix(line, []byte("\n"))); err != nil {
			return err
		}
	}
	return nil
}

// appendSplunk appends one event as the collector takes it: JSON as an object,
// other formats as text.
func appendSplunk(dst []byte, r *Record, f Format, line []byte) ([]byte, error) {
	var event any = string(line)
	if f.isJSON() {
		event = json.RawMessage(line)
	}
	fields := m{}
	fields.set("kind", string(r.kind()))
	fields.set("action", r.verdict())
	fields.set("service", r.ServiceID)
	fields.set("class", r.classes())
	if n := r.Notice; n != nil {
		fields.set("topic", string(n.Topic))
		fields.set("service", n.Services)
	}
	return object(dst, struct {
		Time       json.Number `json:"time"`
		Host       string      `json:"host,omitempty"`
		Source     string      `json:"source"`
		SourceType string      `json:"sourcetype"`
		Event      any         `json:"event"`
		Fields     m           `json:"fields"`
	}{json.Number(seconds(r.Time)), r.From.Host, "gnomon", "gnomon:" + string(f), event, fields})
}
