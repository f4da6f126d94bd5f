package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestNoticesReachStreams: a key in use that stands in a prompt and a decision come
// to a file and to a syslog server, without the key and the reasons.
func TestNoticesReachStreams(t *testing.T) {
	dir := t.TempDir()
	state, siem := filepath.Join(dir, "state"), filepath.Join(dir, "siem.jsonl")
	syslog := newSyslogSink(t)
	streams := func(s *Settings) {
		s.StateDir = state
		s.Events = []EventSettings{
			{Name: "siem", To: "file://" + siem, Kinds: []string{"alert", "audit"}},
			{Name: "soc", To: "syslog+udp://" + syslog.LocalAddr().String(), Kinds: []string{"alert"}},
		}
	}
	o := startOffice(t, streams)
	key := "sk-proj-" + "Zk4mXq8vTn2bRw6yLc9dHs3fJg7pAe5uKt1iVo0xCzBnMqWe" // of nobody
	for _, body := range []string{`{"model":"gpt-5","input":"hi"}`, `{"model":"gpt-5","input":"my key is OPENAI_API_KEY=` + key + ` and it fails"}`} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.openai.com/v1/responses", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+key)
		resp, err := o.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	if got := besideGateway(t, state, "inventory", "refuse", "claude", "--reason", "the board said no"); !strings.Contains(got, "refused") {
		t.Errorf("refuse: %s", got)
	}
	awaitTrue(t, func() bool {
		events := eventsOf(t, siem)
		return slices.Contains(events, "alert key_in_prompt") && slices.Contains(events, "audit refused")
	})
	message := make([]byte, 64<<10)
	n, err := syslog.Read(message)
	if err != nil || !strings.Contains(string(message[:n]), ` ALERT [gnomon@32473 id="ledger-`) || !strings.Contains(string(message[:n]), `act="key_in_prompt"`) {
		t.Errorf("the syslog server got %q, %v", message[:n], err)
	}
	all, err := os.ReadFile(siem)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{key, "board", "127.0.0.1", `"kind":"sighting"`, `"kind":"finding"`} {
		if strings.Contains(string(all)+string(message[:n]), secret) {
			t.Errorf("the streams hold %s: %s", secret, all)
		}
	}
	if err := o.stop(); err != nil {
		t.Fatal(err)
	}
	o.Close()

	// What is decided while no gateway runs is told by the next one, and nothing twice.
	besideGateway(t, state, "inventory", "approve", "claude", "--owner", "ann", "--reason", "the board said yes")
	again := startOffice(t, streams)
	awaitTrue(t, func() bool { return slices.Contains(eventsOf(t, siem), "audit approved") })
	if err := again.stop(); err != nil {
		t.Fatal(err)
	}
	ids := eventsOf(t, siem, "id")
	if slices.Sort(ids); len(slices.Compact(slices.Clone(ids))) != len(ids) {
		t.Errorf("some were told twice: %q", ids)
	}
}

func newSyslogSink(t *testing.T) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// eventsOf returns members of the records in a file, by default their kind and
// what happened.
func eventsOf(t *testing.T, path string, members ...string) (list []string) {
	t.Helper()
	if len(members) == 0 {
		members = []string{"kind", "event"}
	}
	b, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		var e map[string]any
		if json.Unmarshal([]byte(line), &e) != nil {
			continue // half a line: it is being written
		}
		var said []string
		for _, m := range members {
			said = append(said, fmt.Sprint(e[m]))
		}
		list = append(list, strings.Join(said, " "))
	}
	return list
}
