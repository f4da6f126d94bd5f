package hello_test

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/hello"
	"github.com/gnomon-proxy/gnomon/sniffer/quic"
)

// TestAgainstTshark compares the ClientHellos that Search and quic.Table find in
// the shared captures with those that tshark shows: ports, name, and a JA4
// computed apart, from the fields that tshark prints.
func TestAgainstTshark(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("tshark is not installed")
		}
		t.Skip("NOT TESTED: tshark is not installed (apt-get install tshark)")
	}
	for _, file := range captures(t) {
		if strings.Contains(filepath.Base(file), "dns") {
			continue // tshark takes long, and the whole sniffer is compared anyhow
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel() // nearly all of the time is tshark's
			want := tsharkHellos(t, tshark, file)
			if got := ourHellos(t, file); !slices.Equal(got, want) {
				t.Errorf("found  %s\ntshark %s", strings.Join(got, "\n       "), strings.Join(want, "\n       "))
			}
		})
	}
}

// ourHellos reads a capture with this package and package quic.
func ourHellos(t *testing.T, file string) (found []string) {
	type direction struct{ src, dst netip.AddrPort }
	streams, order := map[direction][]segment{}, []direction{}
	table := quic.New(quic.Options{})
	add := func(s segment, msg []byte) {
		var h hello.Hello
		if err := hello.Parse(msg, &h); err != nil {
			t.Errorf("%v: %v", s.src, err)
		}
		found = append(found, fmt.Sprintf("%d %d %s %s", s.src.Port(), s.dst.Port(), h.Name(), h.JA4(s.tcp == nil)))
	}
	for _, s := range segments(t, file) {
		if s.tcp == nil {
			if msg, ok := table.Datagram(s.src, s.dst, s.time, s.payload); ok {
				add(s, msg)
			}
			continue
		}
		d := direction{s.src, s.dst}
		if streams[d] == nil {
			order = append(order, d)
		}
		streams[d] = append(streams[d], s)
	}
	for _, d := range order {
		for _, list := range connections(streams[d]) {
			var search hello.Search
			var scratch, stream []byte
			for _, s := range list {
				stream = append(stream, s...)
				if msg, st := search.Feed(stream, &scratch); st == hello.Found {
					add(streams[d][0], msg)
				}
			}
		}
	}
	slices.Sort(found)
	return found
}

// connections puts the segments of each connection of a direction in order.
func connections(list []segment) (all [][][]byte) {
	for len(list) > 0 {
		n := 1
		for n < len(list) && !list[n].tcp.SYN {
			n++
		}
		one := slices.Clone(list[:n])
		list = list[n:]
		base := one[0].tcp.Seq
		slices.SortStableFunc(one, func(a, b segment) int { return cmp.Compare(int32(a.tcp.Seq-base), int32(b.tcp.Seq-base)) })
		next := one[0].tcp.Seq
		var parts [][]byte
		for _, s := range one {
			at := s.tcp.Seq
			if s.tcp.SYN {
				next, at = at+1, at+1
			}
			skip := int32(next - at)
			if skip < 0 {
				break // a hole
			}
			if int(skip) < len(s.payload) {
				parts = append(parts, s.payload[skip:])
				next += uint32(len(s.payload)) - uint32(skip)
			}
		}
		all = append(all, parts)
	}
	return all
}

// tsharkHellos lists the hellos as tshark sees them.
func tsharkHellos(t *testing.T, tshark, file string) (found []string) {
	args := []string{"-n", "-r", file, "-Y", "tls.handshake.type==1", "-T", "fields", "-E", "separator=/t", "-E", "occurrence=a", "-E", "aggregator=,"}
	for _, f := range []string{"tcp.srcport", "tcp.dstport", "udp.srcport", "udp.dstport", "extensions_server_name", "version",
		"ciphersuite", "extension.type", "sig_hash_alg", "extensions_alpn_str", "extensions.supported_version", "sig_hash_alg_len"} {
		if !strings.HasSuffix(f, "port") {
			f = "tls.handshake." + f
		}
		args = append(args, "-e", f)
	}
	cmd := exec.Command(tshark, args...)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil && !strings.Contains(complaints.String(), "cut short") {
		t.Fatalf("tshark: %v: %s", err, complaints.Bytes())
	}
	for line := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		transport, src, dst := "t", f[0], f[1]
		if src == "" {
			transport, src, dst = "q", f[2], f[3]
		}
		src, dst = src[strings.LastIndexByte(src, ',')+1:], dst[strings.LastIndexByte(dst, ',')+1:]
		found = append(found, fmt.Sprintf("%s %s %s %s", src, dst, strings.ToLower(f[4]), ja4Of(transport, f[4:])))
	}
	slices.Sort(found)
	return found
}

// ja4Of computes a JA4 from tshark's fields: name, version, suites, extensions
// (decimal), algorithms, protocols, versions, lengths of the lists of algorithms.
func ja4Of(transport string, f []string) string {
	list := func(s string, base string) (out []string) {
		for v := range strings.SplitSeq(s, ",") {
			var n uint16
			if _, err := fmt.Sscanf(strings.TrimPrefix(v, "0x"), base, &n); err == nil && (n&0x0f0f != 0x0a0a || n>>8 != n&0xff) {
				out = append(out, fmt.Sprintf("%04x", n))
			}
		}
		return out
	}
	suites, exts, algorithms, versions := list(f[2], "%x"), list(f[3], "%d"), list(f[4], "%x"), list(f[6], "%x")
	algorithms = ofSigAlgs(exts, algorithms, f[7])
	version := list(f[1], "%x")[0]
	if len(versions) > 0 {
		version = slices.Max(versions)
	}
	code, ok := map[string]string{"0304": "13", "0303": "12", "0302": "11", "0301": "10", "0300": "s3"}[version]
	if !ok {
		code = "00"
	}
	name := "i"
	if slices.Contains(exts, "0000") {
		name = "d"
	}
	protocol := "00"
	if p, _, _ := strings.Cut(f[5], ","); p != "" {
		protocol = p[:1] + p[len(p)-1:]
	}
	a := fmt.Sprintf("%s%s%s%02d%02d%s", transport, code, name, len(suites), len(exts), protocol)
	slices.Sort(suites)
	exts = slices.DeleteFunc(exts, func(s string) bool { return s == "0000" || s == "0010" })
	slices.Sort(exts)
	c := strings.Join(exts, ",")
	if len(algorithms) > 0 {
		c += "_" + strings.Join(algorithms, ",")
	}
	hash := func(s string) string {
		if s == "" {
			return "000000000000"
		}
		return fmt.Sprintf("%x", sha256.Sum256([]byte(s)))[:12]
	}
	return a + "_" + hash(strings.Join(suites, ",")) + "_" + hash(c)
}

// ofSigAlgs picks the algorithms of signature_algorithms out of those that tshark
// prints of all extensions that have such lists.
func ofSigAlgs(exts, algorithms []string, lengths string) []string {
	rest := strings.Split(lengths, ",")
	for _, id := range exts {
		if id != "000d" && id != "0022" && id != "0032" {
			continue
		}
		var n int
		if fmt.Sscan(rest[0], &n); n/2 > len(algorithms) || id == "000d" {
			return algorithms[:min(n/2, len(algorithms))]
		}
		algorithms, rest = algorithms[n/2:], append(rest[1:], "0")
	}
	return nil
}
