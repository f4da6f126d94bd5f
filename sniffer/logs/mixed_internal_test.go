package logs

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkSenderUnknown reads lines of no format, and for comparison of one.
func BenchmarkSenderUnknown(b *testing.B) {
	for _, bm := range []struct{ name, format string }{
		{"alike", "<38>Mar  2 09:15:04 pi sshd[%s]: Accepted publickey for root from 192.0.2.9 port 1 ssh2"},
		{"all different", "<38>Mar  2 09:15:04 pi sshd[1]: %s Accepted publickey for root from 192.0.2.9 port 1 ssh2"},
		{"known", "<30>Mar  2 09:15:04 pi dnsmasq[%s]: query[A] suno.com from 192.0.2.20"},
	} {
		lines := make([]string, 4096)
		for i := range lines {
			lines[i] = fmt.Sprintf(bm.format, strings.Repeat(string(rune('g'+i%20)), 1+i%7)+fmt.Sprint(i))
		}
		b.Run(bm.name, func(b *testing.B) {
			p := &sender{env: &env{}}
			out := func(*Record) {}
			for i := range lines {
				p.line(lines[i], out)
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				p.line(lines[i%len(lines)], out)
			}
		})
	}
}
