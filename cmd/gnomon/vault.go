package main

import (
	"log/slog"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gnomon-proxy/gnomon/dlp/vault"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// newVault returns the vault of a gateway. Gateways that share their inventory
// share what they replaced.
func newVault(s Settings, key traffic.Key, st store, inv *inventory.Inventory, log *slog.Logger) (*vault.Vault, error) {
	c := vault.DefaultConfig()
	c.Key, c.Log = key, log
	c.Keep, c.Conversations, c.Entries, c.Bytes = s.DLP.Vault.Keep, int(s.DLP.Vault.Conversations), int(s.DLP.Vault.Values), int64(s.DLP.Vault.Memory)
	c.Shared, _ = st.(vault.Shared)
	if inv != nil {
		c.Person = func(s traffic.Speaker) string { return inv.KeptPerson(s.Person()) }
	}
	return vault.New(c)
}

// pseudonymises reports whether a policy has values replaced that are put back
// into answers.
func pseudonymises(policies []rules.Policy) bool {
	return slices.ContainsFunc(policies, func(p rules.Policy) bool { return !p.Disabled && p.Action == traffic.ActionPseudonymise })
}

// collectVault sends the figures of the vault. They tell nothing of a value.
func collectVault(ch chan<- prometheus.Metric, v *vault.Vault) {
	s := v.Stats()
	counter := func(name, help string, n int64) { send(ch, prometheus.CounterValue, name, help, n) }
	gauge := func(name, help string, n int64) { send(ch, prometheus.GaugeValue, name, help, n) }
	gauge("gnomon_vault_conversations", "Conversations with pseudonymised values.", s.Conversations)
	gauge("gnomon_vault_values", "Pseudonymised values that can be put back into answers.", s.Tokens)
	gauge("gnomon_vault_bytes", "Memory of the vault.", s.Bytes)
	counter("gnomon_vault_hidden_total", "Values that a token was sent for.", s.Hidden)
	counter("gnomon_vault_restored_total", "Tokens replaced in answers.", s.Restored)
	counter("gnomon_vault_unkept_total", "Values that were redacted instead, as they are too long to be kept.", s.Unkept)
	counter("gnomon_vault_forgotten_total", "Values wiped because their person was erased.", s.Forgotten)
	counter("gnomon_vault_expired_total", "Values wiped because they were not used for long.", s.Expired)
	byLabel(ch, "gnomon_vault_evicted_total", "Dropped for want of room.", "what", map[string]int64{"conversation": s.Evicted, "value": s.EvictedTokens})
	counter("gnomon_vault_shared_errors_total", "Failures of the store that gateways share.", s.SharedErrors)
	counter("gnomon_vault_unshared_total", "Values that other gateways did not get.", s.SharedDropped)
	counter("gnomon_vault_ambiguous_total", "Tokens that two gateways gave to different values: they are not restored.", s.Ambiguous)
	counter("gnomon_vault_damaged_total", "Shared values that could not be opened.", s.Damaged)
}
