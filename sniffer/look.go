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

	text  []byte  // the names of some messages, one behind the other
	named []named // those messages
	near  uint64
}

// named is a DNS message that was read but for what its name means.
type named struct {
	hash  uint64
	frame int
	end   int // of the name in text
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
		l.text, l.named = l.text[:0], l.named[:0]
		for l.at = from; l.at < to; {
			l.messages(c, to)
		}
		l.near = l.names.near(l.named)
		for l.at = 0; l.at < len(l.named); {
			l.mean(c)
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
		if p := &it.packet; it.how == apart && p.Proto == packet.UDP && (p.Src.Port() == portDNS || p.Dst.Port() == portDNS) {
			l.message(c, it)
		}
		it.answers = int32(len(c.answers))
	}
}

func (l *looker) survive(c *chunk) {
	if recover() != nil {
		c.items[l.at-1].answers = int32(len(c.answers))
		c.breaks(l.at - 1)
	}
}

// breaks notes that the item of that number does us harm.
func (c *chunk) breaks(i int) {
	c.items[i].how = broken
	c.faults++
}

// message reads what nearly all DNS messages are: of one question, and such that
// what it tells does not depend on others. Those that are malformed are for follow.
func (l *looker) message(c *chunk, it *item) {
	m := &l.msg
	if l.names.classify == nil || m.Reset(it.packet.Payload) != dns.Fine || m.Counts[0] != 1 || m.Truncated {
		return
	}
	if ok, _ := m.Next(); !ok {
		return
	}
	if m.Reply && (m.Records() != dns.Fine || configures(m)) {
		return
	}
	it.qtype, it.reply = m.Type, m.Reply
	l.text = append(l.text, m.Name...)
	l.named = append(l.named, named{l.names.secret.Bytes(m.Name), l.at - 1, len(l.text)})
	if len(m.Addresses) > 0 {
		l.answered(c, it)
	}
}

// mean finds what the names of messages mean, up to the first that does us harm. Those of AI services, and of what
// hides, are for follow.
func (l *looker) mean(c *chunk) {
	defer func() {
		if recover() != nil {
			c.breaks(l.named[l.at-1].frame)
		}
	}()
	for l.at < len(l.named) {
		m, from := &l.named[l.at], 0
		if l.at > 0 {
			from = l.named[l.at-1].end
		}
		l.at++
		n := l.names.hashed(m.hash, l.text[from:m.end])
		if !n.verdict.AI() && n.blind.Kind == "" {
			c.items[m.frame].name, c.items[m.frame].how = n, asked
		}
	}
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
