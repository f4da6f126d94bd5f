package sniffer

import (
	"github.com/gnomon-proxy/gnomon/sniffer/dns"
	"github.com/gnomon-proxy/gnomon/sniffer/keyed"
	"github.com/gnomon-proxy/gnomon/sniffer/packet"
)

// looker takes from the packets of a chunk what each tells alone. It is for one
// goroutine; others may look at other chunks meanwhile.
type looker struct {
	decoder *packet.Decoder // for plain frames
	secret  keyed.Secret    // of the marks
	names   *names
	know    *knowing
	msg     dns.Message
	at      int // of the next frame
}

// newLooker returns a looker that keeps the names that it sees in names.
func newLooker(secret keyed.Secret, names *names) *looker {
	return &looker{decoder: packet.NewDecoder(), secret: secret, names: names}
}

// look fills the items of c.
func (l *looker) look(c *chunk) {
	if c.know != l.know {
		l.know = c.know
		*l.names = newNames(Config{Classify: c.know.classify, Blind: c.know.blind})
	}
	c.items, c.answers, c.faults = c.items[:len(c.frames)], c.answers[:0], 0
	c.seen.reset()
	for from := 0; from < len(c.frames); from += together {
		to := min(from+together, len(c.frames))
		for l.at = from; l.at < to; {
			l.decode(c, to)
		}
		for l.at = from; l.at < to; {
			l.messages(c, to)
		}
	}
}

// together is how many frames one step of look goes through before the next.
const together = 64

// decode takes plain frames apart, up to the first that does us harm.
func (l *looker) decode(c *chunk, to int) {
	defer l.survive(c)
	for l.at < to {
		f, it := &c.frames[l.at], &c.items[l.at]
		l.at++
		it.how, it.name, it.now = unread, nil, f.Time
		if l.decoder.Plain(f, &it.packet) {
			it.how = apart
		}
	}
}

// messages reads DNS messages, up to the first that does us harm.
func (l *looker) messages(c *chunk, to int) {
	defer l.survive(c)
	for l.at < to {
		it := &c.items[l.at]
		l.at++
		if p := &it.packet; it.how == apart && p.Proto == packet.UDP && (p.Src.Port() == portDNS || p.Dst.Port() == portDNS) && l.message(c, it) {
			it.how = asked
		}
		it.answers = int32(len(c.answers))
	}
}

func (l *looker) survive(c *chunk) {
	if recover() != nil {
		it := &c.items[l.at-1]
		it.how, it.answers = broken, int32(len(c.answers))
		c.faults++
	}
}

// message reads what nearly all DNS messages are: of one question, about a name
// that is no AI service and hides nothing. It leaves all others to follow: they
// are told by what was seen before them, or are malformed, which is counted there.
func (l *looker) message(c *chunk, it *item) bool {
	m := &l.msg
	if l.names.classify == nil || m.Reset(it.packet.Payload) != dns.Fine || m.Counts[0] != 1 {
		return false
	}
	if ok, _ := m.Next(); !ok {
		return false
	}
	n := l.names.of(m.Name)
	if n.verdict.AI() || n.blind.Kind != "" {
		return false
	}
	if m.Reply && (m.Records() != dns.Fine || configures(m)) {
		return false
	}
	it.name, it.qtype, it.reply = n, m.Type, m.Reply
	if len(m.Addresses) > 0 {
		l.answered(c, it)
	}
	return true
}

// configures reports whether m has a client encrypt its hellos.
func configures(m *dns.Message) bool {
	for i := range m.Services {
		if v := &m.Services[i]; v.ECH && len(v.PublicName) > 0 {
			return true
		}
	}
	return false
}

// answered notes the addresses in l.msg.
func (l *looker) answered(c *chunk, it *item) {
	from := l.secret.Address(it.packet.Dst.Addr())
	for i := range l.msg.Addresses {
		a := &l.msg.Addresses[i]
		server := l.secret.Address(a.Addr)
		c.answers = append(c.answers, answer{l.secret.Words(from, server), server, a.Addr, a.TTL})
	}
}
