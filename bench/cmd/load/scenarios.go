package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/http2"
)

type errs struct {
	n     atomic.Int64
	once  sync.Once
	first string
}

func (e *errs) add(err error) {
	e.n.Add(1)
	e.once.Do(func() { e.first = fmt.Sprintf("%.160s", err.Error()) })
}

// keepalive: conc workers, each on one kept connection, for -d.
func keepalive(sc string, conc int, bytesPer int, req []byte, warm int) result {
	r := result{Scenario: sc, Conc: conc}
	var e errs
	lat := make([][]int64, conc)
	var ready, done sync.WaitGroup
	goCh := make(chan struct{})
	var stop atomic.Bool
	d := &dialer{}
	for w := range conc {
		ready.Add(1)
		done.Add(1)
		go func() {
			defer done.Done()
			var h *h1conn
			one := func() bool {
				if h == nil {
					c, err := d.tls(*host)
					if err != nil {
						e.add(err)
						time.Sleep(5 * time.Millisecond)
						return false
					}
					h = &h1conn{c, bufio.NewReaderSize(c, 16<<10)}
				}
				closed, err := h.do(req)
				if err != nil {
					e.add(err)
				}
				if err != nil || closed {
					h.c.Close()
					h = nil
				}
				return err == nil
			}
			for range warm {
				one()
			}
			ready.Done()
			<-goCh
			for !stop.Load() {
				t := time.Now()
				if one() {
					lat[w] = append(lat[w], int64(time.Since(t)))
				}
			}
			if h != nil {
				h.c.Close()
			}
		}()
	}
	ready.Wait()
	m := start()
	close(goCh)
	time.Sleep(*dur)
	stop.Store(true)
	done.Wait()
	all := slices.Concat(lat...)
	r.N, r.Errors, r.FirstErr = int64(len(all)), e.n.Load(), e.first
	m.stop(&r)
	r.P50us, r.P99us = pct(all, .5), pct(all, .99)
	r.MBps = float64(bytesPer) * r.RPS / 1e6
	return r
}

// newconn: one connection per request; total bounded; hosts cycle when distinct.
func newconn(sc string, conc, total int, resume, distinct bool) result {
	r := result{Scenario: sc, Conc: conc}
	var e errs
	lat := make([]int64, total)
	var next, resumed, ok atomic.Int64
	d := &dialer{}
	if resume {
		d.cache = tls.NewLRUClientSessionCache(1024)
	}
	one := func(i int) error {
		h := *host
		if distinct {
			h = fmt.Sprintf("h%d.bench.test", i)
		}
		t := time.Now()
		c, err := d.tls(h)
		if err != nil {
			return err
		}
		defer c.Close()
		hc := &h1conn{c, bufio.NewReaderSize(c, 4<<10)}
		if _, err = hc.do(get("/small", h)); err != nil {
			return err
		}
		if i >= 0 {
			lat[i] = int64(time.Since(t))
			ok.Add(1)
			if c.ConnectionState().DidResume {
				resumed.Add(1)
			}
		}
		return nil
	}
	if !distinct {
		for range 10 {
			one(-1)
		}
	}
	m := start()
	end := time.Now().Add(20 * time.Second)
	var wg sync.WaitGroup
	for range conc {
		wg.Go(func() {
			for time.Now().Before(end) {
				i := int(next.Add(1)) - 1
				if i >= total {
					return
				}
				if err := one(i); err != nil {
					e.add(err)
				}
			}
		})
	}
	wg.Wait()
	r.N, r.Errors, r.FirstErr, r.Resumed = ok.Load(), e.n.Load(), e.first, resumed.Load()
	m.stop(&r)
	lat = slices.DeleteFunc(lat, func(x int64) bool { return x == 0 })
	r.P50us, r.P99us = pct(lat, .5), pct(lat, .99)
	return r
}

// h2: streams over a few h2 connections.
func h2load(sc string, conns, conc int) result {
	r := result{Scenario: sc, Conc: conc}
	var e errs
	d := &dialer{alpn: []string{"h2"}}
	tr := &http2.Transport{}
	var ccs []*http2.ClientConn
	for range conns {
		c, err := d.tls(*host)
		if err == nil && c.ConnectionState().NegotiatedProtocol != "h2" {
			err = errors.New("no h2: " + c.ConnectionState().NegotiatedProtocol)
		}
		var cc *http2.ClientConn
		if err == nil {
			cc, err = tr.NewClientConn(c)
		}
		if err != nil {
			r.Errors, r.FirstErr = 1, err.Error()
			return r
		}
		ccs = append(ccs, cc)
	}
	lat := make([][]int64, conc)
	var wg sync.WaitGroup
	var stop atomic.Bool
	one := func(w int) bool {
		req, _ := http.NewRequest("GET", "https://"+*host+"/small", nil)
		req.Header.Set("Authorization", "Bearer sk-test-0000000000000000")
		resp, err := ccs[w%conns].RoundTrip(req)
		if err == nil {
			_, err = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if resp.StatusCode != 200 {
				err = errors.New(resp.Status)
			}
		}
		if err != nil {
			e.add(err)
			time.Sleep(time.Millisecond)
		}
		return err == nil
	}
	for w := range conc {
		one(w)
	}
	m := start()
	for w := range conc {
		wg.Go(func() {
			for !stop.Load() {
				t := time.Now()
				if one(w) {
					lat[w] = append(lat[w], int64(time.Since(t)))
				}
			}
		})
	}
	time.Sleep(*dur)
	stop.Store(true)
	wg.Wait()
	all := slices.Concat(lat...)
	r.N, r.Errors, r.FirstErr = int64(len(all)), e.n.Load(), e.first
	m.stop(&r)
	r.P50us, r.P99us = pct(all, .5), pct(all, .99)
	return r
}

