package logs_test

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

const (
	sshdLine  = "Mar  2 09:15:04 pi sshd[1]: Accepted publickey for root from 192.0.2.9 port 1 ssh2\n"
	unboundIn = "Mar  2 09:15:04 pi unbound[2021]: [2021:0] info: 192.0.2.10 claude.ai. A IN\n"
)

func queryLine(host string) string {
	return "Mar  2 09:15:04 pi dnsmasq[812]: query[A] " + host + " from 192.0.2.20\n"
}

// noise is n lines of programs that say nothing of lookups, some of which look a
// little like dnsmasq.
func noise(n int) string {
	var b strings.Builder
	for i := range n {
		switch i % 5 {
		case 0:
			fmt.Fprintf(&b, "Mar  2 09:15:04 pi dhclient[%d]: DHCPREQUEST for 192.0.2.20 on eth0\n", i)
		case 1:
			fmt.Fprintf(&b, "Mar  2 09:15:04 pi postfix/smtpd[%d]: warning: hostname h%d.example does not resolve\n", i, i)
		case 2:
			fmt.Fprintf(&b, "Mar  2 09:15:04 pi kernel: [%d.5] eth0 is up, user%d a=b\n", i, i)
		default:
			b.WriteString(sshdLine)
		}
	}
	return b.String()
}

