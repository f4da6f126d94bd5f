package logs_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

// samples pairs the formats of testdata/expected.tsv with their files.
var samples = map[string]string{
	"squid-native": "squid-native.log", "squid-combined": "squid-combined.log",
	"zeek-dns-tsv": "zeek-dns.log", "zeek-ssl-tsv": "zeek-ssl.log", "zeek-conn-tsv": "zeek-conn.log",
	"zeek-dns-json": "zeek-dns.json", "zeek-quic-json": "zeek-quic.json",
	"suricata-eve": "suricata-eve.json", "pihole-dnsmasq": "pihole-dnsmasq.log", "dnsmasq-extra": "dnsmasq-extra.log",
	"adguard-querylog": "adguard-querylog.json", "bind-query": "bind-query.log", "unbound": "unbound.log",
	"windows-dns-debug": "windows-dns-debug.log", "coredns": "coredns.log",
	"umbrella-dns": "umbrella-dns.csv", "umbrella-proxy": "umbrella-proxy.csv", "zscaler-nss-cef": "zscaler-nss-cef.log",
	"panos-threat-url": "panos-threat-url.log", "fortigate-webfilter": "fortigate-webfilter.log", "proxysg-elff": "proxysg-elff.log",
	"cloudflare-gateway-dns": "cloudflare-gateway-dns.json", "cloudflare-gateway-http": "cloudflare-gateway-http.json",
	"route53-resolver": "route53-resolver.json", "aws-vpc-flow": "aws-vpc-flow.log", "nfdump-csv": "nfdump.csv",
}

// expected reads testdata/expected.tsv: per format the columns of each record
// from time to agent.
func expected(t *testing.T) map[string][][]string {
	t.Helper()
	text, err := os.ReadFile("testdata/expected.tsv")
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[string][][]string)
	for i, line := range strings.Split(strings.TrimRight(string(text), "\n"), "\n") {
		if f := strings.Split(line, "\t"); i > 0 {
			out[f[0]] = append(out[f[0]], f[2:])
		}
	}
	return out
}

// sampleOptions are what the samples don't tell: pihole and Zscaler write no year.
var sampleOptions = logs.Options{Year: 2026}

// lasting returns r with strings of its own.
func lasting(r logs.Record) logs.Record {
	for _, s := range []*string{&r.User, &r.Device, &r.Host, &r.URL, &r.Method, &r.UserAgent} {
		*s = strings.Clone(*s)
	}
	return r
}

// readAll returns all records of a log.
func readAll(t *testing.T, r *logs.Reader) []logs.Record {
	t.Helper()
	defer r.Close()
	var out []logs.Record
	for {
		var rec logs.Record
		err := r.Next(&rec)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, lasting(rec))
	}
}

// row writes a record as expected.tsv does.
func row(r logs.Record) []string {
	stamp := ""
	if !r.Time.IsZero() {
		stamp = fmt.Sprintf("%d.%03d", r.Time.Unix(), r.Time.Nanosecond()/1e6)
	}
	return []string{stamp, r.Client.String(), r.User, r.Host, r.URL, r.Method, count(int64(r.Status)), count(r.Up), count(r.Down), r.UserAgent}
}

func count(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func TestSamples(t *testing.T) {
	want := expected(t)
	if len(want) != len(samples) {
		t.Errorf("%d formats expected, %d have a sample", len(want), len(samples))
	}
	names := []string{"time", "client", "user", "host", "url", "method", "status", "up", "down", "agent"}
	for format, file := range samples {
		t.Run(format, func(t *testing.T) {
			r, err := logs.Open(filepath.Join("testdata", "samples", file), sampleOptions)
			if err != nil {
				t.Fatal(err)
			}
			if r.Format() != format {
				t.Errorf("recognised as %s", r.Format())
			}
			got := readAll(t, r)
			if st := r.Stats(); len(st.Skipped) > 0 || st.Records != int64(len(got)) {
				t.Errorf("%d records, skipped %v", st.Records, st.Skipped)
			}
			if len(got) != len(want[format]) {
				t.Fatalf("%d records, want %d", len(got), len(want[format]))
			}
			for i, rec := range got {
				for c, g := range row(rec) {
					w := want[format][i][c]
					if w == "0" {
						w = ""
					}
					if g != w {
						t.Errorf("record %d: %s = %q, want %q", i, names[c], g, w)
					}
				}
			}
		})
	}
}

// TestWrapped reads each sample in the wrappings that logs come in; the records
// must stay the same.
func TestWrapped(t *testing.T) {
	for name, wrap := range map[string]func([]byte) []byte{
		"gzip":     gzipped,
		"two gzip": func(b []byte) []byte { return append(gzipped(b[:len(b)/2]), gzipped(b[len(b)/2:])...) },
		"zstd":     zstandard,
		"crlf":     func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")) },
		"bom":      func(b []byte) []byte { return append([]byte("\xEF\xBB\xBF"), b...) },
		"utf16le":  func(b []byte) []byte { return utf16(b, false) },
		"utf16be":  func(b []byte) []byte { return utf16(b, true) },
		"no end":   func(b []byte) []byte { return bytes.TrimRight(b, "\n") },
	} {
		t.Run(name, func(t *testing.T) {
			for format, file := range samples {
				text, err := os.ReadFile(filepath.Join("testdata", "samples", file))
				if err != nil {
					t.Fatal(err)
				}
				plain, err := logs.New(bytes.NewReader(text), file, sampleOptions)
				if err != nil {
					t.Fatal(err)
				}
				want := readAll(t, plain)
				r, err := logs.New(bytes.NewReader(wrap(text)), file, sampleOptions)
				if err != nil {
					t.Fatal(err)
				}
				got := readAll(t, r)
				if r.Format() != format || len(got) != len(want) {
					t.Fatalf("%s: read as %s, %d records, want %d", format, r.Format(), len(got), len(want))
				}
				for i := range got {
					if got[i] != want[i] {
						t.Errorf("%s: record %d is %+v, want %+v", format, i, got[i], want[i])
					}
				}
			}
		})
	}
}

func gzipped(b []byte) []byte {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	_, _ = w.Write(b) // into memory
	_ = w.Close()
	return buf.Bytes()
}

func zstandard(b []byte) []byte {
	w, err := zstd.NewWriter(nil)
	if err != nil {
		panic(err)
	}
	defer w.Close()
	return w.EncodeAll(b, nil)
}

// utf16 turns ASCII into UTF-16 with a byte order mark.
func utf16(b []byte, big bool) []byte {
	out := []byte{0xFF, 0xFE}
	if big {
		out = []byte{0xFE, 0xFF}
	}
	for _, c := range b {
		if big {
			out = append(out, 0, c)
		} else {
			out = append(out, c, 0)
		}
	}
	return out
}
