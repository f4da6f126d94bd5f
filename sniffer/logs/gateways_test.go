package logs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

// say writes what matters of a record in one line.
func say(r logs.Record) string {
	var b strings.Builder
	b.WriteString(r.Kind.String())
	add := func(name, v string) {
		if v != "" && v != "0" {
			fmt.Fprintf(&b, " %s=%s", name, v)
		}
	}
	if !r.Time.IsZero() {
		add("t", r.Time.Format("2006-01-02T15:04:05.999Z07:00"))
	}
	if r.Client.IsValid() {
		add("c", r.Client.String())
	}
	add("u", r.User)
	add("d", r.Device)
	add("h", r.Host)
	if r.Server.IsValid() {
		add("s", r.Server.String())
	}
	add("url", r.URL)
	add("m", r.Method)
	add("st", fmt.Sprint(r.Status))
	add("up", fmt.Sprint(r.Up))
	add("down", fmt.Sprint(r.Down))
	add("ua", r.UserAgent)
	if r.Blocked {
		b.WriteString(" blocked")
	}
	return b.String()
}

// TestGateways reads what the samples don't have: other versions and other
// products of the same formats.
func TestGateways(t *testing.T) {
	for _, tt := range []struct {
		name, format, text string
		want               []string
	}{
		{"umbrella, spaces and an identity that is a computer", "umbrella-dns",
			`"2026-03-02 09:15:04", "LAPTOP-7", "LAPTOP-7,Site A", "192.0.2.10", "198.51.100.1", "Blocked", "1 (A)", "NOERROR", "ChatGPT.com.", "AI", "Roaming Computers", "x", ""` + "\n" +
				`"2026-03-02 09:15:05","Office","Office","","198.51.100.1","Allowed","1 (A)","NOERROR","claude.ai.","AI","Networks","x",""`,
			[]string{"dns t=2026-03-02T09:15:04Z c=192.0.2.10 d=LAPTOP-7 h=chatgpt.com blocked", "dns t=2026-03-02T09:15:05Z c=198.51.100.1 h=claude.ai"}},
		{"umbrella with header, old version", "umbrella-dns",
			"\"Timestamp\",\"Most Granular Identity\",\"Identities\",\"InternalIp\",\"ExternalIp\",\"Action\",\"QueryType\",\"ResponseCode\",\"Domain\",\"Categories\"\n" +
				`"2015-01-16 17:48:41","ActiveDirectoryUserName","ActiveDirectoryUserName,ADSite","10.10.1.100","24.123.132.133","Allowed","1 (A)","NOERROR","domain-visited.com.","Chat"`,
			[]string{"dns t=2015-01-16T17:48:41Z c=10.10.1.100 u=ActiveDirectoryUserName h=domain-visited.com"}},
		{"zscaler CSV", "zscaler-nss-csv",
			`"Mon Jun 20 15:29:11 2022","carol@example.com","HTTPS","chatgpt.com/backend-api/conversation","Blocked","ChatGPT","AI","72","14061","0","0","a","b","c","None","None","0","None","None","HQ","Sales","192.0.2.10","203.0.113.20","POST","403","curl/7.68.0","None","FwFilter","Firewall_1","Other","None","carol","LAPTOP-7","N/A"`,
			[]string{"http t=2022-06-20T15:29:11Z c=192.0.2.10 u=carol@example.com d=LAPTOP-7 h=chatgpt.com s=203.0.113.20:0 url=chatgpt.com/backend-api/conversation m=POST st=403 up=72 down=14061 ua=curl/7.68.0 blocked"}},
		{"zscaler pairs", "zscaler-nss-pairs",
			"2026-03-02 09:15:04\treason=Allowed\tevent_id=1\tprotocol=HTTPS\taction=Allowed\tresponsesize=20480\trequestsize=1843\tserverip=203.0.113.20\trequestmethod=POST\tuseragent=Mozilla/5.0 (X11)\tClientIP=192.0.2.10\tstatus=200\tuser=alice\turl=chatgpt.com/c?a=b\thostname=chatgpt.com",
			[]string{"http t=2026-03-02T09:15:04Z c=192.0.2.10 u=alice h=chatgpt.com s=203.0.113.20:0 url=chatgpt.com/c?a=b m=POST st=200 up=1843 down=20480 ua=Mozilla/5.0 (X11)"}},
		{"zscaler JSON", "zscaler-nss-json",
			`{"sourcetype":"zscalernss-web","event":{"datetime":"2026-03-02 09:15:04","action":"Blocked","requestsize":"1843","responsesize":"NA","ClientIP":"192.0.2.10","status":"NA","user":"EXAMPLE\\carol","url":"chatgpt.com/c","hostname":"chatgpt.com","requestmethod":"GET"}}`,
			[]string{`http t=2026-03-02T09:15:04Z c=192.0.2.10 u=EXAMPLE\carol h=chatgpt.com url=chatgpt.com/c m=GET up=1843 blocked`}},
		{"zscaler LEEF", "leef",
			"LEEF:1.0|Zscaler|NSS|4.1|Blocked|cat=Blocked\tdevTime=Mar 02 2026 09:15:04 GMT\tdevTimeFormat=MMM dd yyyy HH:mm:ss z\tsrc=192.0.2.10\tdst=203.0.113.20\tusrName=alice\tsrcBytes=1843\tdstBytes=20480\turl=chatgpt.com/c?a=b=c\tuseragent=curl/8",
			[]string{"http t=2026-03-02T09:15:04Z c=192.0.2.10 u=alice h=chatgpt.com s=203.0.113.20:0 url=chatgpt.com/c?a=b=c up=1843 down=20480 ua=curl/8 blocked"}},
		{"LEEF 2 with a separator", "leef",
			"LEEF:2.0|Lancope|StealthWatch|1.0|41|^|src=192.0.2.10^dst=203.0.113.20^dstPort=443^devTime=1772442904250^hostname=claude.ai\n" +
				"LEEF:2.0|Lancope|StealthWatch|1.0|41|x5e|src=192.0.2.10^dst=203.0.113.20^dstPort=443^devTime=1772442904\n" +
				"LEEF:2.0|Lancope|StealthWatch|1.0|41|src=192.0.2.10\tdst=203.0.113.20\tdstPort=443\n" +
				"LEEF:1.0|Microsoft|MSExchange|2016|15345|src=192.0.2.10  dst=203.0.113.20  dstPort=443 usrName=John Doe",
			[]string{"tls t=2026-03-02T09:15:04.25Z c=192.0.2.10 h=claude.ai s=203.0.113.20:443", "flow t=2026-03-02T09:15:04Z c=192.0.2.10 s=203.0.113.20:443",
				"flow c=192.0.2.10 s=203.0.113.20:443", "flow c=192.0.2.10 u=John Doe s=203.0.113.20:443"}},
		{"CEF, escapes and an event about nothing", "cef",
			`CEF:0|Vendor \| Co|Gate\\way|1.0|100|web|5|rt=Mar 02 2026 09:15:04.250 UTC src=2001:db8::15 suser=EXAMPLE\\carol request=https://claude.ai/new?q\=a&x=y b requestMethod=get requestClientApplication=a b=c act=deny cs1=x y z cs1Label=some label` + "\n" +
				`CEF:0|Vendor|Product|1.0|100|login|5|rt=1772442904250 suser=carol act=success`,
			[]string{`http t=2026-03-02T09:15:04.25Z c=2001:db8::15 u=EXAMPLE\carol h=claude.ai url=https://claude.ai/new?q=a&x=y b m=GET ua=a blocked`}},
		{"CEF of PAN-OS: in is up", "cef",
			`CEF:0|Palo Alto Networks|PAN-OS|10.1|end|TRAFFIC|1|rt=Mar 02 2026 09:15:04 GMT src=192.0.2.10 dst=203.0.113.20 dpt=443 suser=example\alice in=1843 out=20480 act=allow` + "\n" +
				`CEF:0|Palo Alto Networks|PAN-OS|10.1|url|THREAT|1|rt=Mar 02 2026 09:15:04 GMT src=192.0.2.10 dst=203.0.113.20 dpt=443 request="chatgpt.com/" requestMethod=get act=block-url`,
			[]string{`flow t=2026-03-02T09:15:04Z c=192.0.2.10 u=example\alice s=203.0.113.20:443 up=1843 down=20480`,
				"http t=2026-03-02T09:15:04Z c=192.0.2.10 h=chatgpt.com s=203.0.113.20:443 url=chatgpt.com/ m=GET blocked"}},
		{"PAN-OS traffic", "panos-threat-url",
			"1,2026/03/02 09:15:04,0128,TRAFFIC,end,2561,2026/03/02 09:15:03,192.0.2.10,203.0.113.20,198.51.100.1,203.0.113.20,egress,example\\alice,,openai,vsys1,trust,untrust,e1,e2,siem,2026/03/02 09:15:04,28191,1,51544,443,37679,443,0x400053,tcp,allow,22323,1843,20480,50,2026/03/02 09:14:04,60,ai,,1\n" +
				"1,2026/03/02 09:15:04,0128,TRAFFIC,start,2561,2026/03/02 09:15:03,192.0.2.10,203.0.113.20,,,egress,,,ssl,vsys1,,,,,,,1,1,1,443,1,443,0x0,tcp,allow,1,1,0,1\n" +
				"1,2026/03/02 09:15:04,0128,TRAFFIC,deny,2561,2026/03/02 09:15:03,192.0.2.10,203.0.113.20,,,egress,,,ssl,vsys1,,,,,,,1,1,1,443,1,443,0x0,tcp,deny,60,60,0,1\n" +
				"1,2026/03/02 09:15:04,0128,SYSTEM,general,0,2026/03/02 09:15:03,,x\n",
			[]string{`flow t=2026-03-02T09:15:03Z c=192.0.2.10 u=example\alice s=203.0.113.20:443 up=1843 down=20480`,
				"flow t=2026-03-02T09:15:03Z c=192.0.2.10 s=203.0.113.20:443 up=60 blocked"}},
		{"FortiGate: seconds, milliseconds, no eventtime, path alone, DNS, traffic", "fortigate-webfilter",
			`<189>date=2026-03-02 time=09:15:04 devname=FGT logid=0317013312 type=utm subtype=webfilter eventtime=1772442904 srcip=192.0.2.10 dstip=203.0.113.20 dstport=443 service="HTTPS" hostname="chatgpt.com" url="/backend-api/x" action="blocked" user="EXAMPLE\carol"` + "\n" +
				`<189>date=2026-03-02 time=09:15:04 devname=FGT logid=1 type=utm subtype=webfilter eventtime=1772442904250 srcip=192.0.2.10 service="HTTP" hostname="example.org" url="/"` + "\n" +
				`<189>date=2026-03-02 time=10:15:04 tz="+0100" devname=FGT logid=1 type=utm subtype=dns srcip=192.0.2.10 dstip=192.0.2.53 dstport=53 qname="claude.ai" action="redirect"` + "\n" +
				`<189>date=2026-03-02 time=09:15:04 devname=FGT logid=0000000013 type=traffic subtype=forward eventtime=1772442904250000000 srcip=192.0.2.10 srcname="LAPTOP-7" dstip=203.0.113.20 dstport=443 action="close" sentbyte=1843 rcvdbyte=20480` + "\n" +
				`<189>date=2026-03-02 time=09:15:04 devname=FGT logid=1 type=event subtype=system eventtime=1772442904 msg="a b"`,
			[]string{`http t=2026-03-02T09:15:04Z c=192.0.2.10 u=EXAMPLE\carol h=chatgpt.com s=203.0.113.20:443 url=https://chatgpt.com/backend-api/x blocked`,
				"http t=2026-03-02T09:15:04.25Z c=192.0.2.10 h=example.org url=http://example.org/",
				"dns t=2026-03-02T09:15:04Z c=192.0.2.10 h=claude.ai",
				"flow t=2026-03-02T09:15:04.25Z c=192.0.2.10 d=LAPTOP-7 s=203.0.113.20:443 up=1843 down=20480"}},
		{"FortiGate: a long session told three times, each line with the bytes since the last", "fortigate-webfilter",
			`date=2026-03-02 time=09:15:04 tz="+0000" devname=FGT logid=0000000020 type=traffic subtype=forward srcip=192.0.2.10 dstip=203.0.113.20 dstport=443 action="accept" sentbyte=1000 rcvdbyte=9000 sentdelta=1000 rcvddelta=9000` + "\n" +
				`date=2026-03-02 time=09:17:04 tz="+0000" devname=FGT logid=0000000020 type=traffic subtype=forward srcip=192.0.2.10 dstip=203.0.113.20 dstport=443 action="accept" sentbyte=1500 rcvdbyte=9500 sentdelta=500 rcvddelta=500` + "\n" +
				`date=2026-03-02 time=09:18:04 tz="+0000" devname=FGT logid=0000000013 type=traffic subtype=forward srcip=192.0.2.10 dstip=203.0.113.20 dstport=443 action="close" sentbyte=1501 rcvdbyte=9500 sentdelta=1 rcvddelta=0`,
			[]string{"flow t=2026-03-02T09:15:04Z c=192.0.2.10 s=203.0.113.20:443 up=1000 down=9000",
				"flow t=2026-03-02T09:17:04Z c=192.0.2.10 s=203.0.113.20:443 up=500 down=500",
				"flow t=2026-03-02T09:18:04Z c=192.0.2.10 s=203.0.113.20:443 up=1"}},
		{"FortiAnalyzer's CSV", "fortigate-webfilter",
			`"date=2026-03-02","time=10:15:04","tz=+0100","devname=FGT","devid=FGT60F","logid=0316013056","type=utm","subtype=webfilter","srcip=192.0.2.10","hostname=chatgpt.com","action=blocked","url=https://chatgpt.com/?a=b,c","sentbyte=517","rcvdbyte=5"`,
			[]string{"http t=2026-03-02T09:15:04Z c=192.0.2.10 h=chatgpt.com url=https://chatgpt.com/?a=b,c up=517 down=5 blocked"}},
		{"FortiGate as CEF: its own time, with a zone", "cef",
			`Mar  2 10:15:04 fgt CEF:0|Fortinet|Fortigate|v7.4.1|13056|utm:webfilter ftgd_blk blocked|4|FTNTFGTeventtime=1772442904250000000 FTNTFGTtz=+0100 cat=utm:webfilter src=192.0.2.10 dst=203.0.113.20 dpt=443 dhost=chatgpt.com act=blocked request=https://chatgpt.com/ out=517 in=0 suser=carol msg=URL belongs to a denied category`,
			[]string{"http t=2026-03-02T09:15:04.25Z c=192.0.2.10 u=carol h=chatgpt.com s=203.0.113.20:443 url=https://chatgpt.com/ up=517 blocked"}},
		{"PAN-OS, an export with its header", "panos-threat-url",
			"Domain,Receive Time,Serial #,Type,Threat/Content Type,Config Version,Generate Time,Source address,Destination address\n" +
				`1,2026/03/02 09:15:04,0128,THREAT,url,2562,2026/03/02 09:15:04,192.0.2.10,203.0.113.20,,,egress,alice,,ssl,vsys1,trust,untrust,e1,e2,siem,2026/03/02 09:15:04,2,1,51544,443,0,0,0xb000,tcp,block-url,"claude.ai/",(9999)`,
			[]string{"http t=2026-03-02T09:15:04Z c=192.0.2.10 u=alice h=claude.ai s=203.0.113.20:443 url=claude.ai/ blocked"}},
		{"Umbrella through a spreadsheet, a roaming client", "umbrella-dns",
			`2026-03-02 09:15:04,LAPTOP-7,"LAPTOP-7,Site A",192.0.2.10,198.51.100.1,Blocked,1 (A),NOERROR,chatgpt.com.,"AI,App",Anyconnect Roaming Client,"x"`,
			[]string{"dns t=2026-03-02T09:15:04Z c=192.0.2.10 d=LAPTOP-7 h=chatgpt.com blocked"}},
		{"Sophos", "pairs",
			`device_name="XG" date=2026-03-02 time=09:15:04 log_type="Content Filtering" log_subtype="Allowed" user_name="alice" url="https://chatgpt.com/" src_ip=192.0.2.10 dst_ip=203.0.113.20 dst_port=443 sent_bytes=1843 recv_bytes=20480 domain=chatgpt.com status_code="200"`,
			[]string{"http t=2026-03-02T09:15:04Z c=192.0.2.10 u=alice d=XG h=chatgpt.com s=203.0.113.20:443 url=https://chatgpt.com/ st=200 up=1843 down=20480"}},
		{"IIS", "w3c-elff",
			"#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n#Date: 2026-03-02 09:00:00\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs-host sc-status sc-bytes cs-bytes\n" +
				"2026-03-02 09:15:04 192.0.2.1 GET /a q=1 443 EXAMPLE\\carol 192.0.2.10 Mozilla/5.0+(Windows+NT+10.0) intranet.example 200 20480 1843",
			[]string{`http t=2026-03-02T09:15:04Z c=192.0.2.10 u=EXAMPLE\carol h=intranet.example url=https://intranet.example/a?q=1 m=GET st=200 up=1843 down=20480 ua=Mozilla/5.0 (Windows NT 10.0)`}},
		{"TMG: tabs, and columns that change on the way", "w3c-elff",
			"#Software: Microsoft Forefront Threat Management Gateway\n#Version: 2.0\n#Fields: c-ip\tcs-username\tc-agent\tdate\ttime\tr-host\tr-ip\tr-port\tsc-bytes\tcs-bytes\ts-operation\tcs-uri\tsc-status\n" +
				"192.0.2.10\tanonymous\tMozilla/4.0 (x y)\t2026-03-02\t09:15:04\tclaude.ai\t203.0.113.20\t443\t20480\t1843\tGET\thttp://claude.ai/x\t200\n" +
				"#Fields: date\ttime\tc-ip\tcs-uri\n2026-03-02\t09:15:05\t192.0.2.10\thttps://chatgpt.com/\n",
			[]string{"http t=2026-03-02T09:15:04Z c=192.0.2.10 u=anonymous h=claude.ai s=203.0.113.20:443 url=http://claude.ai/x m=GET st=200 up=1843 down=20480 ua=Mozilla/4.0 (x y)",
				"http t=2026-03-02T09:15:05Z c=192.0.2.10 h=chatgpt.com url=https://chatgpt.com/"}},
		{"Cloudflare network, epoch in nanoseconds", "cloudflare-gateway-network",
			`{"Datetime":1772442904250000000,"Action":"block","SNI":"claude.ai","SourceIP":"198.51.100.1","SourceInternalIP":"192.0.2.10","DestinationIP":"203.0.113.20","DestinationPort":443,"Email":"carol@example.com","DeviceName":"laptop"}` + "\n" +
				`{"Datetime":"2026-03-02T09:15:04.25Z","Action":"allow","SNI":"","SourceIP":"192.0.2.10","DestinationIP":"203.0.113.20","DestinationPort":443}`,
			[]string{"tls t=2026-03-02T09:15:04.25Z c=192.0.2.10 u=carol@example.com d=laptop h=claude.ai s=203.0.113.20:443 blocked",
				"flow t=2026-03-02T09:15:04.25Z c=192.0.2.10 s=203.0.113.20:443"}},
		{"Route 53 with a firewall", "route53-resolver",
			`{"version":"1.100000","query_timestamp":"2026-03-02T09:15:04Z","query_name":"ChatGPT.com.","query_type":"A","rcode":"NXDOMAIN","answers":[{"Rdata":"x \"}]"}],"srcaddr":"192.0.2.10","srcport":"4","srcids":{"instance":"i-0","resolver_endpoint":"r"},"firewall_rule_action":"BLOCK"}`,
			[]string{"dns t=2026-03-02T09:15:04Z c=192.0.2.10 d=i-0 h=chatgpt.com blocked"}},
		{"VPC flow: own columns, the way back, no data", "aws-vpc-flow",
			"version interface-id srcaddr dstaddr srcport dstport pkt-srcaddr pkt-dstaddr bytes start end action log-status\n" +
				"5 eni-0 10.0.0.9 203.0.113.20 51544 443 192.0.2.10 203.0.113.20 1843 1772442904 1772442934 ACCEPT OK\n" +
				"5 eni-0 203.0.113.20 10.0.0.9 443 51544 203.0.113.20 192.0.2.10 20480 1772442904 1772442934 ACCEPT OK\n" +
				"5 eni-0 - - - - - - - 1772442904 1772442934 - SKIPDATA",
			[]string{"flow t=2026-03-02T09:15:04Z c=192.0.2.10 s=203.0.113.20:443 up=1843", "flow t=2026-03-02T09:15:04Z c=192.0.2.10 s=203.0.113.20:443 down=20480"}},
		{"VPC flow from CloudWatch, without header", "aws-vpc-flow",
			"2026-03-02T09:15:34.000Z 2 111122223333 eni-0123456789abcdef0 192.0.2.10 203.0.113.20 51544 443 6 20 1843 1772442904 1772442934 REJECT OK\n",
			[]string{"flow t=2026-03-02T09:15:04Z c=192.0.2.10 s=203.0.113.20:443 up=1843 blocked"}},
		{"nfdump with fractions and a summary", "nfdump-csv",
			"ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt\n" +
				"2026-03-02 09:15:04.250,2026-03-02 09:15:05.000,0.500,192.0.2.10,203.0.113.20,51544,443,TCP,...AP.SF,0,0,12,1843,20,20480\n" +
				"2026-03-02 09:15:04.250,2026-03-02 09:15:05.000,0.500,203.0.113.20,192.0.2.10,443,51544,TCP,...AP.SF,0,0,12,20480,0,0\n" +
				"Summary\nflows,bytes,packets,avg_bps,avg_pps,avg_bpp\n2,22323,44,1,1,1\n",
			[]string{"flow t=2026-03-02T09:15:04.25Z c=192.0.2.10 s=203.0.113.20:443 up=1843 down=20480", "flow t=2026-03-02T09:15:04.25Z c=192.0.2.10 s=203.0.113.20:443 down=20480"}},
		{"CSV by usual names", "csv",
			"Timestamp;Source IP;User Name;URL;Bytes Sent;Bytes Received;Action\n02/Mar/2026:10:15:04 +0100;192.0.2.10;\"Doe; Jane\";https://claude.ai/x;1843;20480;Blocked\n",
			[]string{"http t=2026-03-02T09:15:04Z c=192.0.2.10 u=Doe; Jane h=claude.ai url=https://claude.ai/x up=1843 down=20480 blocked"}},
		{"CSV with date and time", "csv", "date,time,src_ip,domain\n2026-03-02,09:15:04,192.0.2.10,claude.ai\n",
			[]string{"dns t=2026-03-02T09:15:04Z c=192.0.2.10 h=claude.ai"}},
		{"JSON by usual names", "json", `{"ts":1772442904.25,"clientIp":"192.0.2.10:51544","host":"Claude.ai","method":"get","status":200,"user_agent":"a"}`,
			[]string{"http t=2026-03-02T09:15:04.25Z c=192.0.2.10 h=claude.ai m=GET st=200 ua=a"}},
		{"pairs by usual names", "pairs", `time="2026-03-02T09:15:04Z" src=192.0.2.10 host=claude.ai blocked=true` + "\n" + `time="3/2/2026 9:15:04 PM" src=192.0.2.10 host=claude.ai`,
			[]string{"dns t=2026-03-02T09:15:04Z c=192.0.2.10 h=claude.ai blocked", "dns t=2026-03-02T21:15:04Z c=192.0.2.10 h=claude.ai"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := logs.New(strings.NewReader(tt.text), tt.name, logs.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if r.Format() != tt.format {
				t.Errorf("format %q, want %q", r.Format(), tt.format)
			}
			got := readAll(t, r)
			for i := range max(len(got), len(tt.want)) {
				var g, w string
				if i < len(got) {
					g = say(got[i])
				}
				if i < len(tt.want) {
					w = tt.want[i]
				}
				if g != w {
					t.Errorf("record %d:\n got %s\nwant %s", i, g, w)
				}
			}
			if st := r.Stats(); len(st.Skipped) != 0 {
				t.Errorf("skipped %v: %+v", st.Skipped, st.Examples)
			}
		})
	}
}

// TestMapping names the columns of logs that have names of their own.
func TestMapping(t *testing.T) {
	for _, tt := range []struct {
		name, format, text string
		mapping            map[string]string
		want               string
	}{
		{"csv", "csv", "Wann,Wer,Von,Nach,host\n2026-03-02 09:15:04,carol,192.0.2.10,claude.ai,ignored.example\n",
			map[string]string{"time": "Wann", "user": "Wer", "client": "Von", "host": "Nach"}, "dns t=2026-03-02T09:15:04Z c=192.0.2.10 u=carol h=claude.ai"},
		{"pairs", "pairs", `Wann=1772442904 Von=192.0.2.10 Nach="claude.ai"`,
			map[string]string{"time": "Wann", "client": "Von", "host": "Nach"}, "dns t=2026-03-02T09:15:04Z c=192.0.2.10 h=claude.ai"},
		{"json", "json", `{"@t":"2026-03-02T09:15:04Z","net":{"peer":{"ip":"192.0.2.10"},"x":{}},"req":{"target":"https://claude.ai/x"},"host":"ignored.example"}`,
			map[string]string{"time": "@t", "client": "net.peer.ip", "url": "req.target"}, "http t=2026-03-02T09:15:04Z c=192.0.2.10 h=claude.ai url=https://claude.ai/x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := logs.New(strings.NewReader(tt.text), tt.name, logs.Options{Format: tt.format, Mapping: tt.mapping})
			if err != nil {
				t.Fatal(err)
			}
			again, err := logs.New(strings.NewReader(tt.text), tt.name, logs.Options{Mapping: tt.mapping})
			if err != nil || again.Format() != tt.format {
				t.Errorf("with the mapping alone: format %q, %v", again.Format(), err)
			}
			got := readAll(t, r)
			if len(got) != 1 || say(got[0]) != tt.want {
				t.Errorf("got %v, want %s; %+v", got, tt.want, r.Stats())
			}
		})
	}
}

