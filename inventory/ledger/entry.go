package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Hash is a SHA-256 value. Its text form is hexadecimal.
type Hash [sha256.Size]byte

// String returns h in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText implements encoding.TextMarshaler.
func (h Hash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (h *Hash) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(len(h)) {
		return fmt.Errorf("a hash has %d hexadecimal digits, not %d", hex.EncodedLen(len(h)), len(text))
	}
	if _, err := hex.Decode(h[:], text); err != nil {
		return fmt.Errorf("reading a hash: %w", err)
	}
	return nil
}

// Entry is one thing that was put on record.
type Entry struct {
	Seq     int64           `json:"seq"`  // from 1, without gaps
	Time    time.Time       `json:"time"` // UTC, whole milliseconds
	Kind    string          `json:"kind"`
	Subject string          `json:"subject"` // what it is about
	By      string          `json:"by"`      // who put it there
	Data    json.RawMessage `json:"data"`    // as json.Marshal writes it
	Prev    Hash            `json:"prev"`
	Hash    Hash            `json:"hash"`
}

// sum returns what e.Hash must be.
func (e *Entry) sum() (h Hash) {
	d := sha256.New()
	d.Write([]byte("gnomon-ledger-1"))
	var n [8]byte
	number := func(v int64) {
		binary.BigEndian.PutUint64(n[:], uint64(v))
		d.Write(n[:])
	}
	number(e.Seq)
	number(e.Time.UnixMilli())
	for _, b := range [][]byte{[]byte(e.Kind), []byte(e.Subject), []byte(e.By), e.Data} {
		number(int64(len(b)))
		d.Write(b)
	}
	d.Write(e.Prev[:])
	d.Sum(h[:0])
	return h
}

// Chain is the end of a ledger. The zero value is an empty one.
type Chain struct {
	Seq  int64 `json:"seq"` // of the last entry
	Head Hash  `json:"head"`
}

// String returns c as people note it: SEQ:HASH.
func (c Chain) String() string { return fmt.Sprintf("%d:%s", c.Seq, c.Head) }

// ParseChain reads what String returns.
func ParseChain(text string) (c Chain, err error) {
	seq, hash, ok := strings.Cut(text, ":")
	if c.Seq, err = strconv.ParseInt(seq, 10, 64); err != nil || !ok || c.Seq < 0 {
		return Chain{}, fmt.Errorf("%.100q is no head of a ledger: expected SEQ:HASH, as `gnomon inventory ledger` prints it", text)
	}
	if err := c.Head.UnmarshalText([]byte(hash)); err != nil {
		return Chain{}, fmt.Errorf("%.100q is no head of a ledger: %w", text, err)
	}
	return c, nil
}

// Extend completes e as the next entry and moves the end of the chain to it.
func (c *Chain) Extend(e *Entry) {
	e.Seq, e.Prev = c.Seq+1, c.Head
	e.Time = e.Time.UTC().Truncate(time.Millisecond)
	e.Hash = e.sum()
	c.Seq, c.Head = e.Seq, e.Hash
}

// BrokenError says where a ledger is not what was written.
type BrokenError struct {
	Seq     int64
	Problem string
}

func (e *BrokenError) Error() string { return fmt.Sprintf("ledger entry %d %s", e.Seq, e.Problem) }

// Follow checks that e is the next entry and moves the end of the chain to it.
// The error is a *BrokenError.
func (c *Chain) Follow(e *Entry) error {
	switch {
	case e.Seq != c.Seq+1:
		return &BrokenError{e.Seq, fmt.Sprintf("stands where entry %d belongs", c.Seq+1)}
	case e.Prev != c.Head:
		return &BrokenError{e.Seq, "does not follow from the one before it"}
	case e.Hash != e.sum():
		return &BrokenError{e.Seq, "was changed: its hash is another one"}
	}
	c.Seq, c.Head = e.Seq, e.Hash
	return nil
}
