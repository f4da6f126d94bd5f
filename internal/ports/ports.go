// Package ports finds ports for servers that are other programs: those can't be
// handed a listener. In: a test; out: a port on loopback that nobody else takes.
package ports

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// The ports are below those that systems give to clients and to listeners on
// port 0 (Linux from 32768 on, others from 49152 on): what is free stays free
// until the server listens, and while it is restarted.
const (
	lowest, highest = 12_000, 22_000

	// bus is how far above its own port a node of a Redis Cluster has another.
	bus = 10_000
)

// Free returns a TCP and UDP port that is free on 127.0.0.1, as is the TCP port
// 10,000 above it. It belongs to the test until that ends.
func Free(t testing.TB) int {
	t.Helper()
	for range 1000 {
		port := lowest + rand.IntN(highest-lowest)
		claim, err := net.ListenPacket("udp", at(port+bus)) // other processes that look for a port see it taken
		if err != nil {
			continue
		}
		if !free(port) || !free(port+bus) {
			claim.Close()
			continue
		}
		t.Cleanup(func() { claim.Close() })
		return port
	}
	t.Fatal("no port is free")
	return 0
}

func at(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// free reports whether nobody listens on a TCP port; below the claims it looks
// at UDP too.
func free(port int) bool {
	ln, err := net.Listen("tcp", at(port))
	if err != nil {
		return false
	}
	defer ln.Close()
	if port > highest {
		return true
	}
	conn, err := net.ListenPacket("udp", at(port))
	if err != nil {
		return false
	}
	conn.Close()
	return true
}
