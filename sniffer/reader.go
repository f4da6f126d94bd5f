package sniffer

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/sniffer/packet"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// ErrFormat says that a file is no packet capture.
var ErrFormat = capture.ErrFormat

// ReadFile reads a capture file (pcap or pcapng, plain, gzip or zstd) and calls emit
// for each DNS question in it. Memory does not grow with the file. A damaged
// file is read up to the damage; the error then says where that is, and what
// was emitted and counted before stands.
func ReadFile(ctx context.Context, path string, emit func(*Observation)) (Stats, error) {
	f, err := os.Open(path)
	if err != nil {
		return Stats{}, fmt.Errorf("opening capture: %w", err) // the error names the path
	}
	defer f.Close()
	st, err := Read(ctx, f, emit)
	if err != nil {
		return st, fmt.Errorf("reading capture %q: %w", path, err)
	}
	return st, nil
}

// Read is ReadFile for a capture that comes from r.
func Read(ctx context.Context, r io.Reader, emit func(*Observation)) (Stats, error) {
	src, err := capture.New(r)
	if err != nil {
		return Stats{}, err
	}
	defer src.Close()
	rd := reader{emit: emit, names: make(map[string]string)}
	var f capture.Frame
	for {
		if rd.stats.Packets&1023 == 0 && ctx.Err() != nil {
			return rd.stats, ctx.Err()
		}
		if err := src.Next(&f); err == io.EOF {
			return rd.stats, nil
		} else if err != nil {
			return rd.stats, err
		}
		rd.frame(&f)
	}
}

// reader takes frames down to observations. One goroutine owns it.
type reader struct {
	emit  func(*Observation)
	stats Stats
	p     packet.Packet
	msg   message
	obs   Observation

	decoder packet.Decoder
	names   map[string]string // names seen, so that a name costs one allocation
}

// frame reads one packet and survives what it does to us.
func (rd *reader) frame(f *capture.Frame) {
	rd.stats.Packets++
	rd.stats.Bytes += int64(len(f.Data))
	var emitting bool
	defer func() {
		if emitting { // the fault is the caller's
			return
		}
		if recover() != nil {
			rd.stats.malformed[ReasonFault]++
		}
	}()
	ok, why := rd.decoder.Decode(f, &rd.p)
	rd.stats.unread[why]++
	rd.stats.Fragments = rd.decoder.Stats().Fragments
	if !ok || rd.p.Proto != packet.UDP || rd.p.Repeats || rd.p.Src.Port() != portDNS && rd.p.Dst.Port() != portDNS {
		return
	}
	rd.stats.Messages++
	r := rd.msg.reset(rd.p.Payload)
	for n := 0; r == fine; n++ {
		var ok bool
		if ok, r = rd.msg.next(n); !ok {
			break
		}
		rd.observe(f)
		emitting = true
		rd.emit(&rd.obs)
		emitting = false
	}
	if r != fine {
		rd.stats.malformed[r]++
	}
}

// portDNS is where unicast DNS lives. mDNS and LLMNR have ports of their own;
// they name devices, not services.
const portDNS = 53

// observe fills rd.obs from the question just read.
func (rd *reader) observe(f *capture.Frame) {
	o, client, server := &rd.obs, rd.p.Src, rd.p.Dst
	o.Kind = KindQuery
	if rd.msg.reply {
		o.Kind, client, server = KindReply, server, client
		rd.stats.Replies++
	} else {
		rd.stats.Queries++
	}
	o.Time, o.Sensor = f.Time, traffic.SensorDNS
	o.Client, o.ClientPort = client.Addr(), client.Port()
	o.Server, o.ServerPort = server.Addr(), server.Port()
	o.Name, o.Type, o.ID = rd.intern(rd.msg.name), rd.msg.qtype, rd.msg.id
}

// maxNames bounds the table of names. A flood of made-up names only makes us
// start it afresh.
const maxNames = 1 << 14

func (rd *reader) intern(name []byte) string {
	if s, ok := rd.names[string(name)]; ok {
		return s
	}
	if len(rd.names) >= maxNames {
		clear(rd.names)
	}
	s := string(name)
	rd.names[s] = s
	return s
}
