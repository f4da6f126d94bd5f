package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/capture"
)

// replayRate is how many packets a second are sent: no packet may be lost at it,
// on a machine that does other things too.
const replayRate = 20_000

// wire is a pair of virtual interfaces: what is replayed into the far end, in a
// network namespace of its own, arrives at the near one.
type wire struct{ space, far, near string }

func newWire(t *testing.T, number int) *wire {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("NOT TESTED: live capture needs root")
	}
	for _, tool := range []string{"ip", "tcpreplay"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("%s is not installed (apt-get install iproute2 tcpreplay)", tool)
			}
			t.Skipf("NOT TESTED: %s is not installed (apt-get install iproute2 tcpreplay)", tool)
		}
	}
	name := func(what string) string { return fmt.Sprintf("gs%s%d-%d", what, number, os.Getpid()) }
	w := &wire{name("s"), name("f"), name("n")}
	t.Cleanup(func() {
		exec.Command("ip", "link", "del", w.near).Run()
		exec.Command("ip", "netns", "del", w.space).Run()
	})
	if out, err := exec.Command("ip", "netns", "add", w.space).CombinedOutput(); err != nil { // root of a container
		t.Skipf("NOT TESTED: live capture needs network namespaces: %v: %s", err, out)
	}
	for _, args := range []string{
		"link add " + w.near + " mtu 65000 type veth peer name " + w.far + " mtu 65000 netns " + w.space,
		"link set " + w.near + " addrgenmode none", // no packets but ours
		"-n " + w.space + " link set " + w.far + " addrgenmode none",
		"link set " + w.near + " up",
		"-n " + w.space + " link set " + w.far + " up",
	} {
		run(t, "ip", strings.Fields(args)...)
	}
	return w
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
}

func (w *wire) replay(t *testing.T, file string) {
	t.Helper()
	run(t, "ip", "netns", "exec", w.space, "tcpreplay", "-q", "-K", "-i", w.far, fmt.Sprint("--pps=", replayRate), file)
}

// sharedPackets writes one capture of all packets of the shared captures that
// fit on a wire, at the rate at which they will be sent, and returns its name and
// how many there are.
func sharedPackets(t *testing.T) (name string, n int) {
	t.Helper()
	dir := os.Getenv("SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "pcaps", "*.pcap*"))
	if len(files) == 0 {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no captures in %s/pcaps: set SHARED", dir)
		}
		t.Skipf("NOT TESTED: no captures in %s/pcaps (set SHARED)", dir)
	}
	all := []byte{0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0} // pcap of Ethernet
	start := time.Now()
	add := func(packet []byte) {
		at := start.Add(time.Duration(n) * time.Second / replayRate)
		for _, v := range []int{int(at.Unix()), at.Nanosecond() / 1000, len(packet), len(packet)} {
			all = binary.LittleEndian.AppendUint32(all, uint32(v))
		}
		all = append(all, packet...)
		n++
	}
	for _, file := range files {
		in, err := capture.Open(file)
		if err != nil {
			continue // damaged on purpose
		}
		var f capture.Frame
		for in.Next(&f) == nil {
			if f.Link == 1 && f.VLAN == 0 && len(f.Data) >= 60 && len(f.Data) <= 60_000 {
				add(f.Data)
			}
		}
		in.Close()
	}
	add(lastQuestion())
	name = filepath.Join(t.TempDir(), "all.pcap")
	if err := os.WriteFile(name, all, 0o600); err != nil {
		t.Fatal(err)
	}
	return name, n
}

// lastName is asked for by the last packet that is sent: when it shows, all
// before it have been read.
const lastName = "last.gnomon.example"

// lastQuestion is a packet of Ethernet, IPv4, UDP and DNS.
func lastQuestion() []byte {
	dns := []byte{0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0}
	for _, label := range strings.Split(lastName, ".") {
		dns = append(append(dns, byte(len(label))), label...)
	}
	dns = append(dns, 0, 0, 1, 0, 1)
	p := []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, byte(28 + len(dns)), 0, 0, 0, 0, 9, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 53, 0xc0, 0, 0, 53, 0, byte(8 + len(dns)), 0, 0}
	return append(p, dns...)
}

// seenNames counts the observations in the output of sniff: what each says but
// its time.
func seenNames(t *testing.T, out string) map[string]int {
	t.Helper()
	list := make(map[string]int)
	for line := range strings.Lines(out) {
		var o map[string]any
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		list[fmt.Sprint(o["sensor"], " ", o["kind"], " ", o["client"], ":", o["client_port"], " ", o["server"], ":", o["server_port"], " ", o["name"], " ", o["service"])]++
	}
	return list
}