// sse: time to first event and one-way delay of each event (the event carries the origin's clock).
func sse(sc string, conc, rounds, n, ms int) result {
	r := result{Scenario: sc, Conc: conc}
	var e errs
	var mu sync.Mutex
	var ttfe, delay, total []int64
	d := &dialer{}
	path := fmt.Sprintf("/sse?n=%d&ms=%d", n, ms)
	cs := make([]*tls.Conn, conc)
	for i := range cs {
		c, err := d.tls(*host)
		if err != nil {
			r.Errors, r.FirstErr = 1, err.Error()
			return r
		}
		cs[i] = c
		hc := &h1conn{c, bufio.NewReader(c)}
		hc.do(get("/small", *host))
	}
	m := start()
	var wg sync.WaitGroup
	for _, c := range cs {
		wg.Go(func() {
			defer c.Close()
			br := bufio.NewReader(c)
			for range rounds {
				c.SetDeadline(time.Now().Add(30 * time.Second))
				t0 := time.Now()
				c.Write(get(path, *host))
				resp, err := http.ReadResponse(br, nil)
				if err != nil {
					e.add(err)
					return
				}
				var f int64
				var ds []int64
				bb := bufio.NewReader(resp.Body)
				for {
					l, err := bb.ReadSlice('\n')
					if err != nil {
						break
					}
					if i := bytes.Index(l, []byte(`"t":`)); i > 0 {
						now := time.Now()
						t, _ := strconv.ParseInt(string(l[i+4:i+4+bytes.IndexByte(l[i+4:], ',')]), 10, 64)
						if f == 0 {
							f = int64(now.Sub(t0))
						}
						ds = append(ds, now.UnixNano()-t)
					}
				}
				resp.Body.Close()
				mu.Lock()
				if len(ds) == n {
					ttfe, delay, total = append(ttfe, f), append(delay, ds...), append(total, int64(time.Since(t0)))
				} else {
					e.add(fmt.Errorf("%d of %d events", len(ds), n))
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	r.N, r.Errors, r.FirstErr = int64(len(total)), e.n.Load(), e.first
	m.stop(&r)
	r.P50us, r.P99us = pct(total, .5), pct(total, .99)
	r.TTFEp50, r.TTFEp99, r.DelayP50, r.DelayP99 = pct(ttfe, .5), pct(ttfe, .99), pct(delay, .5), pct(delay, .99)
	return r
}

// idle: open n tunnels (TLS inside + one request when mitm), hold, and read the proxy's memory and fds.
func idle(sc string, n int, mitm bool) result {
	r := result{Scenario: sc, Conc: 32}
	var e errs
	time.Sleep(500 * time.Millisecond)
	rss, f0, s0 := status(*pid, "VmRSS"), fds(*pid), slab()
	conns := make([]net.Conn, n)
	var next, ok atomic.Int64
	var wg sync.WaitGroup
	m := start()
	d := &dialer{}
	end := time.Now().Add(60 * time.Second)
	for range 32 {
		wg.Go(func() {
			for time.Now().Before(end) {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if mitm {
					c, err := d.tls(*host)
					if err == nil {
						_, err = (&h1conn{c, bufio.NewReaderSize(c, 1024)}).do(get("/small", *host))
					}
					if err != nil {
						e.add(err)
						continue
					}
					conns[i] = c
				} else {
					c, err := tunnel(*host + ":444")
					if err != nil {
						e.add(err)
						continue
					}
					conns[i] = c
				}
				ok.Add(1)
			}
		})
	}
	wg.Wait()
	r.N, r.Errors, r.FirstErr = ok.Load(), e.n.Load(), e.first
	m.stop(&r)
	time.Sleep(3 * time.Second)
	if r.N > 0 {
		k := float64(r.N)
		r.RSSPerConn, r.FDsPerConn, r.SlabPerConn = (status(*pid, "VmRSS")-rss)/k, float64(fds(*pid)-f0)/k, (slab()-s0)/k
	}
	for _, c := range conns {
		if t, ok := c.(*tls.Conn); ok {
			c = t.NetConn()
		}
		if t, ok := c.(*net.TCPConn); ok {
			t.SetLinger(0)
			t.Close()
		}
	}
	return r
}
