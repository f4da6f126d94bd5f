package vault

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// keys are what the key of the deployment leads to.
type keys struct {
	hash [32]byte    // of tokens, values and speakers
	seal cipher.AEAD // of values
}

func newKeys(k traffic.Key) (*keys, error) {
	derive := func(what string) []byte {
		m := hmac.New(sha256.New, k[:])
		m.Write([]byte("gnomon vault 1 " + what))
		return m.Sum(nil)
	}
	out := &keys{hash: [32]byte(derive("hash"))}
	block, err := aes.NewCipher(derive("seal"))
	if err == nil {
		out.seal, err = cipher.NewGCMWithRandomNonce(block)
	}
	if err != nil {
		return nil, fmt.Errorf("preparing the key of the vault: %w", err)
	}
	return out, nil
}

// sum is a keyed hash over parts, none of which can be taken for a piece of
// another.
func (k *keys) sum(kind byte, n uint32, parts ...string) (out [sha256.Size]byte) {
	m := hmac.New(sha256.New, k.hash[:])
	var head [9]byte
	head[0] = kind
	binary.BigEndian.PutUint32(head[1:], n)
	m.Write(head[:5])
	for _, p := range parts {
		binary.BigEndian.PutUint64(head[:8], uint64(len(p)))
		m.Write(head[:8])
		m.Write([]byte(p))
	}
	m.Sum(out[:0])
	return out
}

// The kinds of sums.
const (
	sumSpeaker = iota + 1 // conversations by whose they are
	sumValue              // values and names of a conversation
	sumField              // names in a shared store
	sumPerson             // whose conversations are, in a shared store
)

// id is the hash that a conversation goes by.
type id [16]byte

func (i id) String() string { return hex.EncodeToString(i[:]) }

func (k *keys) speaker(s traffic.Speaker) id {
	sum := k.sum(sumSpeaker, 0, s.Who, s.Service, s.Conversation)
	return id(sum[:])
}

// stampLen is how much of an entry is the time of its last sealing, in Unix
// seconds: it is not secret, but bound to the value.
const stampLen = 8

// pack seals a value with its name, for one conversation.
func (k *keys) pack(of id, stamp int64, name string, value []byte) []byte {
	plain := make([]byte, 0, len(name)+1+len(value))
	plain = append(append(append(plain, name...), 0), value...)
	out := make([]byte, stampLen, stampLen+len(plain)+k.seal.Overhead())
	binary.BigEndian.PutUint64(out, uint64(stamp))
	out = k.seal.Seal(out, nil, plain, append(of[:], out...))
	clear(plain)
	return out
}

var errSealed = errors.New("an entry of the vault is damaged or sealed under another key")

// unpack opens what pack has sealed. The caller wipes the value.
func (k *keys) unpack(of id, sealed []byte) (name string, value []byte, err error) {
	if len(sealed) < stampLen {
		return "", nil, errSealed
	}
	plain, err := k.seal.Open(nil, nil, sealed[stampLen:], append(of[:], sealed[:stampLen]...))
	if err != nil {
		return "", nil, errSealed
	}
	at := bytes.IndexByte(plain, 0)
	if at < 0 || !isName(string(plain[:at])) {
		return "", nil, errSealed
	}
	return string(plain[:at]), plain[at+1:], nil
}

// stamp returns when an entry was sealed, in Unix seconds.
func stamp(sealed []byte) int64 {
	if len(sealed) < stampLen {
		return 0
	}
	return int64(binary.BigEndian.Uint64(sealed))
}
