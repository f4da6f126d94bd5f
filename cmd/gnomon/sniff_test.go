package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/testnet"
)

func TestSniffStandardInput(t *testing.T) {
	packets, err := testnet.Capture(time.Unix(1_700_000_000, 0))
	if err != nil {
		t.Fatal(err)
	}
	state := filepath.Join(t.TempDir(), "state")
	var out, talk bytes.Buffer
	if code := execute(t.Context(), []string{"sniff", "-r", "-", "--json", "--save", "--state-dir", state}, bytes.NewReader(packets), &out, &talk); code != exitOK {
		t.Fatalf("exit %d: %s", code, talk.Bytes())
	}
	if want := "new inventory made at " + state + ":"; !strings.Contains(talk.String(), want) {
		t.Errorf("it does not say %q: %s", want, &talk)
	}
	services := map[string]int{}
	for line := range strings.Lines(out.String()) {
		var o map[string]any
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		for _, key := range []string{"time", "sensor", "kind", "client", "client_port", "server", "server_port", "name", "service"} {
			if _, ok := o[key]; !ok || len(o) != 9 {
				t.Fatalf("line %q: want nine keys, %q among them", line, key)
			}
		}
		services[o["service"].(string)]++
	}
	if services["ChatGPT"] == 0 || services[""] == 0 {
		t.Errorf("services = %v, want ChatGPT, and names that are none", services)
	}
	if !strings.Contains(talk.String(), "\n-: ") || !strings.Contains(talk.String(), "DNS questions") {
		t.Errorf("standard error = %q, want the figures", talk.String())
	}
	list := func() string {
		var out bytes.Buffer
		if code := execute(t.Context(), []string{"inventory", "list", "--json", "--state-dir", state}, nil, &out, &talk); code != exitOK || !strings.Contains(out.String(), `"ChatGPT"`) {
			t.Errorf("exit %d, inventory: %s", code, out.String())
		}
		return out.String()
	}
	once := list()
	execute(t.Context(), []string{"sniff", "-r", "-", "--save", "--state-dir", state}, bytes.NewReader(packets), &out, &talk)
	if again := list(); again != once {
		t.Errorf("read again, the capture counts twice:\n%s\nafter\n%s", again, once)
	}
}

// TestSniffCores reads a file, on several cores, and the same from a pipe, on one.
func TestSniffCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	packets, err := testnet.Capture(time.Unix(1_700_000_000, 0))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "office.pcap")
	if err := os.WriteFile(file, packets, 0o600); err != nil {
		t.Fatal(err)
	}
	read := func(name string) string {
		var out, talk bytes.Buffer
		if code := execute(t.Context(), []string{"sniff", "-r", name, "--json", "--state-dir", filepath.Join(t.TempDir(), "state")}, bytes.NewReader(packets), &out, &talk); code != exitOK {
			t.Fatalf("%s: exit %d: %s", name, code, talk.Bytes())
		}
		_, figures, _ := strings.Cut(talk.String(), ": ")
		return out.String() + figures
	}
	if pipe, cores := read("-"), read(file); pipe != cores || len(pipe) < 1000 {
		t.Errorf("from a file:\n%s\nfrom a pipe:\n%s", cores, pipe)
	}
}

func TestSniffInterface(t *testing.T) {
	needsLive(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { // queries that nobody answers
		c, err := net.Dial("udp", "127.0.0.1:53")
		if err != nil {
			return
		}
		defer c.Close()
		for ctx.Err() == nil {
			c.Write([]byte("\x00\x07\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03api\x06openai\x03com\x00\x00\x01\x00\x01"))
			time.Sleep(20 * time.Millisecond)
		}
	}()
	var out, talk bytes.Buffer
	code := -1
	for range 10 { // of a loaded machine a second may be over before anything is sent
		out.Reset()
		talk.Reset()
		code = execute(t.Context(), []string{"sniff", "-i", "lo", "--duration", "1s", "--json", "--state-dir", filepath.Join(t.TempDir(), "state")}, nil, &out, &talk)
		if code != exitOK || strings.Contains(out.String(), "api.openai.com") {
			break
		}
	}
	if code != exitOK || !strings.Contains(out.String(), `"name":"api.openai.com","service":"OpenAI API"`) || !strings.Contains(talk.String(), "dropped by the kernel") {
		t.Errorf("exit %d\n%s\n%s", code, out.String(), talk.String())
	}
}

func TestSniffUsage(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.pcap")
	text := filepath.Join(t.TempDir(), "text.pcap")
	if err := os.WriteFile(text, []byte("no capture\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		args []string
		want int
		say  string
	}{
		{"nothing named", nil, exitUsage, "-r FILE"},
		{"duration of a file", []string{"-r", text, "--duration", "1s"}, exitUsage, "-i"},
		{"unknown filter", []string{"-i", "lo", "--filter", "some"}, exitUsage, "names"},
		{"no such interface", []string{"-i", "nosuch0", "--duration", "1s"}, exitFailure, "nosuch0"},
		{"missing file", []string{"-r", missing}, exitFailure, "missing.pcap"},
		{"not a capture", []string{"-r", text}, exitFailure, "not a pcap"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out, talk bytes.Buffer
			args := slices.Concat([]string{"sniff", "--state-dir", filepath.Join(t.TempDir(), "state")}, tt.args)
			if code := execute(t.Context(), args, nil, &out, &talk); code != tt.want || !strings.Contains(talk.String(), tt.say) {
				t.Errorf("exit %d, %q; want %d and %q", code, talk.String(), tt.want, tt.say)
			}
		})
	}
}

// TestSniffPipe feeds a capture through a pipe that stays open: what was in it is
// shown and saved meanwhile.
func TestSniffPipe(t *testing.T) {
	packets, err := testnet.Capture(time.Unix(1_700_000_000, 0))
	if err != nil {
		t.Fatal(err)
	}
	in, feed := io.Pipe()
	shown, out := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- execute(t.Context(), []string{"sniff", "-r", "-", "--state-dir", t.TempDir()}, in, out, io.Discard)
		out.Close()
	}()
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		feed.Write(packets)
	}()
	lines := bufio.NewReader(shown)
	if line, err := lines.ReadString('\n'); err != nil || !strings.Contains(line, "dns") {
		t.Errorf("first line %q, %v, with the pipe open", line, err)
	}
	go io.Copy(io.Discard, lines)
	<-fed
	feed.Close()
	if code := <-ended; code != exitOK {
		t.Errorf("exit %d", code)
	}
}
