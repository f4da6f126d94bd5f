package main

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strconv"

	"github.com/gnomon-proxy/gnomon/sniffer"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// lineRoom is more than a line takes whose name has maxPlainName bytes: pieces
// are written with what lies behind them, which the next piece overwrites.
const lineRoom = 640

// maxPlainName bounds the names of plain lines. Nearly all have a fifth of it.
const maxPlainName = 1 << 8

// maxPiece bounds a piece.
const maxPiece = 48

// linePiece is a part of a line that is the same again and again.
type linePiece struct {
	n    int
	text [maxPiece]byte
}

func pieceOf(s string) (p linePiece) {
	p.n = copy(p.text[:], s)
	return p
}

func (p *linePiece) put(b []byte, at int) int {
	*(*[maxPiece]byte)(b[at:]) = p.text
	return at + p.n
}

// linePieces are those of plain lines.
type linePieces struct {
	query, reply, tls, quic, port, end linePiece
}

func newLinePieces() *linePieces {
	return &linePieces{
		query: pieceOf(`Z","sensor":"dns","kind":"query","client":"`),
		reply: pieceOf(`Z","sensor":"dns","kind":"reply","client":"`),
		tls:   pieceOf(`Z","sensor":"tls","kind":"hello","client":"`),
		quic:  pieceOf(`Z","sensor":"quic","kind":"hello","client":"`),
		port:  pieceOf(`","client_port":`),
		end:   pieceOf(`","service":""}` + "\n"),
	}
}

// kind returns the piece that tells where o comes from, nil where there is none.
func (p *linePieces) kind(o *sniffer.Observation) *linePiece {
	switch {
	case o.Sensor == traffic.SensorDNS && o.Kind == sniffer.KindQuery:
		return &p.query
	case o.Sensor == traffic.SensorDNS && o.Kind == sniffer.KindReply:
		return &p.reply
	case o.Kind != sniffer.KindHello:
	case o.Sensor == traffic.SensorTLS:
		return &p.tls
	case o.Sensor == traffic.SensorQUIC:
		return &p.quic
	}
	return nil
}

// appendPlain is appendJSON for what nearly all lines are: of a name that needs no
// escapes and belongs to no service. It returns false, and b as it was, for the others.
func (l *observationLines) appendPlain(b []byte, o *sniffer.Observation) ([]byte, bool) {
	if l.pieces == nil {
		l.pieces = newLinePieces()
		l.spell()
	}
	kind := l.pieces.kind(o)
	if kind == nil || o.Client.Zone() != "" || o.JA4 != "" || o.Verdict.Service != "" || len(o.Name) > maxPlainName {
		return b, false
	}
	if second := o.Time.Unix(); second != l.second || l.stamp == nil {
		l.tick(o.Time)
	}
	if l.begin.n == 0 {
		return b, false
	}
	b = slices.Grow(b, lineRoom)
	line := b[len(b):][:lineRoom]
	at := l.putFraction(line, l.begin.put(line, 0), uint32(o.Time.Nanosecond()))
	at = l.putAddress(line, kind.put(line, at), o.Client)
	at = l.putPort(line, l.pieces.port.put(line, at), o.ClientPort)
	server := l.server(o.Server, o.ServerPort)
	if server == nil {
		return b, false
	}
	*(*[maxServerText]byte)(line[at:]) = server.text
	at += int(server.n)
	line[at] = '"'
	if at = putPlain(line, at+1, o.Name); at == 0 {
		return b, false
	}
	return b[:len(b)+l.pieces.end.put(line, at)], true
}

// putFraction writes a fraction of a second as time.RFC3339Nano does.
func (l *observationLines) putFraction(b []byte, at int, nano uint32) int {
	if nano == 0 {
		return at
	}
	b[at] = '.'
	binary.LittleEndian.PutUint32(b[at+1:], l.thousand[nano/1e6])
	binary.LittleEndian.PutUint32(b[at+4:], l.thousand[nano/1e3%1e3])
	at += 7
	if rest := nano % 1e3; rest > 0 {
		binary.LittleEndian.PutUint32(b[at:], l.thousand[rest])
		at += 3
	}
	for b[at-1] == '0' {
		at--
	}
	return at
}

// putAddress writes a as its String does.
func (l *observationLines) putAddress(b []byte, at int, a netip.Addr) int {
	if !a.Is4() {
		return at + len(l.appendAddress(b[at:at], a))
	}
	for _, v := range a.As4() {
		text := l.octets[v]
		binary.LittleEndian.PutUint32(b[at:], uint32(text))
		at += int(text >> 32)
	}
	return at - 1
}

// putPort writes a number of up to five digits.
func (l *observationLines) putPort(b []byte, at int, port uint16) int {
	v := uint32(port)
	switch {
	case v >= 10_000:
		b[at], b[at+1] = '0'+byte(v/10_000), '0'+byte(v/1000%10)
		at += 2
	case v >= 1000:
		b[at] = '0' + byte(v/1000)
		at++
	default:
		return at + len(strconv.AppendUint(b[at:at], uint64(v), 10))
	}
	binary.LittleEndian.PutUint32(b[at:], l.thousand[v%1000])
	return at + 3
}

// putPlain writes s, eight bytes at a time; it returns 0 where s is not plain.
func putPlain(b []byte, at int, s string) int {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		w := eightOf(s[i:])
		if maybeOdd(w) {
			return 0
		}
		binary.LittleEndian.PutUint64(b[at+i:], w)
	}
	if i < len(s) && len(s) >= 8 {
		i = len(s) - 8
		w := eightOf(s[i:])
		if maybeOdd(w) {
			return 0
		}
		binary.LittleEndian.PutUint64(b[at+i:], w)
	} else if i < len(s) {
		if !plainBytes(s) {
			return 0
		}
		copy(b[at:], s)
	}
	return at + len(s)
}