// TestMixed reads logs in which several programs write.
func TestMixed(t *testing.T) {
	query := queryLine("suno.com")
	for _, tt := range []struct {
		name, text     string
		format         string // "" is refused
		records, badly int64
	}{
		{"late", strings.Repeat(sshdLine, 60) + strings.Repeat(query, 2000), "pihole-dnsmasq", 2000, 60},
		{"later", strings.Repeat(sshdLine, 3000) + strings.Repeat(query, 2000), "pihole-dnsmasq", 2000, 3000},
		{"seldom", strings.Repeat(strings.Repeat(sshdLine, 9)+query, 100), "pihole-dnsmasq", 100, 900},
		{"among others", strings.Repeat(noise(40)+query, 50), "pihole-dnsmasq", 50, 0},
		{"two", strings.Repeat(sshdLine, 60) + strings.Repeat(query+unboundIn+sshdLine, 100), "pihole-dnsmasq", 200, 160},
		{"another, later", strings.Repeat(sshdLine, 60) + strings.Repeat(query, 5000) + strings.Repeat(sshdLine, 60) + strings.Repeat(unboundIn, 70), "pihole-dnsmasq", 5070, 120},
		{"RFC 5424", strings.Repeat("<38>1 2026-03-02T09:15:04Z pi sshd 1 - - Accepted publickey\n", 60) + strings.Repeat("<30>1 2026-03-02T09:15:04Z pi dnsmasq 812 - - query[A] suno.com from 192.0.2.20\n", 60), "pihole-dnsmasq", 60, 60},
		{"nothing", strings.Repeat(sshdLine, 3000), "", 0, 0},
		{"nothing of lookups", noise(3000), "", 0, 0},
		{"two are few", strings.Repeat(sshdLine, 60) + query + query + strings.Repeat(sshdLine, 60), "", 0, 0},
		{"comments", strings.Repeat("// Is it a log? One that is, is not like this.\n/a/b {\n", 60), "", 0, 0},
		{"without syslog", strings.Repeat("It was a dark night.\n", 60) + strings.Repeat(query, 100), "", 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := logs.New(strings.NewReader(tt.text), "syslog", logs.Options{})
			if tt.format == "" {
				if err == nil || !strings.Contains(err.Error(), "no known log format") {
					t.Errorf("%v, want it refused", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			readAll(t, r)
			st := r.Stats()
			if r.Format() != tt.format || st.Records != tt.records || tt.badly > 0 && st.Skipped[logs.ReasonFormat] != tt.badly || len(st.Examples) != 0 || len(st.Skipped) > 1 {
				t.Errorf("%s, %d records, %+v", r.Format(), st.Records, st)
			}
		})
	}
}

// TestMixedDamage: a damaged line of the program that is read is told of.
func TestMixedDamage(t *testing.T) {
	text := strings.Repeat(sshdLine, 60) + strings.Repeat(queryLine("suno.com"), 60) + "Mar  2 09:15:04 pi dnsmasq[812]: query[A] suno.com from nobody\n"
	r, err := logs.New(strings.NewReader(text), "syslog", logs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	readAll(t, r)
	if st := r.Stats(); len(st.Examples) != 1 || st.Examples[0].Line != 121 || st.Examples[0].Reason != logs.ReasonClient {
		t.Errorf("%+v, want line 121 told", st)
	}
}

// TestTailMixed follows logs in which several programs write.
func TestTailMixed(t *testing.T) {
	query := queryLine("suno.com")
	for _, tt := range []struct {
		name, before, after string
		start               bool
		records             int
	}{
		{"from the start", strings.Repeat(sshdLine, 300) + strings.Repeat(query, 5), "", true, 5},
		{"known before", strings.Repeat(sshdLine, 300) + strings.Repeat(query, 5), sshdLine + query, false, 1},
		{"known just before", strings.Repeat(sshdLine, 20_000) + strings.Repeat(query, 5), sshdLine + query, false, 1},
		{"not known before", strings.Repeat(sshdLine, 300), strings.Repeat(sshdLine, 100) + strings.Repeat(query, 5), false, 5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "syslog")
			appendTo(t, path, tt.before)
			quiet := make(chan struct{}, 1)
			g := startTail(t, &logs.Tail{Path: path, Start: tt.start, Idle: func() {
				select {
				case quiet <- struct{}{}:
				default:
				}
			}})
			select {
			case <-quiet:
			case err := <-g.err:
				t.Fatal(err)
			}
			if tt.after != "" {
				appendTo(t, path, tt.after)
			}
			for range tt.records {
				g.want("suno.com")
			}
			g.end()
		})
	}
}

// TestSyslogMixed has a sender send many lines of no format before, and among,
// those of one.
func TestSyslogMixed(t *testing.T) {
	sshd, query, asked := "<38>"+sshdLine, "<30>"+queryLine("suno.com"), "<30>"+unboundIn
	for _, tt := range []struct {
		name, text string
		formats    int
		records    int64
	}{
		{"after", strings.Repeat(sshd, 700) + strings.Repeat(query, 2000), 1, 2000},
		{"long after", strings.Repeat(sshd, 20_000) + strings.Repeat(query, 20), 1, 20},
		{"among", strings.Repeat(strings.Repeat(sshd, 99)+query, 50), 1, 50},
		{"behind the first", strings.Repeat(sshd, 30) + strings.Repeat(query, 5) + strings.Repeat(sshd, 700) + strings.Repeat(asked, 200), 2, 205},
		{"behind dnsmasq", strings.Repeat(query, 50) + strings.Repeat(asked, 50), 2, 100},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var unread []int64
			g := startSyslog(t, logs.SyslogConfig{Unread: func(_ netip.Addr, lines int64, _ []string) { unread = append(unread, lines) }})
			g.send("tcp", tt.text)
			want := int64(strings.Count(tt.text, "\n"))
			for deadline := time.Now().Add(time.Minute); g.s.Stats().Messages < want; time.Sleep(5 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("Stats = %+v", g.s.Stats())
				}
			}
			p := g.end().Senders[0]
			if len(p.Formats) != tt.formats || p.Stats.Records != tt.records || p.Stats.Lines != want {
				t.Errorf("%+v, want %d records of %d lines", p, tt.records, want)
			}
			if told := tt.name != "behind dnsmasq"; told && len(unread) != 1 || !told && len(unread) != 0 {
				t.Errorf("told of unread lines: %v", unread)
			}
		})
	}
}
