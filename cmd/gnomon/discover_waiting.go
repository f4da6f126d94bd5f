package main

import (
	"encoding/binary"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

// waiting keeps the flows that one input tells by address alone until all that
// names them has been read: some 20 bytes each, one after the other. What it
// gives back is what the lines said, so that each gets the id that it has
// wherever else it stands.
type waiting struct {
	used   *atomic.Int64 // bytes, of all inputs together
	chunks [][]byte
	n      int64 // flows
	second int64 // of the last flow
	texts  []waitingTexts
	known  map[waitingTexts]uint64 // where in texts they are, from 1
}

// waitingTexts are the words of a flow, which are few different ones.
type waitingTexts struct{ user, device, method, agent string }

const (
	// maxWaiting bounds the memory of a run: some two and a half million flows.
	maxWaiting   = 64 << 20
	waitingChunk = 64 << 10
	// firstWaiting is the first chunk of an input; there may be many small ones.
	firstWaiting = 1 << 10
	// waitingMost is more than a flow can need.
	waitingMost = 128
	// waitingText is what is reckoned for keeping words, beside them.
	waitingText = 160
)

// The first byte of a flow.
const (
	waitingClient6 = 1 << iota // in 16 bytes, else 4
	waitingServer6
	waitingTexted
	waitingBlocked
	waitingTimeless // the id of the line stands for its time
)

// add keeps a flow, whose client and server are known. id is that of a line
// without a time. It reports false, and keeps nothing, where there is no room.
func (w *waiting) add(r *logs.Record, id flowID) bool {
	words := waitingTexts{r.User, r.Device, r.Method, r.UserAgent}
	text := uint64(0)
	if words != (waitingTexts{}) {
		if text = w.text(words); text == 0 {
			return false
		}
	}
	at := len(w.chunks) - 1
	if at < 0 || len(w.chunks[at])+waitingMost > cap(w.chunks[at]) {
		size := firstWaiting
		if at >= 0 {
			size = min(2*cap(w.chunks[at]), waitingChunk)
		}
		if !w.take(int64(size)) {
			return false
		}
		w.chunks = append(w.chunks, make([]byte, 0, size))
		at++
	}
	w.chunks[at] = w.flow(w.chunks[at], r, text, id)
	w.n++
	return true
}

func (w *waiting) take(n int64) bool {
	if w.used.Add(n) > maxWaiting {
		w.used.Add(-n)
		return false
	}
	return true
}

// flow appends what r says to b.
func (w *waiting) flow(b []byte, r *logs.Record, text uint64, id flowID) []byte {
	start := len(b)
	b = append(b, 0)
	flags := byte(0)
	if r.Time.IsZero() {
		flags |= waitingTimeless
		b = append(b, id[:]...)
	} else {
		second := r.Time.Unix()
		b = binary.AppendVarint(b, second-w.second)
		b = binary.AppendUvarint(b, uint64(r.Time.Nanosecond()))
		w.second = second
	}
	server := r.Server.Addr()
	if !r.Client.Is4() {
		flags |= waitingClient6
	}
	if !server.Is4() {
		flags |= waitingServer6
	}
	b = appendBytes(appendBytes(b, r.Client), server)
	b = binary.BigEndian.AppendUint16(b, r.Server.Port())
	b = binary.AppendVarint(binary.AppendVarint(b, r.Up), r.Down)
	if text > 0 {
		flags |= waitingTexted
		b = binary.AppendUvarint(b, text)
	}
	if r.Blocked {
		flags |= waitingBlocked
	}
	b[start] = flags
	return b
}

func appendBytes(b []byte, a netip.Addr) []byte {
	if a.Is4() {
		four := a.As4()
		return append(b, four[:]...)
	}
	all := a.As16()
	return append(b, all[:]...)
}

// text returns where words are kept, 0 where there is no room for them.
func (w *waiting) text(words waitingTexts) uint64 {
	if at, ok := w.known[words]; ok {
		return at
	}
	all := [4]*string{&words.user, &words.device, &words.method, &words.agent}
	size := int64(waitingText)
	for _, s := range all {
		size += int64(len(*s))
	}
	if !w.take(size) {
		return 0
	}
	for _, s := range all {
		*s = strings.Clone(*s) // it lies in the block of the log
	}
	if w.known == nil {
		w.known = make(map[waitingTexts]uint64)
	}
	w.texts = append(w.texts, words)
	w.known[words] = uint64(len(w.texts))
	return uint64(len(w.texts))
}

// each calls f with each flow, in their order, and with the id of a line without
// a time. The record is good until f returns.
func (w *waiting) each(f func(*logs.Record, flowID)) {
	var r logs.Record
	var id flowID
	second := int64(0)
	for _, b := range w.chunks {
		for len(b) > 0 {
			b = w.next(b, &r, &id, &second)
			f(&r, id)
		}
	}
}

// next takes the first flow off.
func (w *waiting) next(b []byte, r *logs.Record, id *flowID, second *int64) []byte {
	varint := func() int64 {
		v, n := binary.Varint(b)
		b = b[n:]
		return v
	}
	uvarint := func() uint64 {
		v, n := binary.Uvarint(b)
		b = b[n:]
		return v
	}
	address := func(long bool) netip.Addr {
		n := 4
		if long {
			n = 16
		}
		a, _ := netip.AddrFromSlice(b[:n])
		b = b[n:]
		return a
	}
	*r, *id = logs.Record{Kind: logs.KindFlow}, flowID{}
	flags := b[0]
	if b = b[1:]; flags&waitingTimeless != 0 {
		b = b[copy(id[:], b):]
	} else {
		*second += varint()
		r.Time = time.Unix(*second, int64(uvarint())).UTC()
	}
	r.Client = address(flags&waitingClient6 != 0)
	server := address(flags&waitingServer6 != 0)
	r.Server = netip.AddrPortFrom(server, binary.BigEndian.Uint16(b))
	b = b[2:]
	r.Up, r.Down = varint(), varint()
	if flags&waitingTexted != 0 {
		t := &w.texts[uvarint()-1]
		r.User, r.Device, r.Method, r.UserAgent = t.user, t.device, t.method, t.agent
	}
	r.Blocked = flags&waitingBlocked != 0
	return b
}

// clear lets all flows go, and gives their room back.
func (w *waiting) clear() {
	size := int64(0)
	for _, c := range w.chunks {
		size += int64(cap(c))
	}
	for _, t := range w.texts {
		size += waitingText + int64(len(t.user)+len(t.device)+len(t.method)+len(t.agent))
	}
	w.used.Add(-size)
	*w = waiting{used: w.used}
}
