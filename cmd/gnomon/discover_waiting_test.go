package main

import (
	"fmt"
	"math"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

// TestWaiting: what waits comes back as it came, and its room when it goes.
func TestWaiting(t *testing.T) {
	var used atomic.Int64
	w := &waiting{used: &used}
	times := []time.Time{{}, at(0), at(-1), at(5).Add(123456789), time.Unix(-1, 1).UTC(), time.Date(9999, 1, 1, 0, 0, 0, 5, time.UTC), time.Unix(0, 0).UTC()}
	addrs := []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("::ffff:192.0.2.1"), netip.MustParseAddr("0.0.0.0")}
	numbers := []int64{0, -1, 1, 1 << 20, math.MaxInt64, math.MinInt64}
	var want []logs.Record
	var ids []flowID
	for i := range 5000 {
		r := logs.Record{
			Kind: logs.KindFlow, Time: times[i%len(times)], Client: addrs[i%len(addrs)], Server: netip.AddrPortFrom(addrs[i/3%len(addrs)], uint16(i*31)),
			Up: numbers[i%len(numbers)], Down: numbers[i/7%len(numbers)], Blocked: i%5 == 0,
		}
		if i%3 == 0 {
			r.User, r.Device, r.Method, r.UserAgent = fmt.Sprint("user", i%40), "pc", strings.Repeat("M", i%9), "agent"
		}
		var id flowID
		if r.Time.IsZero() {
			id[0], id[15] = byte(i), byte(i>>8)
		}
		want, ids = append(want, r), append(ids, id)
		if !w.add(&r, id) {
			t.Fatalf("no room for %d", i)
		}
	}
	i := 0
	w.each(func(r *logs.Record, id flowID) {
		if *r != want[i] || id != ids[i] {
			t.Fatalf("%d: %+v %v, want %+v %v", i, *r, id, want[i], ids[i])
		}
		i++
	})
	if i != len(want) || w.n != int64(i) || used.Load() == 0 {
		t.Errorf("%d came back, %d wait, in %d bytes", i, w.n, used.Load())
	}
	if w.clear(); used.Load() != 0 || w.n != 0 {
		t.Errorf("%d wait in %d bytes when all are gone", w.n, used.Load())
	}
}

// TestWaitingBounds: inputs share the room, whatever they fill it with.
func TestWaitingBounds(t *testing.T) {
	var used atomic.Int64
	many := make([]waiting, 300)
	full := 0
	for i := range many {
		w := &many[i]
		w.used = &used
		for j := range 20_000 {
			r := logs.Record{Time: at(j), Client: netip.AddrFrom4([4]byte{10, byte(i), byte(j >> 8), byte(j)}), Server: netip.MustParseAddrPort("203.0.113.1:443"), Up: 1000, Down: 10000}
			if i%2 == 0 {
				r.User = fmt.Sprint(strings.Repeat("u", 1000), i, j)
			}
			if !w.add(&r, flowID{}) {
				full++
				break
			}
		}
	}
	if full < 10 || used.Load() > maxWaiting {
		t.Errorf("%d are full with %d bytes", full, used.Load())
	}
	for i := range many {
		many[i].clear()
	}
	if used.Load() != 0 {
		t.Errorf("%d bytes are never given back", used.Load())
	}
}

// TestWaitingAllocs: a flow costs no allocation but that of the room.
func TestWaitingAllocs(t *testing.T) {
	var used atomic.Int64
	w := &waiting{used: &used}
	r := logs.Record{Time: at(0), Client: netip.MustParseAddr("192.0.2.1"), Server: netip.MustParseAddrPort("203.0.113.1:443"), Up: 1, Down: 2, User: "ann"}
	if n := testing.AllocsPerRun(10_000, func() { w.add(&r, flowID{}) }); n != 0 {
		t.Errorf("a flow allocates %v times", n)
	}
}