// TestUnreadable damages one line of each gateway's log in each way: that line
// is counted, by reason, and the others are read.
func TestUnreadable(t *testing.T) {
	for _, tt := range []struct {
		format, old, new string // in the sample's second record
		want             logs.Reason
	}{
		{"umbrella-dns", `"2026-03-02 09:15:07"`, `"2026-13-02 09:15:07"`, logs.ReasonTime},
		{"umbrella-dns", `"192.0.2.11"`, `"192.0.2.256"`, logs.ReasonClient},
		{"umbrella-dns", `"NOERROR","api.openai.com."`, `"NOERROR","api`, logs.ReasonHost},
		{"umbrella-proxy", `"5120"`, `"5 KB"`, logs.ReasonNumber},
		{"umbrella-proxy", `"bob@example.com","AD Users","POST"`, `"bob@example.com","AD Users","POST`, logs.ReasonQuoting},
		{"zscaler-nss-cef", "in=91000", "in=-1", logs.ReasonNumber},
		{"zscaler-nss-cef", "09:15:07 zscaler-nss CEF:0", "09:15:07 zscaler-nss CEF 0", logs.ReasonFormat},
		{"panos-threat-url", ",2026/03/02 09:15:07,192.0.2.11,", ",2026/03/02 25:15:07,192.0.2.11,", logs.ReasonTime},
		{"panos-threat-url", ",192.0.2.11,203.0.113.21,", ",192.0.2.11.,203.0.113.21,", logs.ReasonClient},
		{"fortigate-webfilter", "srcip=192.0.2.11", "srcip=printer", logs.ReasonClient},
		{"fortigate-webfilter", "sentbyte=5120", "sentbyte=many", logs.ReasonNumber},
		{"proxysg-elff", "2026-03-02 09:15:07", "2026-02-30 09:15:07", logs.ReasonTime},
		{"proxysg-elff", "192.0.2.1 91000 5120 -", "192.0.2.1", logs.ReasonColumns},
		{"cloudflare-gateway-dns", `"QueryName": "api.openai.com"`, `"QueryName" "api.openai.com"`, logs.ReasonJSON},
		{"cloudflare-gateway-http", "2026-03-02T09:15:07Z", "then", logs.ReasonTime},
		{"route53-resolver", `"srcaddr": "192.0.2.11"`, `"srcaddr": "x"`, logs.ReasonClient},
		{"aws-vpc-flow", "1772442907 1772442937 ACCEPT OK", "1772442907", logs.ReasonColumns},
		{"aws-vpc-flow", "20 5120 ", "20 x ", logs.ReasonNumber},
		{"nfdump-csv", "192.0.2.11,203.0.113.21", "192.0.2.11,nowhere", logs.ReasonClient},
	} {
		t.Run(tt.format+" "+string(tt.want), func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("testdata", "samples", samples[tt.format]))
			if err != nil {
				t.Fatal(err)
			}
			if strings.Count(string(text), tt.old) != 1 {
				t.Fatalf("%q is not once in the sample", tt.old)
			}
			damaged := strings.Replace(string(text), tt.old, tt.new, 1)
			r, err := logs.New(strings.NewReader(damaged), tt.format, logs.Options{Format: tt.format, Year: 2026})
			if err != nil {
				t.Fatal(err)
			}
			got, st := readAll(t, r), r.Stats()
			if len(got) != 4 || st.Skipped[tt.want] != 1 || len(st.Skipped) != 1 {
				t.Errorf("%d records, skipped %v, want 4 and one %s", len(got), st.Skipped, tt.want)
			}
		})
	}
}
