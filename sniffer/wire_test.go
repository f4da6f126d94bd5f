package sniffer_test

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// wire writes a capture of raw IPv4 packets.
type wire struct {
	bytes.Buffer
	now     time.Time
	packets int
}

func newWire() *wire {
	w := &wire{now: time.Unix(1_700_000_000, 0)}
	w.WriteString("\xd4\xc3\xb2\xa1\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x00\x00\x65\x00\x00\x00")
	return w
}

// ip writes a packet and lets a millisecond pass.
func (w *wire) ip(proto byte, src, dst netip.AddrPort, transport []byte) {
	n := 20 + len(transport)
	h := make([]byte, 16, 16+n)
	binary.LittleEndian.PutUint32(h, uint32(w.now.Unix()))
	binary.LittleEndian.PutUint32(h[4:], uint32(w.now.Nanosecond()/1000))
	binary.LittleEndian.PutUint32(h[8:], uint32(n))
	binary.LittleEndian.PutUint32(h[12:], uint32(n))
	h = append(h, 0x45, 0, byte(n>>8), byte(n), 0, 0, 0x40, 0, 64, proto, 0, 0)
	h = append(append(h, src.Addr().AsSlice()...), dst.Addr().AsSlice()...)
	w.Write(append(h, transport...))
	w.now = w.now.Add(time.Millisecond)
	w.packets++
}

func (w *wire) udp(src, dst netip.AddrPort, payload []byte) {
	b := binary.BigEndian.AppendUint16(nil, src.Port())
	b = binary.BigEndian.AppendUint16(b, dst.Port())
	b = binary.BigEndian.AppendUint16(b, uint16(8+len(payload)))
	w.ip(17, src, dst, append(append(b, 0, 0), payload...))
}

// The flags of a segment.
const (
	fin = 1
	syn = 2
	rst = 4
	ack = 16
)

func (w *wire) tcp(src, dst netip.AddrPort, flags byte, seq uint32, payload []byte) {
	b := binary.BigEndian.AppendUint16(nil, src.Port())
	b = binary.BigEndian.AppendUint16(b, dst.Port())
	b = binary.BigEndian.AppendUint32(b, seq)
	b = append(b, 0, 0, 0, 0, 0x50, flags, 0xff, 0xff, 0, 0, 0, 0)
	w.ip(6, src, dst, append(b, payload...))
}

// conn is a TCP connection on the wire.
type conn struct {
	w        *wire
	c, s     netip.AddrPort
	cSeq     uint32
	sSeq     uint32
	segments int // bytes a segment
}

func (w *wire) dial(c, s netip.AddrPort) *conn {
	w.tcp(c, s, syn, 999, nil)
	w.tcp(s, c, syn|ack, 4999, nil)
	w.tcp(c, s, ack, 1000, nil)
	return &conn{w, c, s, 1000, 5000, 1400}
}

func (k *conn) up(b []byte)   { k.cSeq = k.send(k.c, k.s, k.cSeq, b) }
func (k *conn) down(b []byte) { k.sSeq = k.send(k.s, k.c, k.sSeq, b) }

func (k *conn) send(src, dst netip.AddrPort, seq uint32, b []byte) uint32 {
	for len(b) > 0 {
		n := min(len(b), k.segments)
		k.w.tcp(src, dst, ack, seq, b[:n])
		seq, b = seq+uint32(n), b[n:]
	}
	return seq
}

func (k *conn) close() {
	k.w.tcp(k.c, k.s, fin|ack, k.cSeq, nil)
	k.w.tcp(k.s, k.c, fin|ack, k.sSeq, nil)
	k.w.tcp(k.c, k.s, ack, k.cSeq+1, nil)
}

// lookup is a DNS message: a query, or a reply with addresses.
func lookup(id uint16, name string, qtype uint16, addrs ...netip.Addr) []byte {
	b := binary.BigEndian.AppendUint16(nil, id)
	if len(addrs) > 0 {
		b = append(b, 0x81, 0x80, 0, 1, 0, byte(len(addrs)), 0, 0, 0, 0)
	} else {
		b = append(b, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0)
	}
	for label := range strings.SplitSeq(name, ".") {
		b = append(append(b, byte(len(label))), label...)
	}
	b = binary.BigEndian.AppendUint16(append(b, 0), qtype)
	b = append(b, 0, 1)
	for _, a := range addrs {
		b = append(b, 0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 0x2c, 0, 4)
		b = append(b, a.AsSlice()...)
	}
	return b
}

// answered is one whole lookup of name.
func (w *wire) answered(client netip.Addr, name string, addrs ...netip.Addr) {
	c, s := netip.AddrPortFrom(client, uint16(30000+w.packets%20000)), netip.MustParseAddrPort("192.0.2.53:53")
	w.udp(c, s, lookup(uint16(w.packets), name, 1))
	w.udp(s, c, lookup(uint16(w.packets-1), name, 1, addrs...))
}

// tlsRecord returns the first flight of a TLS client.
func tlsRecord(t testing.TB, cfg *tls.Config) []byte {
	t.Helper()
	c, s := net.Pipe()
	defer c.Close()
	defer s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	go tls.Client(c, cfg).HandshakeContext(ctx)
	b := make([]byte, 16<<10)
	n, err := s.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	for n < 5 || n < 5+int(binary.BigEndian.Uint16(b[3:])) {
		m, err := s.Read(b[n:])
		if err != nil {
			t.Fatal(err)
		}
		n += m
	}
	return b[:n]
}

