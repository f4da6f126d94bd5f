package logs_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

// TestTimeAhead: a line of a time that is more than a day ahead of the clock is
// one without a time, counted and told; what follows it is read.
func TestTimeAhead(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	squid := func(at time.Time) string {
		return fmt.Sprintf("%d.250    231 192.0.2.10 TCP_MISS/200 20480 POST https://chatgpt.com/a alice HIER_NONE/- -\n", at.Unix())
	}
	text := squid(now) + squid(now.Add(23*time.Hour)) + squid(now.Add(25*time.Hour)) + squid(time.Unix(9_999_999_999, 0)) + squid(now)
	r, err := logs.New(strings.NewReader(text), "a.log", logs.Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	var rec logs.Record
	for {
		err := r.Next(&rec)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if rec.Time.Sub(now) > 24*time.Hour {
			t.Errorf("a record of %v", rec.Time)
		}
	}
	st := r.Stats()
	if st.Records != 3 || len(st.Skipped) != 1 || st.Skipped[logs.ReasonTime] != 2 || len(st.Examples) != 2 || st.Examples[0].Line != 3 {
		t.Errorf("%d records, skipped %v, %+v", st.Records, st.Skipped, st.Examples)
	}
}

// TestClockGoesOn: what was too late is not when the clock has come so far.
func TestClockGoesOn(t *testing.T) {
	now := time.Unix(1_772_442_904, 0).Add(-48 * time.Hour)
	r, err := logs.New(strings.NewReader(strings.Repeat(squidLine, 3)), "a.log", logs.Options{Now: func() time.Time { now = now.Add(24 * time.Hour); return now }})
	if err != nil {
		t.Fatal(err)
	}
	var rec logs.Record
	n := 0
	for r.Next(&rec) == nil {
		n++
	}
	if st := r.Stats(); n != 2 || st.Skipped[logs.ReasonTime] != 1 {
		t.Errorf("%d records, skipped %v", n, st.Skipped)
	}
}
