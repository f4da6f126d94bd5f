package stream_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/ports"
	"github.com/gnomon-proxy/gnomon/inventory/stream"
)

// TestRsyslog: Debian's syslog server understands what we send: the header, the
// structured data and messages with octet counting, over TCP and UDP, also
// across a restart of it.
func TestRsyslog(t *testing.T) {
	t.Parallel()
	rsyslogd, err := exec.LookPath("rsyslogd")
	if err != nil {
		rsyslogd, err = exec.LookPath("/usr/sbin/rsyslogd")
	}
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("rsyslogd is not installed")
		}
		t.Skip("NOT TESTED: rsyslogd is not installed (apt-get install rsyslog)")
	}
	dir := t.TempDir()
	port, out := ports.Free(t), filepath.Join(dir, "out")
	conf := fmt.Sprintf(`global(workDirectory=%q maxMessageSize="64k")
module(load="imtcp")
module(load="imudp")
input(type="imtcp" port="%[2]d" address="127.0.0.1")
input(type="imudp" port="%[2]d" address="127.0.0.1")
template(name="t" type="string" string="%%syslogfacility-text%%|%%syslogseverity-text%%|%%timereported:::date-rfc3339%%|%%hostname%%|%%app-name%%|%%procid%%|%%msgid%%|%%structured-data%%|%%msg%%\n")
action(type="omfile" file=%[3]q template="t")
`, dir, port, out)
	if err := os.WriteFile(filepath.Join(dir, "conf"), []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func() (stop func()) {
		cmd := exec.Command(rsyslogd, "-n", "-f", filepath.Join(dir, "conf"), "-i", filepath.Join(dir, "pid"))
		var said bytes.Buffer
		cmd.Stderr = &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		stop = sync.OnceFunc(func() {
			cmd.Process.Signal(syscall.SIGTERM)
			cmd.Wait()
			if t.Failed() {
				t.Logf("rsyslogd said %s", said.String())
			}
		})
		t.Cleanup(stop)
		await(t, "rsyslogd listens", func() bool {
			conn, err := net.DialTimeout("tcp", fmt.Sprint("127.0.0.1:", port), time.Second)
			if err == nil {
				conn.Close()
			}
			return err == nil
		})
		return stop
	}
	lines := func() []string {
		b, _ := os.ReadFile(out)
		return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	}

	stop := run()
	s := open(t, stream.Config{To: fmt.Sprintf("syslog+tcp://127.0.0.1:%d", port)})
	start(t, s)
	record(s, samples())
	await(t, "all samples", func() bool { return len(lines()) >= len(samples()) })
	stop()
	record(s, events(0, 500)) // nobody listens: they wait
	await(t, "a failure", func() bool { return s.Stats().Failures > 0 })
	stop = run()
	await(t, "what waited", func() bool { return s.Stats().Bytes == 0 && len(lines()) >= len(samples())+500 })

	u := open(t, stream.Config{To: fmt.Sprintf("syslog+udp://127.0.0.1:%d", port), Format: stream.CEF})
	start(t, u)
	record(u, samples()[:1])
	await(t, "the datagram", func() bool {
		got := lines() // once: rsyslogd writes meanwhile
		return strings.Contains(got[len(got)-1], "|CEF|-|")
	})
	stop()

	sent := strings.Split(strings.TrimSuffix(string(encode(t, stream.Syslog, samples())), "\n"), "\n")
	for i, line := range lines()[:len(sent)] {
		f := strings.SplitN(line, "|", 8)
		if len(f) != 8 || f[0] != "local0" || f[3] != "egress-1" || f[4] != "gnomon" || f[5] != "4711" {
			t.Fatalf("line %q", line)
		}
		// What rsyslog took for structured data and message is the rest of ours.
		_, rest, _ := strings.Cut(sent[i], " "+f[6]+" ")
		if got := strings.Replace(f[7], "]|", "] ", 1); got != rest {
			t.Errorf("received %q\nsent     %q", got, rest)
		}
	}
}
