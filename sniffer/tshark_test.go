package sniffer_test

import (
	"bufio"
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer"
	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestAgainstTshark compares, for every shared capture, how often each client
// asked for (or was told about) each name with what tshark sees: DNS over UDP
// and TCP, and the server names of TLS and QUIC. testdata/differences.tsv
// explains where we know better, or tshark does more.
func TestAgainstTshark(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("tshark is not installed")
		}
		t.Skip("NOT TESTED: tshark is not installed (apt-get install tshark)")
	}
	known := differences(t)
	var total agreement
	t.Run("files", func(t *testing.T) {
		for _, file := range captures(t) {
			name := filepath.Base(file)
			t.Run(name, func(t *testing.T) {
				t.Parallel() // nearly all of the time is tshark's
				got, err := asWeSee(t, file)
				want := asTsharkSees(t, tshark, file)
				total.add(got, want)
				diff := compare(got, want)
				if !slices.Equal(diff, known[name]) {
					t.Errorf("kind, client, server, name, ours, tshark's (reading ended with: %v):\n%s\nexplained:\n%s", err, strings.Join(diff, "\n"), strings.Join(known[name], "\n"))
				}
			})
		}
	})
	total.log(t)
}

// asWeSee counts what the sniffer observes.
func asWeSee(t *testing.T, file string) (map[string]int, error) {
	m := map[string]int{}
	src, err := capture.Open(file)
	if err != nil {
		return m, err
	}
	defer src.Close()
	s := sniffer.New(sniffer.Config{}, sniffer.Sink{Observation: func(o *sniffer.Observation) {
		if o.Sensor == traffic.SensorDNS {
			m[fmt.Sprintf("%s\t%s\t-\t%s", o.Kind, o.Client, o.Name)]++
		} else {
			m[fmt.Sprintf("%s\t%s\t%s\t%s", o.Sensor, o.Client, o.Server, o.Name)]++
		}
	}})
	return m, s.Run(t.Context(), src)
}

func compare(got, want map[string]int) (diff []string) {
	for _, k := range slices.Sorted(maps.Keys(union(got, want))) {
		if got[k] != want[k] {
			diff = append(diff, fmt.Sprintf("%s\t%d\t%d", k, got[k], want[k]))
		}
	}
	return diff
}

func union(a, b map[string]int) map[string]int {
	c := maps.Clone(a)
	maps.Copy(c, b)
	return c
}

// differences reads the explained differences: file, kind, client, server,
// name, ours, tshark's, why.
func differences(t *testing.T) map[string][]string {
	b, err := os.ReadFile("testdata/differences.tsv")
	if err != nil {
		t.Fatal(err)
	}
	m := map[string][]string{}
	for line := range strings.Lines(string(b)) {
		if f := strings.Split(strings.TrimSuffix(line, "\n"), "\t"); len(f) == 8 && !strings.HasPrefix(line, "#") {
			if f[7] == "" {
				t.Errorf("%s: a difference that is not explained: %s", f[0], line)
			}
			m[f[0]] = append(m[f[0]], strings.Join(f[1:7], "\t"))
		}
	}
	return m
}

// asTsharkSees counts what tshark sees.
func asTsharkSees(t *testing.T, tshark, file string) map[string]int {
	// The innermost address, which is the last of its column, is the client's.
	cmd := exec.Command(tshark, "-n", "-r", file, "-Y", "dns || tls.handshake.extensions_server_name || dtls.handshake", "-T", "fields",
		"-E", "separator=/t", "-E", "occurrence=a", "-E", "aggregator=|",
		"-e", "ip.src", "-e", "ip.dst", "-e", "ipv6.src", "-e", "ipv6.dst", "-e", "dns.flags.response", "-e", "dns.qry.name",
		"-e", "tls.handshake.extensions_server_name", "-e", "frame.protocols", "-e", "udp.stream")
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil && !strings.Contains(complaints.String(), "cut short") && !strings.Contains(complaints.String(), "appears to be damaged") {
		t.Fatalf("tshark: %v: %s", err, complaints.Bytes())
	}
	m, once := map[string]int{}, map[string]bool{}
	for sc := bufio.NewScanner(bytes.NewReader(out)); sc.Scan(); {
		f := strings.Split(sc.Text(), "\t")
		if len(f) < 9 {
			continue
		}
		src, dst := last(f[0]), last(f[1])
		if strings.LastIndex(f[7], ":ipv6") > strings.LastIndex(f[7], ":ip:") {
			src, dst = last(f[2]), last(f[3])
		}
		kind, client := "query", src
		if r, _, _ := strings.Cut(f[4], "|"); r == "1" || r == "True" {
			kind, client = "reply", dst
		}
		for _, name := range names(f[5]) {
			m[kind+"\t"+client+"\t-\t"+name]++
		}
		for _, name := range names(f[6]) {
			if !strings.Contains(f[7], ":quic") {
				m["tls\t"+src+"\t"+dst+"\t"+name]++
				continue
			}
			// tshark shows a hello as often as it is sent.
			if k := "quic\t" + src + "\t" + dst + "\t" + name; !once[k+last(f[8])] {
				once[k+last(f[8])] = true
				m[k]++
			}
		}
	}
	return m
}

func names(list string) (all []string) {
	if list == "" {
		return nil
	}
	for name := range strings.SplitSeq(list, "|") {
		if name = strings.TrimSuffix(strings.ToLower(name), "."); name == "<root>" {
			name = "."
		}
		all = append(all, name)
	}
	return all
}

func last(list string) string { return list[strings.LastIndexByte(list, '|')+1:] }
