package proxy

import (
	"bytes"
	"net/http"
	"net/textproto"
	"strings"
)

// hopByHop are the fields that concern one connection only (RFC 9110, section
// 7.6.1, and the Proxy-* of older texts). Trailer is not among them: net/http
// keeps it apart.
var hopByHop = []string{
	"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "Proxy-Authentication-Info",
	"Te", "Transfer-Encoding", "Upgrade", "Http2-Settings",
}

// stripHopByHop removes what must not reach the next hop, also the fields that
// Connection lists. The one TE that may pass is "trailers": gRPC asks for it.
func stripHopByHop(h http.Header) {
	for _, v := range h["Connection"] {
		for name := range strings.SplitSeq(v, ",") {
			if name = textproto.TrimString(name); name != "" && !protected(name) {
				h.Del(name)
			}
		}
	}
	trailers := headerHas(h["Te"], "trailers")
	for _, name := range hopByHop {
		delete(h, name)
	}
	if trailers {
		h["Te"] = []string{"trailers"}
	}
}

// protected are fields that a client may not have removed by listing them in
// Connection: without them the service would see another request than we did.
func protected(name string) bool {
	switch textproto.CanonicalMIMEHeaderKey(name) {
	case "Host", "Content-Length", "Content-Type", "Content-Encoding", "Authorization", "Cookie", "Te":
		return true
	}
	return false
}

// headerHas reports whether a comma-separated list has a token.
func headerHas(values []string, token string) bool {
	for _, v := range values {
		for t := range strings.SplitSeq(v, ",") {
			if strings.EqualFold(textproto.TrimString(t), token) {
				return true
			}
		}
	}
	return false
}

// isWebSocket reports whether a request asks for a WebSocket (RFC 6455,
// section 4.1).
func isWebSocket(r *http.Request) bool {
	return r.ProtoMajor == 1 && r.Method == http.MethodGet &&
		headerHas(r.Header["Connection"], "upgrade") && headerHas(r.Header["Upgrade"], "websocket")
}

// neverEnds reports whether a request body may go on for as long as the client
// likes, so that waiting for its end would be waiting for ever. That takes HTTP/2,
// and a body of no told length: with either missing, the label alone hides nothing.
func neverEnds(r *http.Request) bool {
	if r.ProtoMajor < 2 || r.ContentLength >= 0 {
		return false
	}
	t := strings.ToLower(r.Header.Get("Content-Type"))
	return strings.HasPrefix(t, "application/grpc") || strings.HasPrefix(t, "application/connect+")
}

// mayShow reports whether the headers tell of a body that could show an unknown
// AI service: JSON, or nothing said.
func mayShow(h http.Header) bool {
	t := strings.ToLower(h.Get("Content-Type"))
	return t == "" || strings.Contains(t, "json") || strings.HasPrefix(t, "text/event-stream") || strings.HasPrefix(t, "text/plain")
}

// closeLists returns the value of Connection in the head of an answer, as far
// as that has come, where it lists more than "close": net/http forgets it then,
// and with it which other fields concern the connection only.
func closeLists(head []byte) string {
	if i := bytes.Index(head, []byte("\r\n\r\n")); i >= 0 {
		head = head[:i+2]
	}
	for _, name := range []string{"\nConnection:", "\nconnection:"} {
		if _, after, ok := bytes.Cut(head, []byte(name)); ok {
			value, _, whole := bytes.Cut(after, []byte("\r\n"))
			if whole && bytes.IndexByte(value, ',') >= 0 {
				return string(value)
			}
		}
	}
	return ""
}