// sniffLive runs the command on the wires, replays the file on all of them at
// once, and returns what the command said.
func sniffLive(t *testing.T, wires []*wire, file string, options ...string) (out, talk string) {
	t.Helper()
	args := append([]string{"sniff", "--json", "--state-dir", filepath.Join(t.TempDir(), "state")}, options...)
	for _, w := range wires {
		args = append(args, "-i", w.near)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	var stdout, stderr spoken
	ended := make(chan int, 1)
	go func() { ended <- execute(ctx, args, nil, &stdout, &stderr) }()
	for _, w := range wires {
		until(t, func() bool { return isSniffed(t, w.near) || len(ended) > 0 })
	}
	var senders sync.WaitGroup
	for _, w := range wires {
		senders.Go(func() { w.replay(t, file) })
	}
	senders.Wait()
	until(t, func() bool { return strings.Count(stdout.String(), lastName) == len(wires) || len(ended) > 0 })
	interrupt()
	<-ended
	return stdout.String(), stderr.String()
}

// until waits for something, no longer than a machine under load may need; what
// did not come shows in what is compared afterwards.
func until(t *testing.T, done func() bool) {
	t.Helper()
	for range 1200 {
		if done() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// isSniffed reports whether somebody reads the interface's packets: the fifth
// column of /proc/net/packet is its number.
func isSniffed(t *testing.T, name string) bool {
	t.Helper()
	i, err := net.InterfaceByName(name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("/proc/net/packet")
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(strings.Split(string(text), "\n"), func(line string) bool {
		f := strings.Fields(line)
		return len(f) > 4 && f[4] == fmt.Sprint(i.Index)
	})
}

// TestSniffLive: every name that the command finds in a capture it finds on a
// wire too, on one or on two at once, through the kernel's filter or not, and the
// kernel loses nothing.
func TestSniffLive(t *testing.T) {
	one, two := newWire(t, 1), newWire(t, 2)
	file, packets := sharedPackets(t)
	var out, talk bytes.Buffer
	if code := execute(t.Context(), []string{"sniff", "--json", "-r", file, "--state-dir", filepath.Join(t.TempDir(), "state")}, io.MultiReader(), &out, &talk); code != exitOK {
		t.Fatalf("exit %d: %s", code, talk.String())
	}
	want := seenNames(t, out.String())
	if packets < 1000 || len(want) < 100 {
		t.Fatalf("%d packets, %d names: too few to tell", packets, len(want))
	}
	for _, tt := range []struct {
		name    string
		wires   []*wire
		options []string
	}{
		{"one", []*wire{one}, nil},
		{"two", []*wire{one, two}, nil},
		{"names", []*wire{one}, []string{"--filter", "names"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, talk := sniffLive(t, tt.wires, file, tt.options...)
			got := seenNames(t, out)
			for _, name := range slices.Sorted(maps.Keys(want)) {
				if n := want[name] * len(tt.wires); got[name] != n {
					t.Errorf("%s: seen %d times, want %d", name, got[name], n)
				}
				delete(got, name)
			}
			for name, n := range got {
				t.Errorf("%s: seen %d times, and not in the capture", name, n)
			}
			if n := strings.Count(talk, ", 0 dropped by the kernel"); n != len(tt.wires) {
				t.Errorf("the command says %q", talk)
			}
			for _, w := range tt.wires {
				if tt.options == nil && !strings.Contains(talk, fmt.Sprintf("%s: %d packets", w.near, packets)) {
					t.Errorf("the command says %q, want %d packets on %s", talk, packets, w.near)
				}
			}
		})
	}
}

// TestSniffJA4: the lines of hellos say how they were made, those of lookups
// don't, and without being asked none does.
func TestSniffJA4(t *testing.T) {
	file, _ := sharedPackets(t)
	read := func(options ...string) string {
		var out, talk bytes.Buffer
		args := append([]string{"sniff", "-r", file, "--state-dir", filepath.Join(t.TempDir(), "state")}, options...)
		if code := execute(t.Context(), args, nil, &out, &talk); code != exitOK {
			t.Fatalf("exit %d: %s", code, talk.Bytes())
		}
		return out.String()
	}
	hellos, browsers := 0, 0
	for line := range strings.Lines(read("--json", "--ja4")) {
		var o struct {
			Sensor, Kind, JA4 string
			Browser           *bool
		}
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if o.Kind != "hello" {
			if o.JA4 != "" || o.Browser != nil {
				t.Errorf("line %q has a fingerprint", line)
			}
			continue
		}
		if hellos++; o.Browser != nil && *o.Browser {
			browsers++
		}
		first := map[string]string{"tls": "t", "quic": "q"}[o.Sensor]
		if len(o.JA4) != 36 || o.JA4[:1] != first || o.JA4[3:4] != "d" || o.Browser == nil {
			t.Errorf("line %q: JA4 %q", line, o.JA4)
		}
	}
	if hellos < 10 || browsers == 0 || browsers == hellos {
		t.Errorf("%d hellos, %d of them made as by browsers", hellos, browsers)
	}
	if strings.Contains(read("--json"), "ja4") || strings.Count(read("--ja4"), "t13d") == 0 {
		t.Error("fingerprints where nobody asked for them, or not where somebody did")
	}
}
