package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/testnet"
	"github.com/gnomon-proxy/gnomon/internal/testredis"
)

// answerer answers on the loopback interface, from port 53, for a sensor there
// to see.
type answerer struct {
	t    *testing.T
	conn *net.UDPConn
}

func newAnswerer(t *testing.T) *answerer {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 53, 0, byte(1+os.Getpid()%200)), Port: 53})
	if err != nil {
		t.Skipf("NOT TESTED: no socket for DNS on the loopback interface: %v", err)
	}
	t.Cleanup(func() { conn.Close() })
	return &answerer{t, conn}
}

// resolve has a client on this machine ask for a name, and be told an address.
func (r *answerer) resolve(name string, addr [4]byte) {
	r.t.Helper()
	client, err := net.DialUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}, r.conn.LocalAddr().(*net.UDPAddr))
	if err != nil {
		r.t.Fatal(err)
	}
	defer client.Close()
	question := []byte{7, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0}
	for label := range strings.SplitSeq(name, ".") {
		question = append(append(question, byte(len(label))), label...)
	}
	question = append(question, 0, 0, 1, 0, 1)
	if _, err := client.Write(question); err != nil {
		r.t.Fatal(err)
	}
	answer := slices.Clone(question)
	answer[2], answer[3], answer[7] = 0x81, 0x80, 1
	answer = append(answer, 0xc0, 12, 0, 1, 0, 1, 0, 0, 2, 88, 0, 4)
	answer = append(answer, addr[:]...)
	if _, err := r.conn.WriteToUDP(answer, client.LocalAddr().(*net.UDPAddr)); err != nil {
		r.t.Fatal(err)
	}
}

// TestSharedAddresses: a gateway that reads flows without names gives them the
// names that another gateway, over one Redis, saw in DNS answers; also those of a
// time when it could not reach Redis.
func TestSharedAddresses(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("NOT TESTED: live capture needs root")
	}
	server := testredis.Start(t)
	way := testredis.NewProxy(t, server.Addr)
	services, err := testnet.Start(testnet.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer services.Close()
	dns := newAnswerer(t)
	a, b := newSite(t, services, "redis://"+server.Addr), newSite(t, services, "redis://"+way.Addr)
	a.env = append(a.env, "GNOMON_SNIFFER_INTERFACES=lo")
	conns := filepath.Join(t.TempDir(), "conn.log")
	b.env = append(b.env, "GNOMON_SNIFFER_LOGS="+conns)
	if err := os.WriteFile(conns, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	a.start(services)
	a.shareKey(b)
	b.start(services)
	// flow is what a firewall without names says of a connection.
	flow := func(addr [4]byte, n int) {
		f, err := os.OpenFile(conns, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		fmt.Fprintf(f, `{"ts":%.6f,"uid":"C%d","id.orig_h":"127.0.0.1","id.orig_p":%d,"id.resp_h":"%s","id.resp_p":443,"proto":"tcp","duration":1.5,"orig_bytes":900,"resp_bytes":4000,"conn_state":"SF"}`+"\n",
			float64(time.Now().UnixMicro())/1e6, n, 20000+n, net.IP(addr[:]))
	}
	named := func(service string, addr [4]byte) {
		n := 0
		b.await("the flow of "+service+" is named", func() bool {
			n++
			flow(addr, n)
			out, err := b.gnomon("inventory", "show", service, "--json")
			return err == nil && strings.Contains(out, `{"name":"log"`)
		})
		t.Logf("%s: named after %d flows", service, n)
	}
	openai, claude := [4]byte{203, 0, 113, 77}, [4]byte{203, 0, 113, 78}
	dns.resolve("api.openai.com", openai)
	named("openai-api", openai)
	way.Set(testredis.Fault{Down: true})
	dns.resolve("claude.ai", claude)
	way.Set(testredis.Fault{})
	named("claude", claude)
}
