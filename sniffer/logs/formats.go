package logs

import "io"

// parser reads the lines of one file, in order. One goroutine.
type parser interface {
	// line reads s, which is without its line ending and never empty, into r,
	// which is zeroed. When it leaves r.Time zero, the time of the syslog prefix
	// that was peeled off, if any, is taken.
	line(s string, r *Record) verdict
}

// flusher is a parser that may hold a record back until the next line.
type flusher interface {
	// flush returns the record that is held, or nothing.
	flush(r *Record) verdict
}

// peeker is a parser to which a line may tell how those before it are to be read.
type peeker interface {
	// peek looks at a line that is read later.
	peek(s string)
}

// document reads a format that isn't made of lines.
type document interface {
	// next reads one record; the error, io.EOF at the end, is final.
	next(r *Record) (verdict, error)
}

// format is one kind of log. Either lines or whole is set.
type format struct {
	name  string
	title string // for users
	// score says how well the first lines (at most headLines, the last of them
	// perhaps cut) fit: 0 not at all, 100 surely. It is asked twice where lines
	// have a syslog prefix: with it and without.
	score func(head []string) int
	lines func(*env) parser
	whole func(io.Reader, *env) document
}

// formats returns all formats. Of those that score alike the first is taken, so
// the special stand before the general.
func formats() []format {
	return []format{
		{name: "squid-native", title: "Squid access.log", score: scoreSquidNative, lines: newSquidNative},
		{name: "squid-combined", title: "Squid access.log in common or combined format", score: scoreSquidAccess, lines: newAccess},
		{name: "access-log", title: "Common or combined log format of a proxy (Apache, NGINX)", score: scoreAccess, lines: newAccess},
		{name: "zeek-dns-tsv", title: "Zeek dns.log", score: scoreZeekTSV("dns"), lines: newZeekTSV},
		{name: "zeek-ssl-tsv", title: "Zeek ssl.log", score: scoreZeekTSV("ssl"), lines: newZeekTSV},
		{name: "zeek-http-tsv", title: "Zeek http.log", score: scoreZeekTSV("http"), lines: newZeekTSV},
		{name: "zeek-conn-tsv", title: "Zeek conn.log", score: scoreZeekTSV("conn"), lines: newZeekTSV},
		{name: "zeek-quic-tsv", title: "Zeek quic.log", score: scoreZeekTSV("quic"), lines: newZeekTSV},
		{name: "zeek-tsv", title: "Zeek, any other log (says nothing about AI use)", score: scoreZeekTSV(""), lines: newZeekTSV},
		{name: "zeek-dns-json", title: "Zeek dns.log as JSON", score: scoreZeekJSON(KindDNS), lines: newZeekJSON},
		{name: "zeek-ssl-json", title: "Zeek ssl.log as JSON", score: scoreZeekJSON(KindTLS), lines: newZeekJSON},
		{name: "zeek-http-json", title: "Zeek http.log as JSON", score: scoreZeekJSON(KindHTTP), lines: newZeekJSON},
		{name: "zeek-conn-json", title: "Zeek conn.log as JSON", score: scoreZeekJSON(KindFlow), lines: newZeekJSON},
		{name: "zeek-quic-json", title: "Zeek quic.log as JSON", score: scoreZeekJSON(KindQUIC), lines: newZeekJSON},
		{name: "zeek-json", title: "Zeek logs of several kinds as JSON", score: scoreZeekJSON(KindUnknown), lines: newZeekJSON},
		{name: "suricata-eve", title: "Suricata eve.json", score: scoreSuricata, lines: newSuricata},
		{name: "dnsmasq-extra", title: "dnsmasq or Pi-hole with log-queries=extra", score: scoreDnsmasqExtra, lines: newDnsmasq},
		{name: "pihole-dnsmasq", title: "dnsmasq or Pi-hole", score: scoreDnsmasq, lines: newDnsmasq},
		{name: "adguard-querylog", title: "AdGuard Home querylog.json", score: scoreAdguard, lines: newAdguard},
		{name: "bind-query", title: "BIND query log", score: scoreBind, lines: newBind},
		{name: "unbound", title: "Unbound", score: scoreUnbound, lines: newUnbound},
		{name: "coredns", title: "CoreDNS log plugin", score: scoreCoredns, lines: newCoredns},
		{name: "windows-dns-debug", title: "Windows DNS server debug log", score: scoreWindowsDNS, lines: newWindowsDNS},
		{name: "umbrella-dns", title: "Cisco Umbrella DNS", score: scoreUmbrellaDNS, lines: umbrellaDNS},
		{name: "umbrella-proxy", title: "Cisco Umbrella web", score: scoreUmbrellaWeb, lines: umbrellaWeb},
		{name: "zscaler-nss-cef", title: "Zscaler NSS (CEF)", score: scoreZscalerCEF, lines: cefLines},
		{name: "zscaler-nss-csv", title: "Zscaler NSS (CSV)", score: scoreZscalerCSV, lines: zscalerCSV},
		{name: "zscaler-nss-pairs", title: "Zscaler NSS (key=value)", score: scoreZscalerPairs, lines: zscalerPairs},
		{name: "zscaler-nss-json", title: "Zscaler NSS (JSON)", score: scoreZscalerJSON, lines: zscalerJSON},
		{name: "panos-threat-url", title: "PAN-OS URL and traffic", score: scorePanos, lines: panosLines},
		{name: "fortigate-webfilter", title: "FortiGate", score: scoreFortigate, lines: fortigateLines},
		{name: "proxysg-elff", title: "ProxySG", score: scoreSGOS, lines: elffLines},
		{name: "w3c-elff", title: "W3C Extended (IIS, TMG, McAfee)", score: scoreELFF, lines: elffLines},
		{name: "cloudflare-gateway-dns", title: "Cloudflare Gateway DNS", score: scoreCloudflareDNS, lines: cloudflareLines},
		{name: "cloudflare-gateway-http", title: "Cloudflare Gateway HTTP", score: scoreCloudflareHTTP, lines: cloudflareLines},
		{name: "cloudflare-gateway-network", title: "Cloudflare Gateway network", score: scoreCloudflareNetwork, lines: cloudflareLines},
		{name: "route53-resolver", title: "AWS Route 53 Resolver", score: scoreRoute53, lines: route53Lines},
		{name: "aws-vpc-flow", title: "AWS VPC flow", score: scoreVPCFlow, lines: vpcFlowLines},
		{name: "nfdump-csv", title: "nfdump CSV", score: scoreNfdump, lines: nfdumpLines},
		{name: "har", title: "HTTP Archive", score: scoreHAR, whole: harDocument},
		{name: "leef", title: "LEEF", score: scoreLEEF, lines: leefLines},
		{name: "cef", title: "CEF", score: scoreCEF, lines: cefLines},
		{name: "json", title: "JSON lines, by column names", score: scoreGenericJSON, lines: genericJSON},
		{name: "csv", title: "CSV with a header, by column names", score: scoreGenericCSV, lines: genericCSV},
		{name: "pairs", title: "key=value, by column names", score: scoreGenericKeys, lines: genericKeys},
	}
}
