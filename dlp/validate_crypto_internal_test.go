package dlp

import (
	"encoding/hex"
	"testing"
)

func TestKeccak(t *testing.T) {
	sum := keccak256(nil)
	if got, want := hex.EncodeToString(sum[:]), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"; got != want {
		t.Errorf("keccak256 of nothing = %s, want %s", got, want)
	}
}

// TestWallets holds the checks against the examples of their proposals.
func TestWallets(t *testing.T) {
	for _, tt := range []struct {
		check func([]byte) bool
		good  []string
		bad   []string
	}{
		{base58Check, []string{"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "3P14159f73E4gFr7JterCCQh9QjiTjiZrG", "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ"},
			[]string{"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "11111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111", ""}},
		{bech32, []string{"BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"},
			[]string{"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "bc1", ""}},
		{eip55, []string{"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"},
			[]string{"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "0x"}},
		{seedPhrase, []string{"legal winner thank year wave sausage worth useful legal winner thank yellow"},
			[]string{"legal winner thank year wave sausage worth useful legal winner thank", "the the the the the the the the the the the the"}},
	} {
		for _, v := range tt.good {
			if !tt.check([]byte(v)) {
				t.Errorf("%q is refused", v)
			}
		}
		for _, v := range tt.bad {
			if tt.check([]byte(v)) {
				t.Errorf("%q is accepted", v)
			}
		}
	}
}

// TestSeed holds phrases against vectors of BIP 39.
func TestSeed(t *testing.T) {
	for _, tt := range []struct {
		text string
		want string // "": none
	}{
		{"legal winner thank year wave sausage worth useful legal winner thank yellow", "legal winner thank year wave sausage worth useful legal winner thank yellow"},
		{"zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong and more", "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong"},
		{"zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo when", "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo when"},
		{"Letter Advice Cage Absurd Amount Doctor Acoustic Avoid Letter Advice Cage Above", "Letter Advice Cage Absurd Amount Doctor Acoustic Avoid Letter Advice Cage Above"},
		{"legal winner thank year wave sausage worth useful legal winner thank zoo", ""},
		{"legal winner thank", ""},
		{"", ""},
		{"the quick brown fox jumps over the lazy dog and then sleeps for hours", ""},
	} {
		if got := tt.text[:cutSeed([]byte(tt.text))]; got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.text, got, tt.want)
		}
	}
}
