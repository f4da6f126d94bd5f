package dns

import "encoding/binary"

// MaxQuestions bounds the questions of one message: each may point at one long
// name, which would make a small packet cost a lot. Real messages have one (RFC
// 9619).
const MaxQuestions = 64

// maxMessage bounds a message: no transport carries longer ones, so offsets fit
// in 16 bits.
const maxMessage = 1<<16 - 1

// headerSize is the length of the header (RFC 1035, section 4.1.1).
const headerSize = 12

// Types of records that are understood.
const (
	TypeA     = 1
	TypeCNAME = 5
	TypeAAAA  = 28
	TypeOPT   = 41
	TypeSVCB  = 64
	TypeHTTPS = 65
)

// ClassIN is the class of the Internet.
const ClassIN = 1

// Message is one message. The zero value is ready for Reset. It refers to the
// bytes given to Reset: nothing of it outlives them. It is for one goroutine.
type Message struct {
	// The header, valid after Reset has returned Fine.
	ID        uint16
	Reply     bool
	Opcode    uint8
	Truncated bool
	Rcode     uint16    // with the upper bits of EDNS once Records has seen them
	Counts    [4]uint16 // questions, answers, authority, additional: as the header claims

	// The last question that Next has read, valid until the next one.
	Name  []byte // lower case, no final dot, odd bytes as \DDD; "." is the root
	Type  uint16
	Class uint16

	// What Records has read, valid until the next Reset.
	Addresses []Address
	Services  []Service
	EDNS      EDNS

	b       []byte
	off     int  // of what is read next
	left    int  // questions not read yet
	broken  bool // a question could not be read, so neither can what follows
	asked   int  // where the name of the first question is
	kept    int  // records
	budget  int
	nth     int
	chained int

	text      [4*maxName + 1]byte // room for a name of nothing but escapes
	records   [maxRecords]record
	chain     [maxChain]link
	addresses [maxRecords]Address
	services  [maxServices]Service
	public    [maxServices][maxName]byte
}

// Reset starts with the message in b.
func (m *Message) Reset(b []byte) Reason {
	m.Name, m.Addresses, m.Services, m.EDNS = nil, nil, nil, EDNS{}
	m.left, m.nth, m.broken = 0, 0, true
	if len(b) < headerSize {
		return ReasonHeader
	}
	m.ID = binary.BigEndian.Uint16(b)
	m.Reply, m.Opcode, m.Truncated = b[2]&0x80 != 0, b[2]>>3&0xf, b[2]&0x02 != 0
	m.Rcode = uint16(b[3] & 0xf)
	for i := range m.Counts {
		m.Counts[i] = binary.BigEndian.Uint16(b[4+2*i:])
	}
	m.b, m.off, m.left, m.broken = b[:min(len(b), maxMessage)], headerSize, int(m.Counts[0]), false
	return Fine
}

// Next reads the next question; ok is false after the last one, and with a
// reason where the questions can't be read any further.
func (m *Message) Next() (ok bool, r Reason) {
	if m.left == 0 || m.broken {
		return false, Fine
	}
	if r = m.question(); r != Fine {
		m.broken = true
		return false, r
	}
	m.left--
	m.nth++
	return true, Fine
}

func (m *Message) question() Reason {
	switch {
	case m.nth >= MaxQuestions:
		return ReasonQuestions
	case m.off >= len(m.b):
		return ReasonCounts
	}
	end, r := m.readName(m.off)
	if r != Fine {
		return r
	}
	if len(m.b)-end < 4 {
		return ReasonQuestion
	}
	m.Type, m.Class = binary.BigEndian.Uint16(m.b[end:]), binary.BigEndian.Uint16(m.b[end+2:])
	m.off = end + 4
	return Fine
}
