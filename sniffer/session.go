package sniffer

import (
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/hello"
	"github.com/gnomon-proxy/gnomon/sniffer/learned"
	"github.com/gnomon-proxy/gnomon/sniffer/stream"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// session is what is known of a flow beside its figures.
type session struct {
	name  *name   // nil while it is not known
	guess float64 // how likely name is, 0 when it was read
	half  [2]halfway
	pace  pace

	reported [2]int64 // bytes each way at the last report
	at       int64    // when that was, or when the flow began
	mode     mode
	known    uint8 // of the bits below

	initiated uint8 // 1 + direction of a WireGuard initiation
}

// halfway is how far the reading of one direction has come.
type halfway struct {
	search *hello.Search // nil while no byte may begin a hello
	passed int32         // bytes in which no hello began
	lost   bool          // DNS: where the messages begin is not known
	second bool          // a second hello was looked for
}

// mode is what a flow is taken for.
type mode uint8

const (
	modeNew mode = iota
	modeTLS
	modeDNS
	modeTunnel
)

// What is known of a session.
const (
	helloSeen uint8 = 1 << iota
	echSeen
	browserSeen
	reportedOnce
	hiddenOnce
)

// turn swaps the directions.
func (x *session) turn() {
	x.half[0], x.half[1] = x.half[1], x.half[0]
	x.pace = pace{}
}

// parse reads a ClientHello into s.hello.
func (s *Sniffer) parse(msg []byte, partial bool) bool {
	err := hello.Parse(msg, &s.hello)
	if partial {
		err = hello.ParsePartial(msg, &s.hello)
	}
	if e, ok := err.(hello.Error); ok {
		s.stats.hellos[e]++
		return e == hello.ErrExtension
	}
	return true
}

// greet notes what s.hello says of its flow.
func (s *Sniffer) greet(f *stream.Flow[session], sensor traffic.Sensor) {
	x, h := &f.Data, &s.hello
	client, server := f.Client(), f.Server()
	var n *name
	if s.text = h.AppendName(s.text[:0]); len(s.text) > 0 {
		n = s.names.of(s.text)
		o := &s.obs
		o.Sensor, o.Client, o.ClientPort, o.Server, o.ServerPort = sensor, client.Addr(), client.Port(), server.Addr(), server.Port()
		if s.cfg.Fingerprints {
			quic := sensor == traffic.SensorQUIC
			o.JA4, o.Browser = h.JA4(quic), h.Browser(quic)
		}
		s.observe(KindHello, n, 0)
		o.JA4, o.Browser = "", false
	} else {
		s.stats.NoName++
	}
	keep := s.keep(n)
	if x.known&reportedOnce != 0 && keep != x.name { // a new connection between the same ports
		s.report(f)
		x.known &^= reportedOnce
	}
	x.known |= helloSeen
	if h.Browser(sensor == traffic.SensorQUIC) {
		x.known |= browserSeen
	}
	x.name, x.guess = keep, 0
	if n != nil && h.ECH == hello.ECHOuter && s.encrypted(n, f) {
		s.stats.ECH++
		x.known |= echSeen
		x.name, x.guess = s.inner(n, f)
	}
	s.hideSession(f, n, s.protocol())
}

// maxHost bounds a host name (RFC 1035, section 2.3.4, less its length bytes). Others
// can be four times as long, for each byte that is escaped.
const maxHost = 253

// notWanted stands for the names of sessions that nobody asks for.
var notWanted = &name{verdict: &notAI, blind: &hidesNothing}

// keep returns what is kept of n for a session. There are many sessions, and each may
// have made up its name: what no host can be called is known by its end.
func (s *Sniffer) keep(n *name) *name {
	switch {
	case n == nil:
		return nil
	case !s.wants(n):
		return notWanted
	case len(n.text) > maxHost:
		return s.names.ofString(n.text[len(n.text)-maxHost:])
	}
	return n
}

// protocol returns the first protocol that s.hello offers, "" for none.
func (s *Sniffer) protocol() string {
	for p := range s.hello.Protocols() {
		s.text = append(s.text[:0], p...)
		return s.names.of(s.text).text // without an allocation each time
	}
	return ""
}

// encrypted tells an Encrypted Client Hello that hides a name from one that
// means nothing (GREASE), which Chrome sends to everybody: its outer name is one
// that is made for that, or its client was just given it with a configuration.
func (s *Sniffer) encrypted(outer *name, f *stream.Flow[session]) bool {
	return outer.public() || s.learned.HasECH(f.Client().Addr(), outer.text, s.now)
}

// inner returns the name that an Encrypted Client Hello most likely hides.
func (s *Sniffer) inner(outer *name, f *stream.Flow[session]) (*name, float64) {
	m := s.learned.Inner(f.Client().Addr(), f.Server().Addr(), outer.text, s.now)
	if m.Name == "" {
		return nil, 0
	}
	return s.names.ofString(m.Name), likely[m.How]
}

// likely is how much a name is believed by how it was learned. The figures order
// the evidence; they are no statistics.
var likely = [...]float64{learned.Unknown: 0, learned.ByServer: 0.4, learned.ByECH: 0.5, learned.ByClientLast: 0.6, learned.ByClient: 0.9}

// byAddress names a session whose name could not be read by what its address was given for.
func (s *Sniffer) byAddress(f *stream.Flow[session]) (*name, float64) {
	client, server := f.Client().Addr(), f.Server().Addr()
	m := s.learned.Name(client, server, f.First())
	if m.Name == "" { // the capture began in its midst
		m = s.learned.Name(client, server, s.now)
	}
	if m.Name != "" {
		return s.names.ofString(m.Name), likely[m.How]
	}
	var room [8]string
	all, complete := s.learned.All(server, s.now, room[:0])
	if len(all) == 0 || !complete {
		return nil, 0
	}
	n := s.names.ofString(all[0])
	for _, other := range all[1:] {
		if s.names.ofString(other).verdict.ID != n.verdict.ID {
			return nil, 0 // it may be any of them: no guess
		}
	}
	return n, likely[learned.ByServer]
}

// meter notes a packet of f, and reports the session when it is time.
func (s *Sniffer) meter(f *stream.Flow[session], d stream.Dir) {
	x := &f.Data
	if s.seg.Length > 0 && (x.name == nil || s.wants(x.name)) {
		x.pace.packet(d, s.seg.Time, s.seg.Length)
	}
	switch {
	case x.at == 0:
		x.at = s.seg.Time
	case s.seg.Time-x.at > int64(s.cfg.Every):
		s.report(f)
		x.at = s.seg.Time
	}
}

// report tells the sink what is new of a session.
func (s *Sniffer) report(f *stream.Flow[session]) {
	x := &f.Data
	up, down := f.Bytes(stream.Up), f.Bytes(stream.Down)
	if x.mode >= modeDNS || x.known&helloSeen == 0 && (up == 0 || down == 0) {
		return
	}
	if x.known&helloSeen == 0 {
		s.hideSession(f, nil, "")
	}
	if x.name == nil && s.cfg.Classify != nil && (x.known&helloSeen != 0 || web(f.Server().Port())) {
		if x.name, x.guess = s.byAddress(f); x.name != nil && !x.name.verdict.AI() {
			x.name = nil
		}
	}
	again := x.known&reportedOnce != 0
	if x.name == nil || !s.wants(x.name) || again && up == x.reported[0] && down == x.reported[1] {
		return
	}
	s.flow = traffic.Flow{
		Time: f.First(), Sensor: sensorOf(f), Client: f.Client().Addr(), ClientPort: f.Client().Port(), Host: x.name.text, Server: f.Server(),
		Up: up - x.reported[0], Down: down - x.reported[1], Duration: f.Last().Sub(f.First()), Continued: again, Guess: x.guess,
		Features: x.features(), Origin: s.cfg.Origin,
	}
	if again {
		s.flow.Time, s.flow.Duration = f.Last(), f.Last().Sub(time.Unix(0, x.at))
	}
	if !again {
		s.stats.Sessions++
		if x.guess > 0 {
			s.stats.Guessed++
		}
	}
	x.known |= reportedOnce
	x.reported, x.at = [2]int64{up, down}, s.now.UnixNano()
	s.send()
}

// web tells the ports where AI services are. A shell or a file server at the
// same address is none.
func web(port uint16) bool {
	return port == portHTTPS || port == 80 || port == 8443 || port == 8080
}

func sensorOf(f *stream.Flow[session]) traffic.Sensor {
	if f.Proto() == stream.TCP {
		return traffic.SensorTLS
	}
	return traffic.SensorQUIC
}

// The features of a session. What is seen of a flow is the same few sets again
// and again, so they are shared.
var features = [...][]string{
	nil,
	{"token_stream"},
	{"browser"},
	{"browser", "token_stream"},
	{"ech"},
	{"ech", "token_stream"},
	{"browser", "ech"},
	{"browser", "ech", "token_stream"},
}

func (x *session) features() []string {
	i := 0
	if x.pace.tokens {
		i |= 1
	}
	if x.known&browserSeen != 0 {
		i |= 2
	}
	if x.known&echSeen != 0 {
		i |= 4
	}
	return features[i]
}
