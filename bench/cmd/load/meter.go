package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

type result struct {
	Name        string  `json:"name"`
	Scenario    string  `json:"scenario"`
	Rep         int     `json:"rep"`
	Conc        int     `json:"conc"`
	N           int64   `json:"n"`
	Errors      int64   `json:"errors"`
	FirstErr    string  `json:"first_err,omitempty"`
	Secs        float64 `json:"secs"`
	RPS         float64 `json:"rps"`
	MBps        float64 `json:"MBps,omitempty"`
	P50us       float64 `json:"p50_us"`
	P99us       float64 `json:"p99_us"`
	CPUus       float64 `json:"proxy_cpu_us_per_req"`
	CPUpct      float64 `json:"proxy_cpu_pct"`
	PeakRSS     float64 `json:"proxy_peak_rss_mb"`
	TTFEp50     float64 `json:"ttfe_p50_us,omitempty"`
	TTFEp99     float64 `json:"ttfe_p99_us,omitempty"`
	DelayP50    float64 `json:"event_delay_p50_us,omitempty"`
	DelayP99    float64 `json:"event_delay_p99_us,omitempty"`
	Resumed     int64   `json:"tls_resumed,omitempty"`
	RSSPerConn  float64 `json:"rss_per_conn_kb,omitempty"`
	FDsPerConn  float64 `json:"fds_per_conn,omitempty"`
	SlabPerConn float64 `json:"host_slab_per_conn_kb,omitempty"`
	ForeignPct  float64 `json:"foreign_cpu_pct"`
}

func tree(p int) []int {
	if p == 0 {
		return nil
	}
	kids := map[int][]int{}
	ds, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, d := range ds {
		b, err := os.ReadFile(d)
		if err != nil {
			continue
		}
		f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+2:]))
		id, _ := strconv.Atoi(strings.Split(d, "/")[2])
		pp, _ := strconv.Atoi(f[1])
		kids[pp] = append(kids[pp], id)
	}
	out := []int{p}
	for i := 0; i < len(out); i++ {
		out = append(out, kids[out[i]]...)
	}
	return out
}

// sched: run time in ns from /proc/PID/task/*/schedstat would lose ended threads; stat's ticks (10 ms) keep them.
func cpu(p int) (sec float64) {
	for _, q := range tree(p) {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", q))
		if err != nil {
			continue
		}
		f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+2:]))
		u, _ := strconv.ParseFloat(f[11], 64)
		s, _ := strconv.ParseFloat(f[12], 64)
		sec += (u + s) / 100
	}
	return
}
func status(p int, key string) (kb float64) {
	for _, q := range tree(p) {
		b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", q))
		for l := range strings.Lines(string(b)) {
			if v, ok := strings.CutPrefix(l, key+":"); ok {
				x, _ := strconv.ParseFloat(strings.Fields(v)[0], 64)
				kb += x
			}
		}
	}
	return
}
func fds(p int) (n int) {
	for _, q := range tree(p) {
		e, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", q))
		n += len(e)
	}
	return
}
func slab() float64 {
	b, _ := os.ReadFile("/proc/meminfo")
	for l := range strings.Lines(string(b)) {
		if v, ok := strings.CutPrefix(l, "Slab:"); ok {
			x, _ := strconv.ParseFloat(strings.Fields(v)[0], 64)
			return x
		}
	}
	return 0
}
func busy() (b, total float64) { // machine-wide, seconds
	d, _ := os.ReadFile("/proc/stat")
	f := strings.Fields(strings.SplitN(string(d), "\n", 2)[0])[1:]
	for i, s := range f[:8] {
		v, _ := strconv.ParseFloat(s, 64)
		total += v / 100
		if i < 3 { // not idle, iowait, irq, softirq, steal: interrupt time belongs to nobody
			b += v / 100
		}
	}
	return
}
func self() float64 {
	var r syscall.Rusage
	syscall.Getrusage(0, &r)
	return float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9
}

type meter struct {
	t                  time.Time
	p, u, s, busy, tot float64
}

func start() *meter {
	for _, q := range tree(*pid) {
		os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", q), []byte("5"), 0)
	}
	m := &meter{p: cpu(*pid), u: cpu(*upid), s: self()}
	m.busy, m.tot = busy()
	m.t = time.Now()
	return m
}
func (m *meter) stop(r *result) {
	r.Secs = time.Since(m.t).Seconds()
	c := cpu(*pid) - m.p
	b, tot := busy()
	if tot > m.tot {
		r.ForeignPct = 100 * max(0, (b-m.busy)-c-(cpu(*upid)-m.u)-(self()-m.s)) / (tot - m.tot)
	}
	if r.N > 0 {
		r.CPUus = c * 1e6 / float64(r.N)
	}
	r.CPUpct = 100 * c / r.Secs
	r.RPS = float64(r.N) / r.Secs
	r.PeakRSS = status(*pid, "VmHWM") / 1024
}
func pct(v []int64, p float64) float64 {
	if len(v) == 0 {
		return 0
	}
	slices.Sort(v)
	return float64(v[min(len(v)-1, int(p*float64(len(v))))]) / 1e3
}
