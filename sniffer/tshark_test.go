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
)

// TestAgainstTshark compares, for every shared capture, how often each client
// asked for (or was told about) each name over UDP with what tshark sees.
// testdata/differences.tsv explains where we know better, or tshark does more.
func TestAgainstTshark(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("tshark is not installed")
		}
		t.Skip("NOT TESTED: tshark is not installed (apt-get install tshark)")
	}
	known := differences(t)
	for _, file := range captures(t) {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			t.Parallel() // nearly all of the time is tshark's
			got := map[string]int{}
			_, err := sniffer.ReadFile(t.Context(), file, func(o *sniffer.Observation) {
				got[fmt.Sprintf("%s\t%s\t%s", o.Kind, o.Client, o.Name)]++
			})
			want := asTsharkSees(t, tshark, file)
			var diff []string
			for _, k := range slices.Sorted(maps.Keys(union(got, want))) {
				if got[k] != want[k] {
					diff = append(diff, fmt.Sprintf("%s\t%d\t%d", k, got[k], want[k]))
				}
			}
			if !slices.Equal(diff, known[name]) {
				t.Errorf("kind, client, name, ours, tshark's (reading ended with: %v):\n%s\nexplained:\n%s", err, strings.Join(diff, "\n"), strings.Join(known[name], "\n"))
			}
		})
	}
}

func union(a, b map[string]int) map[string]int {
	c := maps.Clone(a)
	maps.Copy(c, b)
	return c
}

// differences reads the explained differences: file, kind, client, name, ours,
// tshark's, why.
func differences(t *testing.T) map[string][]string {
	b, err := os.ReadFile("testdata/differences.tsv")
	if err != nil {
		t.Fatal(err)
	}
	m := map[string][]string{}
	for line := range strings.Lines(string(b)) {
		if f := strings.Split(strings.TrimSuffix(line, "\n"), "\t"); len(f) == 7 && !strings.HasPrefix(line, "#") {
			m[f[0]] = append(m[f[0]], strings.Join(f[1:6], "\t"))
		}
	}
	return m
}

func asTsharkSees(t *testing.T, tshark, file string) map[string]int {
	// ip.* and ipv6.* are one column each, so that the innermost address, which
	// is the last, can be told.
	cmd := exec.Command(tshark, "-n", "-r", file, "-o", "dns.desegment_dns_messages:FALSE", "-Y", "dns && udp.port==53", "-T", "fields",
		"-E", "separator=/t", "-E", "occurrence=a", "-E", "aggregator=|",
		"-e", "ip.src", "-e", "ip.dst", "-e", "ipv6.src", "-e", "ipv6.dst", "-e", "dns.flags.response", "-e", "dns.qry.name")
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil && !strings.Contains(complaints.String(), "cut short") {
		t.Fatalf("tshark: %v: %s", err, complaints.Bytes())
	}
	m := map[string]int{}
	for sc := bufio.NewScanner(bytes.NewReader(out)); sc.Scan(); {
		f := strings.Split(sc.Text(), "\t")
		if len(f) < 6 || f[5] == "" {
			continue
		}
		kind, client := "query", last(f[0])+last(f[2])
		if r := f[4]; r == "1" || r == "True" {
			kind, client = "reply", last(f[1])+last(f[3])
		}
		for name := range strings.SplitSeq(f[5], "|") {
			if name = strings.ToLower(name); name == "<root>" {
				name = "."
			}
			m[kind+"\t"+client+"\t"+name]++
		}
	}
	return m
}

func last(list string) string { return list[strings.LastIndexByte(list, '|')+1:] }
