package main

import (
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// BenchmarkExchange is one clean 4 KB chat request through all real stages,
// without sockets and store: what inspection adds to proxying.
func BenchmarkExchange(b *testing.B) {
	k, err := loadKnowledge(nil, passingKey())
	if err != nil {
		b.Fatal(err)
	}
	p := traffic.NewPipeline(k.stages(), unreviewed{}, forget{}, hostPatterns(nil), slog.New(slog.DiscardHandler))
	body := []byte(`{"model":"gpt-4o","messages":[{"role":"user","content":"` +
		strings.Repeat("Please summarise the quarterly report for the board. ", 77) + `"}]}`)
	header := http.Header{
		"Content-Type": {"application/json"}, "Authorization": {"Bearer sk-test-0000000000000000"},
		"User-Agent": {"OpenAI/Python 1.2.3"}, "Accept": {"application/json"},
	}
	answer := http.Header{"Content-Type": {"application/json"}, "Openai-Organization": {"acme"}}
	for _, host := range []string{"api.openai.com", "unknown.example"} {
		b.Run(host, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				f := traffic.Flow{
					Time: time.Now(), Sensor: traffic.SensorProxy, Client: netip.MustParseAddr("127.0.0.1"), Host: host,
					Method: http.MethodPost, Path: "/v1/chat/completions", UserAgent: "OpenAI/Python 1.2.3",
				}
				x := p.Begin(&f, header, nil)
				x.Body = body
				if x.Need == traffic.NeedShape {
					p.Shape(x)
				}
				p.Inspect(x)
				p.End(x, traffic.Answer{Code: 200, Header: answer, Up: int64(len(body)), Down: 2000})
			}
		})
	}
}
