package logs

import (
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// zeekField is a column of Zeek's logs that is of use.
type zeekField uint8

const (
	zeekOther zeekField = iota
	zeekTS
	zeekPath // names the log, in JSON where the writer was told to add it
	zeekOrigH
	zeekRespH
	zeekRespP
	zeekProto
	zeekQuery
	zeekServerName
	zeekHost
	zeekURI
	zeekMethod
	zeekStatus
	zeekAgent
	zeekReqLen
	zeekRespLen
	zeekUser
	zeekOrigBytes
	zeekRespBytes
	zeekOrigIPBytes
	zeekRespIPBytes
	zeekAnswers
	zeekTTLs
	zeekMarkQUIC // a column that only quic.log has, and so on
	zeekMarkConn
	zeekMarkSSL
	zeekMarkHTTP
	zeekMarkDNS
	zeekFields
)

// zeekRow is one line, by field; "" is unset.
type zeekRow [zeekFields]string

func zeekFieldOf(name string) zeekField {
	switch name {
	case "ts":
		return zeekTS
	case "_path":
		return zeekPath
	case "id.orig_h":
		return zeekOrigH
	case "id.resp_h":
		return zeekRespH
	case "id.resp_p":
		return zeekRespP
	case "proto":
		return zeekProto
	case "query":
		return zeekQuery
	case "server_name":
		return zeekServerName
	case "host":
		return zeekHost
	case "uri":
		return zeekURI
	case "method":
		return zeekMethod
	case "status_code":
		return zeekStatus
	case "user_agent":
		return zeekAgent
	case "request_body_len":
		return zeekReqLen
	case "response_body_len":
		return zeekRespLen
	case "username":
		return zeekUser
	case "orig_bytes":
		return zeekOrigBytes
	case "resp_bytes":
		return zeekRespBytes
	case "orig_ip_bytes":
		return zeekOrigIPBytes
	case "resp_ip_bytes":
		return zeekRespIPBytes
	case "answers":
		return zeekAnswers
	case "TTLs":
		return zeekTTLs
	}
	return zeekMark(name)
}

// zeekMark tells apart the JSON logs that don't name themselves.
func zeekMark(name string) zeekField {
	switch name {
	case "client_initial_dcid":
		return zeekMarkQUIC
	case "conn_state":
		return zeekMarkConn
	case "cipher", "established", "ssl_history":
		return zeekMarkSSL
	case "trans_depth":
		return zeekMarkHTTP
	case "trans_id", "qclass_name":
		return zeekMarkDNS
	}
	return zeekOther
}

// zeekKind tells what a log with this name holds; KindUnknown for those that
// say nothing about names or bytes.
func zeekKind(path string) Kind {
	switch path {
	case "dns":
		return KindDNS
	case "ssl":
		return KindTLS
	case "http":
		return KindHTTP
	case "quic":
		return KindQUIC
	case "conn":
		return KindFlow
	}
	return KindUnknown
}

func (row *zeekRow) kind() Kind {
	switch {
	case row[zeekPath] != "":
		return zeekKind(row[zeekPath])
	case row[zeekMarkQUIC] != "":
		return KindQUIC
	case row[zeekMarkConn] != "":
		return KindFlow
	case row[zeekMarkSSL] != "":
		return KindTLS
	case row[zeekMarkHTTP] != "":
		return KindHTTP
	case row[zeekMarkDNS] != "":
		return KindDNS
	}
	return KindUnknown
}

// record fills r from a row of the given kind.
func (row *zeekRow) record(e *env, k Kind, r *Record) verdict {
	if k == KindUnknown {
		return nothing
	}
	var ok bool
	if r.Time, ok = zeekTime(e, row[zeekTS]); !ok {
		return badTime
	}
	if r.Client, ok = address(row[zeekOrigH]); !ok {
		return badClient
	}
	if r.Kind = k; k == KindDNS {
		if row[zeekQuery] == "" || isLocalDNS(row[zeekRespP]) {
			return nothing
		}
		r.Host = traffic.CanonicalHost(row[zeekQuery])
		r.Answers = Answers{list: row[zeekAnswers], ttls: row[zeekTTLs]}
		return yes
	}
	r.Server = addressPort(row[zeekRespH], row[zeekRespP])
	switch k {
	case KindHTTP:
		return row.http(r)
	case KindFlow:
		return row.conn(r)
	}
	r.Host = traffic.CanonicalHost(row[zeekServerName])
	return yes
}

// zeekTime reads seconds, or ISO 8601 where JSON was told to write it.
func zeekTime(e *env, s string) (t time.Time, ok bool) {
	if len(s) > 4 && s[4] == '-' {
		return e.iso(s)
	}
	return epoch(s)
}

// isLocalDNS recognises the ports of mDNS, LLMNR and NetBIOS names, which name
// devices nearby, not services.
func isLocalDNS(port string) bool { return port == "5353" || port == "5355" || port == "137" }

func (row *zeekRow) http(r *Record) verdict {
	r.Host = traffic.CanonicalHost(row[zeekHost])
	r.Method, r.UserAgent, r.User = row[zeekMethod], row[zeekAgent], row[zeekUser]
	r.URL = httpURL(row[zeekHost], row[zeekURI])
	if r.Host == "" {
		r.Host = traffic.CanonicalHost(hostOfURL(r.URL))
	}
	status, ok1 := count(row[zeekStatus])
	up, ok2 := count(row[zeekReqLen])
	down, ok3 := count(row[zeekRespLen])
	if !ok1 || !ok2 || !ok3 || status > 999 {
		return badNumber
	}
	r.Status, r.Up, r.Down = int(status), up, down
	return yes
}

// httpURL returns the URL of a clear-text request: the target as sent to a
// proxy (absolute, or host:port), else made of host and path.
func httpURL(host, target string) string {
	if host == "" || target == "" || !strings.HasPrefix(target, "/") && target != "*" {
		return target
	}
	return "http://" + host + target
}

func (row *zeekRow) conn(r *Record) verdict {
	if row[zeekProto] == "icmp" { // its ports are message types
		return nothing
	}
	// Zeek leaves the bytes unset where it saw no payload.
	up, ok1 := count(either(row[zeekOrigBytes], row[zeekOrigIPBytes]))
	down, ok2 := count(either(row[zeekRespBytes], row[zeekRespIPBytes]))
	if !ok1 || !ok2 {
		return badNumber
	}
	r.Up, r.Down = up, down
	return yes
}

// either returns a, or b when a is empty.
func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
