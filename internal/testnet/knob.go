package testnet

import (
	"bytes"
	"encoding/binary"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// knob does what a test wants to see a proxy cope with:
//
//	/knob/big/N      an answer of N bytes
//	/knob/silent     a stream that sends its head and one event, then nothing
//	/knob/late       sends nothing at all until the client leaves
//	/knob/early      103 Early Hints before the answer
//	/knob/events/N   N events, 20 ms apart, each with one write
//	/knob/echo       the request body
//	/knob/trailers   an answer with trailers
//	/knob/close/N    says N bytes, sends half of them and breaks off
func (c *call) knob(what string) {
	name, arg, _ := strings.Cut(what, "/")
	n, _ := strconv.Atoi(arg)
	h := c.w.Header()
	switch name {
	case "big":
		h.Set("Content-Type", "application/octet-stream")
		h.Set("Content-Length", strconv.Itoa(n))
		io.Copy(c.w, io.LimitReader(endless{}, int64(n)))
	case "silent":
		s := c.stream("")
		s.send("", object{"hello": true})
		<-c.r.Context().Done()
		s.leave()
	case "late":
		<-c.r.Context().Done()
		c.log.hungUp()
	case "early":
		h.Set("Link", "</style.css>; rel=preload")
		c.w.WriteHeader(http.StatusEarlyHints)
		h.Del("Link")
		io.WriteString(c.w, "early\n")
	case "events":
		s := c.stream("slow")
		for i := range n {
			s.send("", object{"n": i, "at": time.Now().UnixNano()})
		}
	case "echo":
		h.Set("Content-Type", c.r.Header.Get("Content-Type"))
		c.w.Write(c.body)
	case "trailers":
		h.Set("Trailer", "X-Checksum")
		io.WriteString(c.w, "body\n")
		h.Set("X-Checksum", "abc123")
	case "close":
		h.Set("Content-Length", strconv.Itoa(n))
		io.Copy(c.w, io.LimitReader(endless{}, int64(n/2)))
		panic(http.ErrAbortHandler)
	default:
		http.NotFound(c.w, c.r)
	}
}

// endless reads as the same letter for ever.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// grpc echoes the messages of a call and ends it with gRPC's trailers.
func (c *call) grpc() {
	h := c.w.Header()
	h.Set("Content-Type", "application/grpc")
	h.Set("Trailer", "Grpc-Status, Grpc-Message")
	status := "0"
	for b := c.body; len(b) > 0; {
		if len(b) < 5 || uint64(len(b)-5) < uint64(binary.BigEndian.Uint32(b[1:])) {
			status = "13" // INTERNAL
			break
		}
		n := 5 + int(binary.BigEndian.Uint32(b[1:]))
		io.Copy(c.w, bytes.NewReader(b[:n]))
		http.NewResponseController(c.w).Flush()
		b = b[n:]
	}
	h.Set("Grpc-Status", status)
	h.Set("Grpc-Message", "echoed")
}
