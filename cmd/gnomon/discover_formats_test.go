package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

// zeekHead begins a log of Zeek.
func zeekHead(path, fields string) string {
	return "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t" + path + "\n#fields\t" + strings.ReplaceAll(fields, " ", "\t") + "\n"
}

// moreFormats has a log of each format that testdata/samples has none of. want
// is "service requests users clients up down" of each service, sorted; a log that
// tells addresses alone is read beside Zeek's dns.log and ssl.log, which name them.
var moreFormats = []struct{ format, text, want string }{
	{"access-log", `192.0.2.10 - alice [02/Mar/2026:09:15:04 +0000] "GET http://chatgpt.com/ HTTP/1.1" 200 20480 "-" "Mozilla/5.0"` + "\n" +
		`192.0.2.11 - - [02/Mar/2026:09:15:05 +0000] "CONNECT claude.ai:443 HTTP/1.1" 200 100 "-" "-"` + "\n",
		"ChatGPT 1 1 1 0 20480|Claude 1 0 1 0 100"},
	{"zeek-http-tsv", zeekHead("http", "ts uid id.orig_h id.orig_p id.resp_h id.resp_p trans_depth method host uri user_agent request_body_len response_body_len status_code username") +
		"1772442904.250000\tC0\t192.0.2.10\t51544\t203.0.113.20\t80\t1\tPOST\tchatgpt.com\t/\tMozilla/5.0\t1843\t20480\t200\talice\n",
		"ChatGPT 1 1 1 1843 20480"},
	{"zeek-quic-tsv", zeekHead("quic", "ts uid id.orig_h id.orig_p id.resp_h id.resp_p version client_initial_dcid server_name") +
		"1772442904.250000\tC0\t192.0.2.10\t51544\t203.0.113.20\t443\t1\tabcd\tclaude.ai\n", "Claude 1 0 1 0 0"},
	{"zeek-tsv", zeekHead("files", "ts uid fuid mime_type") + "1772442904.250000\tC0\tF0\ttext/html\n", ""},
	{"zeek-ssl-json", `{"ts":1772442904.25,"uid":"C0","id.orig_h":"192.0.2.10","id.orig_p":51544,"id.resp_h":"203.0.113.20","id.resp_p":443,"version":"TLSv13","cipher":"x","server_name":"claude.ai","established":true}` + "\n",
		"Claude 1 0 1 0 0"},
	{"zeek-http-json", `{"ts":1772442904.25,"uid":"C0","id.orig_h":"192.0.2.10","id.orig_p":51544,"id.resp_h":"203.0.113.20","id.resp_p":80,"trans_depth":1,"method":"GET","host":"chatgpt.com","uri":"/","request_body_len":1843,"response_body_len":20480,"status_code":200,"username":"alice"}` + "\n",
		"ChatGPT 1 1 1 1843 20480"},
	{"zeek-conn-json", `{"ts":1772442904.25,"uid":"C0","id.orig_h":"192.0.2.11","id.orig_p":51544,"id.resp_h":"203.0.113.20","id.resp_p":443,"proto":"tcp","orig_bytes":1843,"resp_bytes":20480,"conn_state":"SF"}` + "\n",
		"Claude 2 0 2 1843 20480"}, // and the line of ssl.log
	{"zeek-json", `{"_path":"dns","ts":1772442904.25,"id.orig_h":"192.0.2.10","id.resp_h":"192.0.2.53","id.resp_p":53,"query":"chatgpt.com"}` + "\n" +
		`{"_path":"ssl","ts":1772442905.25,"id.orig_h":"192.0.2.10","id.resp_h":"203.0.113.20","id.resp_p":443,"server_name":"claude.ai"}` + "\n",
		"ChatGPT 1 0 1 0 0|Claude 1 0 1 0 0"},
	{"zscaler-nss-csv", `"Mon Mar 02 09:15:04 2026","carol@example.com","HTTPS","chatgpt.com/","Blocked","ChatGPT","AI","72","14061","0","0","a","b","c","None","None","0","None","None","HQ","Sales","192.0.2.10","203.0.113.20","POST","403","curl/7.68.0","None","FwFilter","Firewall_1","Other","None","carol","LAPTOP-7","N/A"` + "\n",
		"ChatGPT 1 1 1 72 14061"},
	{"zscaler-nss-pairs", "2026-03-02 09:15:04\treason=Allowed\tprotocol=HTTPS\taction=Allowed\tresponsesize=20480\trequestsize=1843\tserverip=203.0.113.20\trequestmethod=POST\tClientIP=192.0.2.10\tstatus=200\tuser=alice\turl=chatgpt.com/\thostname=chatgpt.com\n",
		"ChatGPT 1 1 1 1843 20480"},
	{"zscaler-nss-json", `{"sourcetype":"zscalernss-web","event":{"datetime":"2026-03-02 09:15:04","action":"Allowed","requestsize":"1843","responsesize":"20480","ClientIP":"192.0.2.10","status":"200","user":"EXAMPLE\\carol","url":"claude.ai/","hostname":"claude.ai","requestmethod":"GET"}}` + "\n",
		"Claude 1 1 1 1843 20480"},
	{"w3c-elff", "#Software: Microsoft Forefront Threat Management Gateway\n#Version: 2.0\n#Fields: c-ip\tcs-username\tc-agent\tdate\ttime\tr-host\tr-ip\tr-port\tsc-bytes\tcs-bytes\ts-operation\tcs-uri\tsc-status\n" +
		"192.0.2.10\tcarol\tMozilla/4.0 (x y)\t2026-03-02\t09:15:04\tclaude.ai\t203.0.113.20\t443\t20480\t1843\tGET\thttp://claude.ai/\t200\n",
		"Claude 1 1 1 1843 20480"},
	{"cloudflare-gateway-network", `{"Datetime":1772442904250000000,"Action":"allow","SNI":"claude.ai","SourceIP":"198.51.100.1","SourceInternalIP":"192.0.2.10","DestinationIP":"203.0.113.20","DestinationPort":443,"Email":"carol@example.com","DeviceName":"laptop"}` + "\n" +
		`{"Datetime":1772442905250000000,"Action":"allow","SNI":"claude.ai","SourceIP":"198.51.100.1","SourceInternalIP":"192.0.2.11","DestinationIP":"203.0.113.20","DestinationPort":443,"Email":"","DeviceName":"kiosk"}` + "\n",
		"Claude 2 2 2 0 0"}, // a user, and a device that stands for one
	{"har", `{"log":{"version":"1.2","creator":{"name":"x","version":"1"},"entries":[{"startedDateTime":"2026-03-02T09:15:04.250Z","time":1,"request":{"method":"POST","url":"https://chatgpt.com/","headersSize":43,"bodySize":1800},"response":{"status":200,"headersSize":80,"bodySize":20400},"serverIPAddress":"203.0.113.20"}]}}`,
		"ChatGPT 1 0 0 1843 20480"},
	{"leef", "LEEF:1.0|Zscaler|NSS|4.1|Allowed|cat=Allowed\tdevTime=Mar 02 2026 09:15:04 GMT\tdevTimeFormat=MMM dd yyyy HH:mm:ss z\tsrc=192.0.2.10\tdst=203.0.113.20\tusrName=alice\tsrcBytes=1843\tdstBytes=20480\turl=chatgpt.com/\n",
		"ChatGPT 1 1 1 1843 20480"},
	{"cef", `CEF:0|Vendor|Gateway|1.0|100|web|5|rt=Mar 02 2026 09:15:04.250 UTC src=2001:db8::15 suser=EXAMPLE\\carol request=https://claude.ai/ requestMethod=get out=1843 in=20480 act=allow` + "\n",
		"Claude 1 1 1 1843 20480"},
	{"json", `{"ts":1772442904.25,"clientIp":"192.0.2.10:51544","user":"alice","host":"Claude.ai","method":"get","status":200,"bytesSent":1843,"bytesReceived":20480}` + "\n",
		"Claude 1 1 1 1843 20480"},
	{"csv", "Timestamp;Source IP;User Name;URL;Bytes Sent;Bytes Received\n02/Mar/2026:10:15:04 +0100;192.0.2.10;\"Doe; Jane\";https://claude.ai/;1843;20480\n",
		"Claude 1 1 1 1843 20480"},
	{"pairs", `time="2026-03-02T09:15:04Z" src=192.0.2.10 user=alice host=claude.ai sent=1843 received=20480` + "\n",
		"Claude 1 1 1 1843 20480"},
}

