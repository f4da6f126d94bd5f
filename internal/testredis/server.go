// Package testredis starts Redis servers for tests, on loopback and in folders
// of their own, and breaks the way to them. In: a test; out: addresses.
package testredis

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/ports"
)

// Server is a redis-server, a sentinel or a node of a cluster.
type Server struct {
	Addr string
	Dir  string

	t       testing.TB
	command string
	args    []string
	cmd     *exec.Cmd
	done    chan struct{}
}

// Start starts a redis-server that keeps an append-only file, with more
// arguments such as "--maxmemory", "4mb". What it has acknowledged is in that
// file, if it is killed, too: with "everysec" Redis puts writing off while the
// disk is slow. Without redis-server on this machine
// the test is skipped, or fails where CI=true.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	return start(t, "redis-server", append([]string{
		"--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--appendfsync", "always", "--daemonize", "no", "--protected-mode", "no",
	}, args...))
}

// StartSentinel starts a sentinel that watches a master under a name.
func StartSentinel(t testing.TB, name, master string, quorum int) *Server {
	t.Helper()
	host, port, _ := net.SplitHostPort(master)
	file := filepath.Join(t.TempDir(), "sentinel.conf")
	conf := fmt.Sprintf("bind 127.0.0.1\nprotected-mode no\nsentinel monitor %s %s %s %d\nsentinel down-after-milliseconds %[1]s 2000\nsentinel failover-timeout %[1]s 3000\nsentinel parallel-syncs %[1]s 1\n", name, host, port, quorum)
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, "redis-sentinel", []string{file})
	// As shipped it looks at the others every ten seconds.
	s.Do("SENTINEL", "DEBUG", "INFO-PERIOD", "500", "PUBLISH-PERIOD", "300")
	return s
}

func start(t testing.TB, command string, args []string) *Server {
	t.Helper()
	path, err := exec.LookPath(command)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not installed", command)
		}
		t.Skipf("%s is not installed: apt-get install redis-server redis-sentinel", command)
	}
	s := &Server{t: t, Dir: t.TempDir(), command: path}
	port := strconv.Itoa(ports.Free(t))
	s.Addr = net.JoinHostPort("127.0.0.1", port)
	s.args = append(args, "--port", port, "--dir", s.Dir)
	t.Cleanup(s.Kill)
	s.Restart()
	return s
}

// Restart starts the server again, after Kill or Stop, on the same port and with
// the data it has on disk.
func (s *Server) Restart() {
	s.t.Helper()
	s.cmd = exec.Command(s.command, s.args...)
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	log, err := os.OpenFile(filepath.Join(s.Dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	defer log.Close()
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	done := make(chan struct{})
	s.done = done
	cmd := s.cmd
	go func() { cmd.Wait(); close(done) }()
	for begun := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		if answer, err := Do(s.Addr, "PING"); err == nil && answer == "+PONG" {
			return
		}
		if time.Since(begun) > 2*time.Minute || s.ended() {
			out, _ := os.ReadFile(filepath.Join(s.Dir, "log"))
			s.t.Fatalf("%s does not answer:\n%s", s.command, out)
		}
	}
}

// Kill ends the server with SIGKILL.
func (s *Server) Kill() { s.end(syscall.SIGKILL) }

// Stop ends it as an administrator does.
func (s *Server) Stop() { s.end(syscall.SIGTERM) }

func (s *Server) end(sig syscall.Signal) {
	if s.done == nil { // never started
		return
	}
	s.cmd.Process.Signal(sig)
	<-s.done
}

func (s *Server) ended() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// Pause stops the process where it is: connections stay and nothing answers.
func (s *Server) Pause() { s.cmd.Process.Signal(syscall.SIGSTOP) }

// Continue ends Pause.
func (s *Server) Continue() { s.cmd.Process.Signal(syscall.SIGCONT) }

// Do sends a command and fails the test on an error.
func (s *Server) Do(args ...string) string {
	s.t.Helper()
	answer, err := Do(s.Addr, args...)
	if err != nil || strings.HasPrefix(answer, "-") {
		s.t.Fatalf("%s: %q, %v", strings.Join(args, " "), answer, err)
	}
	return answer
}

// Do sends a command to a server and returns its answer: the first line, or the
// text when it is one.
func Do(addr string, args ...string) (string, error) {
	c, err := net.DialTimeout("tcp", addr, 10*time.Second)
	if err != nil {
		return "", err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Minute))
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(args))
	for _, a := range args {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(a), a)
	}
	if _, err := c.Write([]byte(b.String())); err != nil {
		return "", err
	}
	in := bufio.NewReader(c)
	line, err := in.ReadString('\n')
	line = strings.TrimRight(line, "\r\n")
	var n int
	if _, bad := fmt.Sscanf(line, "$%d", &n); err != nil || bad != nil || n < 0 {
		return line, err
	}
	text := make([]byte, n)
	for read := 0; read < n; {
		k, err := in.Read(text[read:])
		if err != nil {
			return "", err
		}
		read += k
	}
	return string(text), nil
}
