package capture

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Live captures from a network interface through an AF_PACKET ring. It needs
// CAP_NET_RAW, and CAP_NET_ADMIN for promiscuous mode.
//
// Next is for one goroutine; Stats and Close may be called from any, also during
// a Next.
type Live struct {
	name   string
	ctx    context.Context
	forget func() bool // ctx
	ring   *ring

	// What Next reads: the packets of a block that are still to come.
	block int
	rest  []byte
	left  uint32

	stopped atomic.Bool // by Close or ctx

	mu     sync.Mutex
	closed bool
	busy   bool // Next runs, or the Data of its frame may be in use
	stats  LiveStats
}

// OpenLive captures from the interface called name; "any" stands for all of
// them. When ctx ends, Next returns its error; closing stays the caller's.
func OpenLive(ctx context.Context, name string, o Options) (*Live, error) {
	index := 0
	if name != "any" {
		i, err := net.InterfaceByName(name)
		if err != nil {
			return nil, fmt.Errorf("opening interface %q: %w%s", name, err, thereAre())
		}
		index = i.Index
	}
	r, err := openRing(name, index, o)
	if err != nil {
		if errors.Is(err, unix.EPERM) {
			err = fmt.Errorf("%w: run as root or grant CAP_NET_RAW and CAP_NET_ADMIN", err)
		}
		return nil, fmt.Errorf("opening interface %q: %w", name, err)
	}
	l := &Live{name: name, ctx: ctx, ring: r}
	l.forget = context.AfterFunc(ctx, l.interrupt)
	// A Close during a Next leaves the ring to the Next after it. When there is
	// none, the garbage collector has to do it.
	runtime.AddCleanup(l, func(r *ring) { r.release() }, r)
	return l, nil
}

// Next fills f. It waits for a packet; see Source.
func (l *Live) Next(f *Frame) error {
	for {
		for l.left == 0 || l.stopped.Load() {
			if err := l.nextBlock(); err != nil {
				return err
			}
		}
		if l.packet(f) {
			return nil
		}
	}
}

// Ready reports whether Next has a packet at hand and will not wait. It is for
// the goroutine that calls Next.
func (l *Live) Ready() bool { return l.left > 0 }

// packet takes a packet from the block; false means that it is seen twice.
func (l *Live) packet(f *Frame) bool {
	h := (*unix.Tpacket3Hdr)(unsafe.Pointer(&l.rest[0]))
	b := l.rest
	l.left--
	if l.left > 0 {
		l.rest = l.rest[h.Next_offset:]
	}
	*f = Frame{
		Time: time.Unix(int64(h.Sec), int64(h.Nsec)), Link: l.ring.link,
		Data: b[h.Mac : uint32(h.Mac)+h.Snaplen], Length: int(max(h.Len, h.Snaplen)), Interface: l.name,
	}
	if h.Status&unix.TP_STATUS_VLAN_VALID != 0 {
		f.VLAN = uint16(h.Hv1.Vlan_tci & 0xfff) // the rest is priority
	}
	if l.ring.link == linkCooked {
		return cook(b, int(h.Mac), f)
	}
	return true
}

// nextBlock hands the block that was read back and waits for the next one.
func (l *Live) nextBlock() error {
	l.mu.Lock()
	if l.closed && !l.busy { // released
		l.mu.Unlock()
		return errClosed
	}
	l.busy = true
	l.mu.Unlock()

	err := l.waitBlock()
	if err == nil {
		return nil
	}
	l.left, l.rest = 0, nil
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy = false
	if l.closed {
		l.releaseLocked()
	}
	return err
}

func (l *Live) waitBlock() error {
	if l.rest != nil { // read to its end
		l.ring.giveBack(l.block)
		l.block = (l.block + 1) % len(l.ring.blocks)
		l.rest = nil
	}
	var down error
	for {
		if err := l.ctx.Err(); err != nil {
			return err
		}
		if l.stopped.Load() {
			return errClosed
		}
		if rest, n, ok := l.ring.take(l.block); ok {
			l.rest, l.left = rest, n
			if n > 0 {
				return nil
			}
			l.ring.giveBack(l.block)
			l.block = (l.block + 1) % len(l.ring.blocks)
			continue
		}
		if down != nil {
			return fmt.Errorf("capturing from %q: %w", l.name, down)
		}
		if down = l.ring.wait(); down != nil {
			l.ring.drain() // what came before is in a block that is not full
		}
	}
}

// Stats returns the kernel's counts since OpenLive.
func (l *Live) Stats() LiveStats {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.countLocked()
	return l.stats
}

// countLocked fetches the counts, which the kernel sets to zero at that.
func (l *Live) countLocked() {
	if l.ring.sock < 0 {
		return
	}
	k, err := unix.GetsockoptTpacketStatsV3(l.ring.sock, unix.SOL_PACKET, unix.PACKET_STATISTICS)
	if err != nil {
		return
	}
	l.stats.Packets += int64(k.Packets)
	l.stats.Drops += int64(k.Drops)
	l.stats.Freezes += int64(k.Freeze_q_cnt)
}

// interrupt ends a wait for packets.
func (l *Live) interrupt() {
	l.stopped.Store(true)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ring.interrupt()
}

// Close ends a Next that waits, and the capture. A frame that is in use stays
// valid until the following Next, which returns an error.
func (l *Live) Close() error {
	l.forget()
	l.stopped.Store(true)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	l.closed = true
	l.countLocked()
	l.ring.interrupt()
	if !l.busy {
		l.releaseLocked()
	}
	return nil
}

func (l *Live) releaseLocked() {
	l.countLocked()
	l.ring.release()
}

// thereAre names the interfaces of this machine, as far as they can be told.
func thereAre() string {
	all, err := net.Interfaces()
	if err != nil || len(all) == 0 {
		return ""
	}
	names := make([]string, 0, len(all))
	for _, i := range all[:min(len(all), 20)] {
		names = append(names, i.Name)
	}
	return ": choose one of any, " + strings.Join(names, ", ")
}