func clientHello(t testing.TB, name string, protocols ...string) []byte {
	return tlsRecord(t, &tls.Config{ServerName: name, InsecureSkipVerify: name == "", NextProtos: protocols})
}

// initials returns the QUIC version 1 Initial packets with a ClientHello, of 1,200
// bytes each.
func initials(t testing.TB, dcid []byte, hello []byte) (all [][]byte) {
	for at := 0; at < len(hello); at += 1100 {
		all = append(all, initial(t, dcid, len(all), at, hello[at:min(at+1100, len(hello))]))
	}
	return all
}

// initial returns the Initial packet number pn with the bytes at offset at of a
// ClientHello (RFC 9001, section 5).
func initial(t testing.TB, dcid []byte, pn, at int, hello []byte) []byte {
	t.Helper()
	salt := []byte("\x38\x76\x2c\xf7\xf5\x59\x34\xb3\x4d\x17\x9a\xe6\xa4\xc8\x0c\xad\xcc\xbb\x7f\x0a")
	expand := func(secret []byte, label string, n int) []byte {
		info := binary.BigEndian.AppendUint16(nil, uint16(n))
		info = append(append(info, byte(6+len(label))), "tls13 "+label+"\x00"...)
		b, err := hkdf.Expand(sha256.New, secret, string(info), n)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	root, err := hkdf.Extract(sha256.New, dcid, salt)
	if err != nil {
		t.Fatal(err)
	}
	client := expand(root, "client in", 32)
	key, iv, hp := expand(client, "quic key", 16), expand(client, "quic iv", 12), expand(client, "quic hp", 16)

	frames := []byte{6, 0x40 | byte(at>>8), byte(at), 0x40 | byte(len(hello)>>8), byte(len(hello))}
	frames = append(frames, hello...)
	head := append([]byte{0xc3, 0, 0, 0, 1, byte(len(dcid))}, dcid...)
	head = append(head, 0, 0)
	length := 1200 - len(head) - 2
	head = append(head, 0x40|byte(length>>8), byte(length), 0, 0, 0, byte(pn))
	iv[11] ^= byte(pn)
	frames = append(frames, make([]byte, length-4-16-len(frames))...)
	block, _ := aes.NewCipher(key)
	gcm, _ := cipher.NewGCM(block)
	out := gcm.Seal(bytes.Clone(head), iv, frames, head)
	mask := make([]byte, 16)
	hpBlock, _ := aes.NewCipher(hp)
	hpBlock.Encrypt(mask, out[len(head):len(head)+16])
	out[0] ^= mask[0] & 0x0f
	for i := range 4 {
		out[len(head)-4+i] ^= mask[1+i]
	}
	return out
}

// quicHello returns a ClientHello as QUIC carries it, without a record. A big one
// has post-quantum keys and takes two packets.
func quicHello(t testing.TB, name string, big bool) []byte {
	cfg := &tls.Config{ServerName: name, NextProtos: []string{"h3"}}
	if !big {
		cfg.CurvePreferences = []tls.CurveID{tls.X25519}
	}
	return tlsRecord(t, cfg)[5:]
}

// mixed is a capture as of an office: n packets, about three fifths of them DNS,
// the rest TLS and QUIC, of 2,000 clients and 5,000 names.
func mixed(t testing.TB, n int) *wire {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	var hellos, quics [][]byte
	for i := range 40 {
		name := fmt.Sprintf("host%d.example%d.com", i, i%7)
		if i%8 == 0 {
			name = "api.openai.com"
		}
		hellos = append(hellos, clientHello(t, name, "h2", "http/1.1"))
		quics = append(quics, quicHello(t, name, i%3 == 0))
	}
	w := newWire()
	data := bytes.Repeat([]byte{23, 3, 3, 4, 0, 7, 9}, 200)
	for w.packets < n {
		i := r.IntN(2000)
		client := netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)})
		server := netip.AddrFrom4([4]byte{203, 0, byte(113 + r.IntN(4)), byte(r.IntN(256))})
		port := uint16(20000 + r.IntN(40000))
		c, s := netip.AddrPortFrom(client, port), netip.AddrPortFrom(server, 443)
		switch k := r.IntN(100); {
		case k < 84:
			n := r.IntN(5000)
			w.answered(client, fmt.Sprintf("host%d.example%d.com", n, n%50), server, server.Next())
		case k < 86:
			k := w.dial(c, netip.AddrPortFrom(server, 53))
			q := lookup(7, "www.example.com", 28)
			k.up(append([]byte{0, byte(len(q))}, q...))
			a := lookup(7, "www.example.com", 1, server)
			k.down(append([]byte{0, byte(len(a))}, a...))
			k.close()
		case k < 94:
			k := w.dial(c, s)
			h := hellos[r.IntN(len(hellos))]
			if r.IntN(2) == 0 {
				k.segments = 300
			}
			k.up(h)
			k.segments = 1400
			k.down(append([]byte{22, 3, 3, 4, 0, 2}, data...))
			k.up(data[:100])
			k.down(data)
			k.close()
		default:
			dcid := binary.BigEndian.AppendUint64(nil, r.Uint64())
			for _, b := range initials(t, dcid, quics[r.IntN(len(quics))]) {
				w.udp(c, s, b)
			}
			w.udp(s, c, append([]byte{0xc0, 0, 0, 0, 1, 0, 8}, data[:1193]...))
			for range 5 {
				w.udp(s, c, append([]byte{0x41}, data[:1200]...))
				w.udp(c, s, append([]byte{0x41}, data[:40]...))
			}
		}
	}
	return w
}
