package stream

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// webhook posts a JSON array of events. With a key it signs each request as
// the Standard Webhooks specification says, for which receivers have libraries.
type webhook struct {
	cfg  *Config
	post *post
	body []byte
}

func openWebhook(cfg *Config, u *url.URL) (sender, error) {
	return &webhook{cfg: cfg, post: newPost(cfg, u, "/", false)}, nil
}

func (w *webhook) close() { w.post.close() }

func (w *webhook) send(ctx context.Context, records []Record) (err error) {
	w.body = append(w.body[:0], '[')
	for i := range records {
		if w.body, err = w.cfg.Format.Append(w.body, &records[i]); err != nil {
			return err
		}
	}
	// Each line ends with a newline, and none holds another one.
	w.body = bytes.TrimSuffix(w.body, []byte("\n"))
	body := append(bytes.ReplaceAll(w.body, []byte("\n"), []byte(",\n")), ']')
	header := http.Header{}
	if w.cfg.TokenFile != "" {
		secret, err := readToken(w.cfg.TokenFile)
		if err != nil {
			return err
		}
		sign(header, secret, body, time.Now())
	}
	_, err = w.post.do(ctx, body, header)
	return err
}

// sign adds the headers of a signed request. The id is that of the content: a
// repetition has the same one.
func sign(header http.Header, secret string, body []byte, now time.Time) {
	sum := sha256.Sum256(body)
	id, at := "msg_"+hex.EncodeToString(sum[:12]), strconv.FormatInt(now.Unix(), 10)
	header.Set("Webhook-Id", id)
	header.Set("Webhook-Timestamp", at)
	header.Set("Webhook-Signature", signature(secret, id, at, body))
}

func signature(secret, id, at string, body []byte) string {
	mac := hmac.New(sha256.New, signingKey(secret))
	mac.Write([]byte(id + "." + at + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// signingKey decodes "whsec_" and Base64, the form in which the specification
// writes keys; any other text is the key itself.
func signingKey(secret string) []byte {
	if b64, ok := strings.CutPrefix(secret, "whsec_"); ok {
		if key, err := base64.StdEncoding.DecodeString(b64); err == nil {
			return key
		}
	}
	return []byte(secret)
}
