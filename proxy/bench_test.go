package proxy_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// BenchmarkIntercepted is one small request through an intercepted HTTP/1.1
// connection; client and origin run in the same process.
func BenchmarkIntercepted(b *testing.B) {
	r := start(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "{}") }), nil)
	c := r.client(false)
	body := `{"prompt":"` + strings.Repeat("words of a prompt ", 200) + `"}`
	b.ReportAllocs()
	for b.Loop() {
		resp, err := c.Post("https://ai.test/v1/chat", "application/json", strings.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
}
