package packet_test

import (
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/sniffer/packet"
)

// seeds are frames of many kinds.
func seeds(f *testing.F) {
	v4, v6 := udp4(f), udp6(f)
	vx := []byte{8, 0, 0, 0, 0, 0, 7, 0}
	for _, s := range []struct {
		link  uint16
		frame []byte
	}{
		{1, eth(0x0800, v4)}, {1, eth(0x86dd, v6)}, {101, v6},
		{1, eth(0x88a8, append(be16(20, 0x8864, 0x1100, 1, uint16(len(v4)+2), 0x0021), v4...))},
		{1, eth(0x8847, append([]byte{0, 1, 0x21, 9, 0, 0, 0, 0}, eth(0x0800, v4)...))},
		{101, inUDP(f, 4789, vx, eth(0x0800, v4))},
		{101, inUDP(f, 6081, be16(0x0200, 0x86dd, 0, 0x0700), make([]byte, 8), v6)},
		{101, inUDP(f, 2152, be16(0x34ff, uint16(len(v6)+8), 0, 7, 0, 0x0085), []byte{1, 0, 0, 0}, v6)},
		{101, inUDP(f, 3544, []byte{0, 1, 2, 1}, make([]byte, 12), be16(0, 1, 2, 3), v6)},
		{101, in(f, 47, be16(0x3081, 0x880b, 1, 1, 0, 5, 0, 4), []byte{0x21}, v4)},
		{101, in(f, 47, be16(0x1000, 0x22eb, 0, 0, 0x2007, 0, 0, 0, 0, 0), eth(0x86dd, v6))},
		{101, fragment4(f, 1, cut{0, true, body(f, 80)})}, {101, fragment6(f, 1, cut{8, false, body(f, 80)})},
		{127, append([]byte{0, 0, 8, 0, 0, 0, 0, 0, 8, 1}, make([]byte, 40)...)},
		{239, append([]byte{2, 0, 0, 0, 8, 0, 1, 0, 8, 0, 1, 0, byte(4 + len(v4)), 0, 9, 0}, v4...)},
	} {
		f.Add(s.link, s.frame, uint16(0))
	}
}

// FuzzDecode looks for what no frame may do: panic, claim what is not there, or
// read differently the second time.
func FuzzDecode(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, link uint16, frame []byte, missing uint16) {
		d := packet.NewDecoder()
		var p packet.Packet
		fr := capture.Frame{Link: uint32(link), Data: frame, Length: len(frame) + int(missing), Time: time.Unix(1, 0)}
		ok, why := d.Decode(&fr, &p)
		var r packet.Packet
		if same, as := packet.NewDecoder().Thorough(&fr, &r); same != ok || as != why || ok && !reflect.DeepEqual(p, r) {
			t.Errorf("read as %v %v %+v, thoroughly as %v %v %+v", ok, why, p, same, as, r)
		}
		if int(why) >= packet.Reasons {
			t.Errorf("reason %d", why)
		}
		if !ok {
			return
		}
		if p.Proto != packet.TCP && p.Proto != packet.UDP && p.Proto != packet.ESP {
			t.Errorf("protocol %d", p.Proto)
		}
		if !p.Src.IsValid() || !p.Dst.IsValid() || p.Src.Addr().Is4In6() || p.Dst.Addr().Is4In6() {
			t.Errorf("from %v to %v", p.Src, p.Dst)
		}
		if len(p.Payload) > len(frame) && !p.Reassembled || p.PayloadLen < len(p.Payload) || p.PayloadLen > 1<<20 && len(frame) < 1<<19 || p.Tunnels > 4 {
			t.Errorf("payload of %d and %d bytes in a frame of %d, %d tunnels", len(p.Payload), p.PayloadLen, len(frame), p.Tunnels)
		}
		var q packet.Packet
		if again, _ := packet.NewDecoder().Decode(&fr, &q); !again || q.Src != p.Src || q.Dst != p.Dst || string(q.Payload) != string(p.Payload) {
			t.Errorf("read as %+v, then as %+v", p, q)
		}
	})
}

// FuzzAgainstGopacket compares with gopacket where both read the same plain
// headers. gopacket trusts more: it is asked for one layer at a time, and only
// where we found no tunnel and no fragment.
func FuzzAgainstGopacket(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, _ uint16, frame []byte, _ uint16) {
		var p packet.Packet
		ok, why := packet.NewDecoder().Decode(&capture.Frame{Link: 1, Data: frame, Length: len(frame)}, &p)
		if !ok || why != packet.Fine || p.Tunnels > 0 || p.Fragment || p.Reassembled || p.Proto == packet.ESP {
			return
		}
		src, dst, payload, read := byGopacket(frame, p.Proto)
		if !read {
			return
		}
		if src != p.Src || dst != p.Dst || string(payload) != string(p.Payload) {
			t.Errorf("from %v to %v, %q; gopacket: from %v to %v, %q", p.Src, p.Dst, p.Payload, src, dst, payload)
		}
	})
}

// byGopacket reads an Ethernet frame of IPv4 or IPv6 without options and
// extensions.
func byGopacket(frame []byte, proto packet.Proto) (src, dst netip.AddrPort, payload []byte, ok bool) {
	defer func() {
		if recover() != nil { // gopacket panics on some damaged headers
			ok = false
		}
	}()
	var (
		e    layers.Ethernet
		v4   layers.IPv4
		v6   layers.IPv6
		u    layers.UDP
		tc   layers.TCP
		from netip.Addr
		to   netip.Addr
	)
	df := gopacket.NilDecodeFeedback
	if e.DecodeFromBytes(frame, df) != nil {
		return
	}
	switch e.EthernetType {
	case 0x0800:
		// A length of 0 or beyond the end is read by us as far as it goes.
		if v4.DecodeFromBytes(e.Payload, df) != nil || v4.Length == 0 || v4.Protocol != layers.IPProtocol(proto) || int(v4.Length) > len(e.Payload) {
			return
		}
		from, _ = netip.AddrFromSlice(v4.SrcIP)
		to, _ = netip.AddrFromSlice(v4.DstIP)
		payload = v4.Payload
	case 0x86dd:
		if v6.DecodeFromBytes(e.Payload, df) != nil || v6.Length == 0 || v6.NextHeader != layers.IPProtocol(proto) || int(v6.Length) > len(e.Payload)-40 {
			return
		}
		from, _ = netip.AddrFromSlice(v6.SrcIP)
		to, _ = netip.AddrFromSlice(v6.DstIP)
		payload = v6.Payload
	default:
		return
	}
	from, to = from.Unmap(), to.Unmap()
	if proto == packet.UDP {
		if u.DecodeFromBytes(payload, df) != nil || int(u.Length) > len(payload) {
			return
		}
		return netip.AddrPortFrom(from, uint16(u.SrcPort)), netip.AddrPortFrom(to, uint16(u.DstPort)), u.Payload, true
	}
	if tc.DecodeFromBytes(payload, df) != nil {
		return
	}
	return netip.AddrPortFrom(from, uint16(tc.SrcPort)), netip.AddrPortFrom(to, uint16(tc.DstPort)), tc.Payload, true
}
