package logs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

// TestWindowsDateOrder: whether a day or a month comes first is known of all lines
// when the header, or any of the lines that the log is recognised by, proves it;
// what was guessed and turns out to be wrong is said so.
func TestWindowsDateOrder(t *testing.T) {
	const (
		header = "DNS Server log file creation at %s 9:15:04 AM\n\n"
		query  = "%s 9:15:04 AM 0E64 PACKET  00000000040DBE50 UDP Rcv 192.0.2.10      b4c2   Q [0001   D   NOERROR] A      (7)chatgpt(3)com(0)\n"
	)
	far := strings.Repeat(fmt.Sprintf(query, "3/2/2026"), 60)
	for _, tt := range []struct {
		name, log string
		month     time.Month // of the first line, which is of 3/2/2026
		notes     string     // that are about the order
	}{
		{"nothing proves it", fmt.Sprintf(header+query, "3/2/2026", "3/2/2026"), 3, "dates like 3/2/2026 are taken as month/day/year"},
		{"the header, day first", fmt.Sprintf(header+query, "13/2/2026", "3/2/2026"), 2, ""},
		{"the header, month first", fmt.Sprintf(header+query, "2/13/2026", "3/2/2026"), 3, ""},
		{"a line of the head", fmt.Sprintf(query+query, "3/2/2026", "13/2/2026"), 2, ""},
		{"a late line", far + fmt.Sprintf(query, "13/2/2026"), 3, "dates like 3/2/2026 are day/month/year, as a later line shows: those before it were taken as month/day/year"},
		{"a late line agrees", far + fmt.Sprintf(query, "2/13/2026"), 3, ""},
		{"no date", fmt.Sprintf(header+query, "99/2/2026", "3/2/2026"), 3, "dates like 3/2/2026 are taken as month/day/year"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := logs.New(strings.NewReader(tt.log), "dns.log", logs.Options{Location: time.UTC})
			if err != nil {
				t.Fatal(err)
			}
			all := readAll(t, r)
			if got := all[0].Time; got.Month() != tt.month || got.Year() != 2026 {
				t.Errorf("the first line is of %v, want month %v", got, tt.month)
			}
			last := strings.TrimSpace(tt.log[strings.LastIndexByte(tt.log[:len(tt.log)-1], '\n')+1:])
			if got := all[len(all)-1].Time; !strings.HasPrefix(last, "3/") && (got.Month() != 2 || got.Day() != 13) {
				t.Errorf("the last line is of %v, want February 13", got)
			}
			if got := strings.Join(r.Stats().Notes, "; "); got != tt.notes {
				t.Errorf("notes %q, want %q", got, tt.notes)
			}
		})
	}
}
