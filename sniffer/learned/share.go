package learned

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"sync"
	"time"
)

// Fact is what one call of Learn or LearnECH said, for the tables of another
// machine.
type Fact struct {
	Client netip.Addr // not valid where any client is meant
	Server netip.Addr // not valid where it is about ECH
	Public string     // of an ECH configuration
	Name   string
	TTL    time.Duration
	At     time.Time
}

const (
	// maxFacts bounds the facts that wait to be told; others are dropped and
	// counted.
	maxFacts = 4096

	// maxTold bounds what is remembered of those that were.
	maxTold = 1 << 14

	// maxAhead is how far the clock of another machine may be ahead.
	maxAhead = time.Minute
)

// outbox holds what is to be told to others.
type outbox struct {
	mu      sync.Mutex
	facts   []Fact
	told    map[Fact]int64 // without TTL and At: until when others know it, nanoseconds since 1970
	dropped int64
}

// Tell has the tables keep what they learn from now on for Take.
func (t *Names) Tell() { t.news.CompareAndSwap(nil, &outbox{told: make(map[Fact]int64)}) }

// Take appends what was learned since it was last called to dst, and returns how
// much was dropped so far. A fact that others still know for a while is not
// repeated.
func (t *Names) Take(dst []Fact) (facts []Fact, dropped int64) {
	o := t.news.Load()
	if o == nil {
		return dst, 0
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	dst = append(dst, o.facts...)
	clear(o.facts)
	o.facts = o.facts[:0]
	return dst, o.dropped
}

func (t *Names) tell(f Fact) {
	o := t.news.Load()
	if o == nil {
		return
	}
	f.TTL = min(max(f.TTL, MinTTL), MaxTTL)
	key := f
	key.TTL, key.At = 0, time.Time{}
	at := f.At.UnixNano()
	o.mu.Lock()
	defer o.mu.Unlock()
	if until, ok := o.told[key]; ok && at+int64(f.TTL)/2 < until {
		return
	}
	if len(o.facts) >= maxFacts {
		o.dropped++
		return
	}
	if len(o.told) >= maxTold {
		clear(o.told)
	}
	o.told[key] = at + int64(f.TTL)
	o.facts = append(o.facts, f)
}

// Hear takes what another machine has learned. It is not told on. A fact from
// the future or of long ago is left out.
func (t *Names) Hear(f *Fact, now time.Time) {
	if f.At.After(now.Add(maxAhead)) || now.Sub(f.At) > MaxTTL {
		return
	}
	if f.At.After(now) {
		f.At = now // else it is not good yet
	}
	if f.Public != "" {
		t.learnECH(f.Client, f.Public, f.Name, f.TTL, f.At)
		return
	}
	t.learn(f.Client, f.Server, f.Name, f.TTL, f.At)
}

// errFacts says that facts can't be read.
var errFacts = errors.New("these are no facts about addresses")

// factsForm is the first byte of facts.
const factsForm = 1

// AppendFacts appends facts in the form that ReadFacts reads.
func AppendFacts(b []byte, facts []Fact) []byte {
	b = append(b, factsForm)
	for i := range facts {
		f := &facts[i]
		b = appendText(b, string(f.Client.AsSlice()))
		b = appendText(b, string(f.Server.AsSlice()))
		b = appendText(b, f.Public)
		b = appendText(b, f.Name)
		b = binary.AppendUvarint(b, uint64(f.TTL/time.Second))
		b = binary.AppendVarint(b, f.At.UnixMilli())
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// ReadFacts calls f with each of some facts, which it may keep.
func ReadFacts(b []byte, f func(*Fact)) error {
	if len(b) == 0 || b[0] != factsForm {
		return errFacts
	}
	for b = b[1:]; len(b) > 0; {
		var texts [4]string
		var ok bool
		for i := range texts {
			if texts[i], b, ok = cutText(b); !ok {
				return errFacts
			}
		}
		ttl, n := binary.Uvarint(b)
		if n <= 0 {
			return errFacts
		}
		at, m := binary.Varint(b[n:])
		if m <= 0 {
			return errFacts
		}
		b = b[n+m:]
		fact := Fact{
			Public: texts[2], Name: texts[3], TTL: time.Duration(min(ttl, uint64(MaxTTL/time.Second))) * time.Second, At: time.UnixMilli(at),
		}
		var whole [2]bool
		fact.Client, whole[0] = addrOf(texts[0])
		fact.Server, whole[1] = addrOf(texts[1])
		if whole != [2]bool{true, true} {
			return errFacts
		}
		f(&fact)
	}
	return nil
}

// addrOf reads an address; none at all is one that is not valid.
func addrOf(s string) (addr netip.Addr, ok bool) {
	if s == "" {
		return addr, true
	}
	return netip.AddrFromSlice([]byte(s))
}

func cutText(b []byte) (s string, rest []byte, ok bool) {
	n, m := binary.Uvarint(b)
	if m <= 0 || n > maxName || n > uint64(len(b)-m) {
		return "", nil, false
	}
	return string(b[m : m+int(n)]), b[m+int(n):], true
}