// TestDiscoverMoreFormats: with TestDiscoverFormats, each format that is known,
// from its lines to services, users and bytes, through the whole command.
func TestDiscoverMoreFormats(t *testing.T) {
	tried := make(map[string]bool)
	for format := range wantedOf(t) {
		tried[format] = true
	}
	names := zeekHead("ssl", "ts uid id.orig_h id.orig_p id.resp_h id.resp_p version server_name established") +
		"1772442904.250000\tC0\t192.0.2.10\t51544\t203.0.113.20\t443\tTLSv13\tclaude.ai\tT\n"
	for _, tt := range moreFormats {
		tried[tt.format] = true
		t.Run(tt.format, func(t *testing.T) {
			dir := t.TempDir()
			files := []string{filepath.Join(dir, "log")}
			texts := []string{tt.text}
			if strings.Contains(tt.format, "conn") {
				files, texts = append(files, filepath.Join(dir, "ssl.log")), append(texts, names)
			}
			for i := range files {
				if err := os.WriteFile(files[i], []byte(texts[i]), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			d := discovers(t, files...)
			if in := d.Inputs[0]; in.Format != tt.format || len(in.Skipped) != 0 || in.Lines == 0 {
				t.Errorf("input = %+v, want format %s", in, tt.format)
			}
			var got []string
			for _, s := range d.Services {
				got = append(got, fmt.Sprintf("%s %d %d %d %d %d", s.Service.Service, s.Requests, s.Users, s.Clients, s.Up, s.Down))
				if s.FirstSeen.Format("2006-01-02T15:04") != "2026-03-02T09:15" {
					t.Errorf("%s: first seen %v", s.Service.Service, s.FirstSeen)
				}
			}
			slices.Sort(got)
			if strings.Join(got, "|") != tt.want {
				t.Errorf("services %q, want %q", got, tt.want)
			}
		})
	}
	for _, f := range logs.Formats() {
		if !tried[f[0]] {
			t.Errorf("no test reads a log of format %s", f[0])
		}
	}
}
