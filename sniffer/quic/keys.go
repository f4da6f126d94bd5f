package quic

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"
)

// keys opens the Initial packets of a client.
type keys struct {
	aead cipher.AEAD
	hp   cipher.Block
	iv   [12]byte
}

// clientKeys derives the keys of the client's Initial packets from the
// destination connection id of the first of them (RFC 9001, section 5.2).
func clientKeys(p *protocol, dcid []byte) (*keys, error) {
	initial := hmac(p.salt, dcid)
	client := expand(initial, clientInfo)
	k := new(keys)
	iv := expand(client, p.ivInfo)
	copy(k.iv[:], iv[:])
	secret, hp := expand(client, p.keyInfo), expand(client, p.hpInfo)
	block, err := aes.NewCipher(secret[:16])
	if err != nil {
		return nil, err
	}
	if k.aead, err = cipher.NewGCM(block); err != nil {
		return nil, err
	}
	k.hp, err = aes.NewCipher(hp[:16])
	return k, err
}

var clientInfo = info(32, "client in")

// info returns what HKDF-Expand-Label hashes for a label (RFC 8446, section 7.1),
// with the counter of HKDF-Expand's only block behind it.
func info(length uint16, label string) string {
	b := binary.BigEndian.AppendUint16(nil, length)
	b = append(b, byte(len("tls13 ")+len(label)))
	b = append(b, "tls13 "...)
	b = append(b, label...)
	return string(append(b, 0, 1)) // no context; block 1
}

// expand is HKDF-Expand for at most one block of output.
func expand(secret [sha256.Size]byte, info string) [sha256.Size]byte {
	return hmac(secret[:], info)
}

// hmac is HMAC-SHA-256 of a key and a message that are both short. crypto/hkdf
// gives the same with 30 allocations a connection, which a flood of packets
// would make us pay.
func hmac[K, M string | []byte](key K, msg M) [sha256.Size]byte {
	var inner [sha256.BlockSize + 64]byte
	var outer [sha256.BlockSize + sha256.Size]byte
	copy(inner[:sha256.BlockSize], key)
	copy(outer[:sha256.BlockSize], key)
	for i := range sha256.BlockSize {
		inner[i] ^= 0x36
		outer[i] ^= 0x5c
	}
	n := copy(inner[sha256.BlockSize:], msg)
	sum := sha256.Sum256(inner[:sha256.BlockSize+n])
	copy(outer[sha256.BlockSize:], sum[:])
	return sha256.Sum256(outer[:])
}
