package main

import (
	"bufio"
	"fmt"
)

type format struct {
	head string
	line func(*bufio.Writer, *event)
}

var formats = map[string]format{
	"squid":     {line: squid},
	"zeek-conn": {zeekHead("conn", connFields, connTypes), zeekConn},
	"zeek-dns":  {zeekHead("dns", dnsFields, dnsTypes), zeekDNS},
	"zeek-ssl":  {zeekHead("ssl", sslFields, sslTypes), zeekSSL},
	"suricata":  {line: suricata},
	"adguard":   {line: adguard},
}

// squid writes mostly tunnels, as is usual where TLS is not intercepted.
func squid(w *bufio.Writer, e *event) {
	client, server := e.addresses()
	user := "-"
	if e.chance%2 == 0 {
		user = fmt.Sprintf("user%d", e.client.MAC[5])
	}
	switch {
	case e.chance < 900:
		fmt.Fprintf(w, "%s %6d %s TCP_TUNNEL/200 %d CONNECT %s:443 %s HIER_DIRECT/%s -\n", e.epoch(), e.ms, client, e.down, e.server.Name, user, server)
	case e.chance < 990:
		fmt.Fprintf(w, "%s %6d %s TCP_MISS/200 %d GET http://%s/assets/%x/index.html?v=%d %s HIER_DIRECT/%s text/html\n", e.epoch(), e.ms, client, e.down, e.server.Name, e.n*2654435761, e.n%97, user, server)
	default:
		fmt.Fprintf(w, "%s %6d %s TCP_DENIED/403 3921 CONNECT %s:443 %s HIER_NONE/- text/html\n", e.epoch(), e.ms, client, e.server.Name, user)
	}
}

const (
	connFields = "ts	uid	id.orig_h	id.orig_p	id.resp_h	id.resp_p	proto	service	duration	orig_bytes	resp_bytes	conn_state	local_orig	local_resp	missed_bytes	history	orig_pkts	orig_ip_bytes	resp_pkts	resp_ip_bytes	tunnel_parents"
	connTypes  = "time	string	addr	port	addr	port	enum	string	interval	count	count	string	bool	bool	count	string	count	count	count	count	set[string]"
	dnsFields  = "ts	uid	id.orig_h	id.orig_p	id.resp_h	id.resp_p	proto	trans_id	rtt	query	qclass	qclass_name	qtype	qtype_name	rcode	rcode_name	AA	TC	RD	RA	Z	answers	TTLs	rejected"
	dnsTypes   = "time	string	addr	port	addr	port	enum	count	interval	string	count	string	count	string	count	string	bool	bool	bool	bool	count	vector[string]	vector[interval]	bool"
	sslFields  = "ts	uid	id.orig_h	id.orig_p	id.resp_h	id.resp_p	version	cipher	curve	server_name	resumed	last_alert	next_protocol	established	ssl_history"
	sslTypes   = "time	string	addr	port	addr	port	string	string	string	string	bool	string	string	bool	string"
)

func zeekHead(path, fields, types string) string {
	return "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t" + path +
		"\n#open\t2026-03-02-09-00-00\n#fields\t" + fields + "\n#types\t" + types + "\n"
}

func (e *event) uid() string { return fmt.Sprintf("C%016x", uint64(e.n+1)*0x9e3779b97f4a7c15) }

func zeekConn(w *bufio.Writer, e *event) {
	client, server := e.addresses()
	up, down := e.up/900+4, e.down/1300+4
	fmt.Fprintf(w, "%s000\t%s\t%s\t%d\t%s\t443\ttcp\tssl\t%d.%03d000\t%d\t%d\tSF\tT\tF\t0\tShADadFf\t%d\t%d\t%d\t%d\t-\n", e.epoch(), e.uid(), client, e.port, server,
		e.ms/1000, e.ms%1000, e.up, e.down, up, e.up+40*up, down, e.down+40*down)
}

