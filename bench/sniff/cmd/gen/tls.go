package main

import "time"

// mss is what fits into a segment.
const mss = 1400

// tls is a TLS 1.3 session with a request and its response.
func (g *generator) tls(start time.Duration) *talk {
	s := g.Server()
	t := g.newTalk(start, s.V4, s.V6, 443)
	rtt := g.between(2*time.Millisecond, 60*time.Millisecond)
	t.open(rtt)
	hello := g.clientHello(s.Name, helloKind{large: g.Rand.IntN(2) == 0})
	g.truth.TLS++
	t.segments(true, 0, record(22, 1, hello))
	t.tcp(false, rtt, ack, nil)
	first := append(record(22, 3, g.serverHello()), record(20, 3, []byte{1})...)
	t.segments(false, time.Millisecond, append(first, record(23, 3, g.noise(2600))...))
	t.tcp(true, rtt, ack, nil)
	t.segments(true, time.Millisecond, append(record(20, 3, []byte{1}), record(23, 3, g.noise(53))...))
	t.segments(true, time.Millisecond, record(23, 3, g.noise(200+g.Rand.IntN(1800))))
	t.tcp(false, rtt, ack, nil)
	for range 1 + g.Rand.IntN(4) {
		t.segments(false, 2*time.Millisecond, record(23, 3, g.noise(100+g.Rand.IntN(4000))))
		t.tcp(true, time.Millisecond, ack, nil)
	}
	t.close()
	return t
}

// segments sends b in as many segments as it needs.
func (t *talk) segments(up bool, after time.Duration, b []byte) {
	for len(b) > mss {
		t.tcp(up, after, ack, b[:mss])
		b, after = b[mss:], 50*time.Microsecond
	}
	t.tcp(up, after, psh|ack, b)
}
