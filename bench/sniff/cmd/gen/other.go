package main

import "time"

// other is traffic without names: calls over UDP, files and shells over TCP.
func (g *generator) other(start time.Duration) *talk {
	s := g.Server()
	ports := []uint16{22, 445, 5432}
	if g.Rand.IntN(2) == 0 {
		t := g.newTalk(start, s.V4, s.V6, uint16(16384+g.Rand.IntN(1000)))
		for range 10 {
			t.udp(true, 20*time.Millisecond, append([]byte{0x80, 0x60}, g.noise(170)...))
			t.udp(false, time.Millisecond, append([]byte{0x80, 0x60}, g.noise(170)...))
		}
		return t
	}
	t := g.newTalk(start, s.V4, s.V6, ports[g.Rand.IntN(len(ports))])
	t.open(5 * time.Millisecond)
	for range 1 + g.Rand.IntN(5) {
		t.segments(true, time.Millisecond, g.noise(50+g.Rand.IntN(400)))
		t.segments(false, time.Millisecond, g.noise(50+g.Rand.IntN(5000)))
		t.tcp(true, time.Millisecond, ack, nil)
	}
	t.close()
	return t
}
