package ports_test

import (
	"net"
	"strconv"
	"testing"

	"github.com/gnomon-proxy/gnomon/internal/ports"
)

// TestFree: ports are given once while a test has them, and can be listened on.
func TestFree(t *testing.T) {
	given := make(map[int]bool)
	for range 200 {
		port := ports.Free(t)
		if given[port] {
			t.Errorf("port %d was given twice", port)
		}
		given[port] = true
		for _, p := range []int{port, port + 10_000} {
			ln, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(p)))
			if err != nil {
				t.Errorf("port %d: %v", p, err)
				continue
			}
			ln.Close()
		}
	}
}