func zeekDNS(w *bufio.Writer, e *event) {
	client, server := e.addresses()
	code, name := e.qtype()
	fmt.Fprintf(w, "%s000\t%s\t%s\t%d\t10.20.0.53\t53\tudp\t%d\t0.%06d\t%s\t1\tC_INTERNET\t%d\t%s\t0\tNOERROR\tF\tF\tT\tT\t0\tedge.%s,%s\t300.000000,60.000000\tF\n",
		e.epoch(), e.uid(), client, e.port, e.n&0xffff, e.ms*17, e.server.Name, code, name, e.server.Name, server)
}

func zeekSSL(w *bufio.Writer, e *event) {
	client, server := e.addresses()
	fmt.Fprintf(w, "%s000\t%s\t%s\t%d\t%s\t443\tTLSv13\tTLS_AES_128_GCM_SHA256\tx25519\t%s\tF\t-\th2\tT\tCsiI\n", e.epoch(), e.uid(), client, e.port, server, e.server.Name)
}

// suricata writes one event of each kind in turn, most of them DNS.
func suricata(w *bufio.Writer, e *event) {
	client, server := e.addresses()
	_, qtype := e.qtype()
	fmt.Fprintf(w, `{"timestamp":"%s","flow_id":%d,"in_iface":"eth0","event_type":`, e.at.Format("2006-01-02T15:04:05.000000-0700"), uint64(e.n+1)*0x9e3779b97f4a7c15>>12)
	ends := fmt.Sprintf(`"src_ip":"%s","src_port":%d,"dest_ip":"%s"`, client, e.port, server)
	switch e.n % 10 {
	default:
		fmt.Fprintf(w, `"dns",%s,"dest_port":53,"proto":"UDP","pkt_src":"wire/pcap","dns":{"version":2,"type":"query","id":%d,"rrname":"%s","rrtype":"%s","tx_id":0,"opcode":0}}`, ends, e.n&0xffff, e.server.Name, qtype)
	case 6, 7:
		fmt.Fprintf(w, `"tls",%s,"dest_port":443,"proto":"TCP","pkt_src":"wire/pcap","tls":{"sni":"%s","version":"TLS 1.3","ja3":{"hash":"cd08e31494f9531f560d64c695473da9","string":"771,4865-4866-4867,0-23-65281-10-11-35-16-5-13-18-51-45-43,29-23-24,0"},"ja4":"t13d1516h2_8daaf6152771_02713d6af862"}}`, ends, e.server.Name)
	case 8:
		fmt.Fprintf(w, `"quic",%s,"dest_port":443,"proto":"UDP","pkt_src":"wire/pcap","quic":{"version":"1","sni":"%s","ua":""}}`, ends, e.server.Name)
	case 9:
		fmt.Fprintf(w, `"http",%s,"dest_port":80,"proto":"TCP","pkt_src":"wire/pcap","tx_id":0,"http":{"hostname":"%s","url":"/assets/%x","http_user_agent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/145.0.0.0 Safari/537.36","http_method":"GET","protocol":"HTTP/1.1","status":200,"length":%d}}`, ends, e.server.Name, e.n, e.down)
	}
	w.WriteByte('\n')
}

func adguard(w *bufio.Writer, e *event) {
	client, _ := e.addresses()
	_, qtype := e.qtype()
	result := "{}"
	if e.chance < 30 {
		result = fmt.Sprintf(`{"IsFiltered":true,"Reason":3,"Rules":[{"FilterListID":1,"Text":"||%s^"}]}`, e.server.Name)
	}
	fmt.Fprintf(w, `{"T":"%s","QH":"%s","QT":"%s","QC":"IN","CP":"","Upstream":"https://dns.example.net:443/dns-query","Answer":"Yk2BgAABAAEAAAAABGFwaXMFb3BlbmFpA2NvbQAAAQABwAwAAQABAAABLAAEywBxFQ==","IP":"%s","Result":%s,"Elapsed":%d,"Cached":%t}`+"\n",
		e.at.Format("2006-01-02T15:04:05.000000000Z07:00"), e.server.Name, qtype, client, result, e.ms*1000, e.chance%2 == 0)
}
