package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/gnomon-proxy/gnomon/dlp/vault"
	"github.com/gnomon-proxy/gnomon/internal/strictyaml"
)

// VaultSettings are those of the values that rules pseudonymise.
type VaultSettings struct {
	Keep          time.Duration   `yaml:"keep" help:"how long a pseudonymised value is kept since its last use, to be put back into answers"`
	Conversations uint16          `yaml:"conversations" help:"conversations with such values at one time; the longest unused goes first"`
	Values        uint16          `yaml:"values" help:"such values of one conversation"`
	Memory        strictyaml.Size `yaml:"memory" help:"memory for such values, in all"`
}

func defaultVault() VaultSettings {
	c := vault.DefaultConfig()
	return VaultSettings{Keep: c.Keep, Conversations: uint16(c.Conversations), Values: uint16(c.Entries), Memory: strictyaml.Size(c.Bytes)}
}

// Bounds of dlp.vault: what is kept for a month is no help to a conversation.
const (
	minKeep        = time.Minute
	maxKeep        = 30 * oneDay
	minVaultMemory = 64 << 10
)

func checkVault(s *Settings, note func(key string, err error, sub ...any)) {
	v := s.DLP.Vault
	if v.Keep < minKeep || v.Keep > maxKeep {
		note("dlp.vault.keep", fmt.Errorf("expected %s to %s, got %s", minKeep, period(maxKeep), v.Keep))
	}
	if v.Conversations == 0 {
		note("dlp.vault.conversations", errors.New("nothing could be pseudonymised"))
	}
	if v.Values == 0 {
		note("dlp.vault.values", errors.New("nothing could be pseudonymised"))
	}
	if v.Memory < minVaultMemory {
		note("dlp.vault.memory", errors.New("nothing could be pseudonymised: at least 64KiB"))
	}
}
