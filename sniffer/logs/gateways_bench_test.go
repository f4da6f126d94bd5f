package logs_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

// BenchmarkGeneric reads what has no sample: the generic formats, and LEEF.
func BenchmarkGeneric(b *testing.B) {
	for _, bb := range []struct{ name, head, line string }{
		{"csv", "time,user,src_ip,host,url,method,status,bytes_sent,bytes_received\n", "2026-03-02T09:15:04Z,alice,192.0.2.10,chatgpt.com,https://chatgpt.com/backend-api/conversation,POST,200,1843,20480\n"},
		{"pairs", "", "time=2026-03-02T09:15:04Z user=alice src=192.0.2.10 host=chatgpt.com url=https://chatgpt.com/backend-api/conversation method=POST status=200 sent=1843 received=20480\n"},
		{"json", "", `{"time":"2026-03-02T09:15:04Z","user":"alice","src_ip":"192.0.2.10","host":"chatgpt.com","url":"https://chatgpt.com/backend-api/conversation","method":"POST","status":200,"bytes_sent":1843,"bytes_received":20480}` + "\n"},
		{"leef", "", "LEEF:1.0|Zscaler|NSS|4.1|Allowed|cat=Allowed\tdevTime=Mar 02 2026 09:15:04 GMT\tsrc=192.0.2.10\tdst=203.0.113.20\tusrName=alice\tsrcBytes=1843\tdstBytes=20480\turl=chatgpt.com/c\tuseragent=curl/8\n"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			text := []byte(bb.head + strings.Repeat(bb.line, 10_000))
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			var lines int64
			for b.Loop() {
				r, err := logs.New(bytes.NewReader(text), bb.name, logs.Options{})
				if err != nil {
					b.Fatal(err)
				}
				var rec logs.Record
				for err == nil {
					err = r.Next(&rec)
				}
				if st := r.Stats(); err != io.EOF || r.Format() != bb.name || st.Records != 10_000 {
					b.Fatal(err, r.Format(), st)
				}
				lines += r.Stats().Lines
				r.Close()
			}
			b.ReportMetric(float64(lines)/b.Elapsed().Seconds(), "lines/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkSyslog receives lines over TCP, through the loopback.
func BenchmarkSyslog(b *testing.B) {
	s, err := logs.ListenSyslog(logs.SyslogConfig{Addr: "127.0.0.1:0"})
	if err != nil {
		b.Fatal(err)
	}
	const lines = 10_000
	done := make(chan struct{}, 1)
	n := 0
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error)
	go func() {
		ended <- s.Run(ctx, func(netip.Addr, *logs.Record) {
			if n++; n%lines == 0 {
				done <- struct{}{}
			}
		})
	}()
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	text := []byte(strings.Repeat("<134>Mar  2 09:15:04 fw1 "+fortigate("one.example")+"\n", lines))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := c.Write(text); err != nil {
			b.Fatal(err)
		}
		<-done
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "lines/s")
	cancel()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
}
